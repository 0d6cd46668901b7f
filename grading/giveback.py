"""Feedback pages in one zip, to be given back: a folder for each student, named as the system that takes it wants."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from grading import roll as class_list
from grading.classroom import Classroom


def bundle(classroom: Classroom, assignment: str, students: Iterable[str], to: Path) -> int:
    """Write the pages of these students into the zip `to`, and say how many there are.

    Where the class list is Moodle's grading worksheet, its "Upload multiple feedback files in a zip" takes the file.
    """
    roll = class_list.load(classroom)
    names = {student.id: _moodle(student) for student in roll.students} if roll else {}
    count = 0
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as made:
        for student in students:
            for page in sorted(classroom.folder("feedback", assignment, student).glob("*.html")):
                made.write(page, f"{names.get(student) or student}/{page.name}")
                count += 1
    return count


def _moodle(student: class_list.Student) -> str:
    """The folder that Moodle gives to a student's submission, and finds the student by; empty without its number.

    >>> _moodle(class_list.Student("ada", row={"identifier": "Participant 12", "full name": "Ada_M. King/Byron"}))
    'Ada M. King Byron_12_assignsubmission_file_'
    """
    number = student.row.get("identifier", "").rpartition(" ")[2]
    name = student.row.get("full name", "") or f"{student.first} {student.last}"
    name = "".join(" " if letter in '_/\\:*?"<>|' else letter for letter in name).strip(" .")
    return f"{name}_{number}_assignsubmission_file_" if number.isdecimal() else ""
