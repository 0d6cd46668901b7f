"""Gradient rules that are told for a replay: a function for a whole node, or an expression for one of its inputs.

An expression is what somebody types in place of the rule that the tape shows, such as ``g * cos(input)``. It sees what
that rule sees. Inputs that are told nothing keep their own rule.
"""

import ast
import math
from collections.abc import Callable
from types import CodeType, SimpleNamespace
from typing import Any

from .. import shapes
from ..autograd import Function
from ..engine import Tensor, as_tensor, tensor_namespace, wrap
from ..ops import OPERATORS
from ..ops.declare import public
from . import formula
from .telling import input_names

Told = Callable | dict[str, str]
NUMBERS = (int, float, complex)


class RuleError(ValueError):
    """A told rule cannot be read or computed, or gives what is no gradient."""


class _Functions:
    """The operators, as `cos` and as `torch.cos`."""

    def __getattr__(self, name: str) -> Callable:
        if name in OPERATORS:
            return public(OPERATORS[name])
        return getattr(tensor_namespace, name)


FUNCTIONS = _Functions()


class _Rule:
    """What was told for one node; called with what arrives and what the own rules give, it gives the gradients."""

    def __init__(self, node: Any, told: Told, inputs: tuple, outputs: tuple, params: dict) -> None:
        self.name, self.edges, self.told = node.op.name, node.edges, told
        self.kept = [wrap(x._array.copy()) if isinstance(x, Tensor) else x for x in inputs]
        self.expressions: dict[int, tuple[str, CodeType, dict]] = {}
        if callable(told):
            return
        names = input_names(node.op, len(inputs))
        many = len(names) > 1 and names[0].endswith("[0]")
        seen = {names[0][:-3]: self.kept} if many else dict(zip(names, self.kept, strict=True))
        out = [wrap(t._array.copy()) for t in outputs if isinstance(t, Tensor)]
        seen = {**seen, **params, "out": out[0] if len(out) == 1 else out}
        for name, text in told.items():
            if name not in names or node.edges[names.index(name)] is None:
                wanted = [name for name, edge in zip(names, node.edges, strict=False) if edge is not None]
                raise RuleError(f"{self.name} passes no gradient on to {name}, only to {', '.join(wanted)}")
            self.expressions[names.index(name)] = text, *_read(text, seen)

    def __call__(self, arrived: tuple, own: Callable[[], Any]) -> tuple:
        if callable(self.told):
            found = self.told(*arrived, *self.kept)
            found = list(found) if isinstance(found, (tuple, list)) else [found]
        else:
            found = list(own())
            for index, (text, code, names) in self.expressions.items():
                found[index] = self._computed(index, text, code, {**names, "g": _one(arrived)})
        found += [None] * (len(self.edges) - len(found))
        return tuple(grad if edge is not None else None for grad, edge in zip(found, self.edges, strict=False))

    def _computed(self, index: int, text: str, code: CodeType, names: dict) -> Tensor:
        """The value of an expression, as a gradient of that input."""
        shape = self.edges[index][2]
        try:
            found = eval(code, {"__builtins__": {}}, names)
            if isinstance(found, NUMBERS):  # the same for each element
                found = tensor_namespace.expand(as_tensor(found), shape)
            if not isinstance(found, Tensor):
                raise TypeError(f"it gives no tensor and no number, but {type(found).__name__}")
            if shapes.broadcast(self.name, tuple(found.shape), shape) != tuple(found.shape):
                raise ValueError(f"it gives shape {list(found.shape)}, and the input has shape {list(shape)}")
        except Exception as error:
            raise RuleError(f"the rule {text} cannot be used: {str(error).splitlines()[0]}") from error
        return found


def give(node: Any, told: Told, inputs: tuple, outputs: tuple, params: dict) -> None:
    """Let a node use what was told in place of its own rules.

    Raises:
        NotImplementedError: it is an operator that has several results.
        RuleError: an expression cannot be read, or is for no input that gets a gradient.
    """
    if node.op.family == "function":
        _give_function(node, _Rule(node, told, inputs, outputs, params))
        return
    if node.many:
        raise NotImplementedError(f"replay(): a rule for {node.op.name}, which has several results, is not supported")
    plan, rule = node.plan, _Rule(node, told, inputs, outputs, params)

    def joint(xp: Any, g: Any, needs: tuple, *saved: Any) -> list:
        graph = isinstance(g, Tensor)
        arrived = g if graph else as_tensor(g.copy())
        found = rule((arrived,), lambda: [as_tensor(grad) for grad in _own(plan, xp, g, needs, saved)])
        return [grad if graph or grad is None else grad._array for grad in found]

    shown = {} if callable(told) else formula.of(node.op, plan)
    node.plan = SimpleNamespace(sources=plan.sources, rules=[], joint=(joint, None), told=shown)


def _give_function(node: Any, rule: _Rule) -> None:
    """The same for an operator of the program's own."""
    then = node._function
    own = then.vjp if then.backward is Function.backward else then.backward

    def backward(ctx: Any, *g: Tensor) -> tuple:
        def given() -> list:
            found = own(ctx, *g)
            return list(found) if isinstance(found, tuple) else [found]

        return rule(g, given)

    node._function = type(then.__name__, (then,), {"backward": staticmethod(backward)})


def _own(plan: Any, xp: Any, g: Any, needs: tuple, saved: tuple) -> list:
    """What the own rules give, by input."""
    found = [None] * len(needs)
    if plan.joint is not None:
        rule, pick = plan.joint
        found = list(rule(xp, g, needs, *(saved if pick is None else pick(saved))))
    for index, rule, pick in plan.rules:
        found[index] = rule(xp, g, *(saved if pick is None else pick(saved)))
    return found


def _read(text: str, seen: dict[str, Any]) -> tuple[CodeType, dict[str, Any]]:
    """An expression as code, and everything that its names stand for, except g."""
    try:
        tree = ast.parse(text.strip().replace("^T", ".T"), "<rule>", "eval")  # as the tape writes a transpose
    except (SyntaxError, ValueError) as error:
        raise RuleError(f"this is no Python expression: {text} ({str(error).split(' (')[0]})") from None
    known = {**seen, "torch": FUNCTIONS, "math": math, "pi": math.pi}
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known and node.id not in own | {"g"}:
            if not hasattr(FUNCTIONS, node.id):
                sees = ", ".join(["g", *seen])
                raise RuleError(f"there is no {node.id} here; this rule sees {sees}, and functions such as exp(g)")
            known[node.id] = getattr(FUNCTIONS, node.id)
    return compile(tree, "<rule>", "eval"), known


def _one(arrived: tuple) -> Any:
    return arrived[0] if len(arrived) == 1 else arrived
