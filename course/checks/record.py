"""What a learner has done so far, one JSON line each, in `.kindling/journal.jsonl` of the learner's folder."""

import contextlib
import json
import time
from pathlib import Path


def journal(folder: Path) -> Path:
    """The journal for a notebook's folder: in the nearest `.kindling` above it, else beside the notebook."""
    homes = (place for place in (folder, *list(folder.parents)[:2]) if (place / ".kindling").is_dir())
    return next(homes, folder) / ".kindling" / "journal.jsonl"


def note(folder: Path, kind: str, identity: str, **facts) -> None:
    """Add one line; a folder that cannot be written to is no reason to disturb a learner."""
    line = json.dumps({"at": round(time.time()), "kind": kind, "id": identity, **facts}, ensure_ascii=False)
    with contextlib.suppress(OSError):
        file = journal(folder)
        file.parent.mkdir(exist_ok=True)
        with open(file, "a", encoding="utf-8") as lines:
            lines.write(line + "\n")


def notes(folder: Path) -> list[dict]:
    """All lines that can be read."""
    found = []
    with contextlib.suppress(OSError):
        for line in journal(folder).read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found
