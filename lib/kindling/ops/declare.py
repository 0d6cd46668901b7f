"""Decorators that declare an operator, one for each family, and the public function made from a declaration.

`OPERATORS` holds every declared operator under the name of its declaration.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .. import backend, dtypes
from ..engine import Tensor, tensor_namespace
from . import calls, promotion
from .operator import Array, Arrays, Operand, Operator

OPERATORS: dict[str, Operator] = {}


def operator(family: str, /, **options: Any) -> Callable[[Callable], Callable]:
    """Declare an operator of `family`. `options` are the rules by input name, and what :class:`Operator` takes."""
    known = set(inspect.signature(Operator.__init__).parameters)
    rules = {name: rule for name, rule in options.items() if name not in known}
    settings = {name: value for name, value in options.items() if name in known}

    def declare(forward: Callable) -> Callable:
        op = Operator(forward, family, rules, **settings)
        OPERATORS[forward.__name__] = op
        function = public(op)
        if hasattr(backend.cpu, op.name):  # rules that run on tensors find it in `xp` under the same name
            setattr(tensor_namespace, op.name, op.public)
        return function

    return declare


elementwise = functools.partial(operator, "elementwise", check=promotion.check_broadcast)
reduction = functools.partial(operator, "reduction", dtype=promotion.keep)
view = functools.partial(operator, "view", dtype=promotion.keep)
indexing = functools.partial(operator, "indexing", dtype=promotion.keep)


def public(op: Operator) -> Callable:
    """The function a user calls: PyTorch's signature around the operator."""
    if (
        op.family == "elementwise"
        and not op.params
        and op.inputs in (("input",), ("input", "other"), ("input", "exponent"))
    ):
        function = calls.unary(op) if len(op.inputs) == 1 else calls.binary(op, calls.full)
    else:
        function = calls.general(op)
    functools.update_wrapper(function, op.forward)
    function.__name__ = function.__qualname__ = op.name
    function.op, op.function, op.public = op, function, function
    function.__signature__ = signature(op)
    return function


def scaled(function: Callable) -> Callable:
    """Give `add` and `sub` PyTorch's `alpha`, which multiplies the second argument first."""

    def call(input: Tensor, other: Any, *, alpha: float = 1, out: Tensor | None = None) -> Tensor:
        return function(input, other if alpha == 1 else _times(input, other, alpha), out=out)

    return with_option(function, "alpha", call)


def _times(input: Any, other: Any, alpha: float) -> Any:
    """`other` multiplied by `alpha`, in the type that the result will have."""
    kind = promotion.result_type(input, other)
    if isinstance(alpha, bool) and kind.category > dtypes.BOOL:
        raise RuntimeError("Boolean alpha only supported for Boolean results.")
    if not isinstance(alpha, int) and kind.category < dtypes.FLOAT:
        raise RuntimeError("For integral input tensors, argument alpha must not be a floating point number.")
    return other * (bool(alpha) if kind is dtypes.bool_ else alpha)


def rounded(**modes: Callable) -> Callable[[Callable], Callable]:
    """Give `div` PyTorch's `rounding_mode`: the name of another operator to take instead."""

    def around(function: Callable) -> Callable:
        def call(input: Any, other: Any, *, rounding_mode: str | None = None, out: Tensor | None = None) -> Tensor:
            if rounding_mode is None:
                return function(input, other, out=out)
            if rounding_mode not in modes:
                raise RuntimeError(
                    f"div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '{rounding_mode}'"
                )
            return modes[rounding_mode](input, other, out=out)

        return with_option(function, "rounding_mode", call)

    return around


def with_option(function: Callable, name: str, call: Callable) -> Callable:
    """Make `call`, which has one option more than the operator's `function`, its public function."""
    option = inspect.signature(call).parameters[name]
    functools.update_wrapper(call, function)
    parameters = list(function.__signature__.parameters.values())
    parameters.insert(2, option)
    call.__signature__ = inspect.Signature(parameters, return_annotation=Tensor)
    function.op.public = call
    return call


def signature(op: Operator) -> inspect.Signature:
    """PyTorch's signature of `op`: without `xp`, arrays as tensors, and with `out`."""
    parameters = list(inspect.signature(op.forward).parameters.values())[1:]
    kinds = {Array: Tensor, Arrays: "tuple[Tensor, ...]", Operand: "Tensor | Number"}
    parameters = [p.replace(annotation=kinds.get(p.annotation, p.annotation)) for p in parameters]
    if op.family != "view":
        parameters.append(
            inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Tensor | None)
        )
    return inspect.Signature(parameters, return_annotation=Tensor)
