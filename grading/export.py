"""Marks as CSV: nbgrader's columns, or the very table that Canvas or Moodle gave out as class list, filled in."""

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from grading import roll as class_list
from grading.classroom import Classroom
from grading.errors import Refused
from grading.store import read_journal

NBGRADER = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"]
NBGRADER += ["raw_score", "late_submission_penalty", "score", "max_score", "needs_manual_grade", "seed"]
CANVAS = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
MOODLE = ["Identifier", "Full name", "ID number", "Email address"]
MARKED = "Last modified (grade)"  # Moodle takes no worksheet without it: by it a newer mark of its own is left alone
IN_CANVAS = re.compile(r".+ \(\d+\)")  # an assignment in Canvas's gradebook: its name, and Canvas's number
POINTS_POSSIBLE = "    Points Possible"  # Canvas's name for the line below its heading, blanks included
FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # some spreadsheets read wide ones
UNSEEN = " \xa0\xad\u2000\u200b\u200c\u200d\u2060\u3000\ufeff"  # and pass over what nobody sees before them


@dataclass
class Exported:
    """How many rows were written, and what a person should know of them."""

    rows: int
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mark:
    """What one student has in one assignment; nothing handed in is no mark, and is 0 only in nbgrader's own table."""

    timestamp: object = ""
    raw: float = 0.0
    penalty: float = 0.0
    manual: bool = False
    handed_in: bool = False

    @property
    def score(self) -> float:
        return max(0.0, self.raw - self.penalty)


def export(
    classroom: Classroom, path: Path, form: str = "nbgrader", assignment: str = "", column: str = ""
) -> Exported:
    """Write marks as a CSV that any spreadsheet reads and none takes for formulas.

    `column` is what Canvas calls the assignment, where it is not called as here.
    """
    if column and form != "canvas":
        raise Refused("--column names a column of Canvas's gradebook: it goes with --format canvas.")
    with classroom.gradebook() as book:
        wanted = [found for found in book.assignments if assignment in ("", found.name)]
        if assignment and not wanted:
            raise Refused(f"There is no assignment {assignment} in the gradebook.")
        columns, rows, notes = FORMATS[form](classroom, book, wanted, column)
    write_csv(path, columns, rows, "utf-8-sig" if form == "nbgrader" else "utf-8")
    return Exported(len(rows), notes)


def write_csv(path: Path, columns: list[str], rows: list[dict], encoding: str = "utf-8-sig") -> None:
    """A table as a file that any spreadsheet reads and none takes for formulas."""
    with open(path, "w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow([plain(column) for column in columns])
        writer.writerows([[plain(row.get(column, "")) for column in columns] for row in rows])


def plain(value) -> object:
    """Text that a spreadsheet does not take for a formula; numbers stay numbers."""
    if value is None or isinstance(value, bool | int | float):
        return "" if value is None else value
    text = str(value).replace("\0", "")
    keeps_blanks = text == POINTS_POSSIBLE
    return "'" + text if not keeps_blanks and text.lstrip(UNSEEN)[:1] in FORMULA and text.strip(UNSEEN) else text


def mark_of(book: Gradebook, assignment: str, student: str) -> Mark:
    """One student's mark."""
    try:
        found = book.find_submission(assignment, student)
    except MissingEntry:
        return Mark()
    penalty = found.late_submission_penalty or 0.0
    return Mark(found.timestamp, found.score, penalty, bool(found.needs_manual_grade), True)


def _for_nbgrader(classroom: Classroom, book: Gradebook, wanted: list, _: str) -> tuple[list, list, list]:
    lines = read_journal(classroom.root / "journal.jsonl")
    seeds = {(line.get("assignment"), line.get("student")): line.get("seed", "") for line in lines}
    rows = []
    for assignment in wanted:
        for student in book.students:
            mark = mark_of(book, assignment.name, student.id)
            row = [assignment.name, assignment.duedate, mark.timestamp]
            row += [student.id, student.last_name, student.first_name, student.email]
            row += [mark.raw, mark.penalty, mark.score, assignment.max_score, mark.manual]
            row += [seeds.get((assignment.name, student.id), "")]
            rows.append(dict(zip(NBGRADER, row, strict=True)))
    return NBGRADER, rows, []


def _class_list(classroom: Classroom, needs: str, system: str, what: str) -> class_list.Roll:
    roll = class_list.load(classroom)
    if roll is None or needs.casefold() not in (column.strip().casefold() for column in roll.columns):
        raise Refused(
            f"{system} finds its students by its own ids: collect with --students and {what} that it exports."
        )
    return roll


def _for_canvas(classroom: Classroom, book: Gradebook, wanted: list, column: str) -> tuple[list, list, list]:
    roll = _class_list(classroom, "Student", "Canvas", "the gradebook")
    if column and len(wanted) != 1:
        raise Refused("--column is of one assignment: name it with --assignment.")
    notes: list[str] = []
    named = {a.name: _column(roll, column or a.name, notes) for a in wanted}
    rows = [{"Student": POINTS_POSSIBLE, **{named[a.name]: a.max_score for a in wanted}}]
    for student in roll.students:
        row = {column: student.row.get(column.casefold(), "") for column in CANVAS}
        for assignment in wanted:
            row[named[assignment.name]] = _final(book, assignment.name, student.id, notes)
        rows.append(row)
    return [*CANVAS, *named.values()], rows, notes


def _column(roll: class_list.Roll, name: str, notes: list[str]) -> str:
    """The column of Canvas's gradebook for an assignment; a column that Canvas does not have makes one there."""
    for column in roll.columns:
        if name in (column, re.sub(r" \(\d+\)$", "", column)):
            return column
    there = [column for column in roll.columns if IN_CANVAS.fullmatch(column)]
    known = f"; the class list has {', '.join(there)}" if there else ""
    notes.append(
        f"Canvas will make a new assignment {name}. If it has one already, give its name with --column{known}."
    )
    return name


def _for_moodle(classroom: Classroom, book: Gradebook, wanted: list, _: str) -> tuple[list, list, list]:
    if len(wanted) != 1:
        raise Refused("Moodle's grading worksheet holds one assignment: name it with --assignment.")
    roll = _class_list(classroom, "Identifier", "Moodle", "the grading worksheet")
    (assignment,), notes, rows = wanted, [], []
    columns = [column for column in MOODLE if column.casefold() in roll.students[0].row]
    for student in roll.students:
        row = {column: student.row.get(column.casefold(), "") for column in columns}
        row["Grade"] = _final(book, assignment.name, student.id, notes)
        row["Maximum Grade"] = student.row.get("maximum grade", "") or assignment.max_score
        row[MARKED] = student.row.get(MARKED.casefold(), "")
        rows.append(row)
    most = {str(row["Maximum Grade"]) for row in rows}
    if any(_number(value) != assignment.max_score for value in most):
        notes.append(
            f"Moodle's maximum grade is {', '.join(sorted(most))}, this assignment's {assignment.max_score:g}."
        )
    return [*columns, "Grade", "Maximum Grade", MARKED], rows, notes


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _final(book: Gradebook, assignment: str, student: str, notes: list[str]) -> float | str:
    """A mark that is final, or nothing: Moodle leaves the mark of an empty field as it is."""
    mark = mark_of(book, assignment, student)
    if mark.manual:
        notes.append(f"{student} has no mark yet in {assignment}: a person has to look (formgrader).")
    return mark.score if mark.handed_in and not mark.manual else ""


FORMATS: dict[str, Callable] = {"nbgrader": _for_nbgrader, "canvas": _for_canvas, "moodle": _for_moodle}
