"""What is known about the notebook around a check: its folder, what was run in it, what is on the disk."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

_ran: dict[str, tuple[str, float]] = {}  # cell id -> its text when it last ran, and when


def shell():
    """IPython's shell, or None outside a notebook; IPython is not imported for that."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def watch() -> None:
    """Begin to remember which cells run; front ends that name their cells make it useful."""
    found = shell()
    if found is not None:
        found.events.register("pre_run_cell", _remember)


def _remember(info) -> None:
    if getattr(info, "cell_id", None):
        _ran[info.cell_id] = (info.raw_cell, time.time())


def notebook() -> Path | None:
    """The notebook's file, where the front end tells."""
    session = os.environ.get("JPY_SESSION_NAME", "")
    return Path(session) if session.endswith(".ipynb") and Path(session).is_file() else None


def folder() -> Path:
    """The notebook's folder."""
    found = notebook()
    return found.parent if found else Path.cwd()


def changed_since_run(cell_id: str) -> bool:
    """True if the saved notebook holds, in this cell, another text than the one that last ran."""
    file = notebook()
    if file is None or cell_id not in _ran:
        return False
    text, when = _ran[cell_id]
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        if file.stat().st_mtime > when:
            cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
            return any(cell.get("id") == cell_id and "".join(cell["source"]) != text for cell in cells)
    return False
