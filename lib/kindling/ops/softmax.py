"""Softmax and its kin: exponentials that add up to 1 along a dimension, without overflow."""

from typing import Any

from .. import shapes
from . import promotion
from .declare import operator
from .operator import Array
from .reduce import spread


def _sum_along(xp: Any, x: Any, dim: int) -> Any:
    return xp.sum(x, (shapes.axis(dim, x.ndim),) if x.ndim else (), True)


@operator(
    "softmax",
    input=lambda xp, g, out, dim: out * (g - _sum_along(xp, g * out, dim)),
    dtype=promotion.softmax_dtype,
    lacks={"iubc": "softmax_lastdim_kernel_impl"},
)
def softmax(xp: Any, input: Array, dim: int, *, dtype: Any = None) -> Array:
    """exp(x) divided by its sum along `dim`. Gradient: out * (g - sum(g * out)).

    >>> torch.softmax(torch.tensor([0., 0.]), 0)
    tensor([0.5000, 0.5000])
    """
    return xp.softmax(input, shapes.axis(dim, input.ndim) if input.ndim else None)


@operator(
    "softmax",
    input=lambda xp, g, out, dim: g - xp.exp(out) * _sum_along(xp, g, dim),
    dtype=promotion.softmax_dtype,
    lacks={"iubc": "log_softmax_lastdim_kernel_impl"},
)
def log_softmax(xp: Any, input: Array, dim: int, *, dtype: Any = None) -> Array:
    """The logarithm of softmax, exact also where softmax is nearly 0. Gradient: g - softmax * sum(g).

    >>> torch.log_softmax(torch.tensor([0., 0.]), 0)
    tensor([-0.6931, -0.6931])
    """
    return xp.log_softmax(input, shapes.axis(dim, input.ndim) if input.ndim else None)


@operator(
    "reduction",
    input=lambda xp, g, input, out, dim, keepdim: (
        spread(xp, g, tuple(input.shape), dim, keepdim)
        * xp.exp(input - spread(xp, out, tuple(input.shape), dim, keepdim))
    ),
    dtype=promotion.promote_float,
)
def logsumexp(xp: Any, input: Array, dim: Any, keepdim: bool = False) -> Array:
    """The logarithm of the sum of exp(x) over `dim`, without overflow. Gradient: g * softmax.

    >>> torch.logsumexp(torch.tensor([1000., 1000.]), 0)
    tensor(1000.6932)
    """
    dims = shapes.axes(dim, input.ndim)
    wide = input.astype("float32") if input.dtype.itemsize == 2 else input
    top = xp.amax(wide, dims, keepdims=True)
    top = xp.where(xp.isfinite(top), top, xp.zeros_like(top))
    out = (xp.log(xp.sum(xp.exp(wide - top), dims, True)) + top).astype(input.dtype, copy=False)
    return out if keepdim else xp.reshape(out, tuple(n for i, n in enumerate(out.shape) if i not in dims))
