"""The class at a glance: what all marks of an assignment say together, as plain numbers; glance_page.py shows them."""

import hashlib
import json
import re
import statistics
from collections import Counter
from dataclasses import dataclass, field

from grading import intake
from grading.assignment import Assignment, has_points
from grading.checker import LESSONS
from grading.classroom import Classroom
from grading.errors import Refused
from grading.similarity import Pair, Place, pairs
from grading.store import read_journal

SLOW = 3.0  # times the median
BLANK, OTHER = "not answered", "another wrong answer"


@dataclass
class Exercise:
    """One graded cell. `answers` are the grade_ids of the cells that it judges; `by_hand`: a person does."""

    place: Place
    title: str
    points: float
    answers: list[str]
    sentences: dict[str, str]
    by_hand: bool = False
    difficulty: float | None = None
    discrimination: float | None = None
    right: int = 0
    counts: Counter = field(default_factory=Counter)


@dataclass
class Student:
    """One submission. `label` is what is shown; `scores` are None where a person has to look."""

    name: str
    label: str
    scores: dict[Place, float | None]
    misconceptions: dict[Place, str | None]
    score: float
    notes: list[str]
    seconds: float | None
    answers: dict[Place, str]
    late: float = 0.0


@dataclass
class Glance:
    """All of it."""

    assignment: str
    points: float
    students: list[Student]
    exercises: list[Exercise]
    pairs: list[Pair]
    released: str
    named: bool

    @property
    def slow(self) -> float:
        """From how many seconds on a submission is called slow."""
        times = [student.seconds for student in self.students if student.seconds is not None]
        return max(1.0, SLOW * statistics.median(times)) if times else float("inf")

    @property
    def odd(self) -> list[Student]:
        """The submissions that intake had to heal, that were late or slow."""
        slow = self.slow
        return [s for s in self.students if s.notes or s.late > 0 or (s.seconds or 0) > slow]


def look(classroom: Classroom, name: str, *, names: bool = False, lessons=LESSONS) -> Glance:
    """Gather an assignment's numbers; Refused when nobody has been graded. Without `names` nobody can be told."""
    assignment = Assignment.load(classroom, name, lessons)
    exercises = _exercises(assignment)
    lines = {
        line.get("student"): line
        for line in read_journal(classroom.root / "journal.jsonl")
        if line.get("assignment") == name
    }
    students = _students(classroom, assignment, exercises, lines)
    if not students:
        raise Refused(f"Nobody has been graded in {name}: run `kindling class grade {name}`.")
    for student in students if names else ():
        student.label = student.name
    students.sort(key=lambda student: (-student.score, student.label))
    for exercise in exercises:
        _judge(exercise, students)
    released = "\n\n".join(_released(assignment).values())
    places = {place for student in students for place in student.answers}
    answers = {place: {s.name: s.answers[place] for s in students if place in s.answers} for place in sorted(places)}
    found = pairs(answers, released, len(students))
    points = sum(exercise.points for exercise in exercises)
    return Glance(name, points, students, exercises, found, released, names)


def _exercises(assignment: Assignment) -> list[Exercise]:
    made = []
    for notebook, skeleton in assignment.skeletons.items():
        waiting: list[str] = []
        for cell in intake.released_cells(skeleton):
            if cell.answer:
                waiting.append(cell.grade_id)
            if not has_points(cell):
                continue
            question = assignment.asked(notebook).get(cell.grade_id)
            entry = question.entry if question else {}
            known = {wrong["id"]: wrong["sentence"] for wrong in entry.get("misconceptions", ())}
            points = float(cell.nbgrader.get("points") or 0)
            title = entry.get("title", cell.grade_id)
            made.append(Exercise((notebook, cell.grade_id), title, points, waiting, known, not question))
            waiting = []
    return made


def _released(assignment: Assignment) -> dict[Place, str]:
    """The released text of each code cell."""
    return {
        (notebook, cell.grade_id or f"cell {number}"): cell.source
        for notebook, skeleton in assignment.skeletons.items()
        for number, cell in enumerate(intake.released_cells(skeleton))
        if cell.kind == intake.CODE
    }


def _students(classroom: Classroom, assignment: Assignment, exercises: list[Exercise], lines: dict) -> list[Student]:
    """Marks as nbgrader has them, manual ones included; what intake and checks said as the journal has it."""
    from nbgrader.api import MissingEntry

    released, made = _released(assignment), []
    order = sorted(lines, key=lambda name: hashlib.sha256(f"{assignment.seed_hash} {name}".encode()).digest())
    with classroom.gradebook() as book:
        for number, name in enumerate(order):
            try:
                found = book.find_submission(assignment.name, name)
            except MissingEntry:
                continue
            scores = {
                (notebook.name, grade.name): grade.manual_score if grade.manual_score is not None else grade.auto_score
                for notebook in found.notebooks
                for grade in notebook.grades
            }
            line = lines[name]
            marks = {(notebook, key): mark for notebook, kept in line["marks"].items() for key, mark in kept.items()}
            made.append(
                Student(
                    name,
                    f"S{number + 1:02}",
                    {exercise.place: scores.get(exercise.place) for exercise in exercises},
                    {place: mark[3] for place, mark in marks.items()},
                    found.score,
                    [note for note in line.get("notes", []) if isinstance(note, str)],
                    line.get("seconds"),
                    _answers(classroom, assignment, name, released),
                    found.late_submission_penalty or 0.0,
                )
            )
    return made


def _answers(
    classroom: Classroom, assignment: Assignment, student: str, released: dict[Place, str]
) -> dict[Place, str]:
    """What a student wrote, by answer; code cells of one's own are one answer together."""
    made: dict[Place, str] = {}
    for notebook in assignment.skeletons:
        file = classroom.folder("autograded", assignment.name, student) / f"{notebook}.ipynb"
        if not file.is_file():
            continue
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] != intake.CODE:
                continue
            marks = cell["metadata"].get("nbgrader", {})
            text, place = intake.text_of(cell), (notebook, marks.get("grade_id", ""))
            if marks.get("solution") and text.strip() != released.get(place, "").strip():
                made[place] = text
            elif not marks and re.fullmatch(r"own-\d+", cell.get("id", "")):
                own = notebook, "cells of their own"
                made[own] = made.get(own, "") + text + "\n\n"
    return made


def _judge(exercise: Exercise, students: list[Student]) -> None:
    """Difficulty (the mean share of the points) and discrimination, and who stumbled over what."""
    marked = [student for student in students if student.scores[exercise.place] is not None]
    if not marked or not exercise.points:
        return
    here = [student.scores[exercise.place] for student in marked]
    rest = [sum(score or 0.0 for place, score in s.scores.items() if place != exercise.place) for s in marked]
    exercise.difficulty = statistics.fmean(here) / exercise.points
    if len(marked) > 2 and len(set(here)) > 1 and len(set(rest)) > 1:
        exercise.discrimination = statistics.correlation(here, rest)
    for student in marked:
        exercise.right += student.scores[exercise.place] >= exercise.points
        if student.scores[exercise.place] < exercise.points and not exercise.by_hand:
            exercise.counts[_what(exercise, student)] += 1


def _what(exercise: Exercise, student: Student) -> str:
    known = student.misconceptions.get(exercise.place)
    answered = any((exercise.place[0], answer) in student.answers for answer in exercise.answers)
    return known or (OTHER if answered or not exercise.answers else BLANK)
