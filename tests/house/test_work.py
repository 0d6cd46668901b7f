"""The student's folder: lessons come in, and nothing of the student's is ever written over."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from course import work

ROOT = Path(__file__).resolve().parents[2]


def notebook(*cells: str, ran: bool = False) -> bytes:
    """A notebook's bytes; `ran` adds what running leaves."""
    code = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 7 if ran else None}
    return json.dumps({"cells": [code | {"source": text.splitlines(True)} for text in cells], "nbformat": 4}).encode()


@pytest.fixture
def course(tmp_path):
    """A repository with one lesson, and an empty place for the student."""
    day = tmp_path / "repository" / "day_001"
    (day / "checks").mkdir(parents=True)
    (day / "pictures").mkdir()
    (day / "pictures" / "graph.svg").write_text("<svg/>")
    (day / "README.md").write_text("for those who look at the repository")
    (day / "06_autograd.ipynb").write_bytes(notebook("x = 1"))
    (day / "checks" / "06_autograd.json").write_text("{}")
    return tmp_path / "repository", tmp_path / "repository" / "work"


LESSON = Path("day_001/06_autograd.ipynb")


def test_first_delivery(course):
    root, mine = course
    assert work.deliver(root, mine).new == [str(LESSON)]
    assert (mine / LESSON).read_bytes() == notebook("x = 1")
    assert (mine / "day_001/pictures/graph.svg").read_text() == "<svg/>"
    assert sorted(file.name for file in (mine / "day_001").iterdir()) == ["06_autograd.ipynb", "pictures"]
    assert work.pristine(mine, LESSON).read_bytes() == notebook("x = 1")


def test_a_notebook_is_never_written_over(course):
    """Edited, built twice with a newer lesson: the student's bytes stay, and so does the copy it came from."""
    root, mine = course
    work.deliver(root, mine)
    (mine / LESSON).write_bytes(notebook("x = 'mine'"))
    (root / LESSON).write_bytes(notebook("x = 2"))
    (root / "day_001/pictures/graph.svg").write_text("<svg>newer</svg>")
    for _ in range(2):
        done = work.deliver(root, mine)
        assert (done.new, done.newer) == ([], [str(LESSON)])
        assert (mine / LESSON).read_bytes() == notebook("x = 'mine'")
        assert work.pristine(mine, LESSON).read_bytes() == notebook("x = 1")
    assert (mine / "day_001/pictures/graph.svg").read_text() == "<svg>newer</svg>"


def test_even_an_empty_or_broken_notebook_stays(course):
    root, mine = course
    work.deliver(root, mine)
    (mine / LESSON).write_bytes(b"")
    work.deliver(root, mine)
    assert (mine / LESSON).read_bytes() == b""
    assert work.is_touched(mine, LESSON)


def test_a_notebook_that_appears_meanwhile_stays(course):
    root, mine = course
    (mine / LESSON).parent.mkdir(parents=True)
    (mine / LESSON).write_bytes(b"came this moment")
    work.copy(root / LESSON, mine / LESSON, over=False)
    assert (mine / LESSON).read_bytes() == b"came this moment"
    assert [file.name for file in (mine / LESSON).parent.iterdir()] == [LESSON.name], "nothing is left behind"


def test_a_new_lesson_is_added(course):
    root, mine = course
    work.deliver(root, mine)
    (root / "day_001/07_gpu.ipynb").write_bytes(notebook("y = 1"))
    assert work.deliver(root, mine).new == ["day_001/07_gpu.ipynb"]


def test_running_is_not_changing(course):
    root, mine = course
    work.deliver(root, mine)
    (mine / LESSON).write_bytes(notebook("x = 1", ran=True))
    assert not work.is_touched(mine, LESSON)
    (mine / LESSON).write_bytes(notebook("x = 3", ran=True))
    assert work.is_touched(mine, LESSON)


def test_reset_keeps_what_was_there(course):
    root, mine = course
    work.deliver(root, mine)
    (mine / LESSON).write_bytes(notebook("x = 'mine'"))
    (root / LESSON).write_bytes(notebook("x = 2"))
    backup = work.reset(LESSON, root, mine)
    assert backup.read_bytes() == notebook("x = 'mine'")
    assert (mine / LESSON).read_bytes() == notebook("x = 2")
    assert work.pristine(mine, LESSON).read_bytes() == notebook("x = 2")
    assert not work.is_touched(mine, LESSON)
    assert work.reset(LESSON, root, mine) != backup, "two resets in one second keep two backups"


@pytest.mark.parametrize("word", ["06", "06_autograd", "06_autograd.ipynb", "day_001/06_autograd.ipynb"])
def test_find(course, word):
    root, mine = course
    assert work.find(word, root, mine) == LESSON


@pytest.mark.parametrize("word", ["7", "nothing", "0", "../06_autograd.py.ipynb/.."])
def test_find_says_what_there_is(course, word):
    with pytest.raises(ValueError, match="These are here: 06_autograd"):
        work.find(word, *course)


def test_nothing_of_the_app_is_loaded_for_help():
    heavy = "('nbgrader', 'jupyterlab', 'matplotlib', 'numpy')"
    code = f"import course.cli, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
