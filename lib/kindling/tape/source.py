"""Looks at the user's running code: where it stands, and the names that its tensors have.

While a program is recorded only places are noted, a code object and an offset in it; lines and columns are read from
them when somebody looks.
"""

import inspect
import itertools
import linecache
import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from ..engine import Tensor
from . import bytecode

IN_CONTAINER = 64  # items of a list or dictionary that are looked at
LINES = 400  # of the user's source that a tape carries along
AROUND = 12  # lines kept before and after what ran, in a long file
KEPT = -2  # as an offset in the library: it hands no result on, but makes a view again or an object
_TELLING = {"module.py": "Module.__call__", "tensor.py": "edge_of"}  # functions of the library that say what goes on
OUTWARDS = 12  # callers that a returned result is followed to
LIBRARIES = [os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep]  # whose frames are not the user's
_ours: dict[str, str | None] = {}  # file: None for the user's, else the function in it that is telling, or nothing
_returns: dict[tuple[int, int], tuple[CodeType, bool, bool]] = {}  # (id of a code object, offset): it, whether what
# it gets there is returned, and whether an object of the library is made there


def here(running: list[int]) -> tuple[tuple[CodeType, int, int, int], ...]:
    """The innermost place in the user's code, and as long as it returns what it is given, its callers'.

    A place is a code object, an offset in it, the offset in the library's function that was called there (-1: none),
    and the call of a module that was made there, of those that are `running`, or 0.
    """
    places, frame, depth = [], sys._getframe(3), len(running)  # past the recorder's method and `tell`
    for _ in range(OUTWARDS):
        called, modules, kept = None, 0, False
        while frame is not None:
            code = frame.f_code
            file = code.co_filename
            telling = _ours[file] if file in _ours else _know(file)
            if telling is None:
                break
            called = frame
            if telling and code.co_qualname == telling:
                modules += telling != "edge_of"
                kept = kept or telling == "edge_of"
            frame = frame.f_back
        if frame is None:
            break
        at = frame.f_lasti
        known = _returns.get((id(code), at))
        if known is None:
            makes = called is not None and called.f_code.co_name == "__init__"
            known = _returns[id(code), at] = code, bytecode.returns(code, at), makes
        inner = KEPT if kept or known[2] else -1 if called is None else called.f_lasti
        places.append((code, at, inner, running[depth - modules] if 0 < modules <= depth else 0))
        if not known[1]:
            break
        depth -= modules
        frame = frame.f_back
    return tuple(places)


def _know(file: str) -> str | None:
    """Notes whose file it is."""
    ours = file.startswith(tuple(LIBRARIES))
    _ours[file] = _TELLING.get(os.path.basename(file), "") if ours else None
    return _ours[file]


def users_frame() -> FrameType | None:
    """The innermost frame that runs the user's code."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(tuple(LIBRARIES)):
        frame = frame.f_back
    return frame


def source(code: CodeType, at: int) -> dict[str, Any] | None:
    """File, line and text of an instruction, with the columns of the expression; None without its text."""
    first, last, start, end = _position(code, at)
    text = linecache.getline(code.co_filename, first).rstrip() if first else ""
    if not text:
        return None
    found: dict[str, Any] = {"file": short(code.co_filename), "line": first, "text": text[:200]}
    columns = _columns(text, last == first, start, end)
    return {**found, "columns": columns} if columns else found


def _position(code: CodeType, at: int) -> tuple:
    positions = _positions(code)
    return positions[at // 2] if at // 2 < len(positions) else (None,) * 4


@lru_cache(maxsize=32)
def _positions(code: CodeType) -> list[tuple]:
    return list(code.co_positions())


def short(file: str) -> str:
    """A notebook's cell is called cell, a file by its name: a tape carries no paths."""
    if "ipykernel" in file or file.startswith("<"):
        return "cell"
    return os.path.basename(file)


def _columns(text: str, ends_here: bool, start: int | None, end: int | None) -> list[int] | None:
    """Where in the line the expression stands; Python counts bytes."""
    if start is None or end is None:
        return None
    raw = text.encode()
    start = len(raw[:start].decode(errors="replace"))
    end = len(raw[:end].decode(errors="replace")) if ends_here else len(text)
    return [start, end] if start < end <= 200 else None


def lines_around(places: Iterable[tuple[CodeType, int]]) -> dict[str, dict[str, Any]]:
    """The user's lines around what ran, by file: cells whole, of files what lies near."""
    ran: dict[str, set[int]] = {}
    for code, at in places:
        line = _position(code, at)[0]
        if line:
            ran.setdefault(code.co_filename, set()).add(line)
    found: dict[str, dict[str, Any]] = {}
    for file, numbers in ran.items():
        lines = [line.rstrip("\n") for line in linecache.getlines(file)]
        first, last = 1, len(lines)
        if short(file) != "cell":
            first, last = max(1, min(numbers) - AROUND), min(last, max(numbers) + AROUND)
        if lines and short(file) not in found:
            found[short(file)] = {"first": first, "lines": [line[:200] for line in lines[first - 1 : last][:LINES]]}
    return found


def name_of(value: Any, frame: FrameType | None, deep: bool = True) -> str | None:
    """What the user's code calls this tensor: a variable, and if `deep` an item of one, or a module's parameter."""
    if frame is None:
        return None
    scopes = _scopes(frame)
    found = next((k for scope in scopes for k, v in scope.items() if v is value and _usable(k)), None)
    if found is None and deep:
        parts = (part for scope in scopes for k, v in scope.items() if _usable(k) for part in _parts(k, v))
        found = next((name for name, item in parts if item is value), None)
    return found


def held_as(module: Any, frame: FrameType | None) -> str:
    """What the user's code calls a module: its path in another one (a loop's variable is none), or a variable."""
    kind = next(base for base in type(module).__mro__ if "named_modules" in vars(base))
    for name, value in _scopes(frame)[0].items() if frame is not None else ():
        if isinstance(value, kind) and value is not module and _usable(name):
            path = next((path for path, part in value.named_modules() if part is module), None)
            if path:
                return f"{name}.{path}"
    return name_of(module, frame, deep=False) or ""


def _scopes(frame: FrameType) -> list[dict[str, Any]]:
    """The variables that the code there sees: its own, and the global ones where they are others."""
    names = frame.f_locals
    found = [names.copy()]
    if names is not frame.f_globals:
        found.append(frame.f_globals.copy())
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
    if isinstance(value, Tensor):
        return
    if isinstance(value, (list, tuple)):
        yield from ((f"{name}[{i}]", item) for i, item in enumerate(value[:IN_CONTAINER]))
    elif isinstance(value, dict):
        yield from ((f"{name}[{key!r}]", item) for key, item in itertools.islice(value.items(), IN_CONTAINER))
    elif hasattr(type(value), "named_parameters"):
        yield from ((f"{name}.{part}", item) for part, item in value.named_parameters())
    elif hasattr(value, "__dict__") and not isinstance(value, (ModuleType, FunctionType, type)):
        yield from ((f"{name}.{part}", item) for part, item in itertools.islice(vars(value).items(), IN_CONTAINER))
