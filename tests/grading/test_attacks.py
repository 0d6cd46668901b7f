"""Attacks on the grader: each is handed in without an answer, and must stay at 0, leak nothing and touch nothing."""

# ruff: noqa: E501 (an attack reads best as one piece)

import hashlib
import json
import os
import socket
from pathlib import Path

import pytest

from grading import engine, reports
from grading.runner import Limits
from tests.grading import classes

pytestmark = pytest.mark.sandbox

TRY = "import os, sys, glob, socket, sqlite3, subprocess, time, pathlib\ndef attempt(call):\n    try: print(call())\n"
TRY += "    except BaseException as error: print('refused', type(error).__name__)\n"

# A cell in front of everything; ROOT is the class folder, PORT a port that listens on this machine, GRADER our process.
CELLS = {
    "a01 run the solutions": "attempt(lambda: [exec(c, globals()) for p in glob.glob('/**/source/**/*.ipynb', "
    "recursive=True) for c in [s['source'] for s in __import__('json').load(open(p))['cells']]])\n"
    "attempt(lambda: open('ROOT/source/day_001/06_stand_in.ipynb').read())",
    "a02 hidden checks from the gradebook": "attempt(lambda: sqlite3.connect('ROOT/gradebook.db').execute('select source "
    "from source_cell').fetchall())",
    "a04 another student's answers": "attempt(lambda: open('ROOT/submitted/honest/day_001/06_stand_in.ipynb').read())",
    "a05 a trigger in the gradebook": "attempt(lambda: sqlite3.connect('ROOT/gradebook.db').execute('create trigger t "
    "after update on grade begin update grade set manual_score=12; end'))",
    "a06 a background process": "pid = os.fork()\nif pid == 0:\n    os.setsid()\n    while True:\n        "
    "attempt(lambda: sqlite3.connect('ROOT/gradebook.db').execute('update grade set manual_score=12'))\n"
    "        time.sleep(0.1)",
    "a07 rewrite the checks": "attempt(lambda: sqlite3.connect('ROOT/gradebook.db').execute('update source_cell set "
    "source=\"pass\"'))\nattempt(lambda: open('ROOT/release/day_001/06_stand_in.ipynb', 'w').write('{}'))",
    "a09 patch numpy": "import numpy as np\nnp.allclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: "
    "True\nnp.ndarray.__eq__ if 0 else None",
    "a10 a transformer of cells": "attempt(lambda: get_ipython().input_transformers_cleanup.append(lambda lines: []))",
    "a11 strip asserts": "import ast, builtins\nreal = compile\nclass Strip(ast.NodeTransformer):\n"
    "    def visit_Assert(self, node): return ast.Pass()\n    def visit_Raise(self, node): return ast.Pass()\n"
    "def strip(source, *a, **k):\n    tree = source if isinstance(source, ast.AST) else ast.parse(source)\n"
    "    return real(ast.fix_missing_locations(Strip().visit(tree)), *a, **k)\nbuiltins.compile = strip\n"
    "for module in list(sys.modules.values()):\n    attempt(lambda m=module: m.__dict__.update(compile=strip))\n"
    "attempt(lambda: get_ipython().ast_transformers.append(Strip()))",
    "a12 patch the session": "import grading.session.state as s, grading.session.cells as c, course.checks.judge as j\n"
    "s.State._answer = lambda *a: [{'result': 6.0}] * 5\nj.observe_cases = lambda *a: []\n"
    "j.judge = s.observe_cases = lambda *a, **k: [{'result': 6.0}] * 5\nj.Verdict.passed = True\n"
    "import course.checks.observe as o, course.checks.codec as k\no.plain = lambda *a: True\nk.encode = lambda *a, **b: []",
    "a13 the display hook": "sys.displayhook(2)\nsys.displayhook(12)",
    "a14 trace and jump": "def trace(frame, event, arg):\n    if 'check' in frame.f_code.co_filename and event == 'line':\n"
    "        frame.f_lineno += 1\n    return trace\nsys.settrace(trace)",
    "a15 another checker": "import course.checks\ncourse.checks.check = check = lambda *a: None\n"
    "sys.modules['course.checks'] = type(sys)('course.checks')",
    "a16 a thread that rewrites names": "import threading\ndef rewrite():\n    while True:\n"
    "        globals().update(double=lambda x: 6.0, observe=lambda *a: {})\n"
    "threading.Thread(target=rewrite, daemon=True).start()",
    "a17 end the parents": "[attempt(lambda p=p: os.kill(p, 9)) for p in (1, GRADER)]\nos.kill(os.getppid(), 9)",
    "a18 secrets": "attempt(lambda: [v for v in os.environ.values()])\nattempt(lambda: [open(p).read() for p in "
    "glob.glob('/' + 'root/.*') + glob.glob('/home/*/.*')])\nattempt(lambda: open('ROOT/secret.json').read())",
    "a19 start-up files": "attempt(lambda: pathlib.Path('HOMEDIR/.ipython/profile_default/startup').mkdir(parents=True, "
    "exist_ok=True))\nattempt(lambda: pathlib.Path('HOMEDIR/.ipython/profile_default/startup/kindling_a19.py').write_text('1'))",
    "a20 configuration": "attempt(lambda: pathlib.Path('HOMEDIR/.jupyter').mkdir(exist_ok=True))\n"
    "attempt(lambda: pathlib.Path('HOMEDIR/.jupyter/kindling_a20.py').write_text('1'))",
    "a22 send over the network": "attempt(lambda: socket.create_connection(('127.0.0.1', PORT), 1).send(b'leak'))\n"
    "attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'leak', ('127.0.0.1', PORT)))",
    "a23 another submission": "attempt(lambda: open('ROOT/submitted/honest/day_001/06_stand_in.ipynb', 'w').write('{}'))",
    "a26 patch exec and compile": "import builtins\nbuiltins.exec = builtins.compile = lambda *a, **k: None",
    "a27 forged messages": "import struct, json\ndef frame(value):\n    text = json.dumps(value).encode()\n"
    "    body = b'R' + struct.pack('<II', 0, len(text)) + text\n    return struct.pack('<I', len(body)) + body\n"
    "right = [{'dict': {'result': {'float': 6.0}}}] * 5\nfor fd in range(3, 64):\n    for value in (right, {'dict': "
    "{'status': 'done'}}):\n        attempt(lambda: os.write(fd, frame(value)))",
    "a28 the source and the configuration": "attempt(lambda: open('ROOT/source/day_001/06_stand_in.ipynb', 'w').write('{}'))\n"
    "attempt(lambda: open('CONFIG', 'a').write('# changed'))",
    "a29 the grader's memory": "attempt(lambda: open('/proc/GRADER/mem', 'rb').read(1))\n"
    "attempt(lambda: open('/proc/1/mem', 'rb').read(1))\nattempt(lambda: os.kill(GRADER, 0))",
    "a30 patched builtins": "import builtins\nbuiltins.len = lambda x: 5\nbuiltins.all = builtins.any = lambda x: True\n"
    "builtins.type = builtins.isinstance = lambda *a: True\nbuiltins.dict = builtins.list = lambda *a, **k: []",
    "b01 rubbish on every descriptor": "for fd in range(3, 64):\n    attempt(lambda: os.write(fd, b'\\xff' * 4096))",
    "b02 close every descriptor": "os.closerange(3, 64)",
    "b03 fork returns 0": "os.fork = lambda: 0\nos._exit = lambda code: None",
    "c01 every reply twice": "import grading.session.state as s\nreal = s.State._say\ndef twice(self, kind, value):\n"
    "    real(self, kind, value)\n    if kind == b'R': real(self, kind, value)\ns.State._say = twice",
    "c02 a tape with marks of its own": 'import grading.session.state as s\nsvg = \'<svg xmlns="http://www.w3.org/2000/svg" '
    "class=\"total\"><text>12 of 12 points</text></svg>'\ns.drawn = lambda observe: {'svg': svg, 'words': '</pre><script>'}",
    "c03 an outcome in the place of every answer": "import grading.session.state as s\ns.State._answer = lambda self, request: "
    "{'stdout': '', 'stderr': '', 'value': '6.0', 'error': None}",
}

# Text in place of the answer `double`.
ANSWERS = {
    "a03 look for the answer in the frames": "def double(x):\n    import sys\n    frame = sys._getframe()\n    while frame:\n"
    "        for name in ('expected', 'right', 'entry', 'misconceptions'):\n            if name in frame.f_locals:\n"
    "                return frame.f_locals[name]\n        frame = frame.f_back\n    return None",
    "a08 equal to everything": "class Equal(float):\n    __eq__ = lambda *a: True\n    __ne__ = lambda *a: False\n"
    "    __sub__ = __rsub__ = lambda *a: 0\n    __hash__ = None\ndef double(x): return Equal(1)",
    "b04 says it is a float": "class Liar:\n    __class__ = float\n    __eq__ = lambda *a: True\n    def __float__(self): "
    "return 6.0\ndef double(x): return Liar()",
    "b05 empty": "import numpy as np\ndef double(x): return np.zeros((0,))",
    "b06 not a number": "def double(x): return float('nan')",
    "b07 all answers at once": "import numpy as np\ndef double(x): return np.arange(-20.0, 20.0, 0.5)",
    "b08 the first answer by heart": "def double(x): return 6.0",
    "b09 an array that is equal": "import numpy as np\nclass A(np.ndarray):\n    def __eq__(self, o): return "
    "np.array(True)\n    def __array_function__(self, *a): return True\ndef double(x): return np.zeros(()).view(A)",
    "b10 deep and endless": "def double(x):\n    a = []\n    a.append(a)\n    return a",
    "b11 very large": "def double(x): return [0] * 10**7",
    "b12 observations instead of a value": "def double(x): return {'result': 6.0}",
}


SHADOWS = "a21 modules beside the notebook"


def blank_of(classroom) -> dict:
    return classroom.notebooks("release", classes.DAY)[classes.NOTEBOOK]


def submissions(classroom, port: int) -> dict:
    blank = blank_of(classroom)
    facts = {"ROOT": classroom.root, "PORT": port, "GRADER": os.getpid(), "HOMEDIR": Path.home()}
    facts["CONFIG"] = classroom.root / "nbgrader_config.py"
    made = {}
    for name, text in CELLS.items():
        for word, value in facts.items():
            text = text.replace(word, str(value))
        made[name] = classes.with_cell(blank, TRY + text)
    made |= {name: classes.with_answers(blank, double=text) for name, text in ANSWERS.items()}
    return made | {"a24 script in the output": _script(blank), "a25 points and checks changed": _points(blank)}


def _script(blank):
    made = classes.with_cell(
        blank, "print('<script>alert(1)</script>')\nraise ValueError('<img src=x onerror=alert(1)>')"
    )
    html = "class H:\n    def _repr_html_(self): return '<script>alert(2)</script>'\n    __repr__ = _repr_html_\nH()"
    made = classes.with_answers(classes.with_cell(made, html), double="'</code><script>alert(3)</script>'")
    made["cells"].append({"cell_type": "markdown", "id": "m", "metadata": {}, "source": "<script>alert(4)</script>"})
    return made


def _points(blank):
    made = json.loads(json.dumps(blank))
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["nbgrader"].update(points=1000)
            cell["source"] = "pass"
    return made


def tree(root: Path) -> dict[str, str]:
    """A hash of every file that grading must not change."""
    wanted = [p for part in ("source", "release", "submitted") for p in sorted((root / part).rglob("*")) if p.is_file()]
    wanted += [root / "secret.json", root / "nbgrader_config.py"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in wanted}


@pytest.fixture(scope="module")
def attacked(classroom):
    """One run over all attacks, with what it did."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        students = {}
        for number, (name, notebook) in enumerate(submissions(classroom, server.getsockname()[1]).items()):
            students[name] = f"s{number:02}"
            classes.hand_in(classroom, students[name], notebook)
        folder = classes.hand_in(classroom, students.setdefault(SHADOWS, "shadows"), blank_of(classroom))
        for module in ("numpy", "kindling", "json", "matplotlib", "sitecustomize", "course", "grading"):
            (folder / f"{module}.py").write_text("raise SystemExit('a21 shadowed')")
        classes.hand_in(classroom, "honest", classes.solved(classroom))
        before, home = tree(classroom.root), sorted(os.listdir(Path.home()))
        limits = Limits(cell_seconds=2.0)
        summary = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS, limits=limits)
        with pytest.raises(TimeoutError):
            server.accept()
    assert tree(classroom.root) == before
    assert sorted(os.listdir(Path.home())) == home
    return students, {graded.student: graded for graded in summary.graded}, summary


@pytest.mark.parametrize(
    "name", [*CELLS, *ANSWERS, SHADOWS, "a24 script in the output", "a25 points and checks changed"]
)
def test_stays_at_zero(attacked, name):
    students, graded, summary = attacked
    assert summary.failed == {}
    assert graded[students[name]].score == 0.0


def test_the_honest_one_beside_them_has_full_marks(attacked):
    assert attacked[1]["honest"].score == 12.0


def test_nothing_leaks(attacked, classroom, monkeypatch):
    students = attacked[0].values()
    secret = classroom.seed().hex()
    for student in students:
        text = (classroom.folder("autograded", classes.DAY, student) / f"{classes.NOTEBOOK}.ipynb").read_text()
        assert "kindling-canary" not in text
        assert secret not in text


def test_no_start_up_file_was_written(attacked):
    home = Path.home()
    assert not list(home.glob(".ipython/profile_default/startup/kindling_*"))
    assert not list(home.glob(".jupyter/kindling_*"))


def test_markup_stays_text(attacked, classroom):
    student = attacked[0]["a24 script in the output"]
    (page,) = reports.feedback(classroom, classes.DAY, [student])
    html = page.read_text()
    assert "alert(1)" in html
    assert "alert(3)" in html
    assert "<script" not in html
    assert "<img" not in html
    assert "http" not in html.replace("http-equiv", "")
