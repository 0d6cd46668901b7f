"""Your own operators: a forward, a backward, and a context that carries what the backward needs.

https://docs.pytorch.org/docs/stable/notes/extending.html
"""

import functools
import inspect
import warnings
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from .. import backend
from ..engine import (
    Tensor,
    alias,
    as_tensor,
    conjugate,
    count,
    edge_of,
    mark_written,
    mode,
    observers,
    stale,
    tell,
    version_of,
    wrap,
)
from ..engine.hooks import Hooked
from ..engine.node import FREED
from ..ops import packing
from ..ops.inplace import set_history


class FunctionCtx(Hooked):
    """The context of one call; once recorded it is the node itself, as in PyTorch."""

    is_leaf, many = False, True  # a function may have several outputs, so its gradients come as a tuple
    materialize = True
    params: dict = {}

    def __init__(self, function: type, inputs: tuple):
        self._function, self.hooks, self.guards = function, None, ()
        self.saved: tuple | None = ()
        self._to_save: tuple = ()
        self._dirty: tuple = ()
        self._non_differentiable: tuple = ()
        self.edges = tuple(edge_of(x) if isinstance(x, Tensor) else None for x in inputs)
        self.is_tensor = tuple(isinstance(x, Tensor) for x in inputs)
        self.needs_input_grad = tuple(edge is not None for edge in self.edges)
        self.op = SimpleNamespace(name=function.__name__, family="function", function=function)
        self.outputs: list = []
        self.sequence = 0

    # ---- for forward ----

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for the backward; a later write to one of them is noticed."""
        self._to_save = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Say that these inputs were written in place; return them."""
        self._dirty = args

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Say that no gradient flows through these outputs."""
        self._non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """False: the gradient of an output that was not used is None, not zeros."""
        self.materialize = value

    # ---- for backward ----

    @property
    def saved_tensors(self) -> tuple:
        """What `save_for_backward` was given, with its history."""
        if self.saved is None:
            raise RuntimeError(FREED)
        return tuple(self._unpacked(t, guard) for t, guard in zip(self.saved, self.guards, strict=True))

    def _unpacked(self, t: Any, guard: tuple | None) -> Any:
        if guard is None:
            return t.tensor() if isinstance(t, packing.Packed) else t
        number, version = guard
        if version_of(t) != version:
            edge = (self, number) if number is not None else edge_of(t)
            made_by = None if edge is None or edge[0].is_leaf else (edge[0].name(), edge[1])
            raise RuntimeError(stale(t, version, made_by, self._function.__name__))
        if number is None:
            return t
        return wrap(t._array, (self, number, t._array.shape, t._array.dtype), t._storage)

    def gradients(self, g: tuple, graph: bool) -> list[tuple]:
        """Call the user's backward: pairs of edge and gradient."""
        given = [as_tensor(conjugate(x, graph)) for x in g]
        found = _rule(self._function)(self, *given)
        found = found if isinstance(found, tuple) else (found,)
        self._check(found)
        return [
            (edge, conjugate(grad if graph else grad._array, graph))
            for edge, grad in zip(self.edges, found, strict=False)
            if edge is not None and grad is not None
        ]

    def _check(self, found: tuple) -> None:
        """One gradient for each argument, each a tensor of the argument's shape or None."""
        wanted, name = len(self.edges), self.name()
        if len(found) < wanted or any(grad is not None for grad in found[wanted:]):
            raise RuntimeError(
                f"function {name} returned an incorrect number of gradients (expected {wanted}, got {len(found)})"
            )
        for i, (edge, grad) in enumerate(zip(self.edges, found, strict=False)):
            if grad is None:
                continue
            if not self.is_tensor[i]:
                raise RuntimeError(
                    f"function {name} returned a gradient different than None at position {i + 1}, but the "
                    "corresponding forward input was not a Variable"
                )
            if not isinstance(grad, Tensor):
                raise RuntimeError(f"expected Variable or None (got {type(grad).__name__})")
            if edge is not None and not _sums_to(tuple(grad.shape), edge[2]):
                raise RuntimeError(
                    f"Function {name} returned an invalid gradient at index {i} - got {list(grad.shape)} but expected "
                    f"shape compatible with {list(edge[2])}"
                )

    def name(self) -> str:
        """PyTorch's name for this node."""
        return f"{self._function.__name__}Backward"

    @property
    def next_functions(self) -> tuple:
        """``(node, output number)`` for each input; ``(None, 0)`` where no gradient is needed."""
        edges = zip(self.edges, self.is_tensor, strict=True)
        return tuple((None, 0) if edge is None else edge[:2] for edge, is_tensor in edges if is_tensor)

    def __repr__(self) -> str:
        return f"<torch.autograd.function.{self.name()} object at {id(self):#x}>"


class Function:
    """The base of an operator of your own: write static methods `forward` and `backward`, call it with `apply`.

    >>> import kindling as torch
    >>> class Square(torch.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x * x
    ...     @staticmethod
    ...     def backward(ctx, g):
    ...         (x,) = ctx.saved_tensors
    ...         return 2 * x * g
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> Square.apply(x).backward()
    >>> x.grad
    tensor(6.)
    """

    def __init__(self, *args: Any, **kwargs: Any):
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version of PyTorch.",
            DeprecationWarning,
            stacklevel=2,
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """What the operator computes."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """One gradient for each argument of `forward`, None where there is none."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple, output: Any) -> None:
        """What `ctx` keeps, for a `forward` that is written without it."""
        raise NotImplementedError("setup_context is not implemented.")

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Run the operator and record it."""
        apart = cls.setup_context is not Function.setup_context
        if apart or kwargs:
            args, kwargs = _in_order(cls.forward, args, kwargs, apart)
        inputs = (*args, *kwargs.values())
        ctx = FunctionCtx(cls, inputs)
        recorded, before = mode.grad and any(ctx.needs_input_grad), mode.grad
        mode.grad = False
        if observers:
            tell("enter", ctx)
        try:
            if apart:
                result = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, inputs, result)
            else:
                result = cls.forward(ctx, *args, **kwargs)
        except Exception as error:
            tell("refused", ctx.op, inputs, {}, error)
            raise
        finally:
            mode.grad = before
            if observers:
                tell("leave", ctx)
        outputs = result if isinstance(result, tuple) else (result,)
        if recorded:
            outputs = _record(ctx, inputs, outputs)
        if observers:
            tell("forward", ctx.op, inputs, {}, outputs, ctx if recorded else None)
        return outputs if isinstance(result, tuple) else outputs[0]


def _in_order(forward: Callable, args: tuple, kwargs: dict, apart: bool) -> tuple[tuple, dict]:
    """The arguments in the order of `forward`; without a context before them (`apart`), defaults are inputs too."""
    bound = inspect.signature(forward).bind(*(args if apart else (None, *args)), **kwargs)
    if apart:
        bound.apply_defaults()
    return (bound.args if apart else bound.args[1:]), bound.kwargs


def _rule(cls: type) -> Callable:
    """The user's backward, by its older or its newer name."""
    return cls.vjp if cls.backward is Function.backward else cls.backward


def _sums_to(shape: tuple, wanted: tuple) -> bool:
    """Whether broadcasting `wanted` gives `shape`, so that a gradient of that shape can be summed to it."""
    tail = shape[len(shape) - len(wanted) :]
    return len(shape) >= len(wanted) and all(n in (1, size) for n, size in zip(wanted, tail, strict=True))


def _record(ctx: FunctionCtx, args: tuple, outputs: tuple) -> tuple:
    """Tie the outputs to the context, now a node of the graph."""
    if any(
        edge is not None and edge[0].is_leaf and _in(t, ctx._dirty) for t, edge in zip(args, ctx.edges, strict=True)
    ):
        raise RuntimeError("a leaf Variable that requires grad has been used in an in-place operation.")
    ctx.sequence = count()
    ctx.outputs = [_described(out) for out in outputs]
    tied: list = []
    for number, out in enumerate(outputs):
        if isinstance(out, Tensor) and out._array.dtype.kind in "fcV" and not _in(out, ctx._non_differentiable):
            edge = (ctx, number, out._array.shape, out._array.dtype)
            if _in(out, ctx._dirty):
                mark_written(out)
                set_history(out, edge)
            else:
                out = alias(out) if _in(out, args) else out
                out._edge = edge
        tied.append(out)
    _keep(ctx, args, outputs, tied)
    return tuple(tied)


def _described(out: Any) -> tuple:
    """Shape, type and namespace of an output: what zeros for it are made of."""
    array = out._array if isinstance(out, Tensor) else backend.as_array(0.0)
    return array.shape, array.dtype, backend.namespace_of(array)


def _keep(ctx: FunctionCtx, args: tuple, outputs: tuple, tied: list) -> None:
    """Save what was asked for: inputs as they are, outputs without their history, so that no cycle is made."""
    saved, guards = [], []
    for i, t in enumerate(ctx._to_save):
        if t is None:
            saved.append(None)
            guards.append(None)
            continue
        if not isinstance(t, Tensor):
            raise TypeError(
                f"save_for_backward can only save variables, but argument {i} is of type {type(t).__name__}"
            )
        number = next((i for i, out in enumerate(outputs) if out is t and not _in(t, args)), None)
        tensor = alias(tied[number]) if number is not None else t
        own = number is not None and tied[number]._edge is not None
        saved.append(tensor)
        guards.append((tied[number]._edge[1] if own else None, version_of(tensor)))
    if packing.own.pairs:
        saved = [None if t is None else packing.Packed(t) for t in saved]
        guards = [None] * len(saved)
    ctx.saved, ctx.guards, ctx._to_save = tuple(saved), tuple(guards), ()


def _in(t: Any, tensors: tuple) -> bool:
    return any(t is other for other in tensors)


def once_differentiable(fn: Callable) -> Callable:
    """Mark a backward that is not differentiable itself: asking for a second derivative then raises."""

    @functools.wraps(fn)
    def backward(ctx: Any, *grads: Any) -> Any:
        before, mode.grad = mode.grad, False
        try:
            found = fn(ctx, *grads)
        finally:
            mode.grad = before
        if not before or not any(isinstance(g, Tensor) and g.requires_grad for g in grads):
            return found
        many = isinstance(found, tuple)
        marked = tuple(_no_second(x) for x in (found if many else (found,)))
        return marked if many else marked[0]

    return backward


class _NoSecond(Function):
    """Raises when a gradient would flow through it."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, source: Tensor) -> Tensor:
        return x

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Any:
        raise RuntimeError("trying to differentiate twice a function that was marked with @once_differentiable")


def _no_second(x: Any) -> Any:
    if not isinstance(x, Tensor):
        return x
    return _NoSecond.apply(x, wrap(x._array.copy()).requires_grad_())
