"""Gives an assignment out through nbgrader, and takes submissions in from a folder."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from course.build.builder import build_source
from grading.classroom import Classroom, tools_on_path
from grading.intake import plain_name, read_file

REPOSITORY = Path(__file__).resolve().parents[1]
TAKEN = (".ipynb", ".txt")  # code files of a submission are never used, so they are not taken either


class Refused(Exception):
    """What the instructor asked for cannot be done; the message says why."""


def release(classroom: Classroom, assignment: str) -> bool:
    """Make the released notebooks, the gradebook's entries and, once, the class seed; True when the seed is new."""
    from nbgrader.apps import NbGraderAPI  # takes seconds to load

    source = classroom.folder("source", assignment)
    if not any(source.glob("*.ipynb")):
        build_source(REPOSITORY, classroom.root)
    if not any(source.glob("*.ipynb")):
        raise Refused(f"There is no notebook in {source}, and no lesson of {assignment} to make one from.")
    new = classroom.make_seed()
    with tools_on_path():
        result = NbGraderAPI(config=classroom.config).generate_assignment(assignment, force=True)
    if not result["success"]:
        lines = (result.get("log") or result.get("error") or "nbgrader gave no reason").strip().splitlines()
        raise Refused(lines[-1])
    return new


@dataclass
class Collected:
    """What was taken in, and what was left and why."""

    students: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def collect(classroom: Classroom, assignment: str, inbox: Path) -> Collected:
    """Copy submissions from `inbox/STUDENT/` or `inbox/STUDENT/ASSIGNMENT/`; nothing that is left out goes unsaid."""
    if not inbox.is_dir():
        raise Refused(f"{inbox} is not a folder.")
    found = Collected()
    for entry in sorted(os.scandir(inbox), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        name = plain_name(entry.name)
        if entry.is_symlink() or not entry.is_dir():
            found.left.append(f"{name}: not a student's folder")
        elif not re.fullmatch(r"\w[\w .@-]*", entry.name):
            found.left.append(f"{name}: not a name that nbgrader can use")
        else:
            _take(classroom, assignment, Path(entry.path), found)
    return found


def _take(classroom: Classroom, assignment: str, folder: Path, found: Collected) -> None:
    student = folder.name
    inner = folder / assignment
    if inner.is_dir() and not inner.is_symlink():
        folder = inner
    notes: list[str] = []
    files = {}
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_symlink() or not entry.is_file() or not entry.name.lower().endswith(TAKEN):
            notes.append(f"{student}/{plain_name(entry.name)}: not a notebook")
            continue
        raw = read_file(Path(entry.path), notes)
        if raw is not None:
            files[entry.name] = (raw, entry.stat().st_mtime)
    found.left += notes
    if not any(name.lower().endswith(".ipynb") for name in files):
        found.left.append(f"{student}: no notebook")
        return
    _write(classroom.folder("submitted", assignment, student), files)
    found.students.append(student)


def _write(target: Path, files: dict[str, tuple[bytes, float]]) -> None:
    """Replace a submitted folder; the files keep their times."""
    fresh = target.parent / f".{target.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, (raw, modified) in files.items():
        (fresh / name).write_bytes(raw)
        os.utime(fresh / name, (modified, modified))
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
