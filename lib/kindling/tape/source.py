"""Looks at the user's running code: the line, the expression in it, and the names that its tensors have."""

import inspect
import itertools
import linecache
import os
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from ..engine import Tensor

IN_CONTAINER = 64  # items of a list or dictionary that are looked at


def source(frame: FrameType | None) -> dict[str, Any] | None:
    """File, line and text of what the frame runs now, with the columns of the expression; None without its text."""
    if frame is None:
        return None
    file, line = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(file, line, frame.f_globals).rstrip()
    if not text:
        return None
    found: dict[str, Any] = {"file": _short(file), "line": line, "text": text[:200]}
    columns = _columns(frame, line, text)
    return {**found, "columns": columns} if columns else found


def _short(file: str) -> str:
    """A notebook's cell is called cell, a file by its name: a tape carries no paths."""
    if "ipykernel" in file or file.startswith("<"):
        return "cell"
    return os.path.basename(file)


def _columns(frame: FrameType, line: int, text: str) -> list[int] | None:
    """Where in the line the expression stands that runs now; Python counts bytes."""
    here = next(itertools.islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    first, last, start, end = here
    if first != line or start is None or end is None:
        return None
    raw = text.encode()
    start = len(raw[:start].decode(errors="replace"))
    end = len(raw[:end].decode(errors="replace")) if last == line else len(text)
    return [start, end] if start < end <= 200 else None


def named_results(frame: FrameType | None) -> Iterator[tuple[str, Tensor]]:
    """The frame's variables that are tensors."""
    for name, value in _variables(frame):
        if isinstance(value, Tensor):
            yield name, value


def name_of(tensor: Tensor, frame: FrameType | None) -> str | None:
    """What the user's code calls this tensor: a variable, an item of one, a module's parameter."""
    variables = _variables(frame)
    if frame is not None and frame.f_globals is not frame.f_locals:
        variables += [(k, v) for k, v in list(frame.f_globals.items()) if _usable(k)]
    for name, value in variables:
        if value is tensor:
            return name
    for name, value in variables:
        for part, item in _parts(name, value):
            if item is tensor:
                return part
    return None


def _variables(frame: FrameType | None) -> list[tuple[str, Any]]:
    if frame is None:
        return []
    names = frame.f_locals
    found = [(name, value) for name, value in list(names.items()) if _usable(name)]
    # Up to Python 3.12 a function's f_locals is a copy that would keep its tensors alive until the function returns.
    # Ours to empty, unless somebody else holds it (it is then in more hands than the frame's, ours and the call's).
    is_copy = sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED
    if is_copy and sys.getrefcount(names) <= 3:
        names.clear()
    return found


def _usable(name: str) -> bool:
    """Not a notebook's own history: ``_``, ``_3``, ``Out``."""
    return not name.startswith("_") and name not in ("Out", "In")


def _parts(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Tensors one step inside a variable."""
    if isinstance(value, (list, tuple)):
        yield from ((f"{name}[{i}]", item) for i, item in enumerate(value[:IN_CONTAINER]))
    elif isinstance(value, dict):
        yield from ((f"{name}[{key!r}]", item) for key, item in itertools.islice(value.items(), IN_CONTAINER))
    elif hasattr(type(value), "named_parameters"):
        yield from ((f"{name}.{part}", item) for part, item in value.named_parameters())
    elif name == "self":
        yield from ((f"{name}.{part}", item) for part, item in list(getattr(value, "__dict__", {}).items()))
