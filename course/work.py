"""The student's folder: lessons are delivered into it, and no notebook in it is ever written over."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "work"
START = "day_001/START_HERE.ipynb"


@dataclass(frozen=True)
class Delivery:
    """What a delivery did: notebooks that are new in the folder, and those that have a newer version outside it."""

    new: list[str] = field(default_factory=list)
    newer: list[str] = field(default_factory=list)


def lessons(root: Path = ROOT) -> Iterator[Path]:
    """The files that a student gets, relative to the repository; `check` finds its data by itself."""
    for file in sorted(root.glob("day_*/**/*")):
        parts = file.relative_to(root).parts
        hidden = any(part.startswith(".") for part in parts) or "checks" in parts
        if file.is_file() and not hidden and file.name != "README.md":
            yield file.relative_to(root)


def pristine(work: Path, name: Path) -> Path:
    """Where the copy of a notebook is kept as it was delivered."""
    return work / ".kindling" / "pristine" / name


def deliver(root: Path = ROOT, work: Path = WORK) -> Delivery:
    """Copy what is not there yet. A notebook that is there stays as it is; what is no notebook is kept up to date."""
    done = Delivery()
    for name in lessons(root):
        if name.suffix != ".ipynb":
            copy(root / name, work / name)
        elif not (work / name).exists():
            copy(root / name, pristine(work, name))
            copy(root / name, work / name, over=False)
            done.new.append(str(name))
        elif has_newer(root, work, name):
            done.newer.append(str(name))
    return done


def copy(source: Path, target: Path, over: bool = True) -> None:
    """Copy a file whole or not at all; unless `over`, a file that is there stays, even one that came this moment."""
    data = source.read_bytes()
    if over and target.exists() and target.read_bytes() == data:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(part, 0o644)
        if over:
            os.replace(part, target)
        else:
            with contextlib.suppress(FileExistsError):
                # A hard link, unlike a rename on POSIX, fails when the name is taken; Windows' rename fails too.
                os.rename(part, target) if os.name == "nt" else os.link(part, target)
    finally:
        Path(part).unlink(missing_ok=True)


def has_newer(root: Path, work: Path, name: Path) -> bool:
    """True if the lesson has changed since this notebook was delivered."""
    kept = pristine(work, name)
    return kept.exists() and sources(kept) != sources(root / name)


def sources(notebook: Path) -> list[str] | None:
    """The text of every cell: what a person writes, without outputs and counters; None if it is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None


def is_touched(work: Path, name: Path) -> bool:
    """True if a cell's text differs from the delivered one."""
    kept = pristine(work, name)
    return not kept.exists() or sources(kept) != sources(work / name)


def find(word: str, root: Path = ROOT, work: Path = WORK) -> Path:
    """The notebook that a person means by `06`, `06_autograd` or a path, relative to `work`; else ValueError."""
    names = [name for name in lessons(root) if name.suffix == ".ipynb"]
    path = Path(word)
    if path.suffix == ".ipynb":
        for base in (Path.cwd(), work):
            if (base / path).resolve() in [(work / name).resolve() for name in names]:
                return (base / path).resolve().relative_to(work.resolve())
    meant = [name for name in names if name.stem == path.stem or name.stem.startswith(path.stem + "_")]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(name.stem for name in names)
    raise ValueError(f"There is {'no' if not meant else 'more than one'} notebook '{word}'. These are here: {known}.")


def reset(name: Path, root: Path = ROOT, work: Path = WORK) -> Path | None:
    """Put the lesson's newest version in place of a notebook; return the dated backup of the old one, if any."""
    mine, backup = work / name, None
    if mine.exists():
        stem = f"{mine.stem}.backup-{datetime.now():%Y-%m-%d_%H%M%S}"
        names = (mine.with_name(f"{stem}{more}.ipynb") for more in ["", *(f"-{number}" for number in range(2, 100))])
        backup = next(name for name in names if not name.exists())
        shutil.copy2(mine, backup)
    copy(root / name, pristine(work, name))
    copy(root / name, mine)
    return backup
