"""What an author's own cells and tests define stays the author's, and what a hidden test asked is not repeated."""

import shutil

import pytest

from grading import engine
from grading.asserts import apart
from grading.settings import Limits
from tests.grading import plain
from tests.grading.plain import code, solution

pytestmark = pytest.mark.sandbox

NAME, SECRET = "tools", "73114259"
CELLS = [
    solution("q0", "def same(x):", "    return x"),
    plain.tests("t0", 1, "def kept(x):\n    assert same(x) == x\nkept(1)", f"kept({SECRET})"),
    solution("q1", "def square(x):", "    return x * x"),
    code("pairs = [(1, 1), (2, 4)]\ndef right():\n    return all(square(x) == y for x, y in pairs)\nfirst = square(1)"),
    plain.tests("t1", 2, "assert right() and first == 1"),
    solution("q2", "import math\ndef root(x):", "    return math.sqrt(x)"),
    plain.tests("t2", 2, "assert math.isclose(root(4), 2)"),
    solution("q3", "def third(x):", "    return x / 3"),
    plain.tests("t3", 2, "assert third(3) == 1\ndef close(a, b):\n    return abs(a - b) < 1e-6\ngiven = 6"),
    solution("q4", "def fourth(x):", "    return x / 4"),
    plain.tests("t4", 2, "assert close(fourth(4), 1)"),
    plain.tests("t5", 2, "assert close(fourth(given), given / 4)"),
    solution("q6", "def cube(x):", "    return x ** 3"),
    plain.tests("t6", 2, "assert all(map(lambda n: cube(n) == n ** 3, range(5)))"),
    solution("q7", "def score():", "    return 2.0"),
    plain.tests("t7", 2, "assert isinstance(score(), float)\nscore()"),
    plain.tests("t8", 2, "import numpy as np\nnp.float64(score())"),
]
FULL = {"t0": 1, "t1": 2, "t2": 2, "t3": 2, "t4": 2, "t5": 2, "t6": 2, "t7": 2, "t8": 2}
WRONG = "def third(x): return 0"

# Answers in place of right ones, a cell before the tests, and what is lost.
CASES = {
    "right": ({}, "", {}),
    "a tool of one's own": ({"q1": "def square(x): return x"}, "right = lambda: True", {"t1": 0}),
    "one's own pairs": ({"q1": "def square(x): return x"}, "pairs = []", {"t1": 0}),
    "one's own library": ({"q2": "class math: isclose = lambda *a: True\ndef root(x): return 0"}, "", {"t2": 0}),
    # `close` is known although t3 ended before it; `given` is not, and is not asked for either
    "behind a test that failed": ({"q3": WRONG}, "", {"t3": 0, "t5": 0}),
    "a tool of a test's": (
        {"q3": WRONG, "q4": "close = lambda a, b: True\ngiven = 0\ndef fourth(x): return 0"},
        "",
        {"t3": 0, "t4": 0, "t5": 0},
    ),
    "the end of a walk": ({"q6": "def cube(x): raise StopIteration"}, "", {"t6": 0}),
    "no number": ({"q7": "def score(): return float('nan')"}, "", {"t7": 0, "t8": 0}),
    "a part": ({"q7": "def score(): return 0.5"}, "", {"t7": 0.5, "t8": 0.5}),
    "another line": (
        {"q0": "def same(x):\n    if x > 1: raise ValueError(f'File \"<tests>\", line 1, {x}')\n    return x"},
        "",
        {"t0": 0},
    ),
    "a tool's line": ({"q0": "def same(x):\n    if x > 1: raise ValueError(f'{x}')\n    return x"}, "", {"t0": 0}),
}


@pytest.fixture(scope="module")
def graded(_released, tmp_path_factory):
    root = tmp_path_factory.mktemp("tools") / "class"
    shutil.copytree(_released.root, root)
    room = plain.released(type(_released)(root), NAME, CELLS)
    right = {cell["id"]: cell["source"] for cell in CELLS if cell["id"].startswith("q")}
    students = {}
    for number, (name, (answers, own, _)) in enumerate(CASES.items()):
        students[name] = f"p{number:02}"
        made = {**right, **answers}
        made["q2"] += f"\n{own}"  # behind the author's cell
        plain.handed_in(room, students[name], "", NAME, **made)
    summary = engine.grade(room, NAME, limits=Limits(cell_seconds=3.0))
    assert (summary.failed, summary.for_a_person) == ({}, [])
    done = {found.student: found for found in summary.graded}
    return room, {name: done[student] for name, student in students.items()}


@pytest.mark.parametrize("name", CASES)
def test_the_marks_are_fair(graded, name):
    found = {mark.grade_id: mark.score for mark in graded[1][name].marks[plain.NOTEBOOK]}
    assert found == {**FULL, **CASES[name][2]}


@pytest.mark.parametrize("name", CASES)
def test_no_hidden_input_is_repeated(graded, name):
    room, done = graded
    text = (room.folder("autograded", NAME, done[name].student) / f"{plain.NOTEBOOK}.ipynb").read_text()
    assert SECRET not in text


def test_a_cell_is_taken_apart_by_what_needs_an_answer():
    source = (
        "%matplotlib inline\na = 1\nb = f(a)\nc = b + 1\ndef tool(x): return f(x)\nkey = lambda x: f(x)\nd = tool(2)\n"
    )
    kept, left = apart(source + "@f\ndef made(): pass\nclass Uses:\n    def run(self): return f(1)", {"f"})
    assert len(kept) == 5  # the passed over magic, a, tool, key, Uses
    assert left == {"b", "c", "d", "made"}
