"""What leaves the grader: a feedback page per student, and the marks as CSV."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from nbconvert.exporters import HTMLExporter
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI

from grading.classroom import Classroom, tools_on_path
from grading.store import read_journal

COLUMNS = [
    "assignment",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "timestamp",
    "score",
    "max_score",
    "late_penalty",
    "needs_manual_grade",
    "seed",
]


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


def export(classroom: Classroom, path: Path, assignment: str | None = None) -> int:
    """Write all marks as CSV that any spreadsheet reads; the number of rows."""
    seeds = {
        (entry.get("assignment"), entry.get("student")): entry.get("seed", "")
        for entry in read_journal(classroom.root / "journal.jsonl")
    }
    with classroom.gradebook() as book:
        rows = [
            _row(book, wanted, student, seeds)
            for wanted in book.assignments
            for student in book.students
            if assignment in (None, wanted.name)
        ]
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def _row(book: Gradebook, assignment, student, seeds: dict) -> dict:
    row = {
        "assignment": plain(assignment.name),
        "student_id": plain(student.id),
        "last_name": plain(student.last_name),
        "first_name": plain(student.first_name),
        "email": plain(student.email),
        "max_score": assignment.max_score,
        "seed": seeds.get((assignment.name, student.id), ""),
    }
    try:
        found = book.find_submission(assignment.name, student.id)
    except MissingEntry:
        return {**row, "score": 0.0, "late_penalty": 0.0, "needs_manual_grade": False}
    penalty = found.late_submission_penalty or 0.0
    return {
        **row,
        "timestamp": found.timestamp,
        "score": max(0.0, found.score - penalty),
        "late_penalty": penalty,
        "needs_manual_grade": found.needs_manual_grade,
    }


def plain(text: str | None) -> str:
    """Text that a spreadsheet does not take for a formula."""
    text = text or ""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
