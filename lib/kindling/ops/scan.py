"""Running sums and products along a dimension."""

from typing import Any

from .. import shapes
from . import promotion
from .declare import operator
from .operator import Array, Ints
from .reduce import typed


def _later_sums(xp: Any, x: Any, dim: int) -> Any:
    """For each element the sum from it to the end."""
    if not x.ndim:
        return x
    return xp.flip(xp.cumsum(xp.flip(x, (dim,)), dim), (dim,))


@operator("scan", input=lambda xp, g, dim: _later_sums(xp, g, dim), dtype=promotion.keep)
def cumsum(xp: Any, input: Array, dim: int, *, dtype: Any = None) -> Array:
    """The sum of all elements so far, along `dim`. Gradient: the sum of g from each element to the end.

    >>> torch.cumsum(torch.tensor([1, 2, 3]), 0)
    tensor([1, 3, 6])
    """
    input = typed(xp, input, dtype)
    return xp.cumsum(input, shapes.axis(dim, input.ndim)) if input.ndim else input.copy()


def _through_products(xp: Any, g: Any, input: Any, out: Any, dim: int) -> Any:
    """Without zeros: later sums of g * out, divided by the element. With zeros, no division: see below."""
    if not input.ndim:
        return g
    if not (input == 0).any():
        return _later_sums(xp, g * out, dim) / input
    return _without_division(xp, g, input, shapes.axis(dim, input.ndim))


def _without_division(xp: Any, g: Any, input: Any, dim: int) -> Any:
    """For each element, the products of all the others up to each place, weighted by g there: n² of them."""
    x = xp.expand_dims(xp.swapaxes(input, dim, -1), -2)
    n = x.shape[-1]
    places = xp.counting(x, n)
    own = places[:, None] == places
    others = xp.cumprod(xp.where(own, xp.ones_like(x), xp.expand(x, (*x.shape[:-2], n, n))), -1)
    reached = xp.where(places[:, None] <= places, others, xp.zeros_like(others))
    return xp.swapaxes(xp.sum(reached * xp.expand_dims(xp.swapaxes(g, dim, -1), -2), (-1,)), dim, -1)


@operator("scan", input=_through_products, dtype=promotion.keep)
def cumprod(xp: Any, input: Array, dim: int, *, dtype: Any = None) -> Array:
    """The product of all elements so far, along `dim`. Gradient: later sums of g * out, divided by the element.

    >>> torch.cumprod(torch.tensor([1, 2, 3]), 0)
    tensor([1, 2, 6])
    """
    input = typed(xp, input, dtype)
    return xp.cumprod(input, shapes.axis(dim, input.ndim)) if input.ndim else input.copy()


def _named(dims: Ints, ndim: int) -> tuple[int, ...]:
    """The dimensions to reverse; none of them for ()."""
    return shapes.axes(dims, ndim) if dims else ()


@operator("view_copy", input=lambda xp, g, dims: xp.flip(g, _named(dims, g.ndim)), dtype=promotion.keep)
def flip(xp: Any, input: Array, dims: Ints) -> Array:
    """The elements in reverse order along `dims`. Gradient: g reversed likewise.

    >>> torch.flip(torch.tensor([1, 2, 3]), (0,))
    tensor([3, 2, 1])
    """
    return xp.flip(input, _named(dims, input.ndim)).copy()
