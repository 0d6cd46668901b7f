"""Joining tensors."""

from itertools import accumulate
from typing import Any

from .. import shapes
from . import promotion
from .declare import operator
from .operator import Arrays


def _pieces(xp: Any, g: Any, needs: tuple, shapes_: tuple, dim: int) -> list:
    """The part of the gradient that belongs to each tensor."""
    d = shapes.axis(dim, g.ndim)
    sizes = [0 if s == (0,) and g.ndim > 1 else s[d] for s in shapes_]
    ends = list(accumulate(sizes))
    before = (slice(None),) * d
    return [
        xp.reshape(g[(*before, slice(end - size, end))], shape) if needed else None
        for needed, size, end, shape in zip(needs, sizes, ends, shapes_, strict=True)
    ]


def _kind(inputs: tuple, params: dict) -> Any:
    if not inputs:
        raise ValueError("torch.cat(): expected a non-empty list of Tensors")
    return promotion.result_type(*inputs)


@operator(
    "join",
    joint=lambda xp, g, needs, shapes, dim: _pieces(xp, g, needs, shapes, dim),
    check=shapes.check_cat,
    dtype=_kind,
)
def cat(xp: Any, tensors: Arrays, dim: int = 0) -> Any:
    """The tensors one after the other along `dim`. Gradient: to each its own piece of g.

    Raises:
        ValueError: the list is empty.
        RuntimeError: sizes differ in another dimension.

    >>> torch.cat((torch.tensor([1, 2]), torch.tensor([3])))
    tensor([1, 2, 3])
    """
    filled = [t for t in tensors if t.shape != (0,)] or tensors
    return xp.concatenate(filled, shapes.axis(dim, filled[0].ndim))


@operator(
    "join",
    joint=lambda xp, g, needs, dim: [
        g[(*(slice(None),) * shapes.axis(dim, g.ndim), i)] if needed else None for i, needed in enumerate(needs)
    ],
    check=shapes.check_stack,
)
def stack(xp: Any, tensors: Arrays, dim: int = 0) -> Any:
    """The tensors side by side along a new dimension. Gradient: to each its own slice of g.

    Raises:
        RuntimeError: the list is empty, or shapes differ.

    >>> torch.stack((torch.tensor([1, 2]), torch.tensor([3, 4])), dim=1)
    tensor([[1, 3],
            [2, 4]])
    """
    return xp.stack(tensors, shapes.axis(dim, tensors[0].ndim + 1))
