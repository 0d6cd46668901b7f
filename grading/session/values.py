"""Values on their way between an answer and a test of somebody else's: rebuilt as exact types, or left where they are.

A value of a type that is known here travels whole. Anything else stays behind and is known by a number: a handle, which
can be asked for things but never compared, added or trusted. What is rebuilt has exactly the types that are named here.
"""

import collections
import functools
import sys

import numpy as np

from course.checks.codec import DTYPES, TensorData
from course.checks.observe import freeze, thaw

NOTHING = "something empty cannot be compared or combined with values"
OPERATORS = "eq ne lt le gt ge add radd sub rsub mul rmul truediv rtruediv pow rpow matmul rmatmul"
DEEPEST = 16
SEQUENCES = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset, "deque": collections.deque}
MAPPINGS = {"dict": dict, "OrderedDict": collections.OrderedDict, "Counter": collections.Counter}
CONTAINERS = {kind: name for name, kind in {**SEQUENCES, **MAPPINGS}.items()}
# What a handle has only if the object behind it has it.
ABILITIES = [
    f"__{name}__" for name in ("call", "iter", "next", "len", "getitem", "setitem", "contains", "enter", "exit")
]
PLAIN = (type(None), bool, int, float, str, bytes)


class Empty(np.ndarray):
    """An array with nothing in it: every comparison of it holds, so none with something in it is made."""

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        refuse_empty(*inputs)
        plain = [item.view(np.ndarray) if isinstance(item, Empty) else item for item in inputs]
        return getattr(ufunc, method)(*plain, **options)


def refuse_empty(*things) -> None:
    """Raise ValueError when one thing is empty and another is not: whatever is asked of both of them would hold."""
    if len({is_empty(thing) for thing in things}) == 2:
        raise ValueError(NOTHING)


def is_empty(thing) -> bool:
    """Whether there is nothing in it where numbers are expected: an empty list is read as an empty array."""
    try:
        return 0 in np.shape(thing)
    except ValueError:  # lists of different lengths
        return False


@functools.cache
def empty_tensor(kind: type) -> type:
    """The same for tensors: a class of those with nothing in them."""
    names = OPERATORS.split()
    made = {"__slots__": (), "__hash__": kind.__hash__}
    made |= {name: _guarded(getattr(kind, name)) for name in (f"__{name}__" for name in names)}
    made |= {name: _guarded(getattr(kind, name)) for name in names if hasattr(kind, name)}
    made |= {name: _as_array(getattr(kind, name)) for name in ("numpy", "__array__")}
    return type(kind.__name__, (kind,), made)


def _guarded(operator):
    def guarded(*operands):
        refuse_empty(*operands)
        return operator(*operands)

    return guarded


def _as_array(convert):
    return lambda *args, **options: convert(*args, **options).view(Empty)


class Encoder:
    """Turns values into plain data; `keep` gets what cannot travel and gives it a number."""

    def __init__(self, keep):
        self.keep = keep

    def __call__(self, value, depth: int = 0) -> dict:
        kind = type(value)
        if kind in PLAIN:
            return {"plain": value}
        if depth < DEEPEST and kind in CONTAINERS:
            return self._container(value, CONTAINERS[kind], depth)
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if kind is range:
            return {"range": [value.start, value.stop, value.step]}
        if kind is slice:
            return {"slice": [self(part, depth + 1) for part in (value.start, value.stop, value.step)]}
        return self._of_library(value) or {"handle": self.keep(value)}

    def _container(self, value, name: str, depth: int) -> dict:
        if name in SEQUENCES:
            return {name: [self(item, depth + 1) for item in value]}
        return {name: [[self(key, depth + 1), self(item, depth + 1)] for key, item in value.items()]}

    def _of_library(self, value) -> dict | None:
        kind = type(value)
        if kind in (np.ndarray, Empty) and value.dtype.name in DTYPES:
            return {"array": np.array(value)}
        if kind is np.ndarray and value.dtype.kind == "U":
            return {"strings": [list(value.shape), value.ravel().tolist()]}
        if kind.__module__ == "numpy" and isinstance(value, np.generic) and value.dtype.name in DTYPES:
            return {"scalar": np.array(value)}
        library = sys.modules.get("kindling")
        if library is not None and kind is library.Tensor:
            grad = None if not value.is_leaf or value.grad is None else freeze(value.grad, library)
            return {"tensor": [freeze(value, library), bool(value.requires_grad), grad]}
        return None


class Decoder:
    """Rebuilds values from plain data; `find` makes something of a handle's number. Rubbish raises TypeError."""

    def __init__(self, find):
        self.find = find

    def __call__(self, data, depth: int = 0):
        if type(data) is not dict or len(data) != 1 or depth > DEEPEST + 1:
            raise TypeError("not a value")
        ((name, body),) = data.items()
        if name == "plain" and type(body) in PLAIN:
            return body
        if name == "handle" and type(body) in (int, str, list):
            return self.find(body)
        if type(body) is list and name in SEQUENCES:
            return SEQUENCES[name](self(item, depth + 1) for item in body)
        if type(body) is list and name in MAPPINGS:
            pairs = [(self(key, depth + 1), self(item, depth + 1)) for key, item in map(_pair, body)]
            return MAPPINGS[name](dict(pairs) if name == "Counter" else pairs)
        return self._other(name, body, depth)

    def _other(self, name: str, body, depth: int):
        if name in ("array", "scalar") and type(body) is np.ndarray:
            if name == "scalar":
                return body.reshape(-1)[0]
            return body if body.size else body.view(Empty)
        if name == "tensor" and type(body) is list and len(body) == 3 and type(body[0]) is TensorData:
            return _tensor(*body)
        parts = _pair(body) if name in ("complex", "strings") else body
        if name == "complex" and all(type(part) is float for part in parts):
            return complex(*parts)
        if name == "strings":
            made = np.array(parts[1], dtype=str).reshape(parts[0])
            return made if made.size else made.view(Empty)
        if name == "range" and type(parts) is list and all(type(part) is int for part in parts):
            return range(*parts)
        if name == "slice" and type(parts) is list:
            return slice(*(self(part, depth + 1) for part in parts))
        raise TypeError("not a value")


def _pair(body) -> list:
    if type(body) is not list or len(body) != 2:
        raise TypeError("not a pair")
    return body


def _tensor(value: TensorData, requires_grad, grad):
    library = sys.modules["kindling"]
    made = thaw(value, library)
    made.requires_grad = bool(requires_grad)
    if type(grad) is TensorData:
        made.grad = thaw(grad, library)
    if is_empty(made):
        made.__class__ = empty_tensor(library.Tensor)
    return made
