"""Long sums, as exact as PyTorch's and about as quick.

NumPy adds pairwise along neighbours in memory and one by one across them, where the error grows with the number of
rows. Here rows are added in blocks of 32, and the few sums of the blocks in float64.
Running sums are taken in a wider type.
"""

from math import prod
from typing import Any

BLOCK, WIDE, PIECE = 32, 512, 2**15


def long_sum(library: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """The sum of many float32 elements over `axis`, one or several."""
    axes = (axis,) if isinstance(axis, int) else axis
    if len(axes) == x.ndim and (x.flags.c_contiguous or x.flags.f_contiguous):
        return library.add.reduce(x, axes, None, None, keepdims)
    axes = tuple(axis % x.ndim for axis in axes)
    nearest = min(axes, key=lambda axis: abs(x.strides[axis]))
    total = _along(library, x, nearest)
    others = tuple(axis for axis in axes if axis != nearest)
    total = library.add.reduce(total, others, "float64", None, True).astype(x.dtype) if others else total
    return total if keepdims else total.reshape([n for axis, n in enumerate(x.shape) if axis not in axes])


def _along(library: Any, x: Any, axis: int) -> Any:
    """The sums along one axis, which stays with size 1."""
    n, after = x.shape[axis], prod(x.shape[axis + 1 :])
    if x.strides[axis] == x.itemsize:
        if n <= 2 * BLOCK and x.flags.c_contiguous:  # many short rows
            return library.matmul(x, library.ones(n, x.dtype))[..., None]
        return library.add.reduce(x, axis, None, None, True)
    if after >= WIDE or n < WIDE or not x.flags.c_contiguous:
        return _in_blocks(library, x, axis).astype(x.dtype)
    # rows so short that each is work for itself: take several as one
    several = WIDE // after + 1
    whole = n // several * several
    shape = (*x.shape[:axis], several, *x.shape[axis + 1 :])
    rows = x[(slice(None),) * axis + (slice(whole),)].reshape(-1, n // several, several * after)
    rest = x[(slice(None),) * axis + (slice(whole, None),)]
    total = _in_blocks(library, rows, 1).reshape(shape)
    total = library.add.reduce(total, axis, None, None, True) + library.add.reduce(rest, axis, "float64", None, True)
    return total.astype(x.dtype)


def _in_blocks(library: Any, x: Any, axis: int) -> Any:
    """The same in float64, from float32 sums of blocks."""
    before = (slice(None),) * axis
    whole = x.shape[axis] // BLOCK * BLOCK
    total = library.add.reduce(x[(*before, slice(whole, None))], axis, None, None, True)
    if not whole:
        return total
    blocks = x[(*before, slice(whole))].reshape(*x.shape[:axis], whole // BLOCK, BLOCK, *x.shape[axis + 1 :])
    return total + library.add.reduce(library.add.reduce(blocks, axis + 1), axis, "float64", None, True)


def running(library: Any, name: str, x: Any, axis: int, wide: str) -> Any:
    """`cumsum` or `cumprod` in the type `wide`, piece by piece, so that what is wide stays in the cache."""
    accumulate, axis = getattr(library, name), axis % x.ndim
    if x.size <= PIECE:
        return accumulate(x, axis, wide).astype(x.dtype)
    out, carried = library.empty(x.shape, x.dtype), None
    step = x.shape[0] * PIECE // x.size + 1
    for start in range(0, x.shape[0], step):
        part = accumulate(x[start : start + step], axis, wide)
        if axis == 0:
            if carried is not None:
                part = part + carried if name == "cumsum" else part * carried
            carried = part[-1:]
        out[start : start + step] = part
    return out
