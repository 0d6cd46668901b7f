"""`xp` for tensors: the operators under NumPy's names, so that a gradient rule can be recorded itself."""

from typing import Any

from .. import backend, dtypes
from ..engine import Tensor, as_tensor, tensor_namespace, wrap
from . import compare, complex, elementwise, index, join, matmul, promotion, reduce, shape, window
from .declare import operator
from .operator import Array


@operator("elementwise", input=lambda xp, g: g, dtype=lambda inputs, params: None, node_name="ToCopyBackward0")
def to_copy(xp: Any, input: Array, dtype: Any) -> Array:
    """A copy of another type. Gradient: g in the old type."""
    return xp.cast(input, dtype)


@operator(
    "elementwise",
    input=lambda xp, g, back, device: xp.move(g, back, device),
    dtype=promotion.keep,
    check=None,
    node_name="ToCopyBackward0",
)
def to_device(xp: Any, input: Array, device: str, back: str) -> Array:
    """A copy on another device. Gradient: g on the device it came from, `back`."""
    return xp.move(input, device, back)


def _constant(value: float) -> Any:
    def like(x: Tensor) -> Tensor:
        array = x._array
        full = array.copy()
        full[...] = value
        return wrap(full)

    return like


def _sum(x: Tensor, axis: Any = None, keepdims: bool = False) -> Tensor:
    return reduce.sum(x, axis, keepdims)


def _reshape(x: Tensor, target: tuple) -> Tensor:
    return shape.reshape(x, tuple(target))


def _where(condition: Any, x: Tensor, y: Tensor) -> Tensor:
    return elementwise.where(as_tensor(condition), x, y)


TENSOR_SPELLING = {
    "move": to_device,
    "add": elementwise.add,
    "multiply": elementwise.mul,
    "exp": elementwise.exp,
    "log": elementwise.log,
    "sin": elementwise.sin,
    "cos": elementwise.cos,
    "tanh": elementwise.tanh,
    "sqrt": elementwise.sqrt,
    "absolute": elementwise.abs,
    "sign": elementwise.sign,
    "conj": complex.conj,
    "real": complex.real,
    "imag": complex.imag,
    "maximum": elementwise.maximum,
    "minimum": elementwise.minimum,
    "where": _where,
    "equal": compare.eq,
    "sum": _sum,
    "reshape": _reshape,
    "transpose": shape.permute,
    "swapaxes": shape.transpose,
    "expand": lambda x, size: shape.expand(x, tuple(size)),
    "expand_dims": shape.unsqueeze,
    "squeeze": shape.squeeze,
    "matmul": matmul.matmul,
    "concatenate": join.cat,
    "place": index.place,
    "take_along": lambda x, i, dim: index.gather(x, dim, as_tensor(i)),
    "put_along": lambda x, i, dim, size: index.put_along(x, as_tensor(i), dim, size),
    "add_at": index.add_at,
    "cast": lambda x, dtype: to_copy(x, dtype if not isinstance(dtype, dtypes.dtype) else dtype.array),
    "convolve": lambda x, weight, *settings: window.convolution(x, weight, None, *settings),
    "counting": lambda like, n: backend.namespace_of(like._array).counting(like._array, n),
    "mask_at": lambda x, indices: backend.namespace_of(x._array).mask_at(x._array, indices),
    "is_complex": lambda x: x._array.dtype.kind == "c",
    "identity_like": lambda like: wrap(backend.namespace_of(like._array).identity_like(like._array)),
    "zeros_like": _constant(0),
    "ones_like": _constant(1),
}
for _name, _function in TENSOR_SPELLING.items():
    setattr(tensor_namespace, _name, _function)
