"""The user's own line: what warnings and errors are about, however deep in the library they are noticed."""

import functools
import linecache
import os
import sys
import warnings
from collections.abc import Callable
from types import FrameType

_LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
ERRORS = (TypeError, ValueError, RuntimeError, IndexError, NotImplementedError)
"""What a user's mistake raises."""


def at_the_users_line(function: Callable) -> Callable:
    """Let a mistake noticed deep inside `function` look as if it was noticed where the user called it."""

    @functools.wraps(function)
    def call(*args: object, **kwargs: object) -> object:
        try:
            return function(*args, **kwargs)
        except ERRORS as error:
            raise error.with_traceback(None) from None

    return call


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
