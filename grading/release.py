"""Gives an assignment out: released by nbgrader, looked through for solutions, and packed as a kit for universities."""

import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course.build.lesson import CANARY
from grading import source
from grading.classroom import Classroom, tools_on_path
from grading.errors import Refused

CONFIG = "nbgrader_config.py"
CONFIG_TEXT = '''\
"""nbgrader's configuration of this class, for its own commands and formgrader. `kindling class release` wrote it."""

from pathlib import Path

from grading.autograde import use

use(get_config(), Path(__file__).resolve().parent)  # noqa: F821 (nbgrader provides get_config)
'''
README = """Kindling: {assignment}

1. Python 3.11 to 3.14.   python -m venv .venv
2. .venv/bin/python -m pip install "{wheel}[course]"      (Windows: .venv\\Scripts\\python)
3. .venv/bin/jupyter lab {assignment}

The folder checks/ stays beside the notebooks: they find in it what is right.
"""
MARKS = ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "### BEGIN MARK SCHEME")


@dataclass
class Released:
    """What was given out; `new_seed` when this release made the class seed."""

    new_seed: bool
    kit: Path | None = None
    notes: list[str] = field(default_factory=list)


def release(classroom: Classroom, assignment: str, repository: Path = source.REPOSITORY, kit: bool = False) -> Released:
    """Make the released notebooks, the gradebook's entries and, once, the class seed; Refused if a solution shows."""
    from nbgrader.apps import NbGraderAPI  # takes seconds to load

    _refuse_other_notebooks(classroom, assignment, repository)
    notes = source.make(classroom, assignment, repository)
    folder = classroom.folder("source", assignment)
    if not any(folder.glob("*.ipynb")):
        raise Refused(f"There is no notebook in {folder}, and no lesson of {assignment} to make one from.")
    made = Released(classroom.make_seed(), notes=notes)
    (classroom.root / CONFIG).write_text(CONFIG_TEXT, encoding="utf-8")
    target = classroom.folder("release", assignment)
    with tools_on_path(), _kept(target):
        result = NbGraderAPI(config=classroom.config).generate_assignment(assignment, force=True)
        if not result["success"]:
            raise Refused(_reason(result.get("log") or result.get("error") or ""))
    found = [what for path in files_of(target) for what in held(path.name, path.read_bytes())]
    if found:
        shutil.rmtree(target)
        raise Refused(f"The release would give a solution away, so it was taken back: {'; '.join(found)}.")
    if kit:
        made.kit = make_kit(classroom, assignment, repository)
    return made


def _refuse_other_notebooks(classroom: Classroom, assignment: str, repository: Path) -> None:
    """nbgrader takes no notebook into an assignment, and out of it, that has submissions in the gradebook."""
    from nbgrader.api import MissingEntry

    if not classroom.has_gradebook():
        return
    with classroom.gradebook() as book:
        try:
            found = book.find_assignment(assignment)
        except MissingEntry:
            return
        before = {notebook.name for notebook in found.notebooks} if found.submissions else set()
    other = before ^ source.names(classroom, assignment, repository) if before else set()
    if other:
        raise Refused(
            f"{assignment} has marks already, and then nbgrader neither adds nor removes a notebook: "
            f"{', '.join(sorted(other))}. Give what is new out as an assignment of its own."
        )


@contextlib.contextmanager
def _kept(target: Path) -> Iterator[None]:
    """nbgrader removes what was released before when it fails: it is put back."""
    with tempfile.TemporaryDirectory(dir=target.parent.parent) as folder:
        before = Path(folder, "before")
        if target.is_dir():
            shutil.copytree(target, before)
        try:
            yield
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            if before.is_dir():
                before.rename(target)
            raise


def _reason(log: str) -> str:
    """The first error in nbgrader's log that is no traceback: its last one only points to the others."""
    errors = [line for line in re.findall(r"^\[ERROR\] (.+)$", log, re.M) if not line.startswith("Traceback")]
    return errors[0] if errors else (log.strip().splitlines() or ["nbgrader gave no reason."])[-1]


def files_of(folder: Path) -> list[Path]:
    """All files below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def held(name: str, raw: bytes) -> list[str]:
    """What of a solution a file or zip holds: a canary, or in a notebook a mark that nbgrader cuts out."""
    if zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return [what for inner in archive.namelist() for what in held(f"{name}: {inner}", archive.read(inner))]
    text = raw.decode("utf-8", "replace")
    found = sorted(set(re.findall(re.escape(CANARY) + r"[\w-]+", text)))
    found += [mark for mark in MARKS if name.endswith(".ipynb") and mark in text]
    return [f"{name}: {what}" for what in found]


# -- the kit -----------------------------------------------------------------------------------------------------------


def make_kit(classroom: Classroom, assignment: str, repository: Path = source.REPOSITORY) -> Path:
    """One zip with the wheel, the released notebooks and their check data; Refused if a solution is in it."""
    target = classroom.root / "kit" / f"{assignment}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    released = classroom.folder("release", assignment)
    part = target.with_suffix(".part")
    with tempfile.TemporaryDirectory() as temporary, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        wheel = build_wheel(Path(temporary))
        archive.write(wheel, f"kindling/{wheel.name}")
        for path in files_of(released):
            archive.write(path, f"kindling/{assignment}/{path.relative_to(released).as_posix()}")
        archive.writestr("kindling/README.txt", README.format(assignment=assignment, wheel=wheel.name))
    found = held("kit", part.read_bytes())
    if found:
        part.unlink()
        raise Refused(f"The kit would give a solution away, so there is none: {'; '.join(found)}.")
    part.replace(target)
    return target


def build_wheel(folder: Path) -> Path:
    """The wheel of this very code."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=source.REPOSITORY, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        said = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise Refused(f"The kit's wheel could not be built ({said[0]}): `python do.py setup` brings what it needs.")
    return wheels[0]
