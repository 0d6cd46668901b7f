"""One lesson: its source `lesson.md` as a notebook with the solutions in, and the same as it is released."""

import hashlib
import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from course.checks.data import build_check_data, exercise_files, load_exercises
from course.checks.exercise import Exercise

if TYPE_CHECKING:  # jupytext and nbformat take seconds to load, and tests that only need the exercises wait for them
    from nbformat import NotebookNode

SCHEMA = 1
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CANARY = "kindling-canary-"
FIRST_CELL = "import kindling as torch"
NEEDS_ANSWER = "needs-answer"


class LessonError(Exception):
    """A lesson that cannot be built; the message says what is wrong with it and where."""


class Lesson:
    """A lesson's folder, as an author wrote it."""

    def __init__(self, folder: Path):
        self.folder, self.name, self.day = folder, folder.name, folder.parent.name

    @cached_property
    def exercises(self) -> list[Exercise]:
        """The exercises, each with its reference."""
        return load_exercises(self.folder)

    @cached_property
    def check_data(self) -> dict:
        """The JSON value of the lesson's check data."""
        return build_check_data(self.exercises)

    @property
    def digest(self) -> str:
        """The hash of everything that the lesson is built from."""
        files = [self.folder / "lesson.md", *exercise_files(self.folder)]
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()

    def source(self) -> "NotebookNode":
        """The notebook with the solutions in: what nbgrader releases from."""
        import jupytext
        from nbformat import NotebookNode

        notebook = jupytext.read(self.folder / "lesson.md")
        notebook.metadata = NotebookNode(
            kernelspec=KERNEL,
            language_info={"name": "python"},
            kindling={"lesson": self.name, "schema": SCHEMA, "source_sha256": self.digest},
        )
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        name_cells(notebook.cells)
        self._set_points(notebook.cells)
        self._refuse_flaws(notebook.cells)
        return notebook

    def released(self) -> "NotebookNode":
        """The notebook that a student gets, made by nbgrader's own steps: no solutions, no outputs."""
        from nbgrader.preprocessors import ClearOutput, ClearSolutions, LockCells

        notebook, resources = self.source(), {}
        for step in (LockCells, ClearSolutions, ClearOutput):
            notebook, resources = step().preprocess(notebook, resources)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.metadata.pop("execution", None)
        return notebook

    def page(self) -> "NotebookNode":
        """The notebook that the site renders: as released, and what needs the reader's own answer is not executed."""
        notebook = self.released()
        for cell in notebook.cells:
            if NEEDS_ANSWER in cell.metadata.get("tags", []):
                cell.metadata.tags = [*cell.metadata.tags, "skip-execution"]
        return notebook

    def _set_points(self, cells: "list[NotebookNode]") -> None:
        points = {exercise.grade_id: exercise.points for exercise in self.exercises}
        for cell in cells:
            if "nbgrader" in cell.metadata and cell.metadata.nbgrader.grade:
                cell.metadata.nbgrader.points = points.get(cell.metadata.nbgrader.grade_id)

    def _refuse_flaws(self, cells: "list[NotebookNode]") -> None:
        """Stop at what would hurt a learner later: a missing cell, a wrong call, a solution without its canary."""
        graded = {cell.metadata.nbgrader.grade_id: cell for cell in cells if "nbgrader" in cell.metadata}
        wanted = [name for e in self.exercises for name in (e.grade_id + "_answer", e.grade_id)]
        if sorted(graded) != sorted(wanted):
            raise LessonError(f"{self.name}: graded cells are {sorted(graded)}, its exercises need {sorted(wanted)}")
        for exercise in self.exercises:
            if graded[exercise.grade_id].source != f'check("{exercise.id}")':
                raise LessonError(f'{self.name}: the cell {exercise.grade_id} must be check("{exercise.id}")')
            answer = graded[exercise.grade_id + "_answer"].source
            if answer.count("### BEGIN SOLUTION") != answer.count(CANARY) or CANARY not in answer:
                raise LessonError(f"{self.name}: every solution of {exercise.id} needs one line with {CANARY}...")
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        if code[:1] != [FIRST_CELL]:
            raise LessonError(f"{self.name}: the first code cell must be exactly `{FIRST_CELL}`")


def name_cells(cells: "list[NotebookNode]") -> None:
    """Give each cell a lasting id: its grade_id, or its section's heading and its place in the section."""
    section, place = "top", Counter()
    for cell in cells:
        heading = re.search(r"^#+ +(.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else None
        if heading:
            section = re.sub(r"[^a-z0-9]+", "-", heading[1].lower()).strip("-")[:48]
        place[section] += 1
        graded = cell.metadata.get("nbgrader", {})
        cell.id = graded["grade_id"] if graded else f"{section}-{place[section]}"


def find_lessons(root: Path) -> list[Lesson]:
    """All lessons of a repository, in order."""
    return [Lesson(file.parent) for file in sorted(root.glob("course/lessons/day_*/*/lesson.md"))]
