"""Indexing: x[...] as PyTorch does it, out of views where it can, and the operators that put gradients back."""

from typing import Any

from .. import backend, dtypes, shapes
from ..engine import Tensor
from . import promotion
from .declare import elementwise, indexing
from .inplace import inplace
from .operator import Array, Operand
from .shape import alias, expand, select, slice_, unsqueeze


@indexing(input=lambda xp, g, index: g[index])
def place(xp: Any, input: Array, index: Any, shape: tuple) -> Array:
    """Zeros of `shape` with `input` at `index`: the gradient of a view. Gradient: g at `index`."""
    return xp.place(input, index, shape)


@indexing(input=lambda xp, g, index, dim: xp.take_along(g, index, dim))
def put_along(xp: Any, input: Array, index: Array, dim: int, shape: tuple) -> Array:
    """Zeros of `shape` with `input` added at `index` along `dim`. Gradient: g taken from there."""
    return xp.put_along(input, index, dim, shape)


@indexing(
    input=lambda xp, g, index, dim, input_shape: xp.put_along(g, index, dim, input_shape), check=shapes.check_gather
)
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
    return xp.ascontiguousarray(input[indices])  # NumPy may lay it out in another order, PyTorch does not


@indexing(input=lambda xp, g, indices: g[indices])
def add_at(xp: Any, input: Array, indices: tuple, shape: tuple) -> Array:
    """Zeros of `shape` with `input` added at `indices`, repeated ones each time. Gradient: g at `indices`."""
    return xp.add_at(input, indices, shape)


def _one_type(name: str, input: Any, values: Any, indices: tuple) -> None:
    """What is written has the type of what it is written to."""
    if input.dtype != values.dtype:
        target, source = dtypes.of_array(input).title, dtypes.of_array(values).title
        raise RuntimeError(
            f"Index put requires the source and destination dtypes match, got {target} for the destination and "
            f"{source} for the source."
        )


@indexing(
    input=lambda xp, g, indices: xp.where(xp.mask_at(g, indices), xp.zeros_like(g), g),
    values=lambda xp, g, indices: g[indices],
    name="index_put",
    check=_one_type,
)
def put(xp: Any, input: Array, values: Array, indices: tuple) -> Array:
    """A copy of `input` with `values` at `indices`. Gradients: g elsewhere, and g at `indices`."""
    out = input.copy()
    out[indices] = values
    return out


def _nothing(xp: Any, g: Any) -> Any:
    """The gradient to what was written over."""
    return xp.zeros_like(g)


@elementwise(
    input=_nothing,
    src=lambda xp, g: g,
    dtype=promotion.keep,
    check=lambda name, input, src: _fits(input, src),
    overwrites=True,
)
def copy(xp: Any, input: Array, src: Array) -> Array:
    """`src` in the shape and type of `input`: what ``input.copy_(src)`` writes. Gradient: g to `src`."""
    return xp.expand(xp.cast(src, input.dtype), input.shape)


def _fits(input: Any, src: Any) -> None:
    shape = shapes.broadcast("copy_", input.shape, src.shape)
    if shape != input.shape:
        raise RuntimeError(f"output with shape {list(input.shape)} doesn't match the broadcast shape {list(shape)}")


def _one(name: str, input: Any, value: Any) -> None:
    if value.ndim:
        raise RuntimeError(f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions.")


@elementwise(input=_nothing, value=lambda xp, g: g, dtype=promotion.fill_dtype, check=_one, overwrites=True)
def fill(xp: Any, input: Array, value: Operand) -> Array:
    """`value` in the shape and type of `input`. Gradients: 0, and the sum of g.

    >>> torch.fill(torch.tensor([1, 2]), 7)
    tensor([7, 7])
    """
    return xp.expand(xp.cast(value, input.dtype), input.shape)


def index_put(input: Tensor, indices: tuple, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy of `input` with `values` written at `indices`, or added there.

    >>> torch.index_put(torch.zeros(3), (torch.tensor([0, 2]),), torch.tensor(5.0))
    tensor([5., 0., 5.])
    """
    view, arrays = _resolve(input, tuple(indices))
    if accumulate:
        _one_type("index_put", view._array, values._array, arrays)
        return view + add_at(expand(values, view._array[arrays].shape), arrays, tuple(view.shape))
    return put(view, values, arrays)


def getitem(x: Tensor, key: Any) -> Tensor:
    """``x[key]``: numbers, slices, None and ... give views; tensors, lists and masks of indices give copies.

    Raises:
        IndexError: too many indices, or one out of range.
        ValueError: a slice with a step that is not positive.
    """
    view, arrays = _resolve(x, key)
    if arrays:
        return index(view, arrays)
    return alias(x) if view is x else view


def setitem(x: Tensor, key: Any, value: Tensor) -> None:
    """``x[key] = value``: written in place, so gradients flow back from the written part to `value`.

    Raises:
        RuntimeError: `value` does not broadcast to the part, or `x` is a leaf that requires grad.
    """
    view, arrays = _resolve(x, key)
    if not arrays:
        inplace(copy.op, view, _without_leading_ones(value, view._array.shape))
        return
    target = view._array[arrays].shape
    try:
        fitting = _without_leading_ones(value, target)
        if not fitting._array.ndim and isinstance(key, Tensor) and key._array.dtype.kind == "b":
            fitting = fitting.clone()  # one number for a mask is read before anything is written
    except RuntimeError:
        raise RuntimeError(
            f"shape mismatch: value tensor of shape {list(value._array.shape)} cannot be broadcast to indexing result "
            f"of shape {list(target)}"
        ) from None
    inplace(put.op, view, fitting, arrays)


def _without_leading_ones(value: Tensor, target: tuple) -> Tensor:
    """`value` in a shape that expands to `target`."""
    shape = tuple(value._array.shape)
    while shape and shape[0] == 1:
        shape = shape[1:]
    shapes.expanded(shape, target)
    return value if len(shape) == value._array.ndim else value.reshape(shape)


def _resolve(x: Tensor, key: Any) -> tuple[Tensor, tuple]:
    """The view that the simple parts of `key` lead to, and the index arrays that remain."""
    dim, arrays = 0, []
    keys = _completed(x, key if isinstance(key, tuple) else (key,))
    sizes = iter(enumerate(x._array.shape))
    for k in keys:
        if k is None:
            x = unsqueeze(x, dim)
        elif isinstance(k, slice):
            next(sizes)
            x = _sliced(x, dim, k)
        elif _is_number(k):
            _check_bound(int(k), *next(sizes))
            x, dim = select(x, dim, int(k)), dim - 1
        else:
            x, found = _looked_up(x, dim, _index_array(k), arrays)
            for _ in range(_dims_used(k)):
                next(sizes)
            arrays += [slice(None)] * (dim - len(arrays)) + found
            dim = len(arrays) - 1
        dim += 1
    _check_together([a for a in arrays if not isinstance(a, slice)])
    return x, tuple(arrays)


def _looked_up(x: Tensor, dim: int, array: Any, before: list) -> tuple[Tensor, list]:
    """The integer arrays that `array`, integers or a mask, stands for at dimension `dim` of `x`."""
    if array.dtype.kind == "b" and not array.ndim:
        return unsqueeze(x, dim), [backend.cpu.zeros(int(array), "int64")]
    if array.dtype.kind == "b":
        for i, size in enumerate(array.shape):
            if size != x._array.shape[dim + i]:
                raise IndexError(
                    f"The shape of the mask {list(array.shape)} at index {i} does not match the shape of the indexed "
                    f"tensor {list(x.shape)} at index {dim + i}"
                )
        return x, list(array.nonzero())
    size, position = x._array.shape[dim], sum(not isinstance(a, slice) for a in before)
    for extreme in (array.min(), array.max()) if array.size else ():
        _check_bound(int(extreme), position, size)
    return x, [array.copy()]  # the program may change its own before backward


def _check_bound(number: int, dim: int, size: int) -> None:
    if not -size <= number < size:
        raise IndexError(f"index {number} is out of bounds for dimension {dim} with size {size}")


def _check_together(arrays: list) -> None:
    """Index arrays broadcast against each other."""
    try:
        shapes.broadcast("indexing", *[a.shape for a in arrays])
    except RuntimeError:
        listed = ", ".join(str(list(a.shape)) for a in arrays)
        raise IndexError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {listed}"
        ) from None


def _is_number(k: Any) -> bool:
    if isinstance(k, bool):
        return False
    if isinstance(k, Tensor):
        return k._array.ndim == 0 and k._array.dtype.kind in "iu"
    return hasattr(k, "__index__") and not getattr(k, "ndim", 0)


def _index_array(k: Any) -> Any:
    """Integers or a mask."""
    if not isinstance(k, (Tensor, list, tuple, bool)) and not backend.is_array(k) and not backend.array_type(k):
        if isinstance(k, str):
            raise TypeError("new(): invalid data type 'str'")
        raise IndexError(
            "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
            f"(got {type(k).__name__})"
        )
    array = k._array if isinstance(k, Tensor) else backend.as_array(k)
    if array.dtype.name == "uint8":
        return array.astype("bool")
    if array.dtype.kind not in "ib":
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
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
                "convert a 0-dim tensor to a number"
            )
        raise IndexError(f"too many indices for tensor of dimension {x._array.ndim}")
    dots = [i for i, k in enumerate(keys) if k is Ellipsis]
    if not dots:
        return list(keys)
    full = [slice(None)] * (x._array.ndim - used)
    return [*keys[: dots[0]], *full, *[k for k in keys[dots[0] + 1 :] if k is not Ellipsis]]


def _dims_used(k: Any) -> int:
    """How many of the tensor's dimensions one part of a key speaks of."""
    if k is None or k is Ellipsis or isinstance(k, bool):
        return 0
    array = k._array if isinstance(k, Tensor) else backend.as_array(k) if isinstance(k, list) else k
    kind = getattr(getattr(array, "dtype", None), "name", None)
    return array.ndim if kind in ("bool", "uint8") else 1


def _sliced(x: Tensor, dim: int, k: slice) -> Tensor:
    if k == slice(None):
        return x
    for v in (k.start, k.stop, k.step):
        if v is not None and not hasattr(v, "__index__"):
            raise TypeError("slice indices must be integers or None or have an __index__ method")
    start, end, step = (None if v is None else int(v) for v in (k.start, k.stop, k.step))
    if step is not None and step <= 0:
        raise ValueError("step must be greater than zero")
    return slice_(x, dim, start, end, 1 if step is None else step)
