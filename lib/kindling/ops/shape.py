"""Views: the same memory under another shape, stride or offset. Writing through one writes through all."""

from math import prod
from typing import Any

from .. import backend, shapes
from ..engine import Tensor
from .declare import view
from .operator import Array, Ints


@view(input=lambda xp, g, input_shape: xp.reshape(g, input_shape), may_copy=True)
def reshape(xp: Any, input: Array, shape: Ints) -> Array:
    """The same elements in another shape; a view where the memory allows, else a copy. Gradient: g reshaped back.

    >>> torch.reshape(torch.tensor([1, 2, 3, 4]), (2, -1))
    tensor([[1, 2],
            [3, 4]])
    """
    return xp.reshape(input, shapes.infer(input.size, shape))


@view(input=lambda xp, g, dim0, dim1: xp.swapaxes(g, dim0, dim1) if g.ndim else g)
def transpose(xp: Any, input: Array, dim0: int, dim1: int) -> Array:
    """The same memory with two dimensions swapped. Gradient: g with them swapped back.

    >>> torch.transpose(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([[1, 3],
            [2, 4]])
    """
    if not input.ndim:
        return xp.reshape(input, ())
    return xp.swapaxes(input, shapes.axis(dim0, input.ndim), shapes.axis(dim1, input.ndim))


def _back(dims: tuple) -> tuple:
    """The permutation that undoes `dims`."""
    dims = tuple(d % len(dims) for d in dims)
    return tuple(dims.index(i) for i in range(len(dims)))


@view(input=lambda xp, g, dims: xp.transpose(g, _back(dims)))
def permute(xp: Any, input: Array, dims: Ints) -> Array:
    """The same memory with its dimensions in another order. Gradient: g in the old order.

    >>> torch.permute(torch.zeros(2, 3, 4), (2, 0, 1)).shape
    torch.Size([4, 2, 3])
    """
    if len(dims) != input.ndim:
        raise RuntimeError(
            f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {input.ndim} is not equal to len(dims) = {len(dims)}"
        )
    return xp.transpose(input, shapes.axes(tuple(dims), input.ndim))


@view(input=lambda xp, g: g)  # the engine sums the axes along which the tensor was repeated
def expand(xp: Any, input: Array, size: Ints) -> Array:
    """Repeat along dimensions of size 1 without copying; -1 keeps a size. Gradient: g summed over what was repeated.

    >>> torch.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return xp.broadcast_view(input, shapes.expanded(input.shape, tuple(size)))


@view(input=lambda xp, g: g)
def alias(xp: Any, input: Array) -> Array:
    """The same memory once more: ``x[...]``. Gradient: g."""
    return input[...]


@view(input=lambda xp, g, dim: xp.squeeze(g, dim))
def unsqueeze(xp: Any, input: Array, dim: int) -> Array:
    """A new dimension of size 1 at `dim`. Gradient: g without it.

    >>> torch.unsqueeze(torch.tensor([1, 2]), 1).shape
    torch.Size([2, 1])
    """
    return xp.expand_dims(input, shapes.axis(dim, input.ndim + 1))


@view(input=lambda xp, g, input_shape: xp.reshape(g, input_shape))
def squeeze(xp: Any, input: Array, dim: int | tuple[int, ...] | None = None) -> Array:
    """Without dimensions of size 1: all of them, or those in `dim`. Gradient: g in the old shape.

    >>> torch.squeeze(torch.zeros(2, 1, 3, 1)).shape
    torch.Size([2, 3])
    """
    dims = () if dim == () else shapes.axes(dim, input.ndim)
    return xp.squeeze(input, tuple(d for d in dims if input.shape[d] == 1))


def _at(dim: int, ndim: int, index: Any) -> tuple:
    """The NumPy index that takes `index` along `dim` and everything along the dimensions before it."""
    return (*(slice(None),) * shapes.axis(dim, ndim), index)


@view(input=lambda xp, g, dim, index, input_shape: xp.place(g, _at(dim, len(input_shape), index), input_shape))
def select(xp: Any, input: Array, dim: int, index: int) -> Array:
    """One entry along `dim`, which disappears: ``x[index]``. Gradient: g at that entry, 0 elsewhere.

    >>> torch.select(torch.tensor([[1, 2], [3, 4]]), 0, 1)
    tensor([3, 4])
    """
    if not input.ndim:
        raise IndexError("select() cannot be applied to a 0-dim tensor.")
    d = shapes.axis(dim, input.ndim)
    if not -input.shape[d] <= index < input.shape[d]:
        raise IndexError(f"index {index} is out of bounds for dimension {d} with size {input.shape[d]}")
    return input[(*_at(d, input.ndim, index), ...)]


@view(
    input=lambda xp, g, dim, start, end, step, input_shape: xp.place(
        g, _at(dim, len(input_shape), slice(start, end, step)), input_shape
    ),
    node_name="SliceBackward0",
)
def slice_(
    xp: Any, input: Array, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Array:
    """A range along `dim`: ``x[start:end:step]``. Gradient: g in that range, 0 elsewhere."""
    return input[_at(dim, input.ndim, slice(start, end, step))]


@view(input=lambda xp, g: xp.swapaxes(g, 0, 1) if g.ndim == 2 else g)
def t(xp: Any, input: Array) -> Array:
    """A matrix transposed; a tensor of fewer dimensions as it is. Gradient: g transposed.

    >>> torch.t(torch.tensor([[1, 2]])).shape
    torch.Size([2, 1])
    """
    if input.ndim > 2:
        raise RuntimeError(f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D")
    return xp.swapaxes(input, 0, 1) if input.ndim == 2 else input[...]


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Dimensions `start_dim` to `end_dim` joined into one.

    >>> torch.flatten(torch.zeros(2, 3, 4), 1).shape
    torch.Size([2, 12])
    """
    ndim = input.ndim
    first, last = shapes.axis(start_dim, ndim), shapes.axis(end_dim, ndim)
    if first > last:
        raise RuntimeError("flatten() has invalid args: start_dim cannot come after end_dim")
    shape = tuple(input.shape)
    return reshape(input, (*shape[:first], prod(shape[first : last + 1]), *shape[last + 1 :]))


def _strided_index(size: tuple, stride: tuple, offset: int) -> Any:
    """For each element of a strided view, its number in the flat memory."""
    index: Any = backend.as_array(offset)
    for n, step in zip(size, stride, strict=True):
        index = index[..., None] + backend.cpu.arange(n) * step
    return index.reshape(-1)


def _from_strided(xp: Any, g: Any, input_shape: tuple, size: tuple, stride: tuple, storage_offset: int) -> Any:
    """Add each element's g to the memory it was read from, as often as it was read."""
    index = _strided_index(size, stride, storage_offset)
    return xp.reshape(xp.add_at(xp.reshape(g, (-1,)), (index,), (prod(input_shape),)), input_shape)


@view(input=_from_strided, name="as_strided")
def strided(xp: Any, input: Array, size: tuple, stride: tuple, storage_offset: int) -> Array:
    """`as_strided` on a tensor whose elements lie in row order. Gradient: g added where each element was read."""
    return xp.strided(input, size, stride, storage_offset)


def as_strided(input: Tensor, size: tuple, stride: tuple, storage_offset: int | None = None) -> Tensor:
    """A view of the tensor's memory with sizes and strides of your own. Gradient: g added where it was read.

    >>> torch.as_strided(torch.arange(4), (3, 2), (1, 1))
    tensor([[0, 1],
            [1, 2],
            [2, 3]])
    """
    base = input if input._view is None else input._view.base
    if not base._array.flags.c_contiguous:
        raise NotImplementedError("as_strided(): a tensor on memory that is not in row order is not supported")
    if storage_offset is None:
        storage_offset = (input.data_ptr() - base.data_ptr()) // base._array.itemsize
    reach = storage_offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True)) + 1
    if prod(size) and reach > base._array.size:
        raise RuntimeError(
            f"setStorage: sizes {list(size)}, strides {list(stride)}, storage offset {storage_offset}, and itemsize "
            f"{base._array.itemsize} requiring a storage size of {reach * base._array.itemsize} are out of bounds for "
            f"storage of size {base._array.nbytes}"
        )
    return strided(base, tuple(size), tuple(stride), storage_offset)
