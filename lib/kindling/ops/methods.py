"""The methods of `Tensor` that follow from the declarations: ``x.add(y)``, ``x + y``, ``y - x``, ``x.add_(y)``."""

from collections.abc import Callable
from typing import Any

from .. import dtypes
from ..engine import Tensor, at_the_users_line
from ..shapes import preserve_format
from . import calls, compare, complex, create, elementwise, index, math, matmul, reduce, scan, shape, softmax
from .declare import OPERATORS
from .inplace import inplace, move

PYTHON_OPERATORS = {
    "add": elementwise.add, "sub": elementwise.sub, "mul": elementwise.mul, "truediv": elementwise.div,
    "floordiv": elementwise.floor_divide, "mod": math.remainder, "and": math.bitwise_and, "or": math.bitwise_or,
    "xor": math.bitwise_xor, "pow": elementwise.pow, "matmul": matmul.matmul, "div": elementwise.div,
}  # fmt: skip
COMPARISONS = {name: getattr(compare, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
CASTS = {
    "float": dtypes.float32, "double": dtypes.float64, "half": dtypes.float16, "bfloat16": dtypes.bfloat16,
    "long": dtypes.int64, "int": dtypes.int32, "short": dtypes.int16, "char": dtypes.int8, "byte": dtypes.uint8,
    "bool": dtypes.bool_, "cfloat": dtypes.complex64, "cdouble": dtypes.complex128,
}  # fmt: skip
NO_METHOD = {
    "add_at", "as_strided", "cat", "conv", "convolution", "convolve_input", "convolve_weight", "copy", "embedding",
    "alias", "complex", "conjugated", "paired", "to_device", "view_as_real", "clamp_numbers", "cross_entropy_classes",
    "nll_loss", "stack", "svd",
    "fill", "index", "put", "linear", "max_dim", "max_all", "max_pool", "min_dim", "min_all", "mse_loss", "place",
    "put_along", "scatter_amax", "slice_", "strided", "to_copy", "trunc_divide", "where",
}  # fmt: skip
NO_INPLACE = {"complex", "conjugated", "isinf", "clone", "maximum", "minimum", "isnan", "isfinite", "trunc_divide"}
MOVES = {f.__name__: f for f in (shape.transpose, shape.squeeze, shape.unsqueeze, shape.t, shape.as_strided)}
# Functions of several operators, and operators of files that nothing else here names.
FURTHER = (
    complex.conj, reduce.max, reduce.min, shape.t, shape.flatten, shape.as_strided, index.index_put, math.clamp,
    scan.cumsum, scan.cumprod, scan.flip, softmax.softmax, softmax.log_softmax, softmax.logsumexp,
)  # fmt: skip
ALIASES = {
    "subtract": "sub", "multiply": "mul", "divide": "div", "true_divide": "div", "negative": "neg", "absolute": "abs",
    "swapaxes": "transpose", "swapdims": "transpose", "less": "lt", "less_equal": "le", "greater": "gt",
    "greater_equal": "ge", "not_equal": "ne", "arccos": "acos", "arcsin": "asin", "arctan": "atan", "arctan2": "atan2",
    "clip": "clamp",
}  # fmt: skip


def attach() -> None:
    """Give `Tensor` its operators."""
    for name, op in OPERATORS.items():
        if name not in NO_METHOD:
            setattr(Tensor, op.name, op.public)
        if op.family in ("elementwise", "scan") and name not in NO_INPLACE and op.inputs[0] == "input":
            setattr(Tensor, op.name + "_", _written(op))
    for function in FURTHER:
        setattr(Tensor, function.__name__, function)
    for name, kind in CASTS.items():
        setattr(Tensor, name, _cast_to(kind))
    for name, function in MOVES.items():
        setattr(Tensor, name + "_", _moved(name, function))
    for alias, name in ALIASES.items():
        for suffix in ("", "_"):
            if hasattr(Tensor, name + suffix):
                setattr(Tensor, alias + suffix, getattr(Tensor, name + suffix))
    for function in (create.tensor, create.full, create.zeros, create.ones, create.empty):
        setattr(Tensor, f"new_{function.__name__}", _new(function))
    Tensor.real = property(complex.real, complex.set_real, doc="The real parts: a view.")
    Tensor.imag = property(complex.imag, complex.set_imag, doc="The imaginary parts: a view.")
    _attach_symbols()


def _attach_symbols() -> None:
    for name, function in PYTHON_OPERATORS.items():
        op = function.op
        forward = _symbol(op) if name == "matmul" else calls.binary(op, calls.giving_way)
        setattr(Tensor, f"__{name}__", forward)
        setattr(Tensor, f"__r{name}__", forward if name in ("add", "mul") else _reflected(op))
        setattr(Tensor, f"__i{name}__", _written(op))
    for name, function in COMPARISONS.items():
        setattr(Tensor, f"__{name}__", calls.binary(function.op, calls.giving_way))
    Tensor.__invert__ = math.bitwise_not
    Tensor.__neg__, Tensor.__abs__, Tensor.__pos__ = elementwise.neg, elementwise.abs, lambda self: self


def _symbol(op: Any) -> Callable:
    """``x @ y``."""

    def method(self: Tensor, other: Any) -> Any:
        return calls.giving_way(op, (self, other), {}, None)

    return method


def _reflected(op: Any) -> Callable:
    """``2 - x``: the operator with its arguments the other way round."""

    def method(self: Tensor, other: Any) -> Any:
        return calls.giving_way(op, (other, self), {}, None)

    return method


def _written(op: Any) -> Callable:
    """The in-place form of an operator."""

    @at_the_users_line
    def method(self: Tensor, *args: Any, **params: Any) -> Tensor:
        return inplace(op, self, *args, **params)

    method.__name__ = method.__qualname__ = op.name + "_"
    method.__doc__ = f"`{op.name}`, written into this tensor."
    return method


def _moved(name: str, function: Callable) -> Callable:
    """The in-place form of a view: the tensor itself takes the new shape."""

    @at_the_users_line
    def method(self: Tensor, *args: Any, **params: Any) -> Tensor:
        return move(self, function, *args, **params)

    method.__name__ = method.__qualname__ = name + "_"
    method.__doc__ = f"`{name}`, on this tensor itself."
    return method


def _new(function: Callable) -> Callable:
    """``x.new_zeros(2)``: what a creating function makes, of the type and on the device of `x` unless given."""

    def method(self: Tensor, *args: Any, dtype: Any = None, device: Any = None, **options: Any) -> Tensor:
        return function(*args, dtype=dtype or self.dtype, device=self.device if device is None else device, **options)

    method.__name__ = method.__qualname__ = f"new_{function.__name__}"
    method.__doc__ = f"`{function.__name__}` of this tensor's type and on its device, unless given."
    return method


def _cast_to(kind: dtypes.dtype) -> Callable:
    def method(self: Tensor, memory_format: Any = preserve_format) -> Tensor:
        return self.to(kind, memory_format=memory_format)

    method.__doc__ = f"This tensor as {kind}."
    return method
