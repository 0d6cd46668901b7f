"""The short namespace `xp` in NumPy's spelling: what an operator's forward and its gradient rules may call.

There is one :class:`Arrays` for each array library (NumPy here, CuPy when it is there, a strict stand-in in the
tests). The same names exist for tensors in :mod:`kindling.ops.namespace`, so that one rule runs on raw arrays in an
ordinary backward and on tensors when the gradient itself must be differentiated.
"""

import warnings
from typing import Any

import numpy

from .functions import Functions
from .indexing import Indexing
from .numerics import Numerics
from .windows import Windows

# Infinity and nan are answers in PyTorch, not warnings. NumPy names the module that called it, so this filter is
# ours alone: NumPy code of the user's still warns.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"kindling\.")

ndarray = numpy.ndarray

# Taken from the library as they are. What the base classes of `Arrays` define must not be here: it would be hidden.
PLAIN = [
    "add", "subtract", "multiply", "divide", "floor_divide", "negative", "absolute", "sign", "exp", "exp2",
    "expm1", "log", "log2", "log1p", "sqrt", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh",
    "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "arctan2", "sinc", "square", "floor", "ceil", "rint", "trunc",
    "maximum", "minimum", "fmax", "fmin", "fmod", "remainder", "equal", "not_equal", "less", "less_equal", "greater",
    "greater_equal", "logical_and", "logical_or", "logical_xor", "logical_not", "bitwise_and", "bitwise_or",
    "bitwise_xor", "invert", "isnan", "isinf", "isfinite", "signbit", "where", "reshape", "transpose", "swapaxes",
    "moveaxis", "expand_dims", "squeeze", "broadcast_to", "concatenate", "stack", "flip", "roll",
    "amax", "amin", "any", "all", "count_nonzero", "zeros", "ones", "full", "empty", "zeros_like", "ones_like",
    "empty_like", "full_like", "arange", "eye", "take_along_axis", "put_along_axis", "argsort", "sort", "diagonal",
    "tril", "triu", "real", "imag", "ascontiguousarray",
]  # fmt: skip


class Arrays(Numerics, Functions, Indexing, Windows):
    """The functions of one array library under NumPy's names, with the numerics that PyTorch promises."""

    def __init__(self, library: Any, device: str):
        self.library, self.device, self.ndarray = library, device, library.ndarray
        for name in PLAIN:
            setattr(self, name, getattr(library, name))

    def __repr__(self) -> str:
        return f"<{self.library.__name__} as {self.device}>"

    def conj(self, x: Any) -> Any:
        """The complex conjugate; a real array or number as it is."""
        return x.conj() if getattr(x, "dtype", None) is not None and x.dtype.kind == "c" else x

    def expand(self, x: Any, shape: tuple) -> Any:
        """`x` repeated to `shape`, in memory of its own (NumPy's read-only view takes longer to make when small)."""
        out = self.library.empty(shape, x.dtype)
        out[...] = x
        return out

    def broadcast_view(self, x: Any, shape: tuple) -> Any:
        """`x` repeated to `shape` without copying, and writable as PyTorch's is."""
        strides = (0,) * (len(shape) - x.ndim) + x.strides
        sizes = (1,) * (len(shape) - x.ndim) + x.shape
        strides = tuple(0 if own != size else step for own, size, step in zip(sizes, shape, strides, strict=True))
        return self.library.lib.stride_tricks.as_strided(x, shape, strides)

    def strided(self, x: Any, size: tuple, stride: tuple, offset: int) -> Any:
        """A view of the memory of `x`, which lies in row order; stride and offset count elements."""
        flat = x.reshape(-1)[offset:]
        return self.library.lib.stride_tricks.as_strided(flat, size, tuple(s * x.itemsize for s in stride))

    def is_complex(self, x: Any) -> bool:
        """Whether the elements of `x` are complex."""
        return x.dtype.kind == "c"

    def counting(self, like: Any, n: int) -> Any:
        """0 to n - 1, on the device of `like`."""
        return self.library.arange(n)

    def identity_like(self, x: Any) -> Any:
        """The identity matrix of the size of the last dimension of `x`, in its type."""
        return self.library.eye(x.shape[-1], dtype=x.dtype)

    def move(self, x: Any, device: str, back: str) -> Any:
        """`x` in the memory of `device`; `back` is where it is now."""
        return move(x, device)

    def asarray(self, x: Any, dtype: Any = None) -> Any:
        """`x` as an array of this library."""
        return self.library.asarray(x, dtype)

    def cast(self, x: Any, dtype: Any) -> Any:
        """`x` as `dtype`; a complex array cast to a real type keeps its real part, as a gradient must."""
        if x.dtype.kind == "c" and dtype.kind not in "cb":
            x = x.real
        return x.astype(dtype)


cpu = Arrays(numpy, "cpu")
_by_type: dict[type, Arrays] = {numpy.ndarray: cpu}


def register_library(library: Any, device: str = "cuda") -> Arrays:
    """Make a further array library known (CuPy, or the tests' strict stand-in)."""
    return _by_type.setdefault(library.ndarray, Arrays(library, device))


def forget_library(library: Any) -> None:
    """Undo `register_library`."""
    _by_type.pop(library.ndarray, None)


def library_of_device(device: str) -> Arrays | None:
    """The namespace whose arrays lie on `device`; None when there is no such device."""
    return next((xp for xp in _by_type.values() if xp.device == device), None)


def namespace_of(array: Any) -> Arrays:
    """The namespace that computes with `array`. NumPy's scalars, which its sums of everything become, are its own."""
    return _by_type.get(type(array), cpu)


def move(array: Any, device: str) -> Any:
    """The same values in the memory of `device`."""
    target = library_of_device(device)
    if type(array) is ndarray or type(array) is target.ndarray:
        return target.library.asarray(array)
    return array.get()


def is_array(x: Any) -> bool:
    """Whether `x` is an array of a library that is known."""
    return type(x) in _by_type


def as_array(x: Any, dtype: Any = None) -> Any:
    """A NumPy array of `x` (a nested list, a number, a buffer), sharing memory where NumPy can."""
    return numpy.asarray(x, dtype)


def copy_array(x: Any, dtype: Any = None) -> Any:
    """A new NumPy array with the values of `x`."""
    return numpy.array(x, dtype)


def copied(x: Any, dtype: Any, copy: bool | None) -> Any:
    """`x` as NumPy's `__array__` protocol asks: copied always, never (then a needed copy raises), or if needed."""
    return numpy.array(x, dtype, copy=copy)


def from_buffer(buffer: Any, dtype: Any, count: int, offset: int) -> Any:
    """An array on the memory of a buffer."""
    return numpy.frombuffer(buffer, dtype, count, offset)


def from_dlpack(x: Any) -> Any:
    """An array on the memory of another library's."""
    return numpy.from_dlpack(x)


class _Writable:
    """The memory of an array, offered for writing."""

    def __init__(self, array: Any):
        self.array = array
        self.__array_interface__ = {**array.__array_interface__, "data": (array.ctypes.data, False)}


def writable(x: Any) -> Any:
    """The same memory as `x`, but writable: NumPy takes what a bare DLPack capsule gives as read-only."""
    return numpy.asarray(_Writable(x))


def array_type(x: Any) -> bool:
    """Whether `x` is one of NumPy's scalars, which behave as zero-dimensional arrays."""
    return isinstance(x, numpy.generic)


def library_dtype(name: str) -> Any:
    """NumPy's dtype object for one of PyTorch's dtype names."""
    if name == "bfloat16":
        import ml_dtypes

        return numpy.dtype(ml_dtypes.bfloat16)
    return numpy.dtype(name)


def shares_memory(a: Any, b: Any) -> bool:
    """Whether `a` and `b` can lie in the same memory (by their bounds)."""
    return namespace_of(a).library.may_share_memory(a, b)


def unravel(number: int, shape: tuple) -> tuple:
    """The index of element `number`, counted in row order."""
    return numpy.unravel_index(number, shape) if shape else ()


def real_pairs(x: Any) -> list[float]:
    """The elements as floats; a complex element gives its real and its imaginary part."""
    if x.dtype.kind == "c":
        return numpy.stack([x.real, x.imag], -1).reshape(-1).tolist()
    return x.tolist()
