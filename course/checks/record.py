"""What a learner has done so far, one JSON line each, in `.kindling/journal.jsonl` beside the notebook."""

import contextlib
import json
import time
from pathlib import Path


def note(folder: Path, kind: str, identity: str, **facts) -> None:
    """Add one line; a folder that cannot be written to is no reason to disturb a learner."""
    line = json.dumps({"at": round(time.time()), "kind": kind, "id": identity, **facts}, ensure_ascii=False)
    with contextlib.suppress(OSError):
        (folder / ".kindling").mkdir(exist_ok=True)
        with open(folder / ".kindling" / "journal.jsonl", "a", encoding="utf-8") as journal:
            journal.write(line + "\n")


def notes(folder: Path) -> list[dict]:
    """All lines that can be read."""
    found = []
    with contextlib.suppress(OSError):
        for line in (folder / ".kindling" / "journal.jsonl").read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found
