"""Decorators that declare an operator, one for each family, and the public function made from a declaration.

`OPERATORS` holds every declared operator under the name of its declaration.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from .. import backend
from ..engine import Tensor, tensor_namespace
from . import calls, promotion
from .operator import Array, Arrays, Operator

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
        function = (calls.unary if len(op.inputs) == 1 else calls.binary)(op)
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
        return function(input, other if alpha == 1 else other * alpha, out=out)

    functools.update_wrapper(call, function)
    parameters = list(function.__signature__.parameters.values())
    parameters.insert(2, inspect.Parameter("alpha", inspect.Parameter.KEYWORD_ONLY, default=1))
    function.op.public = call
    call.__signature__ = inspect.Signature(parameters, return_annotation=Tensor)
    return call


def signature(op: Operator) -> inspect.Signature:
    """PyTorch's signature of `op`: without `xp`, arrays as tensors, and with `out`."""
    parameters = list(inspect.signature(op.forward).parameters.values())[1:]
    kinds = {Array: Tensor, Arrays: "tuple[Tensor, ...]"}
    parameters = [p.replace(annotation=kinds.get(p.annotation, p.annotation)) for p in parameters]
    if op.family != "view":
        parameters.append(inspect.Parameter("out", inspect.Parameter.KEYWORD_ONLY, default=None))
    return inspect.Signature(parameters, return_annotation=Tensor)
