"""What happens in the engine, told to whoever asks: the tape listens here, the engine does not know it."""

from typing import Any

observers: list[Any] = []
"""While not empty, each entry is told of events by the methods of :class:`Observer` that it has."""


class Observer:
    """A listener; override what you want to hear."""

    def forward(self, op: Any, inputs: tuple, params: dict, outputs: tuple, node: Any) -> None:
        """An operator has run; `node` is None when nothing was recorded."""

    def refused(self, op: Any, inputs: tuple, params: dict, error: Exception) -> None:
        """An operator has raised."""

    def enter(self, called: Any) -> None:
        """A module, or the context of a custom function, starts; `leave` follows with the same."""

    def writing(self, tensor: Any, before: Any) -> None:
        """A tensor will be written in place by an operator that reads `before` in its stead."""

    def written(self, tensor: Any) -> None:
        """A tensor was written in place, or given another ``.data``."""

    def given_grad(self, tensor: Any) -> None:
        """The program itself gave a tensor another ``.grad``."""

    def backward_start(self, roots: list, retain_graph: bool, create_graph: bool, captures: dict | None) -> None:
        """A backward begins; its arguments are those of `engine.run`."""

    def backward(self, node: Any, grads: tuple) -> None:
        """`node` is about to run its rules on the gradients of its outputs; a leaf's node is about to add its own."""

    def returned(self, node: Any, found: list) -> None:
        """`node` has run its rules: pairs of edge and gradient."""

    def failed(self, node: Any) -> None:
        """A rule of `node` has raised."""

    def backward_end(self) -> None:
        """The backward is over, also when it failed."""


def tell(event: str, *args: Any) -> None:
    """Call `event` on every observer."""
    for observer in tuple(observers):
        hear = getattr(observer, event, None)
        if hear is not None:
            hear(*args)
