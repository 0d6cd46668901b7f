"""Repairs: where NumPy's numbers are not those that PyTorch promises, and only there.

Each function is bound to an :class:`~kindling.backend.arrays.Arrays` as its method, so `self.library` is NumPy or CuPy.
"""

from typing import Any

REPAIRED = ["sum", "mean", "matmul", "power", "sigmoid", "erf", "softmax", "log_softmax"]
SMALL = ("float16", "bfloat16")


def sum(self: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum over `axis`.

    NumPy adds along the last axis pairwise but along the others one by one, so a float32 sum of many rows drifts;
    float16 stalls at 2048. We add rows in float64 and small floats in float32.
    """
    dtype = x.dtype
    if dtype.name in SMALL:
        return self.library.add.reduce(x, axis, "float32", None, keepdims).astype(dtype)
    if dtype.name == "float32" and x.size > 4096 and axis is not None and x.ndim > 1:
        return self.library.add.reduce(x, axis, "float64", None, keepdims).astype(dtype)
    return self.library.add.reduce(x, axis, None, None, keepdims)


def mean(self: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum divided by the number of elements added."""
    total = self.sum(x, axis, keepdims)
    return total / max(1, x.size // max(1, getattr(total, "size", 1))) if x.size else total / total.dtype.type(0)


def matmul(self: Any, a: Any, b: Any) -> Any:
    """Matrix product; NumPy multiplies small floats 300 times slower than float32, so those go through float32."""
    if a.dtype.name in SMALL:
        return self.library.matmul(a.astype("float32"), b.astype("float32")).astype(a.dtype)
    return self.library.matmul(a, b)


def power(self: Any, base: Any, exponent: Any) -> Any:
    """`base` to the power of `exponent`; NumPy refuses negative powers of integers, which PyTorch rounds to 0."""
    if base.dtype.kind not in "iu" or not (exponent < 0).any():
        return self.library.power(base, exponent)
    positive = self.library.power(base, self.library.maximum(exponent, 0))
    odd = self.library.where(exponent % 2 == 0, 1, base)
    inverse = self.library.where(abs(base) == 1, odd, 0)
    return self.library.where(exponent < 0, inverse, positive).astype(base.dtype)


def sigmoid(self: Any, x: Any) -> Any:
    """1 / (1 + exp(-x)) without overflow: for negative x the same written as exp(x) / (1 + exp(x))."""
    if x.dtype.kind == "c":
        return 1 / (1 + self.library.exp(-x))
    small = self.library.exp(-abs(x))
    return self.library.where(x >= 0, x.dtype.type(1), small) / (x.dtype.type(1) + small)


def erf(self: Any, x: Any) -> Any:
    """The error function, from SciPy, which is loaded on first use."""
    if self.device == "cpu":
        from scipy.special import erf as function
    else:
        from cupyx.scipy.special import erf as function
    return function(x.astype("float32")).astype(x.dtype) if x.dtype.name in SMALL else function(x)


def softmax(self: Any, x: Any, axis: int | None) -> Any:
    """exp(x) over its sum along `axis`, after taking the largest away, so that nothing overflows."""
    wide = x.astype("float32") if x.dtype.name in SMALL else x
    powers = self.library.exp(wide - self.library.maximum.reduce(wide, axis, None, None, True))
    return (powers / self.sum(powers, axis, True)).astype(x.dtype, copy=False)


def log_softmax(self: Any, x: Any, axis: int | None) -> Any:
    """log(softmax(x)) without computing the softmax."""
    wide = x.astype("float32") if x.dtype.name in SMALL else x
    centred = wide - self.library.maximum.reduce(wide, axis, None, None, True)
    return (centred - self.library.log(self.sum(self.library.exp(centred), axis, True))).astype(x.dtype, copy=False)
