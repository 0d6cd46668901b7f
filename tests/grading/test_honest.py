"""Odd notebooks of honest students: each gets the mark that a fair person would give, and a sentence that helps."""

import json

import pytest

from grading import engine, writeup
from grading.runner import Limits
from tests.grading import classes
from tests.grading.classes import answer, with_answers, with_cell

pytestmark = pytest.mark.sandbox

FULL, LESS = 12.0, 10.0  # all, and all but the two points of `double`
DOUBLE = "def double(x):\n    return x + x"
ORDER = "Your notebook was run from top to bottom."

# What stands in the answer `double`, the fair mark, and what the page says of it.
ANSWERS = {
    "a lambda": ("double = lambda x: x + x", FULL, ""),
    "a class": ("class double:\n    def __new__(cls, x):\n        return x + x", FULL, ""),
    "an object that is called": ("class D:\n    def __call__(self, x): return x + x\ndouble = D()", FULL, ""),
    "type hints": (f"from __future__ import annotations\n{DOUBLE.replace('x):', 'x: Tensor) -> Tensor:')}", FULL, ""),
    "names of another language": ("def double(valeur_été):\n    return valeur_été * 2", FULL, ""),
    "emoji and right to left": (f"# 🎉 שלום\nכפל = '🔥'\n{DOUBLE}", FULL, ""),
    "Windows line ends": (DOUBLE.replace("\n", "\r\n"), FULL, ""),
    "a count of its calls": ("n = 0\ndef double(x):\n    global n\n    n += 1\n    return x + x", FULL, ""),
    "a deep recursion": ("def d(n): return n and 1 + d(n - 1)\nassert d(900) == 900\n" + DOUBLE, FULL, ""),
    "an installation": (f"!pip install torch\n%matplotlib notebook\n{DOUBLE}", FULL, ""),
    "its time": (f"%%time\n{DOUBLE}", FULL, ""),
    "a plot": (f"import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n{DOUBLE}", FULL, ""),
    "10 MB of text in each call": (DOUBLE.replace("    return", "    print('x' * 10**7)\n    return"), FULL, ""),
    "comments alone": ("# I do not know.", LESS, f"There is no double where this check stands. {ORDER}"),
    "another name": (DOUBLE.replace("double", "doubler"), LESS, "Is it defined above, under exactly this name?"),
    "no Python": (f"{DOUBLE}\n<<<<<<< HEAD", LESS, "did not run to its end: SyntaxError: invalid syntax (line 3)."),
    "a library that is not here": (
        f"import nowhere\n{DOUBLE}",
        LESS,
        "ModuleNotFoundError: No module named 'nowhere'.",
    ),
    "a question": (f"n = input('n? ')\n{DOUBLE}", LESS, "EOFError: nobody answers input() while a notebook is graded."),
    "a shell's prompts": (">>> def double(x):\n...     return x + x\n... ", FULL, ""),
    "a call of the shell": (f"get_ipython().run_line_magic('matplotlib', 'inline')\n{DOUBLE}", FULL, ""),
    "no end": (f"while True: pass\n{DOUBLE}", LESS, "did not run to its end: this cell was stopped after 3 seconds."),
    "a name from further down": ("def double(x):\n    return later(x)", LESS, f"{ORDER} Is it defined above this"),
    "printed": (DOUBLE.replace("return x + x", "print(x + x)"), LESS, "Is a return missing?"),
    "kept from call to call": ("s = []\ndef double(x):\n    s.append(x)\n    return sum(s) * 2", LESS, ""),
}


def old_format(right: dict) -> dict:
    """The notebook as the third format had it."""
    cells = [
        {"cell_type": "code", "metadata": c["metadata"], "input": c["source"], "outputs": [], "language": "python"}
        if c["cell_type"] == "code"
        else {"cell_type": "markdown", "metadata": c["metadata"], "source": c["source"]}
        for c in right["cells"]
    ]
    sheet = {"cells": cells, "metadata": {}}
    return {"metadata": {"name": "x"}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [sheet]}


def without_ids(right: dict) -> dict:
    return {**right, "nbformat_minor": 0, "cells": [{k: v for k, v in c.items() if k != "id"} for c in right["cells"]]}


def widgets(right: dict) -> dict:
    state = {str(n): {"model_name": "x", "state": {"value": "y" * 99}} for n in range(999)}
    saved = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    return {**right, "metadata": {**right["metadata"], "widgets": saved}}


def split(right: dict, below: bool) -> dict:
    """The answer calls a helper that stands in a cell of its own, above the check or below."""
    made = with_answers(right, double="def double(x):\n    return twice(x)")
    at = made["cells"].index(answer(made, "06_double")) + (2 if below else 0)
    return with_cell(made, "def twice(x):\n    return x + x", at)


# How a right notebook was changed as a whole, and the fair mark.
NOTEBOOKS = {
    "format 3": (old_format, FULL),
    "format 4.0, no ids": (without_ids, FULL),
    "a byte order mark": (lambda right: b"\xef\xbb\xbf" + json.dumps(right).encode(), FULL),
    "UTF-16": (lambda right: json.dumps(right).encode("utf-16"), FULL),
    "Windows line ends in the file": (lambda right: json.dumps(right, indent=1).replace("\n", "\r\n").encode(), FULL),
    "saved widgets": (widgets, FULL),
    "a helper above": (lambda right: split(right, below=False), FULL),
    "a helper below": (lambda right: split(right, below=True), LESS),
    "another course's first cell": (lambda right: with_cell(right, "from torch import *\nimport torch"), FULL),
    "builtins covered": (lambda right: with_cell(right, "sum, list = 0, [1]\nfor n in list: sum += n"), FULL),
    "from bottom to top": (lambda right: {**right, "cells": right["cells"][::-1]}, FULL),
}


@pytest.fixture(scope="module")
def graded(classroom):
    """One run over all of them: who wrote what, and the notebook with what was said."""
    right = classes.solved(classroom)
    made = {name: with_answers(right, double=text) for name, (text, _, _) in ANSWERS.items()}
    made |= {name: change(right) for name, (change, _) in NOTEBOOKS.items()}
    students = {f"s{number:02}": name for number, name in enumerate(made)}
    for student, name in students.items():
        classes.hand_in(classroom, student, made[name])
    summary = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS, limits=Limits(cell_seconds=3.0))
    assert summary.failed == {}
    return {students[done.student]: done for done in summary.graded}


def said_of_double(classroom, student: str) -> str:
    file = classroom.folder("autograded", classes.DAY, student) / f"{classes.NOTEBOOK}.ipynb"
    cells = json.loads(file.read_text())["cells"]
    (check,) = (c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == "06_double")
    return check["outputs"][0]["data"][writeup.VERDICT]["sentence"]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_odd_answer(classroom, graded, name):
    _, fair, said = ANSWERS[name]
    assert graded[name].score == fair
    assert said in said_of_double(classroom, graded[name].student)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_an_odd_notebook(graded, name):
    assert graded[name].score == NOTEBOOKS[name][1]
