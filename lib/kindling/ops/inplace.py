"""Writing in place: any operator's result can be stored into its first input, and the history is rewritten.

Written directly, the tensor simply gets the new node as its own. Written through a view, the base changes too: its new
node, CopySlices, sends the gradient of the written part to the new values and the rest to what was there before. Other
views of that base notice by its new edge and are replayed (`engine.edge_of`).
"""

from collections.abc import Callable
from typing import Any

from .. import dtypes
from ..engine import (
    ERRORS,
    Node,
    Tensor,
    conjugate,
    edge_of,
    mark_written,
    mode,
    observers,
    replay,
    replay_array,
    storage_of,
    tell,
    version_of,
    wrap,
)
from . import promotion
from .operator import Array, Operator
from .out import check_memory


def inplace(op: Operator, self: Tensor, *args: Any, **params: Any) -> Tensor:
    """Run `op` with `self` as its first input and write the result into `self`.

    Raises:
        RuntimeError: `self` is a leaf that requires grad, or the result does not fit its shape or type.
    """
    try:
        before = about_to_write(op, self)
        if observers:
            tell("writing", self, before)
        result = op.public(before, *args, **params)
        _check_fits(self, result)
        if op.name != "fill":
            check_memory(op.name, self, args[:1] if op.name == "masked_fill" else args)  # their value is read first
        store(self, result)
    except ERRORS as error:
        tell("refused", op, (self, *args), params, error)
        raise
    return self


def about_to_write(op: Operator, self: Tensor) -> Tensor:
    """What `op` is to read in place of `self`, which its result will be written to."""
    edge = edge_of(self)
    if mode.grad:
        _refuse_leaf(self, edge)
    # what is written over gets its zeros from CopySlices already when it is part of a base
    return wrap(
        self._array.copy() if op.saves_first and mode.grad else self._array,
        None if op.overwrites and self._view is not None else edge,
    )


def store(self: Tensor, result: Tensor) -> None:
    """Write `result` into the memory of `self`, and let its history be that of `self`."""
    edge = edge_of(self)
    self._array[...] = result._array
    mark_written(self)
    if result._edge is not None:
        _keep_written(result._edge[0], result, self)
    if mode.grad and (result._edge is not None or edge is not None or _base_edge(self) is not None):
        set_history(self, result._edge)
    if observers:
        tell("written", self)


def move(self: Tensor, view: Callable, *args: Any, **params: Any) -> Tensor:
    """Let `self` become the view that `view` makes of it: same memory, another shape.

    Raises:
        RuntimeError: `self` is a leaf that requires grad.
    """
    edge = edge_of(self)
    if mode.grad:
        _refuse_leaf(self, edge)
    before = wrap(self._array, edge, storage_of(self))
    before._view = self._view
    result = view(before, *args, **params)
    self._array = result._array
    if mode.grad or edge is None:
        self._edge = result._edge
    else:
        self._edge = (*edge[:2], self._array.shape, self._array.dtype)
    if self._view is not None:
        self._view = result._view
    mark_written(self)
    return self


def _base_edge(t: Tensor) -> tuple | None:
    return None if t._view is None else t._view.base._edge


def _refuse_leaf(self: Tensor, edge: tuple | None) -> None:
    base = _base_edge(self)
    if base is not None and base[0].is_leaf:
        raise RuntimeError(
            "a view of a leaf Variable that requires grad is being used in an in-place operation.\n"
            "To change a parameter yourself, do it inside `with torch.no_grad():`."
        )
    if edge is not None and edge[0].is_leaf:
        raise RuntimeError(
            "a leaf Variable that requires grad is being used in an in-place operation.\n"
            "To change a parameter yourself, do it inside `with torch.no_grad():`."
        )
    if self._view is not None and self._view.in_no_grad and base is not None:
        raise RuntimeError(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. This view is the "
            "output of a function that is not allowed to be modified in place here: make the view outside no_grad."
        )


def _check_fits(self: Tensor, result: Tensor) -> None:
    shape, target = result._array.shape, self._array.shape
    if shape != target:
        raise RuntimeError(f"output with shape {list(target)} doesn't match the broadcast shape {list(shape)}")
    source, kind = dtypes.of_array(result._array), dtypes.of_array(self._array)
    if source is not kind and not dtypes.can_cast(source, kind):
        raise RuntimeError(f"result type {source.title} can't be cast to the desired output type {kind.title}")


def _keep_written(node: Node, result: Tensor, self: Tensor) -> None:
    """Where the node saved its output, let it keep the written memory instead, and notice later writes to it."""
    for i, guard in enumerate(node.guards):
        if guard is not None and guard[0]._array is result._array:
            kept = wrap(self._array, None, storage_of(self))
            node.saved = (*node.saved[:i], self._array, *node.saved[i + 1 :])
            node.guards = (*node.guards[:i], (kept, version_of(self)), *node.guards[i + 1 :])


def set_history(self: Tensor, edge: tuple | None) -> None:
    """Make `edge` the history of `self`, and of the base that `self` is a view of."""
    if self._view is None:
        self._edge = None if edge is None else (edge[0], edge[1], self._array.shape, self._array.dtype)
        return
    base, steps = self._view.base, self._view.steps
    params = {"steps": steps, "strides": base._array.strides}
    plan = COPY_SLICES.plan((base._edge is not None, edge is not None))
    saved = tuple([params[name] for name in plan.sources])
    node = Node(COPY_SLICES, plan, (base._edge, edge), saved, (None,) * len(saved), params)
    base._edge = (node, 0, base._array.shape, base._array.dtype)


def _of_base(xp: Any, g: Any, steps: tuple, strides: tuple) -> Any:
    return CLEARED(g, steps=steps, strides=strides) if isinstance(g, Tensor) else _cleared(xp, g, steps, strides)


def _cleared(xp: Any, input: Array, steps: tuple, strides: tuple) -> Any:
    """A copy, in the memory order that the steps were made for, with 0 in the part that they lead to."""
    out = xp.copy_as(input, strides)
    replay_array(out, steps)[...] = 0
    return out


def _of_values(xp: Any, g: Any, steps: tuple) -> Any:
    """The written part of g: a complex g is dL/dx - i dL/dy, and the steps may lead to its imaginary parts alone."""
    graph = isinstance(g, Tensor)
    return conjugate((replay if graph else replay_array)(conjugate(g, graph), steps), graph)


def _copy_slices(xp: Any, base: Array, values: Array, steps: tuple, strides: tuple) -> Any:
    """The base with the part that `steps` lead to replaced by `values`."""


CLEARED = Operator(_cleared, "indexing", {"input": _of_base}, dtype=promotion.keep, name="cleared")
COPY_SLICES = Operator(
    _copy_slices, "view", {"base": _of_base, "values": _of_values}, name="copy_slices", node_name="CopySlices"
)
