"""Faults of honest students: each gets its fair mark, harms nobody, and leaves a note where something was healed."""

import copy
import json
import os
import time
from pathlib import Path

import pytest

from grading import engine
from grading.runner import Limits
from tests.grading import classes
from tests.grading.classes import answer, with_answers, with_cell

pytestmark = pytest.mark.sandbox

FULL = 12.0
FORKS = "import os, time\nfor i in range(300):\n  try:\n    if os.fork() == 0: time.sleep(99)\n  except OSError: break"

# An extra cell before the answers of a right notebook, and the fair mark.
CELLS = {
    "f01 correct": "1",
    "f03 raises": "1 / 0",
    "f04 segfault": "import ctypes\nctypes.string_at(0)",
    "f04b abort": "import os\nos.abort()",
    "f05 endless loop": "while True: pass",
    "f06 loop that swallows interrupts": "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
    "f07 sys.exit": "import sys\nsys.exit(1)",
    "f08 os._exit": "import os\nos._exit(0)",
    "f14 200 MB of output": "print('x' * 200 * 2**20)",
    "f15 two million lines": "for n in range(2 * 10**6): print(n)",
    "f16 300 forks": FORKS,
    "f17 writes everywhere": "import pathlib\nfor p in ('~/f17', '/tmp/f17', '../f17'):\n"
    "  pathlib.Path(p).expanduser().write_text('x')",
    "f18 a connection": "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)",
    "f29 4 GB": "b = bytearray(5 * 2**30)",
    "f30 a warning on stderr": "import sys, warnings\nprint('careful', file=sys.stderr)\nwarnings.warn('careful')",
    "f31 input": "input('name? ')",
    "f38 a thread writing stderr": "import sys, threading, time\ndef w():\n  while True:\n"
    "    print('x', file=sys.stderr)\n    time.sleep(0.01)\nthreading.Thread(target=w, daemon=True).start()",
    "f40 stops itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
}


def cells(change):
    """A change of the list of cells, as a change of the notebook."""

    def changed(right):
        made = copy.deepcopy(right)
        change(made["cells"])
        return made

    return changed


def place(cells, grade_id):
    return next(n for n, c in enumerate(cells) if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def double_one(cells, offset):
    at = place(cells, "06_double_answer")
    cells.insert(at + offset, copy.deepcopy(cells[at]))


def edit(grade_id, **facts):
    return cells(lambda all_cells: all_cells[place(all_cells, grade_id)].update(facts))


def relabel(grade_id, **facts):
    return cells(lambda all_cells: all_cells[place(all_cells, grade_id)]["metadata"]["nbgrader"].update(facts))


def cut_off(right):
    raw = json.dumps(right).encode()
    return raw[: raw.index(b"def greet")]


def colab(right):
    made = copy.deepcopy(right)
    made["metadata"] = {"colab": {"provenance": []}, "kernelspec": {"name": "python3"}}
    for number, cell in enumerate(made["cells"]):
        cell.pop("id", None)
        cell["metadata"]["id"] = f"colab{number}"
    return made


def stored_output(right):
    made = copy.deepcopy(right)
    made["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * 80 * 2**20}]
    return made


def many_cells(right):
    made = copy.deepcopy(right)
    own = [{"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": f"v{n} = {n}"} for n in range(5000)]
    made["cells"][2:2] = own
    return made


# A change of a right notebook, the fair mark, and whether a note tells of it.
NOTEBOOKS = {
    "f02 wrong": (lambda right: with_answers(right, double="def double(x): return x * x"), 10.0, False),
    "f09 deleted check cell": (cells(lambda c: c.pop(place(c, "06_double"))), FULL, False),
    "f10 doubled before": (cells(lambda c: double_one(c, 0)), FULL, True),
    "f11 doubled after": (cells(lambda c: double_one(c, 1)), FULL, True),
    "f12 edited check cell": (edit("06_double", source="pass"), FULL, True),
    "f13 cut off": (cut_off, 6.0, True),
    "f19 latin-1": (
        lambda right: json.dumps(with_cell(right, "'é'"), ensure_ascii=False).encode("latin-1"),
        FULL,
        True,
    ),
    "f20 empty file": (lambda right: b"", 0.0, True),
    "f21 no cells": (lambda right: {**right, "cells": []}, 0.0, True),
    "f22 wrong kernel": (
        lambda right: {**right, "metadata": {"kernelspec": {"name": "ir", "language": "R"}}},
        FULL,
        False,
    ),
    "f23 5000 cells more": (many_cells, FULL, False),
    "f32 all metadata stripped": (
        cells(lambda c: [x.update(metadata={}, id=f"n{i}") for i, x in enumerate(c)]),
        FULL,
        True,
    ),
    "f33 check made markdown": (edit("06_double", cell_type="markdown"), FULL, False),
    "f33b answer made markdown": (edit("06_double_answer", cell_type="markdown"), FULL, True),
    "f34 solution flag on a check": (relabel("06_double", solution=True), FULL, False),
    "f35 grade_id removed": (
        cells(lambda c: c[place(c, "06_double_answer")]["metadata"]["nbgrader"].pop("grade_id")),
        FULL,
        False,
    ),
    "f36 Colab": (colab, FULL, False),
    "f37 80 MB of stored output": (stored_output, FULL, False),
}


def change_folder(name, folder, outside):
    """Faults of the folder rather than of the notebook."""
    notebook = folder / f"{classes.NOTEBOOK}.ipynb"
    if name == "f24 notebook missing":
        notebook.unlink()
    if name == "f25 extra files":
        (folder / "data.csv").write_text("1,2")
        (folder / "sub").mkdir()
    if name == "f26 links out of the folder":
        (folder / "shadow.txt").symlink_to("/etc/shadow")
        (folder / "data.ipynb").symlink_to(outside)
    if name == "f27 late":
        (folder / "timestamp.txt").write_text("2030-01-01 00:00:00 UTC")
    if name == "f28 unreadable time stamp":
        (folder / "timestamp.txt").write_bytes(b"\xff\xfe yesterday")
    if name == "f39 renamed":
        notebook.rename(folder / f"{classes.NOTEBOOK} (1).ipynb")


FOLDERS = {
    "f24 notebook missing": (0.0, True),
    "f25 extra files": (FULL, False),
    "f26 links out of the folder": (FULL, True),
    "f27 late": (FULL, False),
    "f28 unreadable time stamp": (FULL, True),
    "f39 renamed": (FULL, True),
}


@pytest.fixture(scope="module")
def graded(classroom, tmp_path_factory):
    """One run over all faults."""
    outside = tmp_path_factory.mktemp("outside") / "secret.ipynb"
    outside.write_text("kindling-canary-outside")
    right = classes.solved(classroom)
    made = {name: with_cell(right, text) for name, text in CELLS.items()}
    made |= {name: change(right) for name, (change, _, _) in NOTEBOOKS.items()}
    made |= dict.fromkeys(FOLDERS, right)
    students = {}
    for number, (name, notebook) in enumerate(made.items()):
        students[name] = f"s{number:02}"
        change_folder(name, classes.hand_in(classroom, students[name], notebook), outside)
    begun = time.monotonic()
    summary = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS, limits=Limits(cell_seconds=3.0))
    print(f"{len(students)} submissions in {time.monotonic() - begun:.1f} s")
    written = [Path(folder).expanduser() / "f17" for folder in ("~", "/tmp", ".", "..")]
    assert not any(path.exists() for path in written)
    assert summary.failed == {}
    by_student = {done.student: done for done in summary.graded}
    return {name: by_student[student] for name, student in students.items()}


@pytest.mark.parametrize("name", CELLS)
def test_a_bad_cell_costs_only_itself(graded, name):
    assert graded[name].score == FULL
    assert graded[name].notes == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_damaged_notebook_is_healed(graded, name):
    _, fair, noted = NOTEBOOKS[name]
    assert graded[name].score == fair
    assert bool(graded[name].notes) == noted


@pytest.mark.parametrize("name", FOLDERS)
def test_a_strange_folder_is_read(graded, name):
    fair, noted = FOLDERS[name]
    assert graded[name].score == fair
    assert bool(graded[name].notes) == noted


def test_links_were_not_copied(graded, classroom):
    folder = classroom.folder("autograded", classes.DAY, graded["f26 links out of the folder"].student)
    assert sorted(os.listdir(folder)) == [f"{classes.NOTEBOOK}.ipynb", "timestamp.txt"]


def test_every_student_is_in_the_gradebook_with_a_mark(graded, classroom):
    from nbgrader.api import Gradebook

    with Gradebook(classroom.database, "kindling") as book:
        for done in graded.values():
            found = book.find_submission(classes.DAY, done.student)
            assert found.score == done.score
            assert all(grade.auto_score is not None for notebook in found.notebooks for grade in notebook.grades)


def test_the_answer_cell_helper_names_what_it_finds(classroom):
    assert answer(classes.solved(classroom), "06_double")["source"].startswith("def double")
