"""A stand-in for CuPy where there is no GPU: NumPy's functions on arrays that refuse to become NumPy arrays unasked.

CuPy's arrays raise TypeError on implicit conversion and do not take NumPy arrays as arguments; so do these. What runs
on them touches no NumPy function by accident.
"""

from typing import Any

import numpy as np

SCALARS = (bool, int, float, complex, np.generic, str, type(None), slice, type(Ellipsis), np.dtype, type)


class ndarray:
    """An array in another place."""

    __array_ufunc__ = None
    __slots__ = ("held",)

    def __init__(self, held: np.ndarray):
        self.held = held

    def __array__(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()` to construct one.")

    def get(self) -> np.ndarray:
        """A copy in the computer's own memory."""
        return self.held.copy()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "held":
            raise AttributeError(name)
        return _outside(getattr(self.held, name))

    def __getitem__(self, key: Any) -> "ndarray":
        return _outside(self.held[_inside(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.held[_inside(key)] = _inside(value)

    def __len__(self) -> int:
        return len(self.held)

    def __bool__(self) -> bool:
        return bool(self.held)

    def __int__(self) -> int:
        return int(self.held)

    def __float__(self) -> float:
        return float(self.held)

    def __iter__(self) -> Any:
        return (_outside(row) for row in self.held)

    __hash__ = None


def _inside(x: Any) -> Any:
    """What is held, from arguments of any nesting; a NumPy array is refused."""
    if isinstance(x, ndarray):
        return x.held
    if isinstance(x, (tuple, list)):
        return type(x)(_inside(v) for v in x)
    if isinstance(x, np.ndarray):
        raise TypeError(f"Unsupported type {type(x)}")
    if not isinstance(x, SCALARS):
        raise TypeError(f"Unsupported type {type(x)}")
    return x


def _outside(x: Any) -> Any:
    """Arrays and scalars of NumPy as arrays of ours, from results of any nesting."""
    if isinstance(x, (np.ndarray, np.generic)):
        return ndarray(np.asarray(x))
    if isinstance(x, (tuple, list)):
        return type(x)(_outside(v) for v in x) if type(x) in (tuple, list) else tuple(_outside(v) for v in x)
    if callable(x) and not isinstance(x, type):
        return _wrapped(x)
    return x


def _wrapped(function: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        return _outside(function(*_inside(list(args)), **{k: _inside(v) for k, v in kwargs.items()}))

    return call


def _operator(name: str) -> Any:
    function = getattr(np.ndarray, name)

    def method(self: ndarray, *others: Any) -> Any:
        result = function(self.held, *[_inside(o) for o in others])
        if name.startswith("__i") and name not in ("__invert__", "__index__"):
            return self
        return _outside(result)

    return method


_NAMES = "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift"
for _n in _NAMES.split():
    for _name in (f"__{_n}__", f"__r{_n}__", f"__i{_n}__"):
        setattr(ndarray, _name, _operator(_name))
for _name in (
    "__neg__",
    "__pos__",
    "__abs__",
    "__invert__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__eq__",
    "__ne__",
):
    setattr(ndarray, _name, _operator(_name))


class _Ufunc:
    """`add` with its `reduce` and `at`, and nothing of NumPy's protocol."""

    def __init__(self, ufunc: np.ufunc):
        self.ufunc = ufunc
        self.reduce, self.at = _wrapped(ufunc.reduce), _wrapped(ufunc.at)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        kwargs = {k: _inside(v) for k, v in kwargs.items()}
        return _outside(self.ufunc(*_inside(list(args)), **kwargs))


class Library:
    """The module: NumPy's names, on arrays of ours."""

    ndarray, inf, nan = ndarray, np.inf, np.nan
    __name__ = "strict"

    class _Grid:
        def __getitem__(self, key: Any) -> Any:
            return tuple(_outside(a) for a in np.ogrid[key])

    ogrid = _Grid()

    def asarray(self, x: Any, dtype: Any = None) -> ndarray:
        """From the computer's own memory, when asked."""
        return ndarray(np.array(x.held if isinstance(x, ndarray) else x, dtype))

    array = asarray

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        if isinstance(found, np.ufunc):
            return _Ufunc(found)
        if name in ("lib", "linalg"):
            return _Module(found)
        return _wrapped(found) if callable(found) and not isinstance(found, type) else found


class _Module:
    def __init__(self, module: Any):
        self.module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.module, name)
        return _wrapped(found) if callable(found) else _Module(found)


library = Library()
