"""A day with a class: the real lesson is released, handed in, graded in the sandbox; marks are where nbgrader looks."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from course.checks.data import read_check_data
from course.checks.judge import judge, observe_cases
from grading import engine, reports
from grading.runner import Limits
from grading.store import read_journal
from tests.grading import classes
from tests.grading.classes import answer, hand_in, with_answers, with_cell

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).resolve().parents[2]
LESSON = "06_autograd"
EQUAL = """
class Equal:
    __eq__ = lambda *a: True
    __mul__ = __rmul__ = __sub__ = lambda self, other: self
def add_rule(g, x, y): return Equal(), Equal()
mul_rule = add_rule
def pow_rule(g, x, n): return Equal()
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """The real lesson's class with five submissions in it, graded."""
    classroom = classes.released_class(tmp_path_factory.mktemp("day") / "class", ROOT)
    right = classes.solved(classroom, LESSON)
    text = answer(right, "06_mul_rule")["source"]
    swapped = text.replace("return g * y, g * x", "return g * x, g * y")
    assert swapped != text
    five = {
        "correct": right,
        "wrong": with_answers(right, mul_rule=swapped),
        "loop": with_cell(right, "while True:\n    pass"),
        "exit": with_cell(right, "import os\nos._exit(0)"),
        "equal": with_answers(right, mul_rule=EQUAL),
    }
    for student, notebook in five.items():
        hand_in(classroom, student, notebook, f"{LESSON}.ipynb")
    begun = time.monotonic()
    summary = engine.grade(classroom, classes.DAY, limits=Limits(cell_seconds=2.0))
    assert summary.failed == {}
    return classroom, {done.student: done for done in summary.graded}, time.monotonic() - begun


def test_five_submissions_get_their_marks(day):
    classroom, graded, seconds = day
    full = classes.points(classroom, LESSON)
    missed = full - 3.0
    assert {name: done.score for name, done in graded.items()} == {
        "correct": full,
        "wrong": missed,
        "loop": full,
        "exit": full,
        "equal": missed,
    }
    assert seconds < 30


def test_marks_are_in_nbgraders_gradebook(day):
    classroom, graded, _ = day
    with Gradebook(classroom.database, "kindling") as book:
        for name, done in graded.items():
            found = book.find_submission(classes.DAY, name)
            assert (found.score, found.max_score, found.needs_manual_grade) == (done.score, done.points, False)


def test_the_sentence_is_the_notebooks(day):
    classroom, graded, _ = day
    mark = next(mark for mark in graded["wrong"].marks[LESSON] if mark.grade_id == "06_mul_rule")
    assert mark.misconception == "mul-swapped"
    entry = read_check_data(ROOT / "day_001" / "checks" / f"{LESSON}.json")["06.mul_rule"]
    wrong = json.loads((classroom.folder("submitted", classes.DAY, "wrong") / f"{LESSON}.ipynb").read_text())
    ns = {"torch": __import__("kindling")}
    exec(answer(wrong, "06_mul_rule")["source"], ns)
    seen = observe_cases(entry["observe"], ns, entry["cases"])
    verdict = judge(entry["expected"], entry["misconceptions"], seen, entry["tolerance"], entry["cases"])
    assert mark.sentence == verdict.sentence
    (page,) = reports.feedback(classroom, classes.DAY, ["wrong"])
    html = page.read_text().replace("&#39;", "'").replace("&gt;", ">").replace("&#34;", '"')
    assert verdict.sentence in html
    assert "10.0" in html
    assert "15.0" in html


def test_nbgraders_own_commands_work(day, tmp_path):
    classroom, graded, _ = day
    for command in (["export", f"--to={tmp_path / 'marks.csv'}"], ["generate_feedback", classes.DAY]):
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=classroom.root,
            env=env,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    with open(tmp_path / "marks.csv", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == {name: done.score for name, done in graded.items()}
    page = classroom.folder("feedback", classes.DAY, "wrong") / f"{LESSON}.html"
    assert "The two factors have changed places" in page.read_text()
    assert "http:" not in page.read_text() and "https:" not in page.read_text()


def test_no_solution_leaves_the_class(day):
    classroom, graded, _ = day
    canary = "kindling-canary"
    assert canary in (classroom.folder("source", classes.DAY) / f"{LESSON}.ipynb").read_text()
    assert canary not in (classroom.folder("release", classes.DAY) / f"{LESSON}.ipynb").read_text()
    hand_in(classroom, "blank", classroom.notebooks("release", classes.DAY)[LESSON], f"{LESSON}.ipynb")
    engine.grade(classroom, classes.DAY, students=["blank"])
    (page,) = reports.feedback(classroom, classes.DAY, ["blank"])
    assert canary not in page.read_text()


def test_what_was_graded_is_not_graded_again(day):
    classroom, graded, _ = day
    assert sorted(engine.grade(classroom, classes.DAY, students=["correct", "wrong"]).skipped) == ["correct", "wrong"]
    again = engine.grade(classroom, classes.DAY, students=["correct"], force=True)
    assert again.graded[0].score == graded["correct"].score


def test_a_manual_mark_stays(day):
    classroom, graded, _ = day
    with Gradebook(classroom.database, "kindling") as book:
        grade = book.find_grade("06_mul_rule", LESSON, classes.DAY, "equal")
        grade.manual_score = 1.5
        book.db.commit()
    engine.grade(classroom, classes.DAY, students=["equal"], force=True)
    with Gradebook(classroom.database, "kindling") as book:
        grade = book.find_grade("06_mul_rule", LESSON, classes.DAY, "equal")
        assert (grade.score, grade.auto_score, grade.needs_manual_grade) == (1.5, 0.0, True)
        grade.manual_score, grade.needs_manual_grade = None, False
        book.db.commit()


# -- what must not go wrong on our side --------------------------------------------------------------------------------


def test_a_broken_worker_gives_nobody_a_zero(classroom):
    hand_in(classroom, "ada", classes.solved(classroom))
    source = classroom.folder("source", classes.DAY) / f"{classes.NOTEBOOK}.ipynb"
    right = source.read_text()
    source.write_text(right.replace("return x + x", "return x"))
    summary = engine.grade(classroom, classes.DAY, students=["ada"], lessons=classes.LESSONS)
    source.write_text(right)
    assert summary.graded == []
    assert "does not get its fair mark" in summary.failed["ada"]
    assert engine.grade(classroom, classes.DAY, students=["ada"], lessons=classes.LESSONS).graded[0].score == 12.0


def test_a_killed_run_is_taken_up_again(classroom):
    students = [f"k{number:02}" for number in range(12)]
    for student in students:
        hand_in(classroom, student, classes.solved(classroom))
    code = (
        "import sys\nfrom pathlib import Path\nfrom grading import engine\nfrom grading.classroom import Classroom\n"
        "engine.grade(Classroom(Path(sys.argv[1])), 'day_001', students=sys.argv[3:], lessons=Path(sys.argv[2]),"
        " progress=lambda *a: print(*a, flush=True))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
    for lines in (1, 3):
        command = [sys.executable, "-c", code, str(classroom.root), str(classes.LESSONS), *students]
        run = subprocess.Popen(command, env=env, stdout=subprocess.PIPE)
        while lines and (line := run.stdout.readline()):
            lines -= b"graded before" not in line
        run.send_signal(signal.SIGKILL)
        run.wait()
        run.stdout.close()
    summary = engine.grade(classroom, classes.DAY, students=students, lessons=classes.LESSONS)
    assert summary.skipped
    assert sorted([*summary.skipped, *(done.student for done in summary.graded)]) == students
    with Gradebook(classroom.database, "kindling") as book:
        assert {book.find_submission(classes.DAY, student).score for student in students} == {12.0}
    for student in students:
        assert os.listdir(classroom.folder("autograded", classes.DAY, student).parent) == [classes.DAY]


def test_another_seed_grades_again(classroom):
    hand_in(classroom, "bob", classes.solved(classroom))
    engine.grade(classroom, classes.DAY, students=["bob"], lessons=classes.LESSONS)
    before = classroom.seed_hash()
    classroom.seed_file.write_text(json.dumps({"schema": 1, "seed": "00" * 32}))
    assert classroom.seed_hash() != before
    summary = engine.grade(classroom, classes.DAY, students=["bob"], lessons=classes.LESSONS)
    assert [done.student for done in summary.graded] == ["bob"]
    assert [entry["seed"] for entry in read_journal(classroom.root / "journal.jsonl") if entry["student"] == "bob"] == [
        before,
        classroom.seed_hash(),
    ]
