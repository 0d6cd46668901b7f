"""Functions that array libraries lack, or compute with overflow."""

from typing import Any

from .numerics import SMALL
from .sums import running

WIDER = {"e": "float32", "E": "float32", "f": "float64", "F": "complex128"}  # by NumPy's letter


class Functions:
    """The functions of `Arrays` that are written out here."""

    library: Any
    device: str

    def cumsum(self: Any, x: Any, axis: int) -> Any:
        """Running sums, in more digits than they are kept in: one error would be carried through all that follow."""
        wide = WIDER.get(x.dtype.char)
        return running(self.library, "cumsum", x, axis, wide) if wide else self.library.cumsum(x, axis, x.dtype)

    def cumprod(self: Any, x: Any, axis: int) -> Any:
        """Running products, likewise."""
        wide = WIDER.get(x.dtype.char)
        return running(self.library, "cumprod", x, axis, wide) if wide else self.library.cumprod(x, axis, x.dtype)

    def sigmoid(self: Any, x: Any) -> Any:
        """1 / (1 + exp(-x)); where exp(-x) overflows, that is 0."""
        wide = x.astype("float32") if x.dtype.char in SMALL else x
        one = wide.dtype.type(1)
        return (one / (one + self.library.exp(-wide))).astype(x.dtype, copy=False)

    def erf(self: Any, x: Any) -> Any:
        """The error function, from SciPy, which is loaded on first use."""
        if self.device == "cpu":
            from scipy.special import erf as function
        else:
            from cupyx.scipy.special import erf as function
        return function(x.astype("float32")).astype(x.dtype) if x.dtype.char in SMALL else function(x)

    def view_as_real(self: Any, x: Any) -> Any:
        """Complex elements as pairs of real ones, along a new last dimension of the same memory."""
        part = self.library.asarray(x).real
        shape, strides = (*x.shape, 2), (*part.strides, part.itemsize)
        return self.library.lib.stride_tricks.as_strided(part, shape, strides)

    def view_as_complex(self: Any, x: Any) -> Any:
        """The way back; the same memory where the pairs lie side by side in it, else a copy."""
        *strides, last = x.strides
        if last != x.itemsize or any(step % (2 * x.itemsize) for step in strides):
            x = self.library.ascontiguousarray(x)
        return x.view("complex64" if x.dtype.name == "float32" else "complex128")[..., 0]

    def complex(self: Any, real: Any, imag: Any) -> Any:
        """Complex elements with these parts."""
        return self.view_as_complex(self.library.stack(self.library.broadcast_arrays(real, imag), -1))

    def softmax(self: Any, x: Any, axis: int | None) -> Any:
        """exp(x) over its sum along `axis`, after taking the largest away, so that nothing overflows."""
        wide = x.astype("float32") if x.dtype.char in SMALL else x
        powers = self.library.exp(wide - self.library.maximum.reduce(wide, axis, None, None, True))
        return (powers / self.sum(powers, axis, True)).astype(x.dtype, copy=False)

    def log_softmax(self: Any, x: Any, axis: int | None) -> Any:
        """log(softmax(x)) without computing the softmax."""
        wide = x.astype("float32") if x.dtype.char in SMALL else x
        centred = wide - self.library.maximum.reduce(wide, axis, None, None, True)
        return (centred - self.library.log(self.sum(self.library.exp(centred), axis, True))).astype(x.dtype, copy=False)
