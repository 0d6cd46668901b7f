"""nbgrader's commands and formgrader's button use this engine; lateness, extensions, manual marks stay nbgrader's."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

import pytest

from grading.store import read_journal
from tests.grading import classes

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).resolve().parents[2]
DAY, NOTEBOOK = classes.DAY, classes.NOTEBOOK
POLICY = """
from nbgrader.plugins import BasePlugin
class PointADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return total_seconds_late / 86400
"""
LESSON = """
import grading.assignment, grading.checker, pathlib
grading.assignment.Assignment.load.__func__.__defaults__ = (pathlib.Path({lessons!r}),)
import grading.engine
grading.engine.grade.__kwdefaults__["lessons"] = pathlib.Path({lessons!r})
"""


@pytest.fixture(scope="module")
def room(_released, tmp_path_factory):
    """A class whose configuration finds the stand-in lessons, with a due date, an extension and a late policy."""
    root = tmp_path_factory.mktemp("nbgrader") / "class"
    shutil.copytree(_released.root, root)
    (root / "point_a_day.py").write_text(POLICY)
    (root / "class.toml").write_text('[late]\nplugin = "point_a_day.PointADay"\n')
    config = root / "nbgrader_config.py"
    config.write_text(config.read_text() + LESSON.format(lessons=str(classes.LESSONS)))
    room = type(_released)(root)
    right = classes.solved(room)
    for student in ("ada", "bob", "cy"):
        folder = classes.hand_in(room, student, right)
        (folder / "timestamp.txt").write_text("2026-03-03 12:00:00 UTC")
    classes.hand_in(room, "dan", classes.with_cell(right, "import os\nos._exit(0)"))
    (room.folder("submitted", DAY, "dan") / f"{NOTEBOOK}.ipynb").write_bytes(json.dumps(right).encode()[:-900])
    (room.folder("submitted", DAY, "dan") / "timestamp.txt").write_bytes(b"\xff yesterday")
    with room.gradebook() as book:
        book.update_or_create_assignment(DAY, duedate="2026-03-01 12:00:00 UTC")
        book.update_or_create_student("bob")
        book.update_or_create_submission(DAY, "bob").extension = timedelta(days=5)
        book.db.commit()
    return room


def nbgrader(room, *command) -> subprocess.CompletedProcess:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
    words = [sys.executable, "-m", "nbgrader", *command]
    return subprocess.run(words, cwd=room.root, env=env, capture_output=True, text=True)


def scores(room) -> dict:
    with room.gradebook() as book:
        found = {s.student_id: s for s in book.assignment_submissions(DAY)}
        return {name: (s.score, s.late_submission_penalty) for name, s in found.items()}


def test_nbgrader_autograde_uses_this_engine(room):
    done = nbgrader(room, "autograde", DAY)
    assert done.returncode == 0, done.stderr
    # dan's file is cut off and its time stamp unreadable: half of it counts, and the file's own time is very late
    assert scores(room) == {"ada": (12.0, 2.0), "bob": (12.0, 0.0), "cy": (12.0, 2.0), "dan": (6.0, 6.0)}
    lines = read_journal(room.root / "journal.jsonl")
    assert sorted(line["student"] for line in lines) == ["ada", "bob", "cy", "dan"]
    assert all(line["sandbox"] for line in lines)


def test_manual_marks_stay_and_one_student_is_graded_again(room):
    with room.gradebook() as book:
        grade = book.find_grade("06_double", NOTEBOOK, DAY, "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        book.db.commit()
    before = len(read_journal(room.root / "journal.jsonl"))
    assert nbgrader(room, "autograde", DAY, "--student", "ada", "--force").returncode == 0
    assert len(read_journal(room.root / "journal.jsonl")) == before + 1
    assert scores(room)["ada"] == (10.5, 2.0)


def test_without_the_sandbox_nothing_runs(room, monkeypatch):
    monkeypatch.setenv("PATH", str(room.root))
    done = nbgrader(room, "autograde", DAY, "--force")
    assert done.returncode != 0
    assert "--without-sandbox" in done.stderr


def send(request: urllib.request.Request, deadline: float) -> dict:
    """The JSON reply, once the server listens."""
    while True:
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.URLError as error:
            if time.monotonic() > deadline or isinstance(error, urllib.error.HTTPError):
                raise
            time.sleep(0.2)


def test_formgraders_button(room):
    """A real Jupyter server with formgrader, and the request that its button sends."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)]), "JUPYTER_TOKEN": "secret"}
    words = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--port=0", "--ip=127.0.0.1"]
    words += ["--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}"]
    server = subprocess.Popen(words, cwd=room.root, env=env, stderr=subprocess.PIPE, text=True)
    try:
        address = None
        deadline = time.monotonic() + 60
        while address is None and time.monotonic() < deadline and (line := server.stderr.readline()):
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
        before = len(read_journal(room.root / "journal.jsonl"))
        where = f"{address[0]}/formgrader/api/submission/{DAY}/cy/autograde"
        request = urllib.request.Request(where, method="POST", headers={"Authorization": "token secret"})
        said = send(request, deadline)
    finally:
        server.terminate()
        server.wait()
        server.stderr.close()
    assert said["success"], said
    assert [line["student"] for line in read_journal(room.root / "journal.jsonl")[before:]] == ["cy"]
