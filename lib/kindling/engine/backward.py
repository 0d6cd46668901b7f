"""Backward: walk the nodes behind the roots from the newest to the oldest.

A node's number is higher than those of everything it was computed from, so falling numbers are a topological order:
when a node's turn comes, every gradient that flows into it has arrived. A heap gives the newest node that has a
gradient waiting. No recursion, so depth does not matter.

Between the nodes travels dL/dz, so that rules are ordinary calculus for complex numbers too. PyTorch's gradient is its
conjugate: it is taken where gradients come in and where they go out to leaves, hooks and callers.
"""

from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

from .. import backend
from .modes import mode
from .node import Node, tensor_namespace
from .observe import observers, tell
from .tensor import as_tensor, conjugate, wrap


def run(
    roots: list[tuple[tuple, Any]],
    retain_graph: bool,
    create_graph: bool,
    captures: dict[tuple[Any, int], Any] | None = None,
) -> None:
    """Send gradients from `roots`, pairs of edge and gradient (tensors), down the graph.

    Without `captures` they are accumulated on the leaves. With it, only the gradients at its keys
    ``(node, output number)`` are computed, and stored there.
    """
    needed = None if captures is None else _leading_to([edge[0] for edge, _ in roots], {n for n, _ in captures})
    pending: dict = {}
    heap: list = []
    for edge, g in roots:
        deliver(pending, heap, edge, conjugate(g if create_graph else g._array, create_graph), create_graph)
    before, mode.grad = mode.grad, create_graph
    if observers:
        tell("backward_start", roots, retain_graph, create_graph, captures)
    try:
        _walk(pending, heap, retain_graph, create_graph, captures, needed)
    finally:
        mode.grad = before
        if observers:
            tell("backward_end")


def _walk(pending: dict, heap: list, retain: bool, graph: bool, captures: dict | None, needed: set | None) -> None:
    while heap:
        node = heappop(heap)[1]
        g = pending.pop(node)
        if node.many:
            g = _fill(node, g, graph)
        hooks = node.hooks
        if hooks is not None:
            g = hooks.before(node, g, graph)
        if observers:
            tell("backward", node, tuple(as_tensor(conjugate(x, graph)) for x in (g if node.many else (g,))))
        if captures is not None:
            _capture(captures, node, g, graph)
            if node not in needed:
                continue
        if node.is_leaf:
            node.accumulate(conjugate(g, graph), graph)
            if hooks is not None:
                hooks.after_accumulate(node, g, graph)
            continue
        try:
            found = node.gradients(g, graph)
        except Exception:
            if observers:
                tell("failed", node)
            raise
        if observers:
            tell("returned", node, found)
        if hooks is not None:
            found = hooks.after(node, found, g, graph)
        for edge, grad in found:
            deliver(pending, heap, edge, grad, graph)
        if not retain and node.saved:  # what was saved goes; the skeleton stays, so the graph can still be drawn
            node.saved, node.guards = None, ()


def deliver(pending: dict, heap: list, edge: tuple, g: Any, graph: bool) -> None:
    """Add `g` to what waits at the end of `edge`, in the shape and type of the tensor it belongs to."""
    node, number, shape, dtype = edge
    if g.shape != shape:
        g = sum_to_shape(tensor_namespace if graph else backend.namespace_of(g), g, shape)
    if (g._array if graph else g).dtype is not dtype:
        g = _cast(g, dtype, graph)
    if node not in pending:
        heappush(heap, (-node.sequence, node))
        pending[node] = {number: g} if node.many else g
    elif node.many:
        waiting = pending[node]
        waiting[number] = waiting[number] + g if number in waiting else g
    else:
        pending[node] = pending[node] + g


def sum_to_shape(xp: Any, g: Any, shape: tuple) -> Any:
    """Undo broadcasting: sum `g` over the axes along which a tensor of `shape` was repeated."""
    extra = g.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(
        i + extra for i, size in enumerate(shape) if size == 1 and g.shape[i + extra] != 1
    )
    if axes:
        g = xp.sum(g, axes, True)
    return xp.reshape(g, shape) if g.shape != shape else g


def _cast(g: Any, dtype: Any, graph: bool) -> Any:
    if graph:
        return tensor_namespace.cast(g, dtype)
    return g if g.dtype == dtype else backend.namespace_of(g).cast(g, dtype)


def _fill(node: Node, waiting: dict, graph: bool) -> tuple:
    """The gradients of all outputs; zeros for those that nothing flowed into."""
    grads = []
    for number, (shape, dtype, array_namespace) in enumerate(node.outputs):
        g = waiting.get(number)
        if g is None and node.materialize:
            zeros = array_namespace.zeros(shape, dtype)
            g = wrap(zeros) if graph else zeros
        grads.append(g)
    return tuple(grads)


def _capture(captures: dict, node: Any, g: Any, graph: bool) -> None:
    for number, grad in enumerate(g if node.many else (g,)):
        if grad is not None and (node, number) in captures:
            captures[node, number] = as_tensor(conjugate(grad, graph))


def _leading_to(roots: list, wanted: set) -> set:
    """The nodes whose rules must run, because a wanted node lies behind one of their edges."""
    needed: set = set()
    for node in reversed(collect(roots)):
        if any(edge is not None and (edge[0] in needed or edge[0] in wanted) for edge in node.edges):
            needed.add(node)
    return needed


def collect(roots: list) -> list:
    """Every node that can be reached from `roots`, newest first."""
    seen: set = set()
    todo = list(roots)
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend([edge[0] for edge in node.edges if edge is not None])
    return sorted(seen, key=attrgetter("sequence"), reverse=True)
