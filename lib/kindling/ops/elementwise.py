"""Element-wise operators: each output element depends on one element of each input, after broadcasting.

Rules are ordinary calculus. For complex tensors the engine conjugates once where gradients enter and leave.
"""

import math
from typing import Any

from ..engine import Tensor
from . import promotion
from .declare import elementwise, rounded, scaled
from .operator import Array, Operand


@scaled
@elementwise(input=lambda xp, g: g, other=lambda xp, g: g)
def add(xp: Any, input: Operand, other: Operand) -> Array:
    """``input + alpha * other``, element by element. Gradients: g and alpha * g.

    >>> torch.add(torch.tensor([1., 2.]), torch.tensor([10., 20.]))
    tensor([11., 22.])
    """
    return xp.add(input, other)


@scaled
@elementwise(input=lambda xp, g: g, other=lambda xp, g: -g, dtype=promotion.sub_dtype)
def sub(xp: Any, input: Operand, other: Operand) -> Array:
    """``input - alpha * other``, element by element. Gradients: g and -alpha * g.

    >>> torch.sub(torch.tensor([1., 2.]), 1)
    tensor([0., 1.])
    """
    return xp.subtract(input, other)


def rsub(input: Tensor, other: Any, *, alpha: float = 1) -> Tensor:
    """``other - alpha * input``.

    >>> torch.rsub(torch.tensor([1., 2.]), 1)
    tensor([ 0., -1.])
    """
    if not isinstance(input, Tensor):
        raise promotion.not_of_numbers("rsub", input, other)
    return sub(other, input, alpha=alpha)


@elementwise(input=lambda xp, g, other: g * other, other=lambda xp, g, input: g * input)
def mul(xp: Any, input: Operand, other: Operand) -> Array:
    """``input * other``, element by element. Gradients: g * other and g * input.

    >>> torch.mul(torch.tensor([1., 2.]), torch.tensor([10., 20.]))
    tensor([10., 40.])
    """
    return xp.multiply(input, other)


def _nothing(xp: Any, g: Any) -> Any:
    """The gradient through a step: 0 wherever it has one."""
    return xp.zeros_like(g)


@elementwise(input=_nothing, other=_nothing, check=promotion.check_division, lacks={"bc": "div_floor_cpu"})
def floor_divide(xp: Any, input: Operand, other: Operand) -> Array:
    """``input // other``: divided and rounded down. Gradient: 0.

    >>> torch.floor_divide(torch.tensor([7., -7.]), 2)
    tensor([ 3., -4.])
    """
    return xp.floor_divide(input, other)


@elementwise(input=_nothing, other=_nothing, check=promotion.check_division, lacks={"bc": "div_trunc_cpu"})
def trunc_divide(xp: Any, input: Operand, other: Operand) -> Array:
    """Divided and rounded towards 0: what ``div`` does with ``rounding_mode="trunc"``. Gradient: 0."""
    if input.dtype.kind == "f":
        return xp.trunc(xp.divide(input, other))
    down = xp.floor_divide(input, other)
    return xp.where((down < 0) & (down * other != input), down + 1, down)


@rounded(floor=floor_divide, trunc=trunc_divide)
@elementwise(
    input=lambda xp, g, other: g / other,
    other=lambda xp, g, input, other: -g * input / (other * other),
    dtype=promotion.promote_float,
)
def div(xp: Any, input: Operand, other: Operand) -> Array:
    """``input / other``, element by element; integers become floats. Gradients: g / other and -g * input / other².

    With `rounding_mode` "floor" or "trunc" the quotient is rounded, integers stay integers, and the gradient is 0.

    >>> torch.div(torch.tensor([1, 2]), 4)
    tensor([0.2500, 0.5000])
    """
    return xp.divide(input, other)


@elementwise(
    input=lambda xp, g: -g,
    refuses={
        "b": "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use "
        "the `~` or `logical_not()` operator instead."
    },
)
def neg(xp: Any, input: Array) -> Array:
    """``-input``. Gradient: -g.

    >>> torch.neg(torch.tensor([1., -2.]))
    tensor([-1.,  2.])
    """
    return xp.negative(input)


def _to_base(xp: Any, g: Any, input: Any, exponent: Any) -> Any:
    """g * exponent * input**(exponent - 1); 0 where input and exponent are both 0."""
    if isinstance(exponent, (int, float, complex)):
        return g * (exponent * input ** (exponent - 1)) if exponent else xp.zeros_like(g)
    constant = (exponent == 0) * (input == 0)
    return xp.where(constant, xp.zeros_like(g), g * exponent * input ** (exponent - 1))


def _to_exponent(xp: Any, g: Any, input: Any, out: Any) -> Any:
    """g * out * log(input); 0 where input is 0, as PyTorch has it."""
    if isinstance(input, (int, float, complex)):
        return g * out * math.log(input) if input else xp.zeros_like(g)
    return g * out * xp.log(xp.where(input == 0, xp.ones_like(input), input))


@elementwise(input=_to_base, exponent=_to_exponent, dtype=promotion.pow_dtype, lacks={"b": "pow"})
def pow(xp: Any, input: Operand, exponent: Operand) -> Array:
    """``input ** exponent``. Gradients: g * exponent * input**(exponent - 1) and g * out * log(input).

    >>> torch.pow(torch.tensor([1., 2., 3.]), 2)
    tensor([1., 4., 9.])
    """
    return xp.power(input, exponent)


@elementwise(input=lambda xp, g, out: g * out, dtype=promotion.promote_float)
def exp(xp: Any, input: Array) -> Array:
    """e to the power of each element. Gradient: g * exp(input).

    >>> torch.exp(torch.tensor([0., 1.]))
    tensor([1.0000, 2.7183])
    """
    return xp.exp(input)


@elementwise(input=lambda xp, g, input: g / input, dtype=promotion.promote_float)
def log(xp: Any, input: Array) -> Array:
    """The natural logarithm; -inf at 0, nan below it. Gradient: g / input.

    >>> torch.log(torch.tensor([1., 0.]))
    tensor([0., -inf])
    """
    return xp.log(input)


@elementwise(input=lambda xp, g, input: g * xp.cos(input), dtype=promotion.promote_float)
def sin(xp: Any, input: Array) -> Array:
    """The sine of angles in radians. Gradient: g * cos(input).

    >>> torch.sin(torch.tensor([0., 1.]))
    tensor([0.0000, 0.8415])
    """
    return xp.sin(input)


@elementwise(input=lambda xp, g, input: -g * xp.sin(input), dtype=promotion.promote_float)
def cos(xp: Any, input: Array) -> Array:
    """The cosine of angles in radians. Gradient: -g * sin(input).

    >>> torch.cos(torch.tensor([0., 1.]))
    tensor([1.0000, 0.5403])
    """
    return xp.cos(input)


@elementwise(input=lambda xp, g, out: g * (1 - out * out), dtype=promotion.promote_float)
def tanh(xp: Any, input: Array) -> Array:
    """The hyperbolic tangent, between -1 and 1. Gradient: g * (1 - out²).

    >>> torch.tanh(torch.tensor([0., 1.]))
    tensor([0.0000, 0.7616])
    """
    return xp.tanh(input)


@elementwise(input=lambda xp, g, out: g / (2 * out), dtype=promotion.promote_float)
def sqrt(xp: Any, input: Array) -> Array:
    """The square root; nan below 0. Gradient: g / (2 * out).

    >>> torch.sqrt(torch.tensor([4., 9.]))
    tensor([2., 3.])
    """
    return xp.sqrt(input)


def _to_absolute(xp: Any, g: Any, input: Any, out: Any) -> Any:
    """g in the direction of the element; 0 at 0."""
    if not xp.is_complex(input):
        return g * xp.sign(input)
    return g * xp.conj(input) / xp.where(out == 0, xp.ones_like(out), out)


@elementwise(input=_to_absolute, lacks={"b": "abs_cpu"})
def abs(xp: Any, input: Array) -> Array:
    """The absolute value. Gradient: g * sign(input), so 0 at 0.

    >>> torch.abs(torch.tensor([-1.5, 2.]))
    tensor([1.5000, 2.0000])
    """
    return xp.absolute(input)


@elementwise(input=_nothing, check=promotion.check_sign)
def sign(xp: Any, input: Array) -> Array:
    """-1, 0 or 1 by the sign of each element. Gradient: 0.

    >>> torch.sign(torch.tensor([-3., 0., 2.]))
    tensor([-1.,  0.,  1.])
    """
    return input.copy() if input.dtype.kind == "b" else xp.sign(input)


@elementwise(
    input=lambda xp, g, out: xp.where(out > 0, g, xp.zeros_like(g)),
    refuses={"b": "Boolean inputs not supported for relu"},
    lacks={"c": "clamp_min_scalar_cpu"},
)
def relu(xp: Any, input: Array) -> Array:
    """Each element, or 0 where it is negative. Gradient: g where the output is positive, else 0.

    >>> torch.relu(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """
    return xp.maximum(input, input.dtype.type(0))


def _half_at_ties(xp: Any, g: Any, won: Any, tied: Any) -> Any:
    return xp.where(won, g, xp.zeros_like(g)) / xp.where(tied, 2 * xp.ones_like(g), xp.ones_like(g))


@elementwise(
    input=lambda xp, g, input, other: _half_at_ties(xp, g, input >= other, input == other),
    other=lambda xp, g, input, other: _half_at_ties(xp, g, other >= input, input == other),
    refuses={"c": "maximum not implemented for complex tensors."},
)
def maximum(xp: Any, input: Array, other: Array) -> Array:
    """The larger of two tensors, element by element. Gradient: g to the larger; halved to both where they are equal.

    >>> torch.maximum(torch.tensor([1., 5.]), torch.tensor([3., 4.]))
    tensor([3., 5.])
    """
    return xp.maximum(input, other)


@elementwise(
    input=lambda xp, g, input, other: _half_at_ties(xp, g, input <= other, input == other),
    other=lambda xp, g, input, other: _half_at_ties(xp, g, other <= input, input == other),
    refuses={"c": "minimum not implemented for complex tensors."},
)
def minimum(xp: Any, input: Array, other: Array) -> Array:
    """The smaller of two tensors, element by element. Gradient: g to the smaller; halved to both where they are equal.

    >>> torch.minimum(torch.tensor([1., 5.]), torch.tensor([3., 4.]))
    tensor([1., 4.])
    """
    return xp.minimum(input, other)


@elementwise(
    input=lambda xp, g, condition: xp.where(condition, g, xp.zeros_like(g)),
    other=lambda xp, g, condition: xp.where(condition, xp.zeros_like(g), g),
    dtype=promotion.where_dtype,
)
def where(xp: Any, condition: Array, input: Operand, other: Operand) -> Array:
    """`input` where `condition` is true, else `other`; all three broadcast. Gradient: g to the side that was taken.

    >>> torch.where(torch.tensor([True, False]), torch.tensor([1., 2.]), 0.)
    tensor([1., 0.])
    """
    return xp.where(condition, input, other)


@elementwise(input=lambda xp, g: g, dtype=promotion.keep)
def clone(xp: Any, input: Array) -> Array:
    """A copy with its own memory, still part of the graph. Gradient: g.

    >>> x = torch.tensor([1., 2.])
    >>> x.clone().add_(1), x
    (tensor([2., 3.]), tensor([1., 2.]))
    """
    return input.copy()
