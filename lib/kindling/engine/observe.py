"""What happens in the engine, told to whoever asks: the tape listens here, the engine does not know it."""

import linecache
import os
import sys
import warnings
from types import FrameType
from typing import Any

observers: list[Any] = []
"""While not empty, each entry is told of events by the methods of :class:`Observer` that it has."""

_LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Observer:
    """A listener; override what you want to hear."""

    def forward(self, op: Any, inputs: tuple, outputs: tuple, node: Any) -> None:
        """An operator has run; `node` is None when nothing was recorded."""

    def written(self, tensor: Any) -> None:
        """A tensor was written in place."""

    def backward_start(self, roots: list) -> None:
        """A backward begins at these nodes."""

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


def user_frame() -> FrameType | None:
    """The innermost frame that runs code from outside this library."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARY):
        frame = frame.f_back
    return frame


def warn(message: str) -> None:
    """Warn of the user's line, however deep in the library it was noticed."""
    level, frame = 1, sys._getframe()
    while frame is not None and frame.f_code.co_filename.startswith(_LIBRARY):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, UserWarning, stacklevel=level)


def user_line() -> tuple[str, int] | None:
    """File and number of the user's line that runs now; None when there is no such line."""
    frame = user_frame()
    return (frame.f_code.co_filename, frame.f_lineno) if frame else None


def line_text(line: tuple[str, int] | None) -> str:
    """A line for people: ``line 4 of a cell: x.add_(1)``, or with the file's name outside a notebook."""
    if line is None:
        return "an unknown line"
    file, number = line
    in_cell = file.startswith("<") or "ipykernel_" in file
    place = f"line {number} of a cell" if in_cell else f"{os.path.basename(file)}, line {number}"
    text = linecache.getline(file, number).strip()
    return f"{place}: {text}" if text else place
