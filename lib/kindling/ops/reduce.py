"""Reductions: sum, mean, max and their like, over some dimensions or all."""

from typing import Any

from .. import dtypes, shapes
from ..engine import Tensor, at_the_users_line
from . import promotion
from .declare import reduction
from .elementwise import maximum, minimum
from .operator import Array

Dims = int | tuple[int, ...] | None


def spread(xp: Any, g: Any, shape: tuple, dim: Dims, keepdim: bool) -> Any:
    """Repeat a reduced gradient along the dimensions that were reduced."""
    if not keepdim:
        g = xp.reshape(g, shapes.kept(shape, shapes.axes(dim, len(shape))))
    return xp.expand(g, shape)


def count(shape: tuple, dim: Dims) -> int:
    """How many elements each result was made from."""
    number = 1
    for d in shapes.axes(dim, len(shape)):
        number *= shape[d]
    return number


def typed(xp: Any, input: Any, dtype: dtypes.dtype | None) -> Any:
    """The input in the type that a sum is taken in: `dtype`, or int64 for integers."""
    if dtype is not None:
        return xp.cast(input, dtype.array)
    return input.astype("int64") if input.dtype.kind in "bui" else input


@reduction(input=lambda xp, g, input_shape, dim, keepdim: spread(xp, g, input_shape, dim, keepdim))
def sum(xp: Any, input: Array, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Array:
    """The sum over `dim`, or of all elements; integers add up in int64. Gradient: g to each element.

    >>> torch.sum(torch.tensor([[1., 2.], [3., 4.]]), dim=0)
    tensor([4., 6.])
    """
    return xp.sum(typed(xp, input, dtype), shapes.axes(dim, input.ndim), keepdim)


@reduction(
    input=lambda xp, g, input_shape, dim, keepdim: spread(xp, g, input_shape, dim, keepdim) / count(input_shape, dim),
    check=promotion.check_mean,
)
def mean(xp: Any, input: Array, dim: Dims = None, keepdim: bool = False, *, dtype: Any = None) -> Array:
    """The mean over `dim`, or of all elements. Gradient: g / n to each of the n elements.

    Raises:
        RuntimeError: the tensor is not of a floating-point or complex type.

    >>> torch.mean(torch.tensor([[1., 2.], [3., 4.]]), dim=1)
    tensor([1.5000, 3.5000])
    """
    return xp.mean(typed(xp, input, dtype), shapes.axes(dim, input.ndim), keepdim)


def _to_extremes(xp: Any, g: Any, input: Any, out: Any, dim: Dims, keepdim: bool) -> Any:
    """Share the gradient evenly among the elements that equal the extreme."""
    shape = tuple(input.shape)
    hit = xp.cast(input == spread(xp, out, shape, dim, keepdim), g.dtype)
    return spread(xp, g, shape, dim, keepdim) * hit / xp.sum(hit, shapes.axes(dim, len(shape)), True)


@reduction(input=_to_extremes, check=promotion.check_not_empty, lacks={"c": "max_values_cpu"})
def amax(xp: Any, input: Array, dim: Dims = (), keepdim: bool = False) -> Array:
    """The largest element over `dim`. Gradient: g, shared evenly among equal largest elements.

    >>> torch.amax(torch.tensor([[1., 5.], [3., 2.]]), dim=1)
    tensor([5., 3.])
    """
    return xp.amax(input, shapes.axes(dim, input.ndim), keepdims=keepdim)


@reduction(input=_to_extremes, check=promotion.check_not_empty, lacks={"c": "min_values_cpu"})
def amin(xp: Any, input: Array, dim: Dims = (), keepdim: bool = False) -> Array:
    """The smallest element over `dim`. Gradient: g, shared evenly among equal smallest elements.

    >>> torch.amin(torch.tensor([[1., 5.], [3., 2.]]), dim=1)
    tensor([1., 2.])
    """
    return xp.amin(input, shapes.axes(dim, input.ndim), keepdims=keepdim)


@reduction(input=_to_extremes, name="max", node_name="MaxBackward1", check=promotion.check_max, lacks={"c": "max_all"})
def max_all(xp: Any, input: Array, dim: Dims = None, keepdim: bool = False) -> Array:
    """The largest of all elements. Gradient: g, shared evenly among equal largest elements."""
    return xp.amax(input)


@reduction(input=_to_extremes, name="min", node_name="MinBackward1", check=promotion.check_max, lacks={"c": "min_all"})
def min_all(xp: Any, input: Array, dim: Dims = None, keepdim: bool = False) -> Array:
    """The smallest of all elements. Gradient: g, shared evenly among equal smallest elements."""
    return xp.amin(input)


def _chosen(xp: Any, arg: Any, input: Any, dim: int, keepdim: bool) -> tuple:
    """The extreme along one dimension and where it stands."""
    if not input.ndim:
        return input.copy(), xp.zeros((), "int64")
    d = shapes.axis(dim, input.ndim)
    indices = xp.expand_dims(arg(input, d), d)
    values = xp.take_along_axis(input, indices, d)
    return (values, indices) if keepdim else (xp.squeeze(values, d), xp.squeeze(indices, d))


def _to_chosen(xp: Any, g: Any, input_shape: tuple, out1: Any, dim: int, keepdim: bool) -> Any:
    """Send the gradient to the element that was chosen."""
    if not input_shape:
        return g
    d, indices = shapes.axis(dim, len(input_shape)), out1
    if not keepdim:
        shape = shapes.kept(input_shape, (d,))
        g, indices = xp.reshape(g, shape), xp.reshape(indices, shape)
    return xp.put_along(g, indices, d, input_shape)


@reduction(
    input=_to_chosen,
    name="max",
    check=promotion.check_not_empty,
    refuses={"c": "max(): does not support complex input"},
)
def max_dim(xp: Any, input: Array, dim: int, keepdim: bool = False) -> tuple:
    """The largest elements along `dim` and their indices. Gradient: g to the element that was chosen."""
    return _chosen(xp, xp.argmax, input, dim, keepdim)


@reduction(
    input=_to_chosen,
    name="min",
    check=promotion.check_not_empty,
    refuses={"c": "min(): does not support complex input"},
)
def min_dim(xp: Any, input: Array, dim: int, keepdim: bool = False) -> tuple:
    """The smallest elements along `dim` and their indices. Gradient: g to the element that was chosen."""
    return _chosen(xp, xp.argmin, input, dim, keepdim)


class _Named(tuple):
    """Several results with names; prints as PyTorch's return types do."""

    __slots__ = ()
    function, fields = "", ("values", "indices")

    def __repr__(self) -> str:
        return (
            f"torch.return_types.{self.function}(\n"
            + ",\n".join(f"{name}={value!r}" for name, value in zip(self.fields, self, strict=True))
            + ")"
        )

    values = property(lambda self: self[0])
    indices = property(lambda self: self[1])


class MaxResult(_Named):
    """What `max` along a dimension returns: ``values`` and ``indices``."""

    __slots__ = ()
    function = "max"


class MinResult(_Named):
    """What `min` along a dimension returns: ``values`` and ``indices``."""

    __slots__ = ()
    function = "min"


@at_the_users_line
def max(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The largest of all elements; with `dim`, the largest along it and their indices; with a tensor, `maximum`.

    >>> torch.max(torch.tensor([[1., 5.], [3., 2.]]), 1).indices
    tensor([1, 0])
    """
    if isinstance(dim, Tensor):
        return maximum(input, dim, out=out)
    return max_all(input, out=out) if dim is None else MaxResult(max_dim(input, dim, keepdim, out=out))


@at_the_users_line
def min(input: Tensor, dim: int | Tensor | None = None, keepdim: bool = False, *, out: Any = None) -> Any:
    """The smallest of all elements; with `dim`, the smallest along it and their indices; with a tensor, `minimum`.

    >>> torch.min(torch.tensor([[1., 5.], [3., 2.]]), 1).values
    tensor([1., 2.])
    """
    if isinstance(dim, Tensor):
        return minimum(input, dim, out=out)
    return min_all(input, out=out) if dim is None else MinResult(min_dim(input, dim, keepdim, out=out))


@reduction(
    check=promotion.check_arg,
    refuses={"b": "argmax(): does not support bool input", "c": "argmax(): does not support complex input"},
)
def argmax(xp: Any, input: Array, dim: int | None = None, keepdim: bool = False) -> Array:
    """The index of the largest element, along `dim` or in the flattened tensor.

    >>> torch.argmax(torch.tensor([[1., 5.], [3., 2.]]), dim=1)
    tensor([1, 0])
    """
    return xp.argmax(input, None if dim is None else shapes.axis(dim, input.ndim), keepdims=keepdim)


@reduction(
    check=promotion.check_arg,
    refuses={"b": "argmin(): does not support bool input", "c": "argmin(): does not support complex input"},
)
def argmin(xp: Any, input: Array, dim: int | None = None, keepdim: bool = False) -> Array:
    """The index of the smallest element, along `dim` or in the flattened tensor.

    >>> torch.argmin(torch.tensor([[1., 5.], [3., 2.]]), dim=1)
    tensor([0, 1])
    """
    return xp.argmin(input, None if dim is None else shapes.axis(dim, input.ndim), keepdims=keepdim)


def _truth(input: Any, found: Any) -> Any:
    """The answer of `all` and `any`: boolean, but uint8 for uint8, as from the time before PyTorch had booleans."""
    return found.astype("uint8") if input.dtype.name == "uint8" else found


@reduction()
def all(xp: Any, input: Array, dim: Dims = None, keepdim: bool = False) -> Array:
    """Whether all elements are true (not zero).

    >>> torch.all(torch.tensor([True, False]))
    tensor(False)
    """
    return _truth(input, xp.all(input, shapes.axes(dim, input.ndim), keepdims=keepdim))


@reduction()
def any(xp: Any, input: Array, dim: Dims = None, keepdim: bool = False) -> Array:
    """Whether any element is true (not zero).

    >>> torch.any(torch.tensor([True, False]))
    tensor(True)
    """
    return _truth(input, xp.any(input, shapes.axes(dim, input.ndim), keepdims=keepdim))
