"""Several draws of fresh inputs: who knows what another student was asked knows nothing of what comes."""

import pytest

from grading import engine
from grading.assignment import Assignment
from grading.regrade import regrade
from grading.store import read_journal
from tests.grading import classes

DAY, NOTEBOOK = classes.DAY, classes.NOTEBOOK
STUDENTS = [f"student{number}" for number in range(12)]


@pytest.fixture
def room(classroom):
    (classroom.root / "class.toml").write_text("variants = 3")
    return type(classroom)(classroom.root)


def asked(assignment: Assignment) -> list:
    return [case["given"]["x"] for case in assignment.questions[NOTEBOOK]["06_double"].cases]


def test_each_variant_has_inputs_of_its_own(room, classroom):
    loaded = Assignment.load(room, DAY, classes.LESSONS)
    known, *drawn = (set(numbers) for numbers in zip(*map(asked, loaded.variants), strict=True))
    assert known == {3.0}
    assert [len(numbers) for numbers in drawn] == [3] * 4
    assert asked(loaded) == asked(Assignment.load(classroom, DAY, classes.LESSONS))  # the first is what one alone is
    again = Assignment.load(room, DAY, classes.LESSONS)
    assert [loaded.of(name).variant for name in STUDENTS] == [again.of(name).variant for name in STUDENTS]
    assert {loaded.of(name).variant for name in STUDENTS} == {0, 1, 2}


@pytest.mark.sandbox
def test_every_variant_is_graded_fairly(room):
    """Right answers get full marks in all; the answers to one variant by heart are right for its students only."""
    loaded = Assignment.load(room, DAY, classes.LESSONS)
    numbers = {x: 2 * x for x in asked(loaded.variants[1])}
    by_heart = f"double = {numbers!r}.__getitem__"
    for name in STUDENTS:
        classes.hand_in(room, name, classes.with_answers(classes.solved(room), double=by_heart))
    classes.hand_in(room, "honest", classes.solved(room))
    graded = {done.student: done for done in engine.grade(room, DAY, lessons=classes.LESSONS).graded}
    assert graded.pop("honest").score == 12.0
    for name, done in graded.items():
        assert done.score == (12.0 if loaded.of(name).variant == 1 else 10.0)
    lines = read_journal(room.root / "journal.jsonl")
    assert {line["student"]: line["variant"] for line in lines if line["student"] != "honest"} == {
        name: loaded.of(name).variant for name in STUDENTS
    }
    (room.root / "class.toml").write_text("variants = 1")
    touched = regrade(type(room)(room.root), DAY, lessons=classes.LESSONS)
    assert {change.student for change in touched.changes} >= {s for s in STUDENTS if loaded.of(s).variant}
    assert not touched.written
