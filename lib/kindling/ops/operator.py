"""One declaration per operator, and everything that follows from it.

An operator is declared by its forward on plain arrays, with one gradient rule for each differentiable input::

    @elementwise(input=lambda xp, g, other: g * other, other=lambda xp, g, input: g * input)
    def mul(xp, input: Array, other: Array): ...

A rule takes `xp` and the incoming gradient `g`, then by name what it needs: an input, a parameter, the output (`out`),
an input's shape (`input_shape`). Only what the needed rules name is saved. Rules use operators, indexing and `xp`,
nothing in place: so the same rule runs on raw arrays and, for `create_graph=True`, on tensors.
"""

import inspect
from collections.abc import Callable
from operator import itemgetter
from typing import Annotated, Any

from .. import backend
from ..engine import (
    Node,
    NodeOfMany,
    Tensor,
    ViewOf,
    alias,
    edge_of,
    mode,
    observers,
    storage_of,
    tell,
    version_of,
    wrap,
)
from . import packing, promotion

Array = Annotated[Any, "array"]  # in a declaration: a tensor argument, seen as a raw array by forward and rules
Operand = Annotated[Any, "array or number"]  # in a declaration: a tensor or a Python number
Arrays = tuple[Array, ...]  # in a declaration: a list of tensors
Ints = tuple[int, ...]  # in a declaration: integers, given one by one or as one tuple


class Plan:
    """What one set of needed edges makes an operator save, and which rules it then runs."""

    __slots__ = ("sources", "rules", "joint")

    def __init__(self, op: "Operator", needs: tuple[bool, ...]):
        wanted = [(i, op.rules[name]) for i, name in enumerate(op.inputs) if name in op.rules and needs[i]]
        joint = (-1, op.joint) if op.joint and any(needs) else None
        names: list[str] = []
        for _, rule in [*wanted, joint] if joint else wanted:
            names += [name for name in op.uses[rule] if name not in names]
        self.sources = tuple(op.source(name) for name in names)
        self.rules = [(i, rule, _picker(names, op.uses[rule])) for i, rule in wanted]
        self.joint = (joint[1], _picker(names, op.uses[joint[1]])) if joint else None


def _picker(names: list[str], used: tuple[str, ...]) -> Callable | None:
    """How a rule's arguments are taken from what was saved; None when they are all of it, in order."""
    if tuple(names) == used:
        return None
    where = [names.index(name) for name in used]
    if len(where) == 1:
        return lambda values: (values[where[0]],)
    return itemgetter(*where) if where else lambda values: ()


class Operator:
    """A declared operator. Calling it runs it with every check; the public function is made from it.

    `outputs` counts the differentiable ones; they come first among the results. `refuses` and `lacks`: NumPy's kinds of
    dtype ("b", "c", "iu") that PyTorch does not take, with its sentence, or with the name of the kernel that it says is
    not implemented.
    """

    def __init__(
        self,
        forward: Callable,
        family: str,
        rules: dict[str, Callable],
        joint: Callable | None = None,
        dtype: Callable | None = promotion.promote,
        name: str | None = None,
        node_name: str | None = None,
        outputs: int = 1,
        check: Callable | None = None,
        may_copy: bool = False,
        overwrites: bool = False,
        refuses: dict[str, str] | None = None,
        lacks: dict[str, str] | None = None,
    ):
        self.forward, self.family, self.rules, self.joint = forward, family, rules, joint
        self.name = name or forward.__name__.rstrip("_")
        self.node_name = node_name or "".join(part.capitalize() for part in self.name.split("_")) + "Backward0"
        self.dtype, self.outputs, self.check = dtype, outputs, check
        self.may_copy, self.overwrites = may_copy, overwrites
        self.refuses, self.lacks = refuses or {}, lacks or {}
        parameters = list(inspect.signature(forward).parameters.values())[1:]
        self.variadic = any(p.annotation is Arrays for p in parameters)
        self.inputs = tuple(p.name for p in parameters if p.annotation in (Array, Arrays, Operand))
        self.numbers = tuple(p.name for p in parameters if p.annotation is Operand)
        self.names = tuple(p.name for p in parameters)
        self.params = tuple(name for name in self.names if name not in self.inputs)
        self.positional = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
        self.takes_ints = next((i for i, p in enumerate(parameters) if p.annotation is Ints), None)
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.param_defaults = {k: v for k, v in self.defaults.items() if k in self.params}
        self.uses = {rule: _argument_names(rule, 2) for rule in rules.values()}
        if joint:
            self.uses[joint] = _argument_names(joint, 3)
        self.saves_first = any(self.inputs[0] in used for used in self.uses.values())
        self._plans: dict[tuple[bool, ...], Plan] = {}

    def source(self, name: str) -> Any:
        """Where a saved value comes from: an input's number, -1 - an output's number, or a name."""
        if name in self.inputs and not self.variadic:
            return self.inputs.index(name)
        if name in ("out", "out1", "out2"):
            return -1 - int(name[3:] or 0)
        if name != "shapes" and name not in self.params and name.removesuffix("_shape") not in self.inputs:
            raise TypeError(f"a rule of {self.name} asks for {name!r}, which is no input, parameter or shape of it")
        return name

    def plan(self, needs: tuple[bool, ...]) -> Plan:
        """What to save and which rules to run when these inputs need gradients."""
        found = self._plans.get(needs)
        if found is None:
            found = self._plans[needs] = Plan(self, needs)
        return found

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        return apply(self, inputs, params)

    def __repr__(self) -> str:
        return f"<operator {self.name}>"


def _argument_names(rule: Callable, skip: int) -> tuple[str, ...]:
    return rule.__code__.co_varnames[skip : rule.__code__.co_argcount]


def apply(op: Operator, inputs: tuple, params: dict) -> Any:
    """Run `op` with every check: devices, types, shapes; then record it if a gradient is needed."""
    params = {**op.param_defaults, **params}
    arrays, xp = promotion.prepare(op, inputs, params)
    named = {op.inputs[0]: arrays} if op.variadic else dict(zip(op.inputs, arrays, strict=True))
    if op.refuses or op.lacks:
        promotion.check_kind(op, arrays)
    if op.check is not None:
        op.check(op.name, **named, **params)
    result = op.forward(xp, **named, **params)
    many = type(result) is tuple
    outputs = tuple(wrap(x if backend.is_array(x) else xp.asarray(x)) for x in (result if many else (result,)))
    if op.family == "view":
        _tie_view(op, inputs[0], outputs[0], params)
    node = None
    if mode.grad and (op.rules or op.joint):
        edges = tuple([edge_of(t) if isinstance(t, Tensor) else None for t in inputs])
        if any(edge is not None for edge in edges):
            node = record(op, inputs, edges, params, outputs, xp)
    if observers:
        tell("forward", op, inputs, params, outputs, node)
    return outputs if many else outputs[0]


def record(op: Operator, inputs: tuple, edges: tuple, params: dict, outputs: tuple, xp: Any) -> Node | None:
    """Make the node of one call and tie its outputs to it."""
    needs = tuple([edge is not None for edge in edges])
    plan = op.plan((any(needs),) if op.variadic else needs)
    differentiable = [t for t in outputs[: op.outputs] if t._array.dtype.kind in "fcV"]
    if not differentiable or not (plan.rules or plan.joint):
        return None
    kept = [_to_save(op, source, inputs, params, outputs) for source in plan.sources]
    saved, guards = tuple([value for value, _ in kept]), tuple([guard for _, guard in kept])
    if op.outputs == 1:
        node = Node(op, plan, edges, saved, guards, params)
    else:
        node = NodeOfMany(op, plan, edges, saved, guards, params)
        node.outputs = tuple((t._array.shape, t._array.dtype, xp) for t in differentiable)
    if packing.hooks:
        packing.pack(node)
    for number, t in enumerate(differentiable):
        t._edge = (node, number, t._array.shape, t._array.dtype)
    return node


def _to_save(op: Operator, source: Any, inputs: tuple, params: dict, outputs: tuple) -> tuple[Any, tuple | None]:
    """What to keep for one name that a rule asks for, and its guard when it comes from a tensor."""
    if isinstance(source, int):
        t = inputs[source] if source >= 0 else alias(outputs[-1 - source])
        return (t._array, (t, version_of(t))) if isinstance(t, Tensor) else (t, None)
    if source in params:
        return params[source], None
    if source == "shapes":
        return tuple(t._array.shape for t in inputs), None
    t = inputs[op.inputs.index(source.removesuffix("_shape"))]
    return (t._array.shape if isinstance(t, Tensor) else ()), None


def _tie_view(op: Operator, source: Tensor, view: Tensor, params: dict) -> None:
    """Let `view` share the storage of `source` and know how it was made from its base."""
    if op.may_copy and not backend.shares_memory(source._array, view._array):
        return
    view._storage = storage_of(source)
    edge_of(source)
    base, steps = (source, ()) if source._view is None else (source._view.base, source._view.steps)
    view._view = ViewOf(base, (*steps, (op, params)))
