"""Takes submissions in: each to the student of the class list, the newest to be graded, the older ones kept."""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from grading import inbox, layouts
from grading.classroom import Classroom
from grading.errors import Refused
from grading.intake import plain_name
from grading.layouts import Attempt
from grading.roll import SAFE, Roll, load
from grading.times import SECRET, STAMP, label, seconds, written

OLDER = "attempts"
USABLE = "give it letters, digits, blanks, . @ - _"
NAME = re.compile(r"[\w][\w .()+-]{0,99}\.ipynb")


@dataclass
class Collected:
    """What was taken in, and what was left and why. `missing` are students of the class list without a submission."""

    students: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def collect(classroom: Classroom, assignment: str, source: Path, kind: str = "", believe: bool = False) -> Collected:
    """Copy submissions of an assignment into the class; nothing that is left out goes unsaid.

    `source` is a folder or a zip; `kind` one of `layouts.KINDS`, by default the one that its names look like.
    `believe` takes from an exchange what another user than the student put there.
    """
    released = classroom.folder("release", assignment)
    given = frozenset(path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file())
    found = inbox.read(layouts.inbound(source), given)
    kind = kind or layouts.kind_of(found)
    roll = load(classroom)
    if roll is None and kind in ("moodle", "canvas"):
        raise Refused(
            f"{kind.capitalize()} gives names, not ids: name the class list with --students FILE.csv. "
            "(If this is a folder with one folder for each student: --from folder.)"
        )
    attempts = layouts.attempts(found, kind, assignment, believe)
    done = Collected(left=found.left)
    if found.system:
        done.notes.append(
            f"{found.system} files that an operating system, Jupyter or the course added were passed over."
        )
    _name_empty_folders(found, attempts, done)
    by_student = _by_student(attempts, kind, roll, done)
    due = _due_dates(classroom, assignment) if any(attempt.late is not None for attempt in attempts) else {}
    for student in sorted(by_student):
        for attempt in by_student[student]:
            _set_lateness(attempt, due.get(student, due.get("")), f"{student}: {kind.capitalize()}", done)
        _store(classroom, assignment, student, by_student[student], done)
        _name_more(classroom.folder("submitted", assignment, student), given, done)
    done.students = sorted(by_student)
    if roll is not None and roll.columns:
        done.missing = sorted({student.id for student in roll.students} - set(classroom.students(assignment)))
    return done


def _name_empty_folders(found: inbox.Found, attempts: list[Attempt], done: Collected) -> None:
    used = {entry.parts[0] for attempt in attempts for entry in attempt.files.values()}
    numbers = {attempt.owner.number for attempt in attempts} - {""}
    for folder in sorted(found.folders - used - set(inbox.OF_THE_SYSTEM)):
        moodle = layouts.MOODLE.fullmatch(folder)  # it makes a folder for files and one for text, of the same person
        if not folder.startswith(".") and not (moodle and moodle["number"] in numbers):
            done.left.append(f"{plain_name(folder)}: no notebook")


def _name_more(folder: Path, given: frozenset[str], done: Collected) -> None:
    """Say which of somebody's notebooks are one too many: a mark would come from another one without a word."""
    names, wanted = {path.name for path in folder.glob("*.ipynb")}, {name for name in given if name.endswith(".ipynb")}
    if wanted and len(names) > len(wanted):
        more = ", ".join(plain_name(name) for name in sorted(names - wanted))
        done.notes.append(f"{folder.parent.name}: more notebooks than were given out, look which one counts: {more}.")


def _by_student(attempts: list[Attempt], kind: str, roll: Roll | None, done: Collected) -> dict[str, list[Attempt]]:
    """The attempts by student id; names that stand for nobody are left."""
    made: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        student = _identify(attempt, kind, roll)
        if student is None:
            done.left.append(f"{plain_name(attempt.owner.name)}: not a name that nbgrader can use; {USABLE}")
        elif isinstance(student, tuple):
            done.left.append(f"{', '.join(inbox.shown(e.parts) for e in attempt.files.values())}: {student[0]}")
        else:
            made.setdefault(student, []).append(attempt)
    return made


def _identify(attempt: Attempt, kind: str, roll: Roll | None):
    """A student's id; `(reason,)` where the class list knows nobody; None for a name that cannot be an id."""
    name = attempt.owner.name
    if roll is not None:
        found = roll.find(name, kind, attempt.owner.number)
        if not isinstance(found, str):
            return found.id
        if roll.columns or kind in ("moodle", "canvas"):
            return (found,)
    return name if SAFE.fullmatch(name) else None


def _due_dates(classroom: Classroom, assignment: str) -> dict[str, datetime]:
    """When the assignment is due, under ""; under a student's id, when it is due for them by an extension."""
    if not classroom.has_gradebook():
        return {}
    from nbgrader.api import MissingEntry

    with classroom.gradebook() as book:
        try:
            found = book.find_assignment(assignment)
        except MissingEntry:
            return {}
        due = {s.student_id: s.duedate for s in found.submissions if s.duedate} if found.duedate else {}
        return {"": found.duedate, **due} if found.duedate else {}


def _set_lateness(attempt: Attempt, due: datetime | None, who: str, done: Collected) -> None:
    """A time that agrees with what the system says: a file's own time may be when it was downloaded."""
    if attempt.late is None:
        return
    if due is None:
        if attempt.late:
            done.notes.append(f"{who} says late, but no due date is in the gradebook: set one and collect again.")
        return
    limit = due.replace(tzinfo=UTC).timestamp()
    if attempt.late != (attempt.time > limit):
        attempt.time = limit + 1 if attempt.late else limit


# -- into the class's folder -------------------------------------------------------------------------------------------


def _store(classroom: Classroom, assignment: str, student: str, attempts: list[Attempt], done: Collected) -> None:
    """Put the newest attempt, of these and the one that is there, into `submitted`; the others into `attempts`."""
    target = classroom.folder("submitted", assignment, student)
    older = classroom.root / OLDER / student / assignment
    ranked = sorted(attempts, key=lambda attempt: attempt.time)
    newest = ranked[-1]
    for attempt in ranked[:-1]:
        _write(older / _label(attempt), attempt, student, done)
    if target.is_dir() and not target.is_symlink():
        same = _digest(_on_disk(target)) == _digest(_contents(newest))
        if time_of(target) > newest.time and not (same and newest.late is not None):  # its lateness may be known now
            if not same:
                _write(older / _label(newest), newest, student, done)
                done.notes.append(f"{student}: older than what was taken in before, and kept beside it.")
            return
        if not same:
            _set_aside(target, older)
    if ranked[:-1]:
        done.notes.append(f"{student}: the newest of {len(ranked)} attempts was taken; the older ones are in {OLDER}/.")
    _write(target, newest, student, done)


def _set_aside(target: Path, older: Path) -> None:
    kept = older / f"{label(time_of(target))}_{_digest(_on_disk(target))[:8]}"
    shutil.rmtree(kept, ignore_errors=True)
    kept.parent.mkdir(parents=True, exist_ok=True)
    target.rename(kept)


def time_of(folder: Path) -> float:
    """When a submission that was taken in had been handed in."""
    stamp = folder / STAMP
    said = seconds(stamp.read_text(encoding="utf-8", errors="replace").strip()) if stamp.is_file() else None
    return max((path.lstat().st_mtime for path in folder.iterdir()), default=0.0) if said is None else said


def _label(attempt: Attempt) -> str:
    return f"{label(attempt.time)}_{_digest(_contents(attempt))[:8]}"


def _contents(attempt: Attempt) -> dict[str, bytes]:
    return {name: entry.raw for name, entry in attempt.files.items()}


def _on_disk(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.iterdir() if path.is_file() and path.name not in (STAMP, SECRET)]
    return {path.name: path.read_bytes() for path in files}


def _digest(files: dict[str, bytes]) -> str:
    made = hashlib.sha256()
    for raw in sorted(hashlib.sha256(raw).digest() for raw in files.values()):
        made.update(raw)
    return made.hexdigest()


def _write(target: Path, attempt: Attempt, student: str, done: Collected) -> None:
    """Replace a submitted folder in one step; the files keep their times."""
    fresh = target.parent / f".{target.name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for number, (name, entry) in enumerate(attempt.files.items()):
        if not NAME.fullmatch(name) or (fresh / name).exists():
            done.notes.append(f"{student}: {plain_name(name)} was taken in as notebook-{number}.ipynb.")
            name = f"notebook-{number}.ipynb"
        (fresh / name).write_bytes(entry.raw)
        os.utime(fresh / name, (max(entry.modified, 0.0),) * 2)
    if attempt.stamp is not None:
        (fresh / STAMP).write_bytes(attempt.stamp)
    elif attempt.owner.number:
        (fresh / STAMP).write_text(written(attempt.time) + "\n")
    if attempt.secret is not None:
        (fresh / SECRET).write_bytes(attempt.secret)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
