"""Hooks: functions of the user's that backward calls, on a tensor, on a node, or after a leaf has accumulated."""

import itertools
import weakref
from collections.abc import Callable
from typing import Any

from .tensor import Tensor, as_tensor, conjugate, edge_of

_next = itertools.count().__next__


class RemovableHandle:
    """What registering a hook returns; `remove()` takes the hook away."""

    def __init__(self, table: dict, hook: Callable):
        self.table, self.id = table, _next()
        table[self.id] = hook

    def remove(self) -> None:
        """Take the hook away."""
        self.table.pop(self.id, None)

    def __enter__(self) -> "RemovableHandle":
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


class Hooks:
    """The hooks of one node."""

    def __init__(self) -> None:
        self.tensor: dict[int, dict] = {}  # by output number: fn(grad) -> grad or None
        self.retains: dict[int, weakref.ref] = {}  # by output number: the tensor that wants its .grad
        self.pre: dict = {}  # fn(grad_outputs) -> grad_outputs or None
        self.post: dict = {}  # fn(grad_inputs, grad_outputs) -> grad_inputs or None
        self.accumulated: dict = {}  # fn(leaf)

    def before(self, node: Any, g: Any, graph: bool) -> Any:
        """The gradients of the outputs after tensor hooks, pre-hooks and `retain_grad`."""
        grads = [as_tensor(conjugate(x, graph)) for x in (g if node.many else (g,))]
        for number, table in self.tensor.items():
            for hook in list(table.values()):
                grads[number] = _checked(hook, grads[number])
        for hook in list(self.pre.values()):
            grads = list(_replaced(hook(tuple(grads)), grads))
        for number, ref in self.retains.items():
            tensor = ref()
            if tensor is not None:
                old = tensor._grad
                tensor._grad = grads[number].clone() if old is None else old + grads[number]
        found = tuple(conjugate(x if graph else x._array, graph) for x in grads)
        return found if node.many else found[0]

    def after(self, node: Any, found: list[tuple], g: Any, graph: bool) -> list[tuple]:
        """The gradients of the inputs after the node's own hooks, which see one for every edge, or None."""
        if not self.post:
            return found
        outputs = tuple(as_tensor(conjugate(x, graph)) for x in (g if node.many else (g,)))
        waiting = list(found)
        inputs: list = []
        for edge in node.edges:
            given = waiting.pop(0)[1] if waiting and edge is not None and waiting[0][0] is edge else None
            inputs.append(as_tensor(conjugate(given, graph)))
        for hook in list(self.post.values()):
            inputs = list(_replaced(hook(tuple(inputs), outputs), inputs))
        back = [None if x is None else conjugate(x if graph else x._array, graph) for x in inputs]
        pairs = zip(node.edges, back, strict=True)
        return [(edge, grad) for edge, grad in pairs if edge is not None and grad is not None]

    def after_accumulate(self, node: Any, g: Any, graph: bool) -> None:
        """The leaf's own hooks: those on its node, then those that are given the leaf."""
        for hook in list(self.post.values()):
            hook((), (as_tensor(conjugate(g, graph)),))
        for hook in list(self.accumulated.values()):
            if node.variable is not None:
                hook(node.variable)


def _checked(hook: Callable, old: Tensor) -> Tensor:
    """The gradient after a tensor's hook, which may replace it by one of the same kind."""
    new = hook(old)
    if new is None:
        return old
    if not isinstance(new, Tensor):
        raise TypeError(f"expected Variable, but hook returned '{type(new).__name__}'")
    name = f"hook '{getattr(hook, '__name__', type(hook).__name__)}'"
    if new.type() != old.type():
        raise RuntimeError(f"{name} has changed the type of value (was {old.type()} got {new.type()})")
    if new.shape != old.shape:
        raise RuntimeError(f"{name} has changed the size of value")
    return new


def _replaced(new: Any, old: Any) -> Any:
    return old if new is None else new


class Hooked:
    """What every node offers: hooks of the user's."""

    __slots__ = ()

    def register_hook(self, fn: Callable) -> RemovableHandle:
        """Call ``fn(grad_inputs, grad_outputs)`` after the node has run; what it returns replaces grad_inputs."""
        return RemovableHandle(hooks_of(self).post, fn)

    def register_prehook(self, fn: Callable) -> RemovableHandle:
        """Call ``fn(grad_outputs)`` before the node runs; what it returns replaces them."""
        return RemovableHandle(hooks_of(self).pre, fn)


def hooks_of(node: Any) -> Hooks:
    """The hooks of a node, made when they are first needed."""
    if node.hooks is None:
        node.hooks = Hooks()
    return node.hooks


def register_hook(t: Tensor, hook: Callable) -> RemovableHandle:
    """Call `hook` with the gradient of `t`; what it returns, if anything, is used instead."""
    edge = edge_of(t)
    if edge is None:
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    return RemovableHandle(hooks_of(edge[0]).tensor.setdefault(edge[1], {}), hook)


def retain_grad(t: Tensor) -> None:
    """Keep the gradient of a tensor that is not a leaf in its ``.grad``, too."""
    edge = edge_of(t)
    if edge is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False")
    if not edge[0].is_leaf:
        hooks_of(edge[0]).retains[edge[1]] = weakref.ref(t)
