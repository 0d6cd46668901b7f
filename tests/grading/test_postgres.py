"""A class of several graders keeps its marks in PostgreSQL: the same commands, another `db_url`."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from grading import engine, export, reports
from grading.claims import Busy, ManyRuns
from grading.classroom import Classroom
from grading.regrade import regrade
from grading.release import release
from grading.store import Store, read_journal
from tests.grading import classes, plain

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).resolve().parents[2]


def test_marks_in_postgresql(server, tmp_path):
    classroom = Classroom(tmp_path / "class", server)
    release(classroom, classes.DAY, classes.HERE)
    classes.hand_in(classroom, "ada", classes.solved(classroom))
    summary = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS)
    assert [done.score for done in summary.graded] == [12.0]
    assert engine.grade(classroom, classes.DAY, lessons=classes.LESSONS).skipped == ["ada"]
    assert len(reports.feedback(classroom, classes.DAY, ["ada"])) == 1
    assert export.export(classroom, tmp_path / "marks.csv").rows == 1
    assert not (classroom.root / "gradebook.db").exists()


def grader(classroom) -> subprocess.Popen:
    """`kindling class grade` as one of several graders starts it."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
    command = [sys.executable, "-m", "course.cli", "class", "grade", plain.NAME, "--workers", "1"]
    command += ["--class", str(classroom.root), "--db-url", classroom.db_url]
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("killed", [False, True], ids=["three graders", "one of three is killed"])
def test_three_graders_at_once(server, tmp_path, killed):
    """Every submission is graded once, whoever does it, and all records agree; a dead grader keeps nothing back."""
    room = plain.released(Classroom(tmp_path / "class", server))
    students = [f"s{number:02}" for number in range(30)]
    for number, student in enumerate(students):
        slow = "import time\ntime.sleep(0.4)"  # so that nobody is done before the others have started
        plain.handed_in(room, student, slow, **(plain.solutions() if number % 3 else {}))
    graders = [grader(room) for _ in range(3)]
    if killed:
        while ": " not in graders[0].stderr.readline():
            pass
        graders[0].send_signal(signal.SIGKILL)
    said = [run.communicate() for run in graders]
    assert [run.returncode for run in graders] == [-signal.SIGKILL if killed else 0, 0, 0], said
    by_each = [int(out.split(" graded, ")[0]) for out, _ in said[killed:]]
    assert (0 < sum(by_each) < 30) if killed else (sum(by_each) == 30 and min(by_each) > 0)

    lines = read_journal(room.root / "journal.jsonl")
    assert Counter(line["student"] for line in lines) == dict.fromkeys(students, 1)
    with room.gradebook() as book:
        in_book = {found.student_id: found.score for found in book.assignment_submissions(plain.NAME)}
    fair = {student: plain.FULL if number % 3 else 0.0 for number, student in enumerate(students)}
    assert in_book == {line["student"]: line["score"] for line in lines} == fair
    assert [room.folder("autograded", plain.NAME, student).is_dir() for student in students] == [True] * 30


def test_who_may_run_at_once(server, tmp_path):
    """Graders share a class in PostgreSQL; `regrade` has it to itself; with SQLite there is one run."""
    room = plain.released(Classroom(tmp_path / "class", server))
    with Store(room) as one, Store(room) as other:
        assert one.claims.claim("ps1", "ada")
        assert not other.claims.claim("ps1", "ada")
        assert other.claims.claim("ps2", "ada")
        one.claims.give_back("ps1", "ada")
        assert other.claims.claim("ps1", "ada")
        with pytest.raises(Busy):
            regrade(room, plain.NAME)
    with Store(room, alone=True), pytest.raises(Busy):
        Store(room)
    files = Classroom(tmp_path / "class")
    with Store(files), pytest.raises(Busy):
        Store(files)


def test_a_run_that_ended_keeps_nobody_out(server, tmp_path, monkeypatch):
    """Also while the server has not noticed yet that its connection is gone."""
    room = Classroom(tmp_path, server)
    ended = ManyRuns(room, alone=True)
    monkeypatch.setattr(ended.engine, "dispose", lambda: None)  # the connection stays open, in the pool
    ended.close()
    ManyRuns(room, alone=True).close()
