"""Makes classes and submissions for the tests of the grader."""

import copy
import json
from pathlib import Path

from grading.classroom import Classroom
from grading.release import release

HERE = Path(__file__).resolve().parent
LESSONS = HERE / "course" / "lessons"
DAY, NOTEBOOK = "day_001", "06_stand_in"


def released_class(root: Path, lessons_root: Path = HERE) -> Classroom:
    """A class with its day released."""
    classroom = Classroom(root)
    release(classroom, DAY, lessons_root)
    return classroom


def solved(classroom: Classroom, notebook: str = NOTEBOOK) -> dict:
    """The notebook with the right answers, as a student would have it."""
    source = classroom.notebooks("source", DAY)[notebook]
    made = copy.deepcopy(classroom.notebooks("release", DAY)[notebook])
    for cell, right in zip(made["cells"], source["cells"], strict=True):
        cell["source"] = right["source"]
    return made


def answer(notebook: dict, grade_id: str) -> dict:
    """The answer cell of an exercise."""
    return next(
        c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id + "_answer"
    )


def with_answers(notebook: dict, **answers: str) -> dict:
    """A copy with other text in some answer cells (named without `06_`)."""
    made = copy.deepcopy(notebook)
    for name, source in answers.items():
        answer(made, f"06_{name}")["source"] = source
    return made


def with_cell(notebook: dict, source: str, at: int = 2) -> dict:
    """A copy with one more code cell."""
    made = copy.deepcopy(notebook)
    cell = {"cell_type": "code", "id": f"extra-{at}", "metadata": {}, "source": source, "outputs": []}
    made["cells"].insert(at, {**cell, "execution_count": None})
    return made


def hand_in(classroom: Classroom, student: str, notebook, name: str = f"{NOTEBOOK}.ipynb") -> Path:
    """Put a notebook (JSON value or bytes) into a student's submitted folder."""
    folder = classroom.folder("submitted", DAY, student)
    folder.mkdir(parents=True, exist_ok=True)
    raw = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    (folder / name).write_bytes(raw)
    return folder


def points(classroom: Classroom, notebook: str) -> float:
    """The most that can be had in a notebook."""
    cells = classroom.notebooks("release", DAY)[notebook]["cells"]
    return float(sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in cells))
