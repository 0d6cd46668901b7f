"""More element-wise mathematics, beside the few operators of `elementwise` that everything starts with."""

import math
from typing import Any

from ..engine import Tensor
from . import promotion
from .declare import elementwise
from .elementwise import maximum, minimum
from .operator import Array, Operand

_float = promotion.promote_float


@elementwise(input=lambda xp, g, out: g * out * (1 - out), dtype=_float)
def sigmoid(xp: Any, input: Array) -> Array:
    """1 / (1 + exp(-x)), between 0 and 1. Gradient: g * out * (1 - out).

    >>> torch.sigmoid(torch.tensor([0., 2.]))
    tensor([0.5000, 0.8808])
    """
    return xp.sigmoid(input)


@elementwise(input=lambda xp, g, out: -g * out * out, dtype=_float)
def reciprocal(xp: Any, input: Array) -> Array:
    """1 / x. Gradient: -g * out².

    >>> torch.reciprocal(torch.tensor([2., 4.]))
    tensor([0.5000, 0.2500])
    """
    return xp.divide(input.dtype.type(1), input)


@elementwise(input=lambda xp, g, out: -g * out * out * out / 2, dtype=_float)
def rsqrt(xp: Any, input: Array) -> Array:
    """1 / sqrt(x). Gradient: -g * out³ / 2.

    >>> torch.rsqrt(torch.tensor([4.]))
    tensor([0.5000])
    """
    return xp.divide(input.dtype.type(1), xp.sqrt(input))


@elementwise(input=lambda xp, g, input: 2 * g * input, dtype=promotion.promote_number)
def square(xp: Any, input: Array) -> Array:
    """x². Gradient: 2 * g * x.

    >>> torch.square(torch.tensor([3.]))
    tensor([9.])
    """
    return xp.multiply(input, input)


@elementwise(input=lambda xp, g, out: g * out * math.log(2), dtype=_float)
def exp2(xp: Any, input: Array) -> Array:
    """2 to the power of x. Gradient: g * out * log(2).

    >>> torch.exp2(torch.tensor([3.]))
    tensor([8.])
    """
    return xp.exp2(input)


@elementwise(input=lambda xp, g, out: g * (out + 1), dtype=_float)
def expm1(xp: Any, input: Array) -> Array:
    """exp(x) - 1, exact near 0. Gradient: g * (out + 1).

    >>> torch.expm1(torch.tensor([0., 1.]))
    tensor([0.0000, 1.7183])
    """
    return xp.expm1(input)


@elementwise(input=lambda xp, g, input: g / (input + 1), dtype=_float)
def log1p(xp: Any, input: Array) -> Array:
    """log(1 + x), exact near 0. Gradient: g / (1 + x).

    >>> torch.log1p(torch.tensor([0., 1.]))
    tensor([0.0000, 0.6931])
    """
    return xp.log1p(input)


@elementwise(input=lambda xp, g, input: g / (input * math.log(2)), dtype=_float)
def log2(xp: Any, input: Array) -> Array:
    """The logarithm to base 2. Gradient: g / (x * log(2)).

    >>> torch.log2(torch.tensor([8.]))
    tensor([3.])
    """
    return xp.log2(input)


@elementwise(input=lambda xp, g, input: g / (input * math.log(10)), dtype=_float)
def log10(xp: Any, input: Array) -> Array:
    """The logarithm to base 10. Gradient: g / (x * log(10)).

    >>> torch.log10(torch.tensor([1000.]))
    tensor([3.])
    """
    return xp.log10(input)


@elementwise(input=lambda xp, g, out: g * (1 + out * out), dtype=_float)
def tan(xp: Any, input: Array) -> Array:
    """The tangent of angles in radians. Gradient: g * (1 + out²).

    >>> torch.tan(torch.tensor([1.]))
    tensor([1.5574])
    """
    return xp.tan(input)


@elementwise(input=lambda xp, g, input: g / xp.sqrt(1 - input * input), dtype=_float)
def asin(xp: Any, input: Array) -> Array:
    """The angle whose sine is x. Gradient: g / sqrt(1 - x²).

    >>> torch.asin(torch.tensor([1.]))
    tensor([1.5708])
    """
    return xp.arcsin(input)


@elementwise(input=lambda xp, g, input: -g / xp.sqrt(1 - input * input), dtype=_float)
def acos(xp: Any, input: Array) -> Array:
    """The angle whose cosine is x. Gradient: -g / sqrt(1 - x²).

    >>> torch.acos(torch.tensor([0.]))
    tensor([1.5708])
    """
    return xp.arccos(input)


@elementwise(input=lambda xp, g, input: g / (1 + input * input), dtype=_float)
def atan(xp: Any, input: Array) -> Array:
    """The angle whose tangent is x. Gradient: g / (1 + x²).

    >>> torch.atan(torch.tensor([1.]))
    tensor([0.7854])
    """
    return xp.arctan(input)


@elementwise(
    input=lambda xp, g, input, other: g * other / (input * input + other * other),
    other=lambda xp, g, input, other: -g * input / (input * input + other * other),
    dtype=_float,
)
def atan2(xp: Any, input: Array, other: Array) -> Array:
    """The angle of the point (other, input). Gradients: g * other / r² and -g * input / r².

    >>> torch.atan2(torch.tensor([1.]), torch.tensor([-1.]))
    tensor([2.3562])
    """
    return xp.arctan2(input, other)


@elementwise(input=lambda xp, g, input: g * xp.cosh(input), dtype=_float)
def sinh(xp: Any, input: Array) -> Array:
    """The hyperbolic sine. Gradient: g * cosh(x).

    >>> torch.sinh(torch.tensor([1.]))
    tensor([1.1752])
    """
    return xp.sinh(input)


@elementwise(input=lambda xp, g, input: g * xp.sinh(input), dtype=_float)
def cosh(xp: Any, input: Array) -> Array:
    """The hyperbolic cosine. Gradient: g * sinh(x).

    >>> torch.cosh(torch.tensor([1.]))
    tensor([1.5431])
    """
    return xp.cosh(input)


def _erf_slope(xp: Any, g: Any, input: Any) -> Any:
    return g * (2 / math.sqrt(math.pi)) * xp.exp(-input * input)


@elementwise(input=_erf_slope, dtype=_float, lacks={"c": "erf_vml_cpu"})
def erf(xp: Any, input: Array) -> Array:
    """The error function. Gradient: g * 2 / sqrt(pi) * exp(-x²).

    >>> torch.erf(torch.tensor([1.]))
    tensor([0.8427])
    """
    return xp.erf(input)


@elementwise(input=lambda xp, g: xp.zeros_like(g), lacks={"b": "floor_vml_cpu"})
def floor(xp: Any, input: Array) -> Array:
    """The largest integer not above x. Gradient: 0.

    >>> torch.floor(torch.tensor([1.7, -1.7]))
    tensor([ 1., -2.])
    """
    return input.copy() if input.dtype.kind in "biu" else xp.floor(input)


@elementwise(input=lambda xp, g: xp.zeros_like(g), lacks={"b": "ceil_vml_cpu"})
def ceil(xp: Any, input: Array) -> Array:
    """The smallest integer not below x. Gradient: 0.

    >>> torch.ceil(torch.tensor([1.2, -1.2]))
    tensor([ 2., -1.])
    """
    return input.copy() if input.dtype.kind in "biu" else xp.ceil(input)


@elementwise(input=lambda xp, g: xp.zeros_like(g), lacks={"b": "trunc_vml_cpu"})
def trunc(xp: Any, input: Array) -> Array:
    """The integer part. Gradient: 0.

    >>> torch.trunc(torch.tensor([1.7, -1.7]))
    tensor([ 1., -1.])
    """
    return input.copy() if input.dtype.kind in "biu" else xp.trunc(input)


@elementwise(input=lambda xp, g: xp.zeros_like(g), lacks={"bc": "round_vml_cpu"})
def round(xp: Any, input: Array, *, decimals: int = 0) -> Array:
    """The nearest integer, halves to the even one; with `decimals` the nearest of that many digits. Gradient: 0.

    >>> torch.round(torch.tensor([0.5, 1.5]))
    tensor([0., 2.])
    """
    if input.dtype.kind in "iu":
        if decimals:
            raise NotImplementedError('"round_cpu" not implemented for integers with decimals')
        return input.copy()
    scale = input.dtype.type(10.0**decimals)
    return xp.rint(input * scale) / scale if decimals else xp.rint(input)


def _inside(xp: Any, g: Any, input: Any, min: Any, max: Any) -> Any:
    """g where the element was kept."""
    kept = xp.ones_like(input) if min is None else xp.cast(input >= min, g.dtype)
    kept = kept if max is None else kept * xp.cast(input <= max, g.dtype)
    return g * kept


@elementwise(input=_inside, name="clamp", dtype=promotion.clamp_dtype, lacks={"bc": "clamp_scalar_cpu"})
def clamp_numbers(xp: Any, input: Array, min: float | None = None, max: float | None = None) -> Array:
    """`clamp` between two numbers. Gradient: g where nothing was cut off."""
    if min is not None:
        input = xp.maximum(input, xp.asarray(min).astype(input.dtype))
    return input if max is None else xp.minimum(input, xp.asarray(max).astype(input.dtype))


def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Each element, or the nearer of `min` and `max` where it is outside. Gradient: g where it was inside.

    Raises:
        RuntimeError: neither is given.

    >>> torch.clamp(torch.tensor([-2., 0.5, 3.]), 0, 1)
    tensor([0.0000, 0.5000, 1.0000])
    """
    if min is None and max is None:
        raise RuntimeError("torch.clamp: At least one of 'min' or 'max' must not be None")
    if not isinstance(min, Tensor) and not isinstance(max, Tensor):
        return clamp_numbers(input, min, max)
    if min is not None:
        input = maximum(input, min if isinstance(min, Tensor) else input.new_tensor(min))
    return input if max is None else minimum(input, max if isinstance(max, Tensor) else input.new_tensor(max))


@elementwise(
    input=lambda xp, g: g,
    other=lambda xp, g, input, other: -g * xp.floor(input / other),
    check=promotion.check_division,
    lacks={"bc": "remainder_cpu"},
)
def remainder(xp: Any, input: Operand, other: Operand) -> Array:
    """What is left after whole divisions, with the sign of `other`. Gradients: g and -g * floor(input / other).

    >>> torch.remainder(torch.tensor([5., -5.]), 3)
    tensor([2., 1.])
    """
    return xp.remainder(input, other)


@elementwise(
    input=lambda xp, g: g,
    other=lambda xp, g, input, other: -g * xp.trunc(input / other),
    check=promotion.check_division,
    lacks={"bc": "fmod_cpu"},
)
def fmod(xp: Any, input: Array, other: Operand) -> Array:
    """What is left after whole divisions, with the sign of `input`. Gradients: g and -g * trunc(input / other).

    >>> torch.fmod(torch.tensor([5., -5.]), 3)
    tensor([ 2., -2.])
    """
    return xp.fmod(input, other)


@elementwise()
def logical_and(xp: Any, input: Array, other: Array) -> Array:
    """Whether both are true (not zero).

    >>> torch.logical_and(torch.tensor([True, False]), torch.tensor([True, True]))
    tensor([ True, False])
    """
    return xp.logical_and(input, other)


@elementwise()
def logical_or(xp: Any, input: Array, other: Array) -> Array:
    """Whether one of them is true (not zero).

    >>> torch.logical_or(torch.tensor([True, False]), torch.tensor([False, False]))
    tensor([ True, False])
    """
    return xp.logical_or(input, other)


@elementwise()
def logical_xor(xp: Any, input: Array, other: Array) -> Array:
    """Whether exactly one of them is true (not zero).

    >>> torch.logical_xor(torch.tensor([True, False]), torch.tensor([True, True]))
    tensor([False,  True])
    """
    return xp.logical_xor(input, other)


@elementwise()
def bitwise_and(xp: Any, input: Operand, other: Operand) -> Array:
    """The bits that both have; for booleans, and.

    >>> torch.bitwise_and(torch.tensor([6]), torch.tensor([3]))
    tensor([2])
    """
    return xp.bitwise_and(input, other)


@elementwise()
def bitwise_or(xp: Any, input: Operand, other: Operand) -> Array:
    """The bits that one of them has; for booleans, or.

    >>> torch.bitwise_or(torch.tensor([6]), torch.tensor([3]))
    tensor([7])
    """
    return xp.bitwise_or(input, other)


@elementwise()
def bitwise_xor(xp: Any, input: Operand, other: Operand) -> Array:
    """The bits that exactly one of them has.

    >>> torch.bitwise_xor(torch.tensor([6]), torch.tensor([3]))
    tensor([5])
    """
    return xp.bitwise_xor(input, other)


@elementwise()
def bitwise_not(xp: Any, input: Array) -> Array:
    """Every bit turned; for booleans, not.

    >>> torch.bitwise_not(torch.tensor([True, False]))
    tensor([False,  True])
    """
    return xp.invert(input)


@elementwise()
def isinf(xp: Any, input: Array) -> Array:
    """Whether elements are infinite.

    >>> torch.isinf(torch.tensor([1., float('inf')]))
    tensor([False,  True])
    """
    return xp.isinf(input)


@elementwise(
    input=lambda xp, g, mask: xp.where(mask, xp.zeros_like(g), g),
    value=lambda xp, g, mask: xp.where(mask, g, xp.zeros_like(g)),
    dtype=promotion.masked_dtype,
)
def masked_fill(xp: Any, input: Array, mask: Array, value: Operand) -> Array:
    """`value` where `mask` is true, else the element. Gradients: g where it is false, g summed where it is true.

    >>> torch.masked_fill(torch.tensor([1., 2.]), torch.tensor([True, False]), 0)
    tensor([0., 2.])
    """
    return xp.where(mask, value, input)
