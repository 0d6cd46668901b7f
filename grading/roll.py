"""The class list: who is in the class, from whatever CSV the university's system gives out, or from the gradebook.

Its columns are kept as they are: an export for the same system writes them back, with the marks added.
"""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from grading.classroom import Classroom
from grading.errors import Refused
from grading.intake import plain_name

KEPT = "students.csv"  # the class list as it was given, in the class folder
SAFE = re.compile(r"\w[\w .@-]{0,99}")
# What the columns are called by nbgrader, Canvas, Moodle and people; the first that is filled is the student's id.
IDS = ("student_id", "username", "user name", "login", "sis login id", "id number", "sis user id", "id", "email")
IDS = (*IDS, "email address", "identifier")
FIRST, LAST = ("first_name", "first name", "firstname", "given name"), ("last_name", "last name", "surname", "lastname")
WHOLE, EMAIL = ("student", "full name", "name"), ("email", "email address", "e-mail")


@dataclass(frozen=True)
class Student:
    """One row of the class list."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    row: dict[str, str] = field(default_factory=dict, hash=False, compare=False)

    def own(self) -> set[str]:
        """What stands for this student and nobody else: id, login, address."""
        found = {self.row.get(name, "") for name in (*IDS[:7], *EMAIL)} | {self.id, self.email}
        return {key.strip().casefold() for key in found if key.strip()}

    def names(self) -> set[str]:
        """The spellings of the name, down to its letters."""
        return {letters(f"{self.first} {self.last}"), letters(f"{self.last} {self.first}")} - {""}


def letters(name: str) -> str:
    """The letters and digits of a name without accents, blanks and case: what systems agree on."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


class Roll:
    """Finds the student that a name in a submission stands for."""

    def __init__(self, students: list[Student], columns: list[str] | None = None):
        self.students, self.columns = students, columns or []
        self.by_key, self.by_name, self.by_number = defaultdict(list), defaultdict(list), {}
        for student in students:
            for key in student.own():
                self.by_key[key].append(student)
            for name in student.names():
                self.by_name[name].append(student)
            for column, kind in (("id", "canvas"), ("identifier", "moodle")):
                number = re.search(r"\d+$", student.row.get(column, ""))
                if number:
                    self.by_number[kind, number[0]] = student

    def find(self, name: str, kind: str = "", number: str = "") -> Student | str:
        """The student, or why nobody could be found: a guess is never made."""
        if number and (kind, number) in self.by_number:
            return self.by_number[kind, number]
        found = self.by_key.get(name.strip().casefold()) or self.by_name.get(letters(name)) or []
        if len(found) == 1:
            return found[0]
        called = plain_name(name)
        if found:
            ids = ", ".join(student.id for student in found)
            return f"{len(found)} students of the class list are called {called} ({ids})"
        return f"nobody on the class list is called {called}"


def read_csv(text: str, name: str = "the class list") -> Roll:
    """Read a class list; raises Refused when it has no column that names the students or an id is there twice."""
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    try:
        columns = [column for column in reader.fieldnames or [] if column]
        students = [student for row in reader if (student := _student(row)) is not None]
    except csv.Error as error:
        raise Refused(f"{name} is not a CSV file that can be read: {error}.") from None
    if not students:
        raise Refused(f"No student could be read from {name}: it needs a first line with a column such as student_id.")
    seen: set[str] = set()
    for student in students:
        if not SAFE.fullmatch(student.id):
            raise Refused(f"{name}: {plain_name(student.id)} is not an id that can name a folder.")
        if student.id.casefold() in seen:
            raise Refused(f"{name}: the id {student.id} is there twice.")
        seen.add(student.id.casefold())
    return Roll(students, columns)


def _student(row: dict) -> Student | None:
    facts = {key.strip().casefold(): value.strip() for key, value in row.items() if key and isinstance(value, str)}
    identity = _first(facts, IDS)
    whole = _first(facts, WHOLE)
    if not identity or whole.startswith("Points Possible"):  # the second line of Canvas's gradebook
        return None
    first, last = _first(facts, FIRST), _first(facts, LAST)
    if not (first or last):
        if "," in whole:
            last, _, first = (part.strip() for part in whole.partition(","))
        else:
            first, _, last = (part.strip() for part in whole.rpartition(" "))
    identity = re.sub(r"(?i)^participant\s+", "", identity)
    return Student(identity, first, last, _first(facts, EMAIL), facts)


def _first(facts: dict[str, str], names: tuple[str, ...]) -> str:
    return next((facts[name] for name in names if facts.get(name)), "")


def load(classroom: Classroom) -> Roll | None:
    """The class list that was given, else the students in the gradebook; None where there is neither."""
    kept = classroom.root / KEPT
    if kept.is_file():
        return read_csv(decode(kept.read_bytes()), KEPT)
    students = _of_gradebook(classroom)
    return Roll(students) if students else None


def keep(classroom: Classroom, path: Path) -> Roll:
    """Take a class list in: it stays in the class folder, and its students are entered in the gradebook."""
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise Refused(f"{path} could not be read: {error.strerror}.") from None
    roll = read_csv(text, path.name)
    classroom.root.mkdir(parents=True, exist_ok=True)
    (classroom.root / KEPT).write_text(text, encoding="utf-8", newline="")
    with classroom.gradebook() as book:
        for student in roll.students:
            facts = {"first_name": student.first, "last_name": student.last, "email": student.email}
            book.update_or_create_student(student.id, **{name: value or None for name, value in facts.items()})
    return roll


def decode(raw: bytes) -> str:
    """The text of a CSV file: UTF-8, or what spreadsheets write instead."""
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").replace("\r\n", "\n")


def _of_gradebook(classroom: Classroom) -> list[Student]:
    if not classroom.has_gradebook():
        return []
    with classroom.gradebook() as book:
        return [Student(s.id, s.first_name or "", s.last_name or "", s.email or "") for s in book.students]
