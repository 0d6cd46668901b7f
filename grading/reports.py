"""The feedback page of each student."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from course.checks import codec
from course.checks.judge import Verdict
from course.checks.show import STYLE, verdict_html
from grading import pictures
from grading.classroom import Classroom, tools_on_path


class FeedbackExporter(HTMLExporter):
    """The feedback page: one file, no script, no foreign request, everything a student wrote shown as text."""

    def default_filters(self) -> Iterator[tuple[str, Callable]]:
        """nbconvert's filters, and the one that draws a verdict."""
        yield from super().default_filters()
        yield "verdict_card", verdict_card

    def from_notebook_node(self, nb, resources=None, **options):
        """The page of a notebook; a mark that waits for a person, which the gradebook counts as 0, is told as such."""
        facts = (resources or {}).get("nbgrader")
        if facts:
            waiting = _waiting(facts)
            for cell in nb.cells:
                marks = cell.metadata.get("nbgrader", {})
                if marks.get("grade_id") in waiting:
                    marks["waits"] = True
        return super().from_notebook_node(nb, resources, **options)


def _waiting(facts: dict) -> set[str]:
    """The answers of a notebook that no person has looked at yet, though one must."""
    with Gradebook(facts["db_url"]) as book:
        grades = book.find_submission_notebook(facts["notebook"], facts["assignment"], facts["student"]).grades
        return {grade.name for grade in grades if grade.needs_manual_grade and grade.manual_score is None}


def verdict_card(facts: dict) -> str:
    """A verdict as the notebook's own check shows it, from its data: arrays are drawn here, all text is escaped.

    >>> "Why it works" in verdict_card({"passed": True, "sentence": "Right.", "title": "One", "why": "So it is."})
    True
    """
    facts = json.loads(json.dumps(facts))  # nbconvert has its own kind of dict
    compared = facts.get("compared")
    values = codec.decode(compared["values"]) if compared else {}
    verdict = Verdict(
        facts["passed"],
        facts["sentence"],
        case=0 if compared else None,
        name=compared and compared["name"],
        expected=values.get("expected"),
        got=values.get("got"),
        calls=facts.get("calls", {}),
    )
    entry = {"title": facts["title"], "why": facts["why"], "cases": [values]}
    hints = [f"To go on: {facts['hint']}"] if facts.get("hint") else []
    tape = pictures.figure(facts["tape"]["svg"], facts["tape"]["words"]) if facts.get("tape") else ""
    return verdict_html(verdict, entry, hints, facts.get("worked", ""), tape).removeprefix(STYLE)


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
