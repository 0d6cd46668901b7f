"""The feedback page of each student."""

from collections.abc import Callable, Iterable
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbgrader.apps import NbGraderAPI

from grading.classroom import Classroom, tools_on_path


class FeedbackExporter(HTMLExporter):
    """The feedback page: one file, no script, no foreign request, everything a student wrote shown as text."""


def feedback(
    classroom: Classroom,
    assignment: str,
    students: Iterable[str],
    progress: Callable[[str, str], None] = lambda student, status: None,
) -> list[Path]:
    """Write the feedback of each student through nbgrader; the pages that were written."""
    api = NbGraderAPI(config=classroom.config)
    pages = []
    for student in students:
        with tools_on_path():
            result = api.generate_feedback(assignment, student, force=True)
        folder = classroom.folder("feedback", assignment, student)
        pages += sorted(folder.glob("*.html")) if result["success"] else []
        progress(student, "written" if result["success"] else result.get("log", "failed").strip().splitlines()[-1])
    return pages
