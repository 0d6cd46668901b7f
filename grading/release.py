"""Gives an assignment out through nbgrader."""

from pathlib import Path

from course.build.builder import build_source
from grading.classroom import Classroom, tools_on_path
from grading.inbox import Refused

REPOSITORY = Path(__file__).resolve().parents[1]


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
