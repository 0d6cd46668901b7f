"""Nodes of the graph: what backward walks.

A node is made by every recorded operator. It knows its operator, its edges (where the gradients of its inputs go),
what it saved, and a sequence number. `saved` holds raw arrays; beside each stands its guard, the tensor it came from
and the version it had, so that a value written since is noticed. It never holds its output: a graph is freed by
reference counts alone.
"""

import itertools
import weakref
from typing import Any

from .. import backend
from .hooks import Hooked
from .tensor import Tensor, as_tensor, edge_of, storage_of, wrap
from .user import line_text, user_line

_ndarray, _cpu = backend.ndarray, backend.cpu
count = itertools.count(1).__next__

FREED = (
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
    "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
    "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
    "saved tensors after calling backward."
)


class TensorNamespace:
    """`xp` for tensors: the operators under NumPy's names; `kindling.ops.namespace` fills it."""


tensor_namespace = TensorNamespace()


class Node(Hooked):
    """One recorded operator; PyTorch calls it `grad_fn`."""

    __slots__ = ("op", "plan", "edges", "saved", "guards", "params", "sequence", "hooks", "__weakref__")
    is_leaf = False
    many = False  # several outputs: backward then collects a tuple of gradients
    materialize = True  # with zeros for outputs that nothing flowed into

    def __init__(self, op: Any, plan: Any, edges: tuple, saved: tuple, guards: tuple, params: dict):
        self.op, self.plan, self.edges, self.saved, self.guards, self.params = op, plan, edges, saved, guards, params
        self.sequence = count()
        self.hooks = None

    def gradients(self, g: Any, graph: bool) -> list[tuple]:
        """Run the rules on the output's gradient: pairs of edge and gradient, one for each needed input.

        `graph` says which of the two speeds: False on raw arrays, True on tensors, so that it is recorded itself.
        """
        values, plan, edges = self.saved, self.plan, self.edges
        if values is None:
            raise RuntimeError(FREED)
        for guard in self.guards:
            if guard is not None:
                storage = guard[0]._storage
                if storage is not None and storage.version != guard[1]:
                    kept = guard[0]
                    made_by = (kept._edge[0] if kept._edge is not None else self).name(), 0
                    raise RuntimeError(stale(*guard, made_by, self.op.name))
        if graph:
            values, xp = self._saved_tensors(), tensor_namespace
        else:
            xp = _cpu if type(g) is _ndarray else backend.namespace_of(g[0] if self.many else g)
        found = []
        for index, rule, pick in plan.rules:
            grad = rule(xp, g, *(values if pick is None else pick(values)))
            if grad is not None:
                found.append((edges[index], grad))
        if plan.joint is not None:
            rule, pick = plan.joint
            needs = tuple([edge is not None for edge in edges])
            grads = rule(xp, g, needs, *(values if pick is None else pick(values)))
            found += [pair for pair in zip(edges, grads, strict=True) if pair[0] is not None and pair[1] is not None]
        return found

    def _saved_tensors(self) -> tuple:
        """What was saved, as tensors with the edges they had then: an output is tied to this node again."""
        values = []
        for value, guard, source in zip(self.saved, self.guards, self.plan.sources, strict=True):
            if guard is not None:
                edge = self.edges[source] if source >= 0 else self.output_edge(value, -1 - source)
                value = guard[0] if edge_of(guard[0]) is edge else wrap(value, edge, storage_of(guard[0]))
            values.append(value)
        return tuple(values)

    def output_edge(self, array: Any, number: int = 0) -> tuple:
        """The edge that leads to this node's output `number`."""
        return self, number, array.shape, array.dtype

    def name(self) -> str:
        """PyTorch's name for this node, such as ``MulBackward0``."""
        return self.op.node_name

    @property
    def next_functions(self) -> tuple:
        """``(node, output number)`` for each tensor input; ``(None, 0)`` where no gradient is needed."""
        return tuple((None, 0) if edge is None else (edge[0], edge[1]) for edge in self.edges)

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self):#x}>"


class NodeOfMany(Node):
    """A node whose operator has several outputs."""

    __slots__ = ("outputs",)  # (shape, array dtype) of each
    many = True


class AccumulateGrad(Hooked):
    """The end of every path: it adds the gradient that arrives to its leaf's ``.grad``."""

    __slots__ = ("_variable", "sequence", "hooks", "__weakref__")
    is_leaf, many, edges, params, saved = True, False, (), {}, ()
    next_functions = ()

    def __init__(self, variable: Tensor):
        self._variable = weakref.ref(variable)
        self.sequence = count()
        self.hooks = None

    @property
    def variable(self) -> Tensor | None:
        """The leaf, or None when the program no longer has it."""
        return self._variable()

    def name(self) -> str:
        """PyTorch's name for this node."""
        return "torch::autograd::AccumulateGrad"

    def accumulate(self, g: Any, graph: bool) -> None:
        """Add `g` to the leaf's gradient; the first one is copied, since `g` may be another leaf's too."""
        leaf = self._variable()
        if leaf is None:
            return
        if graph:
            leaf._grad = g.clone() if leaf._grad is None else leaf._grad + g
        elif leaf._grad is None:
            leaf._grad = wrap(backend.namespace_of(leaf._array).library.array(g))
        elif leaf._grad._edge is not None:
            leaf._grad = as_tensor(leaf._grad._array + g)
        else:
            grad = leaf._grad
            grad._array += g
            mark_written(grad)

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self):#x}>"


def stale(kept: Tensor, version: int, made_by: tuple[str, int] | None, saved_by: str) -> str:
    """The sentence for a saved tensor that was written since; `made_by` is a node's name and the output's number."""
    origin = f", which is output {made_by[1]} of {made_by[0].split('Backward')[0]}," if made_by else ""
    return (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        f"[torch.{kept.type_name()} {list(kept._array.shape)}]{origin} is at version "
        f"{kept._storage.version}; expected version {version} instead.\n"
        f"{saved_by} had saved it for the backward pass, then this line wrote it: "
        f"{line_text(kept._storage.writer)}\n"
        "Write a new tensor instead (x = x + 1, not x += 1), or change a copy (x.clone())."
    )


def mark_written(t: Tensor) -> None:
    """Count a write to the memory of `t`, and remember the line that did it for the error that may follow."""
    storage = storage_of(t)
    storage.version += 1
    storage.writer = user_line()


def leaf_edge(t: Tensor) -> tuple:
    """A new edge that makes `t` a leaf with gradient."""
    return AccumulateGrad(t), 0, t._array.shape, t._array.dtype
