"""The class at a glance: a made-up class of 40, its numbers, and who copied from whom in a disguise."""

import csv
import json
import statistics
import time
from dataclasses import replace

import pytest

from grading import glance, glance_page
from grading.assignment import Assignment
from grading.glance import Exercise, Student
from grading.release import release
from grading.similarity import pairs, runs_of
from tests.grading import classes, synthetic
from tests.site.test_pages import LOOKS, axe

LESSON = ("06_stand_in", "06_double")


@pytest.fixture(scope="module")
def made(classroom):
    """A graded class of 40; two copied pairs and what was written."""
    answers, planted = synthetic.answers_of_a_class(40, seed=2)
    answers["student07"]["greet"] = (
        "def greet(name):\n    # by student07\n    print('</code><script>alert(1)</script>')"
    )
    synthetic.grade(classroom, answers)
    return classroom, planted


@pytest.fixture(scope="module")
def seen(made):
    return glance.look(made[0], classes.DAY, lessons=classes.LESSONS)


@pytest.fixture(scope="module")
def page(made, seen):
    return glance_page.write(seen, made[0].root / "report" / classes.DAY)


def test_planted_copies_are_found_and_nobody_else(made, seen):
    assert {(pair.first, pair.second) for pair in seen.pairs} == made[1]


def test_over_many_classes():
    """Of 30 disguised copies nearly all are found, and hardly ever two who worked alone."""
    missed = false = 0
    for seed in range(10):
        answers, planted = synthetic.answers_of_a_class(40, seed)
        by_place = {("n", name): {s: texts[name] for s, texts in answers.items()} for name in ("normed", "greet")}
        found = {(pair.first, pair.second) for pair in pairs(by_place, "", len(answers))}
        missed, false = missed + len(planted - found), false + len(found - planted)
    assert missed <= 6 and false <= 1


def test_what_a_person_marks_is_no_misconception(tmp_path):
    """A text that got 4 of 5 was neither left out nor wrong in a way that a check would know."""
    room = classes.Classroom(tmp_path / "class")
    marks = {"cell_type": "markdown", "grade": True, "grade_id": "why", "points": 5, "solution": True, "locked": False}
    essay = {"cell_type": "markdown", "id": "why", "source": "", "metadata": {"nbgrader": {**marks, "task": False}}}
    essay["metadata"]["nbgrader"]["schema_version"] = 3
    room.folder("source", "essay").mkdir(parents=True)
    notebook = {"cells": [essay], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (room.folder("source", "essay") / "essay.ipynb").write_text(json.dumps(notebook))
    release(room, "essay", classes.HERE)
    (exercise,) = glance._exercises(Assignment.load(room, "essay", classes.LESSONS))
    ada = Student("ada", "S01", {exercise.place: 4.0}, {}, 4.0, [], 1.0, {})
    glance._judge(exercise, [ada])
    assert (exercise.difficulty, exercise.counts) == (0.8, {})


LONG = "def f(a):\n    t = 0\n    for x in a:\n        if x > 1:\n            t += x ** 2\n    return t / len(a)"
SAME = {
    "names": "def f(q):\n    w = 0\n    for e in q:\n        if e > 1:\n            w += e ** 2\n    return w / len(q)",
    "comments and layout": LONG.replace("    t = 0\n", "    'Sum.'\n\n    t = 0  # begin\n"),
    "numbers": LONG.replace("1", "7").replace("0", "0.0"),
    "annotations": LONG.replace("(a):", "(a: list) -> float:").replace("t = 0", "t: int = 0"),
}
OTHER = {
    "a built-in function": LONG.replace("len(", "max("),
    "an operator": LONG.replace("**", "*"),
    "another loop": LONG.replace("for x in a:", "while a:"),
}


@pytest.mark.parametrize("what", SAME | OTHER)
def test_what_counts_as_structure(what):
    assert (runs_of((SAME | OTHER)[what]).keys() == runs_of(LONG).keys()) is (what in SAME)


def test_what_all_wrote_or_what_was_released_is_no_pair():
    everybody = {f"s{number}": LONG for number in range(20)}
    assert pairs({("n", "a"): everybody}, "", 20) == []
    long = "\n\n".join([LONG, *OTHER.values(), *synthetic.answers_of_a_class(1)[0]["student00"].values()])
    assert len(pairs({("n", "a"): {"s1": long, "s2": long}}, "", 20)) == 1
    assert pairs({("n", "a"): {"s1": long, "s2": long}}, long, 20) == []


ODD = ["def f(:", "\0", "(" * 5000, "x" + "+x" * 20_000, "", "'\\d'", "x\n" * 66_000 + "%x\n" * 99]


@pytest.mark.parametrize("source", ODD)
def test_no_answer_is_too_odd_to_be_read(source, recwarn):
    begun = time.monotonic()
    runs_of(source)
    glance_page.without_words(source)
    assert time.monotonic() - begun < 10
    assert not [warning for warning in recwarn if warning.category is SyntaxWarning]


def test_difficulty_and_discrimination(seen):
    for exercise in seen.exercises:
        here = [student.scores[exercise.place] for student in seen.students]
        assert exercise.right == sum(score == exercise.points for score in here)
        assert exercise.difficulty == pytest.approx(statistics.fmean(here) / exercise.points)
        rest = [sum(student.scores.values()) - score for student, score in zip(seen.students, here, strict=True)]
        assert exercise.discrimination == pytest.approx(statistics.correlation(here, rest))
        assert exercise.right + exercise.counts.total() == 40


def test_an_exercise_that_sorts_nobody_is_named():
    all_right = Exercise(LESSON, "One", 2.0, [], {}, difficulty=1.0, right=40)
    unclear = Exercise(LESSON, "Two", 2.0, [], {}, difficulty=0.4, discrimination=-0.1, right=16)
    assert glance_page.remark(all_right, 40) == "all had it right"
    assert "hard" in glance_page.remark(unclear, 40) and "unclear" in glance_page.remark(unclear, 40)


def test_nobody_can_be_told_unless_names_are_asked_for(made, seen, page):
    texts = [page.read_text(), *(file.read_text() for file in page.parent.glob("*.csv"))]
    assert not any("student" + number in text for text in texts for number in ("04", "07", "21"))
    named = glance.look(made[0], classes.DAY, names=True, lessons=classes.LESSONS)
    assert "student21" in glance_page.html(named) and "# step 1" in glance_page.html(named)
    assert "I thought" not in texts[0]
    note = "Ada L.ipynb was read as 06_stand_in.ipynb."
    assert glance_page.hide(note, seen) == "A file was read as 06_stand_in.ipynb."
    note = "Ada L.ipynb was handed in as well, and not graded."
    assert glance_page.hide(note, seen) == "A file was handed in as well, and not graded."
    assert glance_page.hide("by Student07", seen).startswith("by S")
    mike = replace(seen, students=[replace(seen.students[0], name="mike")])
    assert "m" not in glance_page.hide("MIKE, m\u0130ke, mi\u212ae", mike).replace("somebody", "")


def test_the_page_is_self_contained(page):
    text = page.read_text()
    assert "<script" not in text and "http:" not in text and "https:" not in text and "src=" not in text
    assert "This divides by the sum." in text and "The file is damaged" in text


def test_slow_and_late_are_odd(seen):
    student = seen.students[0]
    assert glance_page.reasons(student, seen) == student.notes
    before, student.seconds, student.late = student.seconds, 999.0, 2.0
    assert glance_page.reasons(student, seen)[-2:] == ["late: 2 points less", "slow: 999 seconds"]
    assert student in seen.odd
    student.seconds, student.late = before, 0.0


def test_the_tables(seen, page):
    with open(page.parent / "students.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["score"]) for row in rows) == sum(student.score for student in seen.students)
    with open(page.parent / "misconceptions.csv", newline="", encoding="utf-8-sig") as file:
        counts = sum(int(row["students"]) for row in csv.DictReader(file))
    assert counts == sum(exercise.counts.total() for exercise in seen.exercises)
    assert {"exercises.csv", "similar.csv"} <= {file.name for file in page.parent.iterdir()}


@pytest.mark.browser
@pytest.mark.parametrize("scheme, width", LOOKS)
def test_the_page_in_every_look(browser, page, scheme, width):
    opened = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    opened.goto(page.as_uri())
    opened.evaluate("document.querySelectorAll('details').forEach(pair => pair.open = true)")
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(opened) == []
    opened.close()
