"""Sliding windows: convolution and maximum pooling.

Convolution is linear in its input and in its weight, so its two gradients are convolutions too. The three operators
here are each other's rules, and that is all that derivatives of any order need.
"""

from typing import Any

from .. import shapes
from . import promotion
from .declare import operator
from .operator import Array


def _places(g: Any) -> tuple:
    """Every dimension but that of the channels."""
    return (0, *range(2, g.ndim))


@operator(
    "window",
    input=lambda xp, g, weight, input_shape, stride, padding, dilation, groups: xp.convolve_input(
        g, weight, input_shape, stride, padding, dilation, groups
    ),
    weight=lambda xp, g, input, weight_shape, stride, padding, dilation, groups: xp.convolve_weight(
        g, input, weight_shape, stride, padding, dilation, groups
    ),
    bias=lambda xp, g: xp.sum(g, _places(g)),
    check=shapes.check_convolution,
)
def convolution(
    xp: Any,
    input: Array,
    weight: Array,
    bias: Array = None,
    stride: tuple = (1,),
    padding: tuple = (0,),
    dilation: tuple = (1,),
    groups: int = 1,
) -> Any:
    """Slide `weight` over `input` and take weighted sums. Gradients: g spread out by `weight`,
    `input` slid over by g, and g summed for the bias.

    Shapes: input (N, C, ...), weight (O, C / groups, ...), bias (O); result (N, O, ...places).
    """
    out = xp.convolve(input, weight, stride, padding, dilation, groups)
    return out if bias is None else out + bias.reshape(-1, *(1,) * (out.ndim - 2))


@operator(
    "window",
    input=lambda xp, g, weight, stride, padding, dilation, groups: xp.convolve(
        g, weight, stride, padding, dilation, groups
    ),
    weight=lambda xp, g, input, weight_shape, stride, padding, dilation, groups: xp.convolve_weight(
        input, g, weight_shape, stride, padding, dilation, groups
    ),
)
def convolve_input(
    xp: Any, input: Array, weight: Array, shape: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    """The adjoint of `convolution` in its input. Gradients: a convolution, and the adjoint in the weight."""
    return xp.convolve_input(input, weight, shape, stride, padding, dilation, groups)


@operator(
    "window",
    input=lambda xp, g, other, stride, padding, dilation, groups: xp.convolve(
        other, g, stride, padding, dilation, groups
    ),
    other=lambda xp, g, input, other_shape, stride, padding, dilation, groups: xp.convolve_input(
        input, g, other_shape, stride, padding, dilation, groups
    ),
)
def convolve_weight(
    xp: Any, input: Array, other: Array, shape: tuple, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> Any:
    """The adjoint of `convolution` in its weight. Gradients: a convolution, and the adjoint in the input."""
    return xp.convolve_weight(input, other, shape, stride, padding, dilation, groups)


def _to_largest(xp: Any, g: Any, input_shape: tuple, out1: Any) -> Any:
    """Send the gradient to the elements that were the largest."""
    lead = tuple(input_shape[:2])
    size = 1
    for n in input_shape[2:]:
        size *= n
    flat = xp.put_along(xp.reshape(g, (*lead, -1)), xp.reshape(out1, (*lead, -1)), 2, (*lead, size))
    return xp.reshape(flat, input_shape)


@operator("window", input=_to_largest, dtype=promotion.keep, lacks={"bc": "max_pool2d"})
def max_pool(
    xp: Any, input: Array, kernel_size: tuple, stride: tuple, padding: tuple, dilation: tuple, ceil_mode: bool = False
) -> tuple:
    """The largest element under each place of a window, and its index. Gradient: g to that element.

    Shapes: input (N, C, ...); both results (N, C, ...places).
    """
    return xp.slide_max(input, kernel_size, stride, padding, dilation, ceil_mode)
