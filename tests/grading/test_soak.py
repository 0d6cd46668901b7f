"""Long runs: a class of 100 that is killed at twenty points, and the course's own solutions twenty times."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from grading import engine
from grading.store import read_journal
from tests.grading import classes, plain

pytestmark = [pytest.mark.soak, pytest.mark.sandbox]
ROOT = Path(__file__).resolve().parents[2]
RUN = """
import sys
from pathlib import Path
from grading import engine
from grading.classroom import Classroom
tell = lambda *words: print(*words, flush=True)
engine.grade(Classroom(Path(sys.argv[1])), sys.argv[2], lessons=Path(sys.argv[3]), progress=tell)
"""


@pytest.fixture(scope="module")
def room(_released, tmp_path_factory):
    root = tmp_path_factory.mktemp("soak") / "class"
    shutil.copytree(_released.root, root)
    return plain.released(type(_released)(root))


def descendants(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, thread.read_text().split()):
            found += [child, *descendants(child)]
    return found


def kill_after(room, assignment: str, lines: int, seconds: float) -> None:
    """Start grading, and end it with kill -9 after some students and a moment; nothing of it stays."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
    words = [sys.executable, "-c", RUN, str(room.root), assignment, str(classes.LESSONS)]
    run = subprocess.Popen(words, env=env, stdout=subprocess.PIPE)
    while lines and (line := run.stdout.readline()):
        lines -= b"graded before" not in line
    time.sleep(seconds)
    below = descendants(run.pid) if run.poll() is None else []
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(os.path.exists(f"/proc/{pid}") for pid in below):
        time.sleep(0.05)
    assert [pid for pid in below if os.path.exists(f"/proc/{pid}")] == []


@pytest.mark.parametrize("assignment", [classes.DAY, plain.NAME])
def test_killed_at_ten_points_all_are_graded_once(room, assignment):
    """Ten points in each of two assignments; after the last run every student has one mark, and all records agree."""
    dice = random.Random(assignment)
    right = classes.solved(room)
    students = [f"s{number:03}" for number in range(100)]
    for student in students:
        if assignment == classes.DAY:
            classes.hand_in(room, student, right)
        else:
            plain.handed_in(room, student, **plain.solutions())
    full = 12.0 if assignment == classes.DAY else plain.FULL
    for _ in range(10):
        kill_after(room, assignment, dice.randrange(8), dice.uniform(0, 0.5))
    summary = engine.grade(room, assignment, lessons=classes.LESSONS)
    assert summary.failed == {}
    assert sorted([*summary.skipped, *(done.student for done in summary.graded)]) == students
    lines = [line for line in read_journal(room.root / "journal.jsonl") if line["assignment"] == assignment]
    assert set(Counter(line["student"] for line in lines).values()) == {1}
    with room.gradebook() as book:
        in_book = {found.student_id: found.score for found in book.assignment_submissions(assignment)}
    assert in_book == {line["student"]: line["score"] for line in lines} == dict.fromkeys(students, full)
    for student in students:
        folder = room.folder("autograded", assignment, student)
        assert not [path for path in folder.parent.iterdir() if path.name.startswith(".")]
        assert all(json.loads(path.read_text())["cells"] for path in folder.glob("*.ipynb"))


def test_own_solutions_twenty_times(tmp_path_factory):
    """The course's own solutions and those of a plain assignment never get less than all points."""
    room = plain.released(classes.released_class(tmp_path_factory.mktemp("own") / "class", ROOT))
    for number in range(20):
        for name in room.notebooks("release", classes.DAY):
            classes.hand_in(room, f"s{number:02}", classes.solved(room, name), f"{name}.ipynb")
        plain.handed_in(room, f"s{number:02}", **plain.solutions())
    for assignment in (classes.DAY, plain.NAME):
        summary = engine.grade(room, assignment)
        assert summary.failed == {}
        lost = {
            (done.student, mark.grade_id): mark.sentence
            for done in summary.graded
            for marks in done.marks.values()
            for mark in marks
            if mark.score != mark.points and mark.grade_id != "essay"
        }
        assert (len(summary.graded), lost) == (20, {})
