"""How a user's call reaches an operator: the short way for the commonest calls, the full way for the rest.

The short ways repeat, for float tensors of one type on the CPU, what `operator.apply` does in general; they are what
makes small tensors as fast as PyTorch's (benchmarks/small_ops.py).
"""

from collections.abc import Callable
from typing import Any

from .. import backend, dtypes
from ..engine import ERRORS, Node, Tensor, alias, edge_of, mode, observers, tell, wrap
from . import packing, promotion
from .operator import Operator, apply
from .out import write_out

_ndarray, _cpu, _asarray = backend.ndarray, backend.cpu, backend.as_array


def binary(op: Operator, full: Callable) -> Callable:
    """A function for an element-wise operator on two tensors: what is not quick goes to `full`."""
    forward, differentiable = op.forward, bool(op.rules)
    plans = [op.plan((bool(i & 1), bool(i & 2))) for i in range(4)]

    def call(input: Tensor, other: Any, *, out: Tensor | None = None) -> Tensor:
        x = input._array if isinstance(input, Tensor) else None
        y, fast = other, False
        if type(x) is _ndarray and out is None:
            dtype = x.dtype
            if isinstance(other, Tensor):
                y = other._array
                fast = type(y) is _ndarray and y.dtype is dtype and dtype.kind == "f"
            else:
                fast = type(other) in (float, int) and dtype.kind == "f"
        if not fast:
            return full(op, (input, other), {}, out)
        try:
            z = forward(_cpu, x, y)
        except ValueError:  # shapes that do not broadcast: the full way says so in PyTorch's words
            return full(op, (input, other), {}, out)
        result = wrap(z if type(z) is _ndarray else _asarray(z))
        if differentiable and mode.grad:
            a = input._edge if input._view is None else edge_of(input)
            b = None if y is other else other._edge if other._view is None else edge_of(other)
            if a is not None or b is not None:
                _record(op, plans[(a is not None) + 2 * (b is not None)], (a, b), (input, other), result)
        if observers:
            tell("forward", op, (input, other), _NONE, (result,), result._edge and result._edge[0])
        return result

    return call


def unary(op: Operator) -> Callable:
    """The public function of an element-wise operator on one tensor."""
    forward, differentiable = op.forward, bool(op.rules)

    def call(input: Tensor, *, out: Tensor | None = None) -> Tensor:
        x = input._array if isinstance(input, Tensor) else None
        if out is not None or type(x) is not _ndarray or x.dtype.kind != "f":
            return full(op, (input,), {}, out)
        z = forward(_cpu, x)
        result = wrap(z if type(z) is _ndarray else _asarray(z))
        if differentiable and mode.grad:
            a = input._edge if input._view is None else edge_of(input)
            if a is not None:
                _record(op, op.plan((True,)), (a,), (input,), result)
        if observers:
            tell("forward", op, (input,), _NONE, (result,), result._edge and result._edge[0])
        return result

    return call


def _record(op: Operator, plan: Any, edges: tuple, inputs: tuple, result: Tensor) -> None:
    """Tie `result` to the node of a call with one output and no parameters."""
    saved = guards = ()
    for source in plan.sources:
        t = inputs[source] if source >= 0 else alias(result)
        if isinstance(t, Tensor):
            saved += (t._array,)
            storage = t._storage
            guards += ((t, 0 if storage is None else storage.version),)
        else:
            saved, guards = (*saved, t), (*guards, None)
    node = Node(op, plan, edges, saved, guards, _NONE)
    if packing.hooks:
        packing.pack(node)
    array = result._array
    result._edge = (node, 0, array.shape, array.dtype)


_NONE: dict = {}


def general(op: Operator) -> Callable:
    """The public function of any operator: binds the arguments by PyTorch's names, then takes the full way."""
    bind = Binder(op)

    def call(*args: Any, out: Tensor | None = None, **kwargs: Any) -> Any:
        inputs, params = bind(args, kwargs)
        return full(op, inputs, params, out)

    return call


def full(op: Operator, inputs: tuple, params: dict, out: Tensor | None) -> Any:
    """`apply`, with a traceback that ends here instead of in the depths, and `out=` served."""
    if out is not None and op.family == "scan" and isinstance(out, Tensor):
        params = {"dtype": dtypes.of_array(out._array), **params}  # PyTorch adds up in the type of `out`
    try:
        result = apply(op, inputs, params)
        return result if out is None else write_out(op, inputs, result, out)
    except ERRORS as error:
        tell("refused", op, inputs, params, error)
        raise error.with_traceback(None) from None


def giving_way(op: Operator, inputs: tuple, params: dict, out: None) -> Any:
    """`full` for Python's ``x + y``, which asks the other operand when this one cannot."""
    for x in inputs:
        if not (isinstance(x, Tensor) or promotion.is_number(x) or type(x) is _ndarray):
            return NotImplemented
    try:
        return apply(op, tuple([wrap(x) if type(x) is _ndarray else x for x in inputs]), params)
    except ERRORS as error:
        tell("refused", op, inputs, params, error)
        raise error.with_traceback(None) from None


class Binder:
    """Sorts a call's arguments into tensor inputs and parameters, as `op`'s declaration names them."""

    ALIASES = {"axis": "dim", "keepdims": "keepdim", "a": "input"}

    def __init__(self, op: Operator):
        self.op = op
        self.names = op.names
        self.required = [name for name in op.names if name not in op.defaults]

    def __call__(self, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        op, names = self.op, self.names
        if op.takes_ints is not None and len(args) > op.takes_ints and isinstance(args[op.takes_ints], int):
            args = (*args[: op.takes_ints], args[op.takes_ints :])  # x.reshape(2, 3) is x.reshape((2, 3))
        if len(args) > len(op.positional):
            raise TypeError(f"{op.name}() takes {len(op.positional)} positional arguments but {len(args)} were given")
        bound = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            name = name if name in names else self.ALIASES.get(name, name)
            if name not in names:
                raise TypeError(f"{op.name}() got an unexpected keyword argument '{name}'")
            if name in bound:
                raise TypeError(f"{op.name}() got multiple values for argument '{name}'")
            bound[name] = value
        missing = [name for name in self.required if name not in bound]
        if missing:
            listed = ", ".join(f'"{name}"' for name in missing)
            raise TypeError(f"{op.name}() missing {len(missing)} required positional arguments: {listed}")
        if op.variadic:
            listed = bound.pop(op.inputs[0])
            if not isinstance(listed, (tuple, list)):
                raise TypeError(
                    f"{op.name}(): argument '{op.inputs[0]}' (position 1) must be tuple of Tensors, not "
                    f"{type(listed).__name__}"
                )
            inputs = tuple(listed)
        else:
            inputs = tuple([bound.pop(name, None) for name in op.inputs])
        return inputs, bound
