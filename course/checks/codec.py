"""Plain data to JSON and back: the one form that check data, the grader's wire and the page share.

Only None, bool, int, float, str, bytes, list, tuple, dict with str keys, `numpy.ndarray` and `TensorData` exist here.
Anything else raises TypeError (wrong kind) or ValueError (wrong content). Nothing is ever pickled or executed, and what
`decode` returns has exactly these types: it is safe to compare, whoever wrote the JSON.
"""

import base64
import binascii
import json
import math
from dataclasses import dataclass

import numpy as np

DTYPES = frozenset(
    {"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
    | {"float16", "float32", "float64", "complex64", "complex128"}
)
# bfloat16 has no numpy type: its bits travel as uint16 under their own name, and only inside a tensor.
BFLOAT16 = "bfloat16"


@dataclass(frozen=True, eq=False)
class TensorData:
    """The value of a tensor as a plain array; `dtype` is the tensor's own name for its type."""

    array: np.ndarray
    dtype: str


def tensor(value, dtype: str = "float32") -> TensorData:
    """Mark numbers or an array as a tensor of the given type."""
    return TensorData(np.array(value, dtype=np.uint16 if dtype == BFLOAT16 else dtype), dtype)


@dataclass(frozen=True)
class Limits:
    """How much one message may hold; beyond it `encode` and `decode` raise ValueError."""

    depth: int = 32
    items: int = 100_000
    bytes: int = 64 * 2**20
    integer_bits: int = 256


DEFAULT_LIMITS = Limits()


@dataclass
class _Budget:
    """Counts what one message has used so far."""

    limits: Limits
    items: int = 0
    bytes: int = 0

    def item(self, depth: int) -> None:
        self.items += 1
        if depth > self.limits.depth:
            raise ValueError(f"nested deeper than {self.limits.depth}")
        if self.items > self.limits.items:
            raise ValueError(f"more than {self.limits.items} items")

    def take(self, count: int) -> None:
        self.bytes += count
        if self.bytes > self.limits.bytes:
            raise ValueError(f"more than {self.limits.bytes} bytes")

    def text(self, value: str) -> str:
        self.take(len(value.encode("utf-8")))  # a lone surrogate raises UnicodeEncodeError, which is a ValueError
        return value

    def integer(self, value: int) -> int:
        if value.bit_length() > self.limits.integer_bits:
            raise ValueError(f"integer of more than {self.limits.integer_bits} bits")
        return value


def encode(value, *, buffers: list[bytes] | None = None, limits: Limits = DEFAULT_LIMITS):
    """Turn plain data into a JSON value; bytes and arrays go to `buffers` when it is given, else in as base64."""
    return _encode(value, buffers, _Budget(limits), 1)


def decode(value, buffers: list[bytes] | None = None, *, limits: Limits = DEFAULT_LIMITS):
    """Turn a JSON value from anybody back into plain data of exact types."""
    return _decode(value, buffers, _Budget(limits), 1)


def parse(text: str | bytes, *, limits: Limits = DEFAULT_LIMITS):
    """Read JSON text from anybody; whatever is wrong with it is a ValueError."""
    if type(text) not in (str, bytes):
        raise TypeError(f"JSON text expected, not {type(text).__name__}")
    if len(text) > 2 * limits.bytes:  # base64 and escapes make the text longer than what it stands for
        raise ValueError("JSON text too long")
    parts = ("[", "{", ",") if type(text) is str else (b"[", b"{", b",")
    if sum(map(text.count, parts)) > 10 * limits.items:  # texts hold some as well; read, each may take 100 bytes
        raise ValueError("too many items in JSON text")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("JSON nested too deep") from None


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not JSON")


# -- out ---------------------------------------------------------------------------------------------------------------


def _encode(value, buffers, budget: _Budget, depth: int):
    budget.item(depth)
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return budget.integer(value)
    if kind is str:
        return budget.text(value)
    if kind is float:
        return {"float": value if math.isfinite(value) else repr(value)}
    if kind is bytes:
        return {"bytes": _encode_bytes(value, buffers, budget)}
    if kind is np.ndarray:
        return {"array": _encode_array(value, value.dtype.name, buffers, budget)}
    if kind is TensorData:
        return {"tensor": _encode_tensor(value, buffers, budget)}
    return _encode_container(value, buffers, budget, depth)


def _encode_container(value, buffers, budget, depth):
    kind = type(value)
    if kind is list:
        return [_encode(item, buffers, budget, depth + 1) for item in value]
    if kind is tuple:
        return {"tuple": [_encode(item, buffers, budget, depth + 1) for item in value]}
    if kind is dict:
        if any(type(key) is not str for key in value):
            raise TypeError("the keys of a dict must be str")
        return {"dict": {budget.text(k): _encode(v, buffers, budget, depth + 1) for k, v in value.items()}}
    raise TypeError(f"{kind.__name__} is not plain data")


def _encode_bytes(value: bytes, buffers, budget):
    budget.take(len(value))
    if buffers is None:
        return base64.b64encode(value).decode("ascii")
    buffers.append(value)
    return {"buffer": len(buffers) - 1}


def _encode_array(array: np.ndarray, name: str, buffers, budget):
    if array.dtype.name not in DTYPES:
        raise TypeError(f"an array of {array.dtype} is not plain data")
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return {"dtype": name, "shape": list(array.shape), "data": _encode_bytes(little.tobytes(), buffers, budget)}


def _encode_tensor(value: TensorData, buffers, budget):
    if type(value.array) is not np.ndarray:
        raise TypeError("the value of a tensor must be a plain array")
    if value.array.dtype.name != ("uint16" if value.dtype == BFLOAT16 else value.dtype):
        raise TypeError(f"a tensor of {value.dtype} cannot hold an array of {value.array.dtype}")
    return _encode_array(value.array, value.dtype, buffers, budget)


# -- in ----------------------------------------------------------------------------------------------------------------


def _decode(value, buffers, budget: _Budget, depth: int):
    budget.item(depth)
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is int:
        return budget.integer(value)
    if kind is str:
        return budget.text(value)
    if kind is list:
        return [_decode(item, buffers, budget, depth + 1) for item in value]
    if kind is not dict:
        raise TypeError(f"{kind.__name__} does not belong in a message")
    if len(value) != 1:
        raise ValueError("a tagged value has exactly one tag")
    ((tag, body),) = value.items()
    return _decode_tagged(tag, body, buffers, budget, depth)


def _decode_tagged(tag, body, buffers, budget, depth):
    if tag == "float":
        return _decode_float(body)
    if tag == "bytes":
        return _decode_bytes(body, buffers, budget)
    if tag == "array":
        return _decode_array(body, buffers, budget)[0]
    if tag == "tensor":
        return TensorData(*_decode_array(body, buffers, budget, bfloat16=True))
    if tag == "tuple":
        return tuple(_decode(item, buffers, budget, depth + 1) for item in _exact(body, list))
    if tag == "dict":
        return {_key(k, budget): _decode(v, buffers, budget, depth + 1) for k, v in _exact(body, dict).items()}
    raise ValueError("unknown tag")


def _exact(value, kind: type):
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected, not {type(value).__name__}")
    return value


def _key(value, budget: _Budget) -> str:
    return budget.text(_exact(value, str))


def _decode_float(body) -> float:
    if type(body) is str:
        if body not in ("nan", "inf", "-inf"):
            raise ValueError("not a float")
        return float(body)
    if type(body) not in (int, float):
        raise TypeError("not a float")
    try:
        return float(body)
    except OverflowError:
        raise ValueError("integer too large for a float") from None


def _decode_bytes(body, buffers, budget: _Budget) -> bytes:
    if type(body) is dict:
        if list(body) != ["buffer"] or type(body["buffer"]) is not int:
            raise ValueError("a buffer is named by its number")
        if buffers is None or not 0 <= body["buffer"] < len(buffers):
            raise ValueError("no such buffer")
        data = buffers[body["buffer"]]
        budget.take(len(data))
        return bytes(data)
    budget.take(len(_exact(body, str)) * 3 // 4)
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from None


def _decode_array(body, buffers, budget: _Budget, bfloat16: bool = False) -> tuple[np.ndarray, str]:
    if set(_exact(body, dict)) != {"dtype", "shape", "data"}:
        raise ValueError("an array has dtype, shape and data")
    name, shape = _exact(body["dtype"], str), _exact(body["shape"], list)
    if name not in DTYPES and not (bfloat16 and name == BFLOAT16):
        raise ValueError("not a dtype of plain data")
    if len(shape) > 32 or any(type(n) is not int or not 0 <= n < 2**40 for n in shape):
        raise ValueError("not a shape")
    dtype = np.dtype("uint16" if name == BFLOAT16 else name)
    data = _decode_bytes(body["data"], buffers, budget)
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError("the shape does not fit the data")
    if name == "bool" and data.strip(b"\0\1"):
        raise ValueError("a bool is 0 or 1")
    # frombuffer looks at the bytes of somebody else: the copy is ours, writable and in this machine's byte order.
    return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype).reshape(shape), name
