"""`kindling class`: an instructor's week from the command line."""

import json
import signal
import subprocess
import sys
from functools import partial

import pytest
from typer.testing import CliRunner

from course.cli import app
from grading import source
from tests.grading import classes

LESSON = "06_autograd"


def kindling(*arguments, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["class", *map(str, arguments)])
    assert result.exit_code == code, result.output + str(result.exception or "")
    return result.output + (str(result.exception) if code else "")


def test_it_says_what_comes_first(tmp_path):
    assert "has not been released" in kindling("grade", "day_001", "--class", tmp_path, "--without-sandbox", code=1)
    assert "is not a folder" in kindling("collect", "day_001", tmp_path / "none", "--class", tmp_path, code=1)
    assert "no lesson of day_900" in kindling("release", "day_900", "--class", tmp_path, code=1)
    assert "has not been released" in kindling("report", "day_001", "--class", tmp_path, code=1)
    assert "no class seed yet" in kindling("seed-check", "--class", tmp_path, code=1)


def test_without_bubblewrap_it_names_the_flag(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "--without-sandbox" in kindling("grade", "day_001", "--class", tmp_path, code=1)


def test_collecting_leaves_nothing_out_in_silence(tmp_path):
    inbox, room = tmp_path / "inbox", tmp_path / "class"
    for student in ("ada", "bob", "cy"):
        (inbox / student).mkdir(parents=True)
    (inbox / "ada" / f"{LESSON}.ipynb").write_text("{}")
    (inbox / "ada" / "helper.py").write_text("1")
    (inbox / "bob" / "day_001").mkdir()
    (inbox / "bob" / "day_001" / f"{LESSON}.ipynb").write_text("{}")
    (inbox / "cy" / f"{LESSON}.ipynb").symlink_to(inbox / "ada" / f"{LESSON}.ipynb")
    (inbox / "stray.ipynb").write_text("{}")
    said = kindling("collect", "day_001", inbox, "--class", room, code=1)
    assert "2 submissions taken in" in said
    for left in (
        "ada/helper.py",
        "cy: no notebook",
        "stray.ipynb: not in a student's folder, which is one named by their id",
        f"cy/{LESSON}.ipynb",
    ):
        assert left in said
    taken = sorted(str(path.relative_to(room)) for path in (room / "submitted").rglob("*.ipynb"))
    assert taken == [f"submitted/{student}/day_001/{LESSON}.ipynb" for student in ("ada", "bob")]


@pytest.mark.sandbox
def test_a_week(tmp_path):
    room, inbox = tmp_path / "class", tmp_path / "inbox"
    assert "class seed was made" in kindling("release", "day_001", "--class", room)
    assert "class seed was made" not in kindling("release", "day_001", "--class", room)
    for student, notebook in (
        ("ada", classes.solved(classes.Classroom(room), LESSON)),
        ("bob", classes.Classroom(room).notebooks("release", "day_001")[LESSON]),
    ):
        (inbox / student).mkdir(parents=True)
        (inbox / student / f"{LESSON}.ipynb").write_text(json.dumps(notebook))
    kindling("collect", "day_001", inbox, "--class", room)
    assert "2 graded, 0 graded before, 0 not graded" in kindling("grade", "day_001", "--class", room)
    assert "0 graded, 2 graded before" in kindling("grade", "day_001", "--class", room)
    assert "No check has changed" in kindling("regrade", "day_001", "--class", room)
    assert "2 pages" in kindling("feedback", "day_001", "--class", room, "--zip", tmp_path / "back.zip")
    assert (tmp_path / "back.zip").is_file()
    assert "2 submissions, 0 odd or slow, 0 pairs alike" in kindling("report", "day_001", "--class", room)
    assert "2 rows" in kindling("export", "--class", room)
    assert "2 marks were made with it" in kindling("seed-check", "--class", room)
    assert "ada" in (room / "marks.csv").read_text(encoding="utf-8-sig")


@pytest.mark.sandbox
def test_ctrl_c_says_how_to_go_on(tmp_path):
    """Ada's mark is written; Bob's notebook is at work when somebody presses Ctrl-C."""
    room = classes.released_class(tmp_path / "class", source.REPOSITORY)
    right = classes.solved(room, LESSON)
    classes.hand_in(room, "ada", right, f"{LESSON}.ipynb")
    classes.hand_in(room, "bob", classes.with_cell(right, "import time; time.sleep(8)"), f"{LESSON}.ipynb")
    command = [sys.executable, "-m", "course.cli", "class", "grade", "day_001", "--class", str(room.root)]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what runs in the background ignores Ctrl-C
    command += ["--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as running:
        before = next(line for line in running.stderr if line.startswith("ada: "))
        running.send_signal(signal.SIGINT)
        said = running.stderr.read()
    assert before == "ada: 15 of 15\n"
    assert "goes on from here" in said and "Traceback" not in said
    assert running.returncode == 130
    assert "1 graded, 1 graded before, 0 not graded" in kindling("grade", "day_001", "--class", room.root)
