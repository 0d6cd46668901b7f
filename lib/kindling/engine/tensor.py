"""A tensor is an array, a storage that counts writes, and an edge into the graph.

The class is bare here: `kindling.tensor` gives it the methods that the operators declare.
"""

from typing import Any

from .. import backend
from .modes import mode


class Storage:
    """What all views of one memory share: how often it was written, and by which line last."""

    __slots__ = ("version", "writer")

    def __init__(self) -> None:
        self.version, self.writer = 0, None


class Tensor:
    """A multi-dimensional array that can remember how it was computed.

    Slots:
        _array: the values, an array of the backend.
        _edge: None, or ``(node, output number, shape, array dtype)``: where the gradient of this tensor goes.
            A leaf that requires grad points at its own `AccumulateGrad` node.
        _storage: shared by every tensor on the same memory; None while nothing shares it and nothing has written it.
        _view: None, or how this view was made from its base (:class:`ViewOf`).
        _grad: the gradient accumulated so far; None before the first backward.
    """

    __slots__ = ("_array", "_edge", "_storage", "_view", "_grad", "__dict__", "__weakref__")


_new = object.__new__  # Tensor(...) is for users; it copies data


def wrap(array: Any, edge: tuple | None = None, storage: Storage | None = None) -> Tensor:
    """A new tensor around `array`."""
    t = _new(Tensor)
    t._array = array
    t._edge = edge
    t._storage = storage
    t._view = t._grad = None
    return t


def storage_of(t: Tensor) -> Storage:
    """The storage of `t`, made when it is first needed."""
    if t._storage is None:
        t._storage = Storage()
    return t._storage


def version_of(t: Tensor) -> int:
    """How often the memory of `t` was written."""
    return 0 if t._storage is None else t._storage.version


def alias(t: Tensor) -> Tensor:
    """The same memory without the history; a node keeps this of its own output, so that it does not hold itself."""
    return wrap(t._array, None, storage_of(t))


def as_tensor(g: Any) -> Tensor:
    """A gradient as a tensor, whatever speed it came at."""
    return g if g is None or isinstance(g, Tensor) else wrap(g if backend.is_array(g) else backend.as_array(g))


def conjugate(g: Any, graph: bool) -> Any:
    """The complex conjugate of a gradient, an array or (`graph`) a tensor; a real one as it is."""
    if g is None or (g._array if graph else g).dtype.kind != "c":
        return g
    return g.conj()


class ViewOf:
    """How a view was made: the steps that lead from `base` to it, so that they can be run again.

    Writing in place to the base, or to any view of it, gives the base a new edge. A view that has `seen` an older one
    is out of date; :func:`edge_of` replays the steps.
    """

    __slots__ = ("base", "steps", "seen", "in_no_grad")

    def __init__(self, base: Tensor, steps: tuple):
        self.base, self.steps, self.seen, self.in_no_grad = base, steps, base._edge, not mode.grad


def edge_of(t: Tensor) -> tuple | None:
    """The edge of `t`, brought up to date when `t` is a view whose memory was written since.

    A base that has become a leaf, or stopped being one, was not written: its older views stay as they are.
    """
    view = t._view
    if view is not None and view.seen is not view.base._edge:
        view.seen = view.base._edge
        if view.seen is not None and not view.seen[0].is_leaf:
            before, mode.grad = mode.grad, True
            try:
                t._edge = replay(view.base, view.steps)._edge
            finally:
                mode.grad = before
    return t._edge


def replay(tensor: Tensor, steps: tuple) -> Tensor:
    """Run the view operators of `steps` again, starting from `tensor`."""
    for op, params in steps:
        tensor = op(tensor, **params)
    return tensor


def replay_array(array: Any, steps: tuple) -> Any:
    """The same on a raw array: a view of it."""
    xp = backend.namespace_of(array)
    for op, params in steps:
        array = op.forward(xp, array, **params)
    return array
