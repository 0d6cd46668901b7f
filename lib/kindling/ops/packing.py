"""Hooks on what nodes save: packed when it is saved (to disk, smaller, or not at all), unpacked when backward asks."""

import threading
from collections.abc import Callable
from typing import Any

from ..engine import Node, NodeOfMany, Tensor, alias, version_of

hooks: list[tuple[Callable, Callable]] = []
"""The pairs in force in any thread; empty almost always, so that saving need not look further."""


class _Own(threading.local):
    """The pairs in force in this thread, the innermost last."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Callable, Callable]] = []


own = _Own()


class saved_tensors_hooks:
    """Inside it, every tensor that a node saves goes through `pack_hook`, and through `unpack_hook` in backward.

    >>> import kindling as torch
    >>> x = torch.tensor([1.0, 2.0], requires_grad=True)
    >>> with torch.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda p: torch.tensor(p)):
    ...     y = (x * x).sum()
    >>> y.backward()
    >>> x.grad
    tensor([2., 4.])
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]):
        self.pair = pack_hook, unpack_hook

    def __enter__(self) -> None:
        own.pairs.append(self.pair)
        hooks.append(self.pair)

    def __exit__(self, *_: object) -> None:
        hooks.remove(own.pairs.pop())


class Packed:
    """What a pack hook returned, and how to get the tensor back."""

    __slots__ = ("content", "unpack")

    def __init__(self, t: Tensor):
        pack, self.unpack = own.pairs[-1]
        given = alias(t)
        version = version_of(given)
        self.content = pack(given)
        if version_of(given) != version:
            raise RuntimeError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook "
                "cannot be modified by in-place operations as this can lead to unexpected side-effects. Please open "
                "an issue if you need to perform in-place operations on the input to a pack hook."
            )

    def tensor(self) -> Tensor:
        """What was saved, back from the unpack hook."""
        t = self.unpack(self.content)
        if not isinstance(t, Tensor):
            raise TypeError("Output of saved tensor unpack_hook expected to be a Tensor but got result of type "
                            f"{type(t).__name__}")  # fmt: skip
        return t


class _Unpacking:
    """A node whose saved values were packed: unpacks them, then does what every node does."""

    __slots__ = ()

    def gradients(self, g: Any, graph: bool) -> list[tuple]:
        packed = self.saved
        if packed is None:
            return super().gradients(g, graph)
        tensors = [value.tensor() if isinstance(value, Packed) else value for value in packed]
        self.saved = tuple(t._array if isinstance(t, Tensor) else t for t in tensors)
        self.guards = tuple((t, version_of(t)) if isinstance(t, Tensor) else None for t in tensors)
        try:
            return super().gradients(g, graph)
        finally:
            self.saved, self.guards = packed, (None,) * len(packed)


class PackedNode(_Unpacking, Node):
    """A node whose saved tensors went through hooks."""

    __slots__ = ()


class PackedNodeOfMany(_Unpacking, NodeOfMany):
    """The same for an operator with several outputs."""

    __slots__ = ()


def pack(node: Node) -> None:
    """Send what `node` has just saved through the hooks in force in this thread."""
    if own.pairs and any(guard is not None for guard in node.guards):
        node.saved = tuple(
            value if guard is None else Packed(guard[0]) for value, guard in zip(node.saved, node.guards, strict=True)
        )
        node.guards = (None,) * len(node.saved)
        node.__class__ = PackedNodeOfMany if node.many else PackedNode
