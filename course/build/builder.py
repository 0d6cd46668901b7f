"""Writes what lessons are built to, and tells where the files that are there differ from it."""

import json
import os
from pathlib import Path

from course.build.lesson import Lesson, find_lessons
from course.checks.data import check_data_text, read_check_data
from course.checks.judge import difference


def notebook_text(notebook) -> str:
    """A notebook as the text of its file, the same on every machine."""
    import nbformat

    nbformat.validate(notebook)
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def released_files(lesson: Lesson) -> dict[Path, str]:
    """What a student gets of a lesson, by its path below the repository."""
    return {
        Path(lesson.day, f"{lesson.name}.ipynb"): notebook_text(lesson.released()),
        Path(lesson.day, "checks", f"{lesson.name}.json"): check_data_text(lesson.check_data),
    }


def source_files(lesson: Lesson) -> dict[Path, str]:
    """What nbgrader releases a lesson from, by its path below the class's folder: solutions are in it."""
    checks = {Path("source", path): text for path, text in released_files(lesson).items() if path.suffix == ".json"}
    notebook = Path("source", lesson.day, f"{lesson.name}.ipynb")
    return {notebook: notebook_text(lesson.source()), **checks}


def build(root: Path) -> list[Path]:
    """Write the released notebooks and check data; return what changed."""
    return write(root, files_of(find_lessons(root), released_files))


def stale(root: Path) -> list[Path]:
    """The released files that differ from what the lessons say, or are missing, or that no lesson makes."""
    files = files_of(find_lessons(root), released_files)
    differ = [path for path, text in files.items() if not same(root / path, text)]
    made_by_none = [path for path in sorted(root.glob("day_*/checks/*.json")) if path.relative_to(root) not in files]
    return differ + [path.relative_to(root) for path in made_by_none]


def files_of(lessons: list[Lesson], make) -> dict[Path, str]:
    """All files that `make` gives for all lessons."""
    return {path: text for lesson in lessons for path, text in make(lesson).items()}


def read(file: Path) -> str | None:
    """A file's text, or None if there is none."""
    return file.read_bytes().decode("utf-8") if file.is_file() else None


def same(file: Path, text: str) -> bool:
    """True if a file holds this text; check data may differ by what another processor rounds differently."""
    found = read(file)
    if found is None or found == text or file.suffix != ".json":
        return found == text
    old, new = read_check_data(json.loads(found)), read_check_data(json.loads(text))
    return list(old) == list(new) and not difference(old, new)


def write(folder: Path, files: dict[Path, str]) -> list[Path]:
    """Write the files that differ, each whole or not at all; return their paths."""
    changed = [path for path, text in files.items() if not same(folder / path, text)]
    for path in changed:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        part.write_bytes(files[path].encode("utf-8"))
        os.replace(part, target)
    return changed
