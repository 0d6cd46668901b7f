"""A small assignment in plain nbgrader, as somebody else would write it: asserts, hidden tests, a numpy import."""

# ruff: noqa: E501 (a cell reads best as one piece)

import json
from pathlib import Path

from grading.classroom import Classroom
from grading.release import release

NAME, NOTEBOOK = "ps1", "problems"


def code(source: str, grade_id: str = "", **nbgrader) -> dict:
    metadata = {}
    if grade_id:
        facts = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
        metadata["nbgrader"] = {**facts, "grade_id": grade_id, "cell_type": "code", **nbgrader}
    cell = {"cell_type": "code", "execution_count": None, "id": grade_id or f"c{abs(hash(source)) % 10**8}"}
    return {**cell, "metadata": metadata, "outputs": [], "source": source}


def solution(grade_id: str, head: str, body: str) -> dict:
    return code(f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION", grade_id, solution=True)


def tests(grade_id: str, points: float, shown: str, hidden: str = "") -> dict:
    hidden = f"\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS" if hidden else ""
    return code(shown + hidden, grade_id, grade=True, locked=True, points=points)


CELLS = [
    code("import numpy as np\nfrom numpy.testing import assert_allclose"),
    code("limit = 10", "setup", locked=True),
    solution("q1", "def square(x):", "    return x * x"),
    tests(
        "t1",
        2,
        'assert square(3) == 9, "three"',
        "assert [square(n) for n in range(limit)] == [n * n for n in range(limit)]",
    ),
    solution("q2", "def normed(a):", "    return a / np.sqrt((a * a).sum())"),
    tests(
        "t2",
        3,
        "a = np.array([3.0, 4.0])\nassert_allclose(normed(a), [0.6, 0.8])\nassert normed(a).shape == (2,)",
        "assert np.allclose(normed(np.ones(4)), 0.5)",
    ),
    solution(
        "q3",
        "def count(words):",
        "    found = {}\n    for w in words:\n        found[w] = found.get(w, 0) + 1\n    return found",
    ),
    tests(
        "t3",
        2,
        'assert count(["a", "b", "a"]) == {"a": 2, "b": 1}\nassert count([]) == {}',
        "assert count((1, 1)) == {1: 2}",
    ),
    solution(
        "q4", "def sort_it(xs):", "    if not isinstance(xs, list):\n        raise ValueError('a list')\n    xs.sort()"
    ),
    tests(
        "t4",
        2,
        "xs = [3, 1, 2]\nsort_it(xs)\nassert xs == [1, 2, 3]",
        "try:\n    sort_it('no')\n    assert False\nexcept ValueError as error:\n    assert 'list' in str(error)",
    ),
    solution(
        "q5",
        "class Account:",
        "    def __init__(self):\n        self.total = 0\n    def add(self, n):\n        self.total += n",
    ),
    tests("t5", 1, "mine = Account()\nmine.add(5)\nassert mine.total == 5\nassert isinstance(mine, Account)"),
    solution("q6", "def greet(name):", "    print('Hello, ' + name)"),
    tests(
        "t6",
        1,
        "import io, contextlib\nout = io.StringIO()\nwith contextlib.redirect_stdout(out):\n    greet('Ada')\n"
        "assert out.getvalue() == 'Hello, Ada\\n'",
    ),
    solution("q7", "def draw():", "    return float(np.random.rand())"),
    tests(
        "t7",
        2,
        "np.random.seed(3)\nfirst = draw()\nnp.random.seed(3)\nassert draw() == first and 0 <= first < 1\n2 if draw() != first else 0.5",
    ),
    code("", "essay", grade=True, solution=True, points=4),
]
FULL = 2 + 3 + 2 + 2 + 1 + 1 + 2.0


def notebook(cells: list = CELLS) -> dict:
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def released(classroom: Classroom, name: str = NAME, cells: list = CELLS) -> Classroom:
    """The same class with the assignment released in it."""
    folder = classroom.folder("source", name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(notebook(cells)))
    release(classroom, name, folder)
    return classroom


def handed_in(classroom: Classroom, student: str, first: str = "", assignment: str = NAME, **answers: str) -> Path:
    """A submission with these answers, other answers as released; `first` is a cell in front of everything."""
    made = classroom.notebooks("release", assignment)[NOTEBOOK]
    for cell in made["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in answers:
            cell["source"] = answers[grade_id]
    if first:
        made["cells"].insert(0, code(first))
    folder = classroom.folder("submitted", assignment, student)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(made))
    return folder


def solutions() -> dict[str, str]:
    return {c["id"]: c["source"] for c in CELLS if c["id"].startswith("q")}
