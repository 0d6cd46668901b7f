"""Indexing: x[...] as PyTorch does it, out of views where it can, and the operators that put gradients back."""

from typing import Any

from .. import backend, shapes
from ..engine import Tensor
from . import promotion
from .declare import elementwise, indexing
from .inplace import inplace
from .operator import Array, Operand
from .shape import select, slice_, unsqueeze


@indexing(input=lambda xp, g, index: g[index])
def place(xp: Any, input: Array, index: Any, shape: tuple) -> Array:
    """Zeros of `shape` with `input` at `index`: the gradient of a view. Gradient: g at `index`."""
    return xp.place(input, index, shape)


@indexing(input=lambda xp, g, index, dim: xp.take_along(g, index, dim))
def put_along(xp: Any, input: Array, index: Array, dim: int, shape: tuple) -> Array:
    """Zeros of `shape` with `input` added at `index` along `dim`. Gradient: g taken from there."""
    return xp.put_along(input, index, dim, shape)


@indexing(input=lambda xp, g, index, dim, input_shape: xp.put_along(g, index, dim, input_shape))
def gather(xp: Any, input: Array, dim: int, index: Array) -> Array:
    """The elements that `index` names along `dim`. Gradient: g added where they came from.

    >>> torch.gather(torch.tensor([[1, 2], [3, 4]]), 1, torch.tensor([[0], [1]]))
    tensor([[1],
            [4]])
    """
    return xp.take_along(input, index, dim)


@indexing(input=lambda xp, g, indices, input_shape: xp.add_at(g, indices, input_shape), node_name="IndexBackward0")
def index(xp: Any, input: Array, indices: tuple) -> Array:
    """The elements at `indices`, arrays of integers or booleans: a copy. Gradient: g added where they came from."""
    return input[indices]


@indexing(input=lambda xp, g, indices: g[indices])
def add_at(xp: Any, input: Array, indices: tuple, shape: tuple) -> Array:
    """Zeros of `shape` with `input` added at `indices`, repeated ones each time. Gradient: g at `indices`."""
    return xp.add_at(input, indices, shape)


@indexing(
    input=lambda xp, g, indices: xp.where(xp.mask_at(g, indices), xp.zeros_like(g), g),
    values=lambda xp, g, indices: g[indices],
)
def index_put(xp: Any, input: Array, values: Array, indices: tuple) -> Array:
    """A copy of `input` with `values` at `indices`. Gradients: g elsewhere, and g at `indices`."""
    out = input.copy()
    out[indices] = xp.cast(values, input.dtype)
    return out


def _nothing(xp: Any, g: Any) -> Any:
    """The gradient to what was written over."""
    return xp.zeros_like(g)


@elementwise(input=_nothing, src=lambda xp, g: g, dtype=promotion.keep, check=None, overwrites=True)
def copy(xp: Any, input: Array, src: Array) -> Array:
    """`src` in the shape and type of `input`: what ``input.copy_(src)`` writes. Gradient: g to `src`."""
    return xp.expand(xp.cast(src, input.dtype), input.shape)


@elementwise(input=_nothing, value=lambda xp, g: g, dtype=promotion.keep, check=None, overwrites=True)
def fill(xp: Any, input: Array, value: Operand) -> Array:
    """`value` in the shape and type of `input`. Gradients: 0, and the sum of g.

    >>> torch.fill(torch.tensor([1, 2]), 7)
    tensor([7, 7])
    """
    return xp.expand(xp.cast(value, input.dtype), input.shape)


def getitem(x: Tensor, key: Any) -> Tensor:
    """``x[key]``: numbers, slices, None and ... give views; tensors, lists and masks of indices give copies.

    Raises:
        IndexError: too many indices, or one out of range.
        ValueError: a slice with a step that is not positive.
    """
    x, arrays = _resolve(x, key)
    return index(x, arrays) if arrays else x


def setitem(x: Tensor, key: Any, value: Tensor) -> None:
    """``x[key] = value``: written in place, so gradients flow back from the written part to `value`.

    Raises:
        RuntimeError: `value` does not broadcast to the part, or `x` is a leaf that requires grad.
    """
    view, arrays = _resolve(x, key)
    shape = view._array[arrays].shape if arrays else view._array.shape
    if value._array.ndim > len(shape) and value._array.size == 1:
        value = value.reshape(())
    try:
        fits = shapes.broadcast("setitem", shape, value._array.shape) == shape
    except RuntimeError:
        fits = False
    if not fits:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value._array.shape)} cannot be broadcast to indexing result "
            f"of shape {list(shape)}"
        )
    if arrays:
        inplace(index_put.op, view, value, arrays)
    else:
        inplace(copy.op, view, value)


def _resolve(x: Tensor, key: Any) -> tuple[Tensor, tuple]:
    """The view that the simple parts of `key` lead to, and the index arrays that remain."""
    dim, arrays = 0, []
    for k in _completed(x, key if isinstance(key, tuple) else (key,)):
        if k is None:
            x = unsqueeze(x, dim)
        elif isinstance(k, slice):
            x = _sliced(x, dim, k)
        elif _is_number(k):
            x, dim = select(x, dim, int(k)), dim - 1
        else:
            array = _index_array(k)
            arrays += [slice(None)] * (dim - len(arrays))
            arrays += array.nonzero() if array.dtype.kind == "b" else [array]
            dim = len(arrays) - 1
        dim += 1
    return x, tuple(arrays)


def _is_number(k: Any) -> bool:
    if isinstance(k, bool):
        return False
    if isinstance(k, Tensor):
        return k._array.ndim == 0 and k._array.dtype.kind in "iu"
    return hasattr(k, "__index__") and not getattr(k, "ndim", 0)


def _index_array(k: Any) -> Any:
    array = k._array if isinstance(k, Tensor) else backend.as_array(k)
    if array.dtype.kind not in "iub":
        if array.size:
            raise IndexError("tensors used as indices must be long, int, byte or bool tensors")
        array = array.astype("int64")
    return array


def _completed(x: Tensor, keys: tuple) -> list:
    """`keys` with ... replaced by full slices, and checked for number."""
    used = sum(_dims_used(k) for k in keys)
    if used > x._array.ndim:
        if not x._array.ndim:
            raise IndexError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert "
                "a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {x._array.ndim}")
    dots = [i for i, k in enumerate(keys) if k is Ellipsis]
    if not dots:
        return list(keys)
    full = [slice(None)] * (x._array.ndim - used)
    return [*keys[: dots[0]], *full, *keys[dots[0] + 1 :]]


def _dims_used(k: Any) -> int:
    if k is None or k is Ellipsis or isinstance(k, bool):
        return 0
    if isinstance(k, Tensor) and k._array.dtype.kind == "b":
        return k._array.ndim
    return 1


def _sliced(x: Tensor, dim: int, k: slice) -> Tensor:
    if k == slice(None):
        return x
    start, end, step = (None if v is None else int(v) for v in (k.start, k.stop, k.step))
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    return slice_(x, dim, start, end, 1 if step is None else step)
