"""After a check was mended only the answers that it touches are judged again, and nothing is written unasked."""

import json
import shutil

import pytest

from grading import engine, reports
from grading.assignment import Assignment
from grading.regrade import regrade
from grading.store import read_journal
from tests.grading import classes

DAY, NOTEBOOK = classes.DAY, classes.NOTEBOOK


def mended(tmp_path_factory, *changes):
    """The lessons with other text in the exercises."""
    root = tmp_path_factory.mktemp("lessons") / "lessons"
    shutil.copytree(classes.LESSONS, root, ignore=shutil.ignore_patterns("__pycache__"))
    file = root / DAY / NOTEBOOK / "exercises.py"
    text = file.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text)
    return root


CHANGES = {
    "its sentence": ("This is x times x.", "You wrote x times x.", "06_double"),
    "what is observed": (
        'values(ns["normed"](a), "result")',
        'values(ns["normed"](a), "length")',
        "06_normed",
    ),
    "its inputs": ("size=shape", "size=shape, scale=2.0", "06_normed"),
    "a misconception": ("def double(x): return x * x", "def double(x): return x ** 2", "06_double"),
    "a hint": ("Print it.", "Use print.", None),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_check_has_a_digest_of_its_own(classroom, tmp_path_factory, name):
    old, new, touched = CHANGES[name]
    line = {"checks": Assignment.load(classroom, DAY, classes.LESSONS).checks}
    found = Assignment.load(classroom, DAY, mended(tmp_path_factory, (old, new))).changed(line)
    assert found == ({(NOTEBOOK, touched)} if touched else set())


def cells(classroom, student) -> dict:
    folder = classroom.folder("autograded", DAY, student)
    made = json.loads((folder / f"{NOTEBOOK}.ipynb").read_text())["cells"]
    return {c["metadata"]["nbgrader"]["grade_id"]: c.get("outputs") for c in made if "nbgrader" in c["metadata"]}


WRONG_FOR_ALL = (
    'return values(ns["double"](case["given"]["x"]), "result")',
    'return values(ns["double"](case["given"]["x"] * 0.0), "result")',
)
BEFORE_AND_AFTER = {
    ("ada", "06_double"): (2.0, 2.0),
    ("bob", "06_double"): (0.0, 2.0),
    ("dan", "06_double"): (2.0, 2.0),
}


def score(classroom, student) -> float:
    with classroom.gradebook() as book:
        return book.find_submission(DAY, student).score


def a_graded_class(classroom) -> None:
    """Ada has a manual mark, Bob a wrong answer, and Cy hands in again after the grading."""
    right = classes.solved(classroom)
    triple = classes.with_answers(right, double="def double(x): return 3 * x")
    for student, notebook in (("ada", right), ("bob", triple), ("cy", right), ("dan", right)):
        classes.hand_in(classroom, student, notebook)
    assert engine.grade(classroom, DAY, lessons=classes.LESSONS).failed == {}
    with classroom.gradebook() as book:
        book.find_grade("06_double", NOTEBOOK, DAY, "ada").manual_score = 1.5
        book.find_grade("06_greet", NOTEBOOK, DAY, "bob").auto_score = 5.0  # to see that nobody touches it
        book.db.commit()
    classes.hand_in(classroom, "cy", triple)


@pytest.mark.sandbox
def test_only_the_mended_check_is_judged_again(classroom, tmp_path_factory):
    a_graded_class(classroom)
    lessons = mended(tmp_path_factory, WRONG_FOR_ALL)
    assert regrade(classroom, DAY, lessons=classes.LESSONS).changes == []
    again = engine.grade(classroom, DAY, students=["ada", "bob"], lessons=lessons)
    assert (sorted(again.skipped), again.stale) == (["ada", "bob"], ["ada", "bob"])
    before = cells(classroom, "bob")
    for write in (False, True):
        done = regrade(classroom, DAY, lessons=lessons, write=write)
        assert {(c.student, c.grade_id): (c.before, c.after) for c in done.changes} == BEFORE_AND_AFTER
        assert list(done.left) == ["cy"]
        assert score(classroom, "bob") == (4.0 + 2.0 + 5.0 if write else 4.0 + 5.0)
    after = cells(classroom, "bob")
    assert {name for name in after if after[name] != before[name]} == {"06_double"}
    with classroom.gradebook() as book:
        grade = book.find_grade("06_double", NOTEBOOK, DAY, "ada")
        assert (grade.score, grade.needs_manual_grade) == (1.5, True)
    assert read_journal(classroom.root / "journal.jsonl")[-1]["score"] == 12.0
    assert regrade(classroom, DAY, lessons=lessons).changes == []
    (page,) = reports.feedback(classroom, DAY, ["bob"])
    assert "Right: all 5 cases agree." in page.read_text()
