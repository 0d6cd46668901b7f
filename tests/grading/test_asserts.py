"""Plain nbgrader asserts of somebody else's: right answers get their marks, attacks on the asserts get nothing."""

# ruff: noqa: E501 (an attack reads best as one piece)

import json
import shutil

import pytest

from grading import engine
from grading.release import release
from grading.settings import Limits
from tests.grading import plain
from tests.grading.plain import FULL, NAME, NOTEBOOK

pytestmark = pytest.mark.sandbox

EQUAL = """
class Equal:
    def __init__(self, *a): pass
    def _same(self, *a): return self
    __eq__ = __le__ = __ge__ = __lt__ = __bool__ = __contains__ = lambda *a: True
    __ne__ = __gt__ = lambda *a: False
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __getitem__ = __abs__ = _same
    __getattr__ = lambda self, name: self
    __float__ = lambda self: 0.0
    __array__ = lambda self, *a, **k: __import__('numpy').zeros(0)
    __iter__ = lambda self: iter(())
    __len__ = lambda self: 0
    __hash__ = lambda self: 0
    __call__ = _same
square = normed = count = greet = draw = lambda *a: Equal()
"""
FIRST = {
    "a09 patch numpy": "import numpy as np\nnp.allclose = np.testing.assert_allclose = np.array_equal = lambda *a, **k: True\nnp.ndarray.shape if 0 else None",
    "a10 a transformer of cells": "get_ipython = get_ipython()\ntry:\n    get_ipython.input_transformers_cleanup.append(lambda lines: [])\nexcept Exception: pass",
    "a11 strip asserts": "import ast, builtins\nreal = compile\nclass Strip(ast.NodeTransformer):\n    def visit_Assert(self, node): return ast.Pass()\n"
    "def strip(source, *a, **k):\n    tree = source if isinstance(source, ast.AST) else ast.parse(source)\n    return real(ast.fix_missing_locations(Strip().visit(tree)), *a, **k)\n"
    "builtins.compile = strip\nast.parse_ = ast.parse\nimport grading.session.cells as c\nc.compile = strip\nc.Notebook._execute = lambda *a: None",
    "a12 patch the session": "import grading.session.state as s, grading.session.answers as a, grading.session.values as v\n"
    "s.State._answer = lambda *x: {'value': {'plain': True}, 'printed': '', 'after': []}\na.Answers.answer = lambda *x: {'value': {'plain': True}, 'printed': '', 'after': []}",
    "a13 the display hook": "import sys\nsys.displayhook(2)",
    "a14 trace and jump": "import sys\ndef trace(frame, event, arg):\n    if event == 'line' and 'tests' in frame.f_code.co_filename:\n        frame.f_lineno += 1\n    return trace\nsys.settrace(trace)",
    "a15 another checker": "import sys, types\nfake = types.ModuleType('numpy.testing')\nfake.assert_allclose = lambda *a, **k: None\nsys.modules['numpy.testing'] = fake\nassert_allclose = fake.assert_allclose",
    "a16 a thread that rewrites names": "import threading\ndef rewrite():\n    while True: globals().update(square=lambda x: 9, limit=0)\nthreading.Thread(target=rewrite, daemon=True).start()",
    "a30 patched builtins": "import builtins\nbuiltins.AssertionError = Exception\nbuiltins.isinstance = builtins.all = builtins.any = lambda *a: True\nbuiltins.range = lambda *a: []",
    "b01 forged replies": "import os, struct, json\ndef frame(value):\n    text = json.dumps(value).encode()\n    body = b'R' + struct.pack('<II', 0, len(text)) + text\n    return struct.pack('<I', len(body)) + body\n"
    "def reply(v): return {'dict': {'value': {'dict': {'plain': v}}, 'printed': '', 'after': []}}\nfor fd in range(3, 40):\n    for v in (True, 9, 0):\n        try: os.write(fd, frame(reply(v)))\n        except OSError: pass",
    "b02 forged questions": "import os, struct, json\ntext = json.dumps({'dict': {'op': 'name', 'name': 'square'}}).encode()\nbody = b'Q' + struct.pack('<II', 0, len(text)) + text\nfor fd in range(3, 40):\n    try: os.write(fd, struct.pack('<I', len(body)) + body)\n    except OSError: pass",
    "b03 the test's own setting": "limit = 0",
}
ANSWERS = {
    "a08 equal to everything": {"q1": EQUAL, "q2": "", "q3": "", "q6": "", "q7": ""},
    "a08b a float that is equal": {
        "q1": "class E(int):\n    __eq__ = lambda *a: True\n    __ne__ = lambda *a: False\n    __hash__ = None\ndef square(x): return E(0)"
    },
    "b04 empty": {"q2": "def normed(a): return np.zeros((0, 2))", "q1": "def square(x): return np.zeros(0)"},
    "b05 the first by heart": {"q1": "def square(x): return 9"},
    "b06 exits": {"q4": "def sort_it(xs):\n    import os; os._exit(0)", "q1": "def square(x): raise SystemExit"},
    "b07 never ends": {"q1": "def square(x):\n    while True: pass"},
    "b08 a list that is equal": {"q3": "class D(dict):\n    __eq__ = lambda *a: True\ndef count(words): return D()"},
    "b09 huge": {"q1": "def square(x): return [0] * 10**8", "q2": "def normed(a): return np.zeros(10**9)"},
    "b10 endless to walk": {
        "q1": "class W:\n    __iter__ = lambda s: s\n    __next__ = lambda s: 0\ndef square(x): return W()"
    },
}
RIGHT = {
    "numpy scalars": {"q1": "def square(x): return np.int64(x) * x"},
    "another container": {"q3": "from collections import Counter\ndef count(words): return Counter(words)"},
    "a helper and a global": {"q1": "def helper(x): return x ** 2\nsquare = helper"},
}


@pytest.fixture(scope="module")
def graded(_released, tmp_path_factory):
    """One run over all submissions of the plain assignment."""
    root = tmp_path_factory.mktemp("plain") / "class"
    shutil.copytree(_released.root, root)
    room = plain.released(type(_released)(root))
    right = plain.solutions()
    students = {"right": ("", right), "blank": ("", {})}
    students |= {name: (text, {}) for name, text in FIRST.items()}
    students |= {f"{name}, right": (text, right) for name, text in FIRST.items()}
    students |= {name: ("", answers) for name, answers in ANSWERS.items()}
    students |= {name: ("", {**right, **answers}) for name, answers in RIGHT.items()}
    students["in part"] = ("", {**right, "q7": "def draw(): return 0.5"})
    known = {name: f"p{number:02}" for number, name in enumerate(students)}
    for name, (first, answers) in students.items():
        plain.handed_in(room, known[name], first, **answers)
    summary = engine.grade(room, NAME, limits=Limits(cell_seconds=3.0))
    assert summary.failed == {}
    assert summary.for_a_person == []
    by_student = {done.student: done for done in summary.graded}
    return room, {name: by_student[student] for name, student in known.items()}


def marks(done) -> dict:
    return {mark.grade_id: mark.score for mark in done.marks[NOTEBOOK]}


def test_right_answers_get_their_marks(graded):
    found = marks(graded[1]["right"])
    assert found == {"t1": 2.0, "t2": 3.0, "t3": 2.0, "t4": 2.0, "t5": 1.0, "t6": 1.0, "t7": 2.0, "essay": 0.0}
    assert graded[1]["right"].score == FULL


@pytest.mark.parametrize("name", RIGHT)
def test_unusual_right_answers_too(graded, name):
    assert graded[1][name].score == FULL


def test_a_number_in_the_last_line_is_what_it_is_worth(graded):
    assert marks(graded[1]["in part"])["t7"] == 0.5


@pytest.mark.parametrize("name", ["blank", *FIRST, *ANSWERS])
def test_nothing_else_gets_any(graded, name):
    assert graded[1][name].score == 0.0


@pytest.mark.parametrize("name", [f"{name}, right" for name in FIRST])
def test_an_attack_costs_at_most_its_own_marks(graded, name):
    assert graded[1][name].score <= FULL


def test_a_shown_check_is_named_and_a_hidden_one_is_not(graded):
    room, done = graded
    said = {mark.grade_id: mark.sentence for mark in done["b05 the first by heart"].marks[NOTEBOOK]}
    assert said["t1"] == "A check that is not shown did not pass."
    said = {mark.grade_id: mark.sentence for mark in done["a08b a float that is equal"].marks[NOTEBOOK]}
    assert said["t1"].startswith('`assert square(3) == 9, "three"` did not pass. TypeError: ')
    assert "cannot be compared" in said["t1"]
    for path in (room.root / "autograded").rglob("*.ipynb"):
        assert "HIDDEN" not in path.read_text()
        assert "range(limit)" not in path.read_text()


def test_what_the_session_is_told_holds_no_test(graded, monkeypatch):
    """The student's process can print all that its own memory and files hold of the tests: nothing."""
    room, _ = graded
    look = "import gc\nprint([o for o in gc.get_objects() if isinstance(o, str) and 'BEGIN HIDDEN' in o])\n"
    look += "import sys\nprint([v for f in sys._current_frames().values() for v in f.f_locals.values() if 'assert' in repr(v)])"
    plain.handed_in(room, "spy", look, **plain.solutions())
    engine.grade(room, NAME, students=["spy"])
    cells = json.loads((room.folder("autograded", NAME, "spy") / f"{NOTEBOOK}.ipynb").read_text())["cells"]
    assert "HIDDEN TESTS" not in "".join(o.get("text", "") for o in cells[0]["outputs"])


# A test that the author's solution passes, and a wrong answer that must not: `return ...` is all that either does.
WRONG = {
    "an empty list": ("2.0 * x", "assert np.allclose(f(3), 6.0)", "[]"),
    "a list of an empty list": ("2.0 * x", "assert np.isclose(f(3), 6.0).all()", "[[]]"),
    "an empty tuple": ("2.0 * x", "np.testing.assert_array_equal(f(3), 6.0)", "()"),
    "an empty array as list": ("np.full(1, 2.0 * x)", "assert np.allclose(f(3).tolist(), [6.0])", "np.zeros(0)"),
    "a copy of an empty array": ("2.0 * x", "assert np.allclose(np.array(f(3)), 6.0)", "np.zeros(0)"),
    "an empty tensor": ("torch.tensor([2.0 * x])", "assert (f(3) == 6).all()", "torch.zeros(0)"),
    "its sum": ("torch.tensor([2.0 * x])", "assert (f(3) - 6).abs().sum() < 1e-6", "torch.zeros(0)"),
    "its array": ("torch.tensor([2.0 * x])", "assert np.allclose(f(3).numpy(), 6)", "torch.zeros(0, 1)"),
    "no words": ("np.array(['a'])", "assert (f(3) == 'a').all()", "np.array([], dtype=str)"),
    "no docstring": ("x", "assert f.__doc__", "x"),
    "nothing to call": ("lambda: x", "assert callable(f(3))", "object()"),
    "nothing to walk through": ("iter([x])", "assert hasattr(f(3), '__next__')", "object()"),
    "nothing to look into": (
        "{x: 1}.keys()",
        "from collections.abc import Sized\nassert isinstance(f(3), Sized)",
        "object()",
    ),
    "nothing to enter": ("memoryview(b'a')", "with f(3):\n    pass", "object()"),
    "a range that has no end": ("list(range(x))", "assert list(f(3)) == [0, 1, 2]", "range(2**200)"),
    "text that cannot be sent": ("str(x)", "assert f(3) == '3'", "'\\udcff'"),
    "an array of objects": (
        "np.full(1, 2.0 * x)",
        "assert (f(3) == 6).all()",
        "np.array([type('E', (), {'__eq__': lambda *a: True})()])",
    ),
    "a float that says so itself": ("x**2", "import math\nassert math.isclose(f(3), 9)", "type('A', (float,), {})(9)"),
    "the points in a repr": (
        "x",
        "assert f(3)\nf(3)",
        "type('P', (), {'__bool__': lambda s: True, '__repr__': lambda s: '9'})()",
    ),
}


def test_a_wrong_answer_does_not_pass_a_weak_test(classroom):
    cells = [plain.code("import numpy as np\nimport kindling as torch")]
    for number, (solved, test, _) in enumerate(WRONG.values()):
        cells.append(plain.solution(f"q{number}", f"def f{number}(x):", f"    'What it does.'\n    return {solved}"))
        cells.append(plain.tests(f"t{number}", 1, test.replace("f(3)", f"f{number}(3)").replace("f.", f"f{number}.")))
    room = plain.released(classroom, "weak", cells)
    answers = {f"q{n}": f"def f{n}(x): return {wrong}" for n, (_, _, wrong) in enumerate(WRONG.values())}
    plain.handed_in(room, "ada", assignment="weak", **answers)
    summary = engine.grade(room, "weak", workers=1)
    assert summary.for_a_person == []
    found = marks(summary.graded[0])
    assert [name for number, name in enumerate(WRONG) if found[f"t{number}"]] == []


def test_tests_that_do_not_suit_wait_for_a_person(graded):
    room, _ = graded
    made = plain.notebook()
    made["cells"] = [
        *plain.CELLS[:4],
        plain.solution("q8", "def twice(f):", "    return lambda x: f(f(x))"),
        plain.tests("t8", 2, "assert twice(lambda x: x + 1)(1) == 3"),
        plain.tests("t9", 2, "assert True"),
    ]
    (room.folder("source", "ps2")).mkdir(parents=True)
    (room.folder("source", "ps2") / f"{NOTEBOOK}.ipynb").write_text(json.dumps(made))
    release(room, "ps2", room.root / "source")
    folder = room.folder("submitted", "ps2", "ada")
    folder.mkdir(parents=True)
    (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(made))
    summary = engine.grade(room, "ps2")
    assert summary.failed == {}
    assert marks(summary.graded[0]) == {"t1": 2.0, "t8": None, "t9": 2.0}
    (line,) = summary.for_a_person
    assert line.startswith("t8 of problems: ")
    with room.gradebook() as book:
        assert book.find_submission("ps2", "ada").needs_manual_grade
