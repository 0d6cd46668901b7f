"""Writes the class's source notebooks from the lessons, with its points and extras, without what it drops.

What an instructor changed by hand in `source/` is left alone: a file is only replaced when it is as it was written.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from course.build.builder import source_files, write
from course.build.lesson import Lesson, LessonError, find_lessons
from grading.classroom import Classroom
from grading.errors import Refused
from grading.settings import FILE

REPOSITORY = Path(__file__).resolve().parents[1]
T = TypeVar("T")
WRITTEN = ".written.json"  # what was written, and its hash


def lessons_of(classroom: Classroom, repository: Path = REPOSITORY) -> list[Lesson]:
    """The lessons that this class gives out; Refused when class.toml names what does not exist."""
    settings = classroom.settings
    found = find_lessons(repository)
    for folder in settings.extras:
        found += [Lesson(file.parent) for file in sorted(folder.glob("*/*/lesson.md"))]
    names = [lesson.name for lesson in found]
    wrong = [f"drop: there is no lesson {name}." for name in settings.drop if name not in names]
    wrong += [f"extras: there is a lesson {name} already." for name in sorted({n for n in names if names.count(n) > 1})]
    kept = [lesson for lesson in found if lesson.name not in settings.drop]
    exercises = {e.id for lesson in kept for e in _of(lesson, lambda it: it.exercises)} if settings.points else set()
    wrong += [f"points: there is no exercise {name}." for name in settings.points if name not in exercises]
    if wrong:
        raise Refused("\n".join(f"{FILE}: {sentence}" for sentence in wrong))
    for lesson in kept if settings.points else ():
        lesson.exercises = [replace(e, points=settings.points.get(e.id, e.points)) for e in lesson.exercises]
    return kept


def make(classroom: Classroom, assignment: str, repository: Path = REPOSITORY) -> list[str]:
    """Bring the source notebooks of an assignment up to the lessons; a line for each file that was left as it is."""
    root = classroom.root
    lessons = [lesson for lesson in lessons_of(classroom, repository) if lesson.day == assignment]
    files = {path: text for lesson in lessons for path, text in _of(lesson, source_files).items()}
    record, before = root / "source" / WRITTEN, _recorded(root)
    own = {path for path in files if _edited(root / path, files[path], before.get(path.as_posix()))}
    write(root, {path: text for path, text in files.items() if path not in own})
    notes = [
        f"{path} was changed by hand and is left as it is: delete it to have it made anew." for path in sorted(own)
    ]
    here = {name for name in before if Path(name).parts[1] == assignment}
    for name in sorted(here - {path.as_posix() for path in files}):
        notes += _remove(root, Path(name), before[name])
    kept = {name: hashed for name, hashed in before.items() if name not in here}
    kept |= {path.as_posix(): _hash(root / path) for path in files if path not in own}
    if kept or before:
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return notes


def names(classroom: Classroom, assignment: str, repository: Path = REPOSITORY) -> set[str]:
    """The notebooks that an assignment has when `make` has run: of lessons, and an instructor's own."""
    lessons = {lesson.name for lesson in lessons_of(classroom, repository) if lesson.day == assignment}
    written = {Path(name).stem for name in _recorded(classroom.root) if Path(name).parts[1] == assignment}
    here = {path.stem for path in classroom.folder("source", assignment).glob("*.ipynb")}
    return lessons | (here - written)


def _recorded(root: Path) -> dict[str, str]:
    file = root / "source" / WRITTEN
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _of(lesson: Lesson, work: Callable[[Lesson], T]) -> T:
    """What `work` makes of a lesson, whose exercises are Python that an instructor wrote: Refused where it fails."""
    try:
        return work(lesson)
    except LessonError as error:
        raise Refused(str(error)) from None
    except Exception as error:
        raise Refused(f"{lesson.folder} cannot be used as it is: {type(error).__name__}: {error}") from error


def _edited(file: Path, text: str, recorded: str | None) -> bool:
    if not file.is_file():
        return False
    return _hash(file) not in (recorded, hashlib.sha256(text.encode("utf-8")).hexdigest())


def _remove(root: Path, path: Path, recorded: str) -> list[str]:
    """Take away what no lesson makes any more, unless somebody has changed it."""
    file = root / path
    if file.is_file() and _hash(file) != recorded:
        return [f"{path} belongs to no lesson of this class any more, but was changed by hand: it is left."]
    file.unlink(missing_ok=True)
    (root / "release" / Path(*path.parts[1:])).unlink(missing_ok=True)
    return [f"{path} belongs to no lesson of this class any more and was taken away."]


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
