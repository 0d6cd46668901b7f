"""Repairs: where NumPy's numbers are not those that PyTorch promises, and only there."""

from typing import Any

from .sums import long_sum

SMALL = "eE"  # NumPy's letters for float16 and bfloat16: to ask a dtype for its name takes longer than to add


class Numerics:
    """The functions of `Arrays` that replace the library's own."""

    library: Any

    def sum(self: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """Sum over `axis`; float16 would stall at 2048, so small floats add up in float32, and float32 drifts."""
        dtype = x.dtype
        if dtype.char in SMALL:
            return self.library.add.reduce(x, axis, "float32", None, keepdims).astype(dtype)
        if dtype.char == "f" and x.size > 4096 and axis is not None and x.ndim > 1:
            return long_sum(self.library, x, axis, keepdims)
        return self.library.add.reduce(x, axis, dtype, None, keepdims)

    def log10(self: Any, x: Any) -> Any:
        """NumPy's float32 log10 gives 3.0000002 for 1000."""
        return (
            self.library.log10(x, dtype="float64").astype(x.dtype)
            if x.dtype.name == "float32"
            else self.library.log10(x)
        )

    def mean(self: Any, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        """The sum divided by the number of elements added; a small float's sum may be too large for its type."""
        small = x.dtype.char in SMALL
        total = self.library.add.reduce(x, axis, "float32", None, keepdims) if small else self.sum(x, axis, keepdims)
        found = total / max(1, x.size // max(1, total.size)) if x.size else total / total.dtype.type(0)
        return found.astype(x.dtype) if small else found

    def matmul(self: Any, a: Any, b: Any) -> Any:
        """Matrix product; NumPy multiplies small floats 300 times slower than float32, so those go through float32."""
        if a.dtype.char in SMALL:
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
