"""Comparisons and logic: the result is boolean, and no gradient flows through it."""

from typing import Any

from .declare import elementwise
from .operator import Array, Operand


@elementwise()
def eq(xp: Any, input: Array, other: Operand) -> Array:
    """Whether elements are equal.

    >>> torch.eq(torch.tensor([1, 2]), torch.tensor([1, 3]))
    tensor([ True, False])
    """
    return xp.equal(input, other)


@elementwise()
def ne(xp: Any, input: Array, other: Operand) -> Array:
    """Whether elements differ.

    >>> torch.ne(torch.tensor([1, 2]), 1)
    tensor([False,  True])
    """
    return xp.not_equal(input, other)


@elementwise(lacks={"c": "lt_cpu"})
def lt(xp: Any, input: Array, other: Operand) -> Array:
    """Whether `input` is less than `other`.

    >>> torch.lt(torch.tensor([1, 2]), 2)
    tensor([ True, False])
    """
    return xp.less(input, other)


@elementwise(lacks={"c": "le_cpu"})
def le(xp: Any, input: Array, other: Operand) -> Array:
    """Whether `input` is less than or equal to `other`.

    >>> torch.le(torch.tensor([1, 2, 3]), 2)
    tensor([ True,  True, False])
    """
    return xp.less_equal(input, other)


@elementwise(lacks={"c": "gt_cpu"})
def gt(xp: Any, input: Array, other: Operand) -> Array:
    """Whether `input` is greater than `other`.

    >>> torch.gt(torch.tensor([1., -1.]), 0)
    tensor([ True, False])
    """
    return xp.greater(input, other)


@elementwise(lacks={"c": "ge_cpu"})
def ge(xp: Any, input: Array, other: Operand) -> Array:
    """Whether `input` is greater than or equal to `other`.

    >>> torch.ge(torch.tensor([1, 2, 3]), 2)
    tensor([False,  True,  True])
    """
    return xp.greater_equal(input, other)


@elementwise()
def logical_not(xp: Any, input: Array) -> Array:
    """Whether elements are zero or false.

    >>> torch.logical_not(torch.tensor([True, False]))
    tensor([False,  True])
    """
    return xp.logical_not(input)


@elementwise()
def isnan(xp: Any, input: Array) -> Array:
    """Whether elements are not a number.

    >>> torch.isnan(torch.tensor([1., float('nan')]))
    tensor([False,  True])
    """
    return xp.isnan(input)


@elementwise()
def isfinite(xp: Any, input: Array) -> Array:
    """Whether elements are neither infinite nor nan.

    >>> torch.isfinite(torch.tensor([1., float('inf')]))
    tensor([ True, False])
    """
    return xp.isfinite(input)
