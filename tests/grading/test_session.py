"""A session runs cells, goes back to the state before a bad one, and lets nothing of the machine be seen or touched."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from grading.checker import Question
from grading.engine import preload_for
from grading.inside import LIBRARIES
from grading.runner import Limits, Player, Session, Step
from grading.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions are copies of a process, which Windows lacks")

PLAIN, BOXED = Sandbox("none"), Sandbox()
KINDS = [pytest.param(PLAIN, id="plain"), pytest.param(BOXED, id="boxed", marks=pytest.mark.sandbox)]
OBSERVE = "def watch(ns, case):\n    return values(ns['f'](case['given']['x']), 'result')\n"
ENTRY = {"observe": OBSERVE, "cases": [{"call": "f", "given": {"x": 3}}]}
QUESTION = Question("f", {**ENTRY, "expected": [{"result": 6}], "misconceptions": (), "tolerance": {}})


@pytest.fixture(scope="module", params=KINDS)
def session(request):
    made = Session(request.param)
    yield made
    made.close()


@pytest.fixture(scope="module")
def boxed():
    made = Session(BOXED)
    yield made
    made.close()


def play(session, *cells, **limits):
    player = Player(session, Limits(**{"cell_seconds": 1.0, **limits}), 7)
    steps = [
        Step(str(n), cell) if isinstance(cell, str) else Step(str(n), question=cell) for n, cell in enumerate(cells)
    ]
    return player.play(steps)


def values(played) -> list:
    return [outcome["value"] for outcome in played.outcomes.values()]


def errors(played) -> list:
    return [outcome["error"] and outcome["error"]["type"] for outcome in played.outcomes.values()]


def test_cells_share_their_names(session):
    played = play(session, "x = 1", "def f(y):\n    return x + y", "f(2)", "print('hi')", "f(3);")
    assert values(played) == [None, None, "3", None, None]
    assert played.outcomes["3"]["stdout"] == "hi\n"


def test_an_error_is_the_cells_own(session):
    played = play(session, "x = 1", "1 / 0", "import sys\nsys.exit(3)", "raise KeyboardInterrupt", "x = (", "x")
    assert errors(played) == [None, "ZeroDivisionError", "SystemExit", "KeyboardInterrupt", "SyntaxError", None]
    traceback = played.outcomes["1"]["error"]["traceback"]
    assert "1 / 0" in traceback
    assert traceback.count("File ") == 1  # the cell's own line and none of ours
    assert values(played)[-1] == "1"


BAD_CELLS = {
    "loop": "while True: pass",
    "loop that swallows interrupts": "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
    "os._exit": "import os\nx = 2\nos._exit(0)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "abort": "import os\nos.abort()",
    "stops itself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "ends its parent": "import os\nos.kill(os.getppid(), 9)\nos._exit(1)",
    "writes rubbish to every descriptor": "import os\nfor n in range(3, 60):\n  try: os.write(n, b'x' * 999)\n"
    "  except OSError: pass\nos._exit(0)",
}


@pytest.mark.parametrize("name", BAD_CELLS)
def test_the_state_before_a_bad_cell_comes_back(session, name):
    begun = time.monotonic()
    played = play(session, "x = 1", "y = x + 1", BAD_CELLS[name], "x + y")
    assert errors(played) == [None, None, "Stopped", None]
    assert values(played)[-1] == "3"
    assert time.monotonic() - begun < 8


def test_many_bad_cells_in_one_submission(session):
    cells = ["x = 0"]
    for _ in range(5):
        cells += ["x += 1", "import os\nos._exit(1)"]
    assert values(play(session, *cells, "x"))[-1] == "5"


def test_cells_without_snapshots_are_repeated(session):
    steps = [Step(str(n), "x = x + 1 if 'x' in dir() else 1") for n in range(10)]
    steps += [Step("bad", "import os\nos._exit(1)"), Step("end", "x")]
    played = Player(session, Limits(), 7).play(steps)
    assert played.outcomes["end"]["value"] == "10"


def test_cells_are_repeated_among_the_files_that_were_there(session):
    made = "import os\nos.mkdir('made')\nopen('made/note', 'w').write('once')"
    played = play(session, "x = 1", made, "import os\nos._exit(1)", "open('made/note').read()")
    assert errors(played) == [None, None, "Stopped", None]
    assert values(played)[-1] == "'once'"


def test_submissions_do_not_see_each_other(session):
    play(session, "x = 1", "import math\nmath.pi = 3", "import json\njson.mine = 1")
    played = play(session, "'x' in dir(), __import__('math').pi == 3, hasattr(__import__('json'), 'mine')")
    assert values(played) == ["(False, False, False)"]


def test_sessions_are_seeded(session):
    cell = "import random, numpy as np\n(random.random(), float(np.random.rand()))"
    assert values(play(session, cell)) == values(play(session, cell))


def test_much_output_is_cut(session):
    played = play(session, "print('a' * 10**8)", "for n in range(10**5): print(n)", "'b' * 10**7", cell_seconds=20)
    assert errors(played) == [None, None, None]
    assert all(len(o["stdout"]) < 25_000 and len(o["value"] or "") < 25_000 for o in played.outcomes.values())


def test_what_only_ipython_knows_is_passed_over(session):
    played = play(
        session, "%matplotlib inline\nx = 3\n!ls\nx", "if x:\n    %time\nx?", "%%bash\nls", "display(x)", "input()"
    )
    assert errors(played) == [None, None, None, None, "EOFError"]
    assert played.outcomes["3"]["stdout"] == "3\n"


def test_an_observation_changes_nothing(session):
    played = play(session, "n = []\ndef f(x):\n    n.append(x)\n    return len(n)", QUESTION, QUESTION, "n")
    assert list(played.observations.values()) == [[{"result": 1}], [{"result": 1}]]
    assert values(played)[-1] == "[]"


@pytest.mark.parametrize("body", ["while True: pass", "import os; os._exit(0)", "import ctypes; ctypes.string_at(0)"])
def test_an_answer_that_never_comes_back(session, body):
    played = play(session, f"def f(x):\n    {body}", QUESTION, "1 + 1")
    assert "exception" in played.observations["1"][0]
    assert values(played)[-1] == "2"


def test_a_submission_has_an_end(session):
    played = play(session, *["import time\ntime.sleep(0.4)"] * 6, submission_seconds=1.0)
    assert errors(played)[-1] == "Stopped"
    assert len(played.outcomes) == 6
    assert len(played.notes) == 1


def test_cells_that_take_long_only_when_they_are_repeated_have_an_end_too(session):
    slow = "while time.time() - begun > 1.2: pass"
    cells = ["import os, time\nbegun = time.time()\ntime.sleep(0.6)", *[slow] * 12, "time.sleep(0.8)\nos._exit(0)", "1"]
    start = time.monotonic()
    played = play(session, *cells, submission_seconds=3.0)
    assert time.monotonic() - start < 6
    assert errors(played)[-1] == "Stopped" and len(played.notes) == 1


def test_a_session_that_ends_itself_too_often_is_given_up(session):
    played = play(session, *["import os\nos.kill(os.getppid(), 9)\nos._exit(1)"] * 6, "1")
    assert played.notes
    assert values(play(session, "2"))[-1] == "2"


# -- only with bubblewrap ----------------------------------------------------------------------------------------------


FORKS = "import os, time\nfor i in range(300):\n  try:\n    if os.fork() == 0: time.sleep(99)\n  except OSError: break"


@pytest.mark.sandbox
def test_there_is_room_for_a_check_after_forks(boxed):
    played = play(boxed, "def f(x): return x", FORKS, QUESTION, cell_seconds=5)
    assert played.observations["2"] == [{"result": 3}] and played.notes == []


@pytest.mark.sandbox
def test_leftover_processes_are_cleared(boxed):
    played = play(boxed, "x = 1", FORKS, "x", "import os\nos._exit(0)", "x", cell_seconds=5)
    assert values(played) == [None, None, "1", None, "1"]
    bomb = "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass"
    assert values(play(boxed, "x = 1", bomb, "x")) == [None, None, "1"]


@pytest.mark.sandbox
def test_ending_everything_does_not_end_the_keeper(boxed):
    boxed.open(1)
    keeper = boxed.process.pid
    cell = "import os, signal\nfor s in (9, 19, 2, 15): os.kill(1, s)\nos.kill(-1, 9)\n"
    assert values(play(boxed, "x = 1", cell + "x", "x"))[-1] == "1"
    assert boxed.process.pid == keeper
    assert boxed.process.poll() is None


@pytest.mark.sandbox
def test_the_next_submission_finds_nothing_of_the_last(boxed):
    play(boxed, "import os\nos.makedirs('a/b/c')\nos.chmod('a/b', 0)\nopen('x', 'w').write('mine')")
    assert values(play(boxed, "import os\n[os.listdir(os.environ[name]) for name in ('HOME', 'TMPDIR')]")) == [
        "[[], []]"
    ]


# Each: what a submission does, and what is the same for the next one in its sandbox all the same.
FOR_THE_NEXT = {
    "time": ("import resource as r\nr.prlimit(1, r.RLIMIT_CPU, (1, 1))", "r.getrlimit(r.RLIMIT_CPU)"),
    "memory": ("import resource as r\nr.prlimit(1, r.RLIMIT_AS, (2**28, 2**28))", "r.getrlimit(r.RLIMIT_AS)"),
    "open files": ("import resource as r\nr.prlimit(1, r.RLIMIT_NOFILE, (30, 30))", "r.getrlimit(r.RLIMIT_NOFILE)"),
    "its turn": ("os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))", "os.sched_getscheduler(0)"),
    "its rank": ("os.setpriority(os.PRIO_PROCESS, 1, 19)", "os.getpriority(os.PRIO_PROCESS, 0)"),
    "processors": ("os.sched_setaffinity(1, {0})", "os.sched_getaffinity(0)"),
    "its folder": ("os.chmod('.', 0o555)", "open('mine', 'w').write('here')"),  # it is the student's unless we are root
    "a note on it": ("os.setxattr('.', 'user.note', b'left')", "os.listxattr('.')"),
    "ports": (
        "import socket\nfor port in range(20_000, 20_050):\n    here = socket.create_server(('127.0.0.1', port))\n"
        "    there = socket.create_connection(('127.0.0.1', port))\n    here.accept()[0].close()",
        "[taken(port) for port in range(20_000, 20_050)]",
    ),
}
LOOK = """import os, resource as r, socket
def taken(port):
    try: socket.socket().bind(('127.0.0.1', port))
    except OSError as error: return error.errno == 98
"""


@pytest.mark.sandbox
@pytest.mark.parametrize("name", FOR_THE_NEXT)
def test_the_next_submission_has_what_everybody_has(boxed, name):
    attack, look = FOR_THE_NEXT[name]
    before = values(play(boxed, LOOK + look))
    keeper = boxed.process.pid
    play(boxed, "import os\n" + attack)
    assert values(play(boxed, LOOK + look)) == before != [None]
    assert boxed.process.pid == keeper


PROBE = """
import os, socket, pathlib
found = []
def attempt(name, call):
    try:
        found.append((name, call()))
    except Exception as error:
        found.append((name, type(error).__name__))
attempt("connect", lambda: socket.create_connection(("127.0.0.1", PORT), 1))
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("read", lambda: open(CANARY).read())
attempt("write", lambda: open(CANARY, "w").write("changed"))
attempt("shadow", lambda: open("/etc/shadow").read())
attempt("tests", lambda: os.listdir(HERE))
attempt("system", lambda: open("/usr/bin/kindling-was-here", "w"))
attempt("library", lambda: open(__import__("kindling").__file__, "a"))
attempt("lessons", lambda: __import__("course.lessons"))
attempt("grader", lambda: __import__("grading.checker"))
attempt("proc", lambda: open("/proc/1/environ").read())
attempt("root", lambda: open("/kindling-was-here", "w"))
attempt("shm", lambda: open("/dev/shm/kindling-was-here", "w"))
attempt("root user", lambda: os.setuid(0))
attempt("namespace", lambda: __import__("ctypes").CDLL(None).unshare(0x10000000) == 0)
attempt("trace", lambda: __import__("ctypes").CDLL(None).ptrace(16, 1, 0, 0) == 0)
pathlib.Path.home().joinpath("kindling-mine").write_text("x")
attempt("tmp", lambda: open("/tmp/kindling-mine", "w").write("x"))
found.append(("uid", os.getuid() == 0))
found.append(("environment", [v for v in os.environ.values() if "canary" in v]))
found
"""


@pytest.mark.sandbox
def test_nothing_outside_is_read_written_or_reached(boxed, tmp_path, monkeypatch):
    monkeypatch.setenv("KINDLING_TEST_SECRET", "kindling-canary-environment")
    canary = tmp_path / "canary.txt"
    canary.write_text("kindling-canary-outside")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        facts = {"PORT": server.getsockname()[1], "CANARY": str(canary), "HERE": str(Path(__file__).parent)}
        cell = "\n".join(f"{name} = {value!r}" for name, value in facts.items()) + PROBE
        played = play(boxed, cell, cell_seconds=10)
        with pytest.raises(TimeoutError):
            server.accept()
    assert errors(played) == [None], played.outcomes
    found = dict(eval(played.outcomes["0"]["value"]))
    refused = ("connect", "vsock", "read", "write", "shadow", "tests", "system", "library", "lessons", "grader", "proc")
    for name in (*refused, "root", "shm", "root user"):
        assert isinstance(found[name], str) and found[name].endswith("Error"), (name, found[name])
    assert (found["namespace"], found["trace"], found["uid"], found["environment"]) == (False, False, False, [])
    assert canary.read_text() == "kindling-canary-outside"
    assert not any(os.path.exists(os.path.expanduser(folder) + "/kindling-mine") for folder in ("~", "/tmp"))


@pytest.mark.sandbox
def test_no_new_rights_and_a_filter(boxed):
    cell = "import ctypes\np = ctypes.CDLL(None).prctl\n(p(39, 0, 0, 0, 0), p(21, 0, 0, 0, 0))"
    assert values(play(boxed, cell)) == ["(1, 2)"]  # PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP


@pytest.mark.sandbox
def test_the_sandbox_ends_with_the_grader():
    code = (
        "from grading.runner import Session\nfrom grading.sandbox import Sandbox\n"
        "s = Session(Sandbox(preload=('numpy',)))\ns.open(1)\nprint(s.process.pid, flush=True)\n"
        "s.run('while True: pass', 'c', True, 60)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(["lib", "."])}
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
    box = int(grader.stdout.readline())
    children = Path(f"/proc/{box}/task/{box}/children").read_text().split()
    time.sleep(0.3)  # now the loop is running
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(os.path.exists(f"/proc/{pid}") for pid in [str(box), *children]):
        time.sleep(0.05)
    assert not any(os.path.exists(f"/proc/{pid}") for pid in [str(box), *children])


@pytest.mark.sandbox
def test_a_session_takes_a_tenth_of_a_second(boxed):
    boxed.open(1)
    best = min(timed(lambda: play(boxed, "x = 1", "def f(x): return x", QUESTION)) for _ in range(5))
    assert best < 0.1


def timed(call) -> float:
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def test_two_sessions_side_by_side():
    sessions = [Session(PLAIN) for _ in range(2)]
    found = {}

    def one(number):
        found[number] = values(play(sessions[number], f"x = {number}", "x"))[-1]

    threads = [threading.Thread(target=one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for made in sessions:
        made.close()
    assert found == {0: "0", 1: "1"}


def test_what_the_released_notebooks_import_is_loaded_before():
    cells = [
        "%matplotlib inline\nimport colorsys as c, this, ray",
        "from xml.dom import minidom\nfrom . import x",
        "no python",
    ]
    cells = [{"cell_type": "code", "source": source} for source in cells]
    assignment = SimpleNamespace(
        skeletons={"one": {"cells": [*cells, {"cell_type": "markdown", "source": "import os"}]}}
    )
    named = preload_for(assignment)
    assert named == (*LIBRARIES, "colorsys", "this", "xml.dom")
    made = Session(Sandbox("none", (*named, "no_such_module")))
    assert values(play(made, "import sys\n[name in sys.modules for name in ('colorsys', 'xml.dom')]")) == [
        "[True, True]"
    ]
    made.close()


def test_an_answer_that_was_late_once_is_asked_again(session):
    # in shared memory: files are put back between two observations
    slow_once = "import mmap, time\nasked = mmap.mmap(-1, 1)\ndef f(x):\n    if not asked[0]:\n        asked[0] = 1\n"
    played = play(session, slow_once + "        time.sleep(2.5)\n    return x", QUESTION, cell_seconds=5)
    assert played.observations["1"] == [{"result": 3}]


def test_files_are_those_of_the_state_that_is_asked(session):
    """A later cell or another check may write over a file: an answer finds what was there when its check stood."""
    read = "def f(x):\n    found = int(open('number').read())\n    open('number', 'w').write('99')\n    return found"
    played = play(
        session, f"open('number', 'w').write('3')\n{read}", QUESTION, "open('number', 'w').write('5')", QUESTION
    )
    assert [played.observations[key] for key in ("1", "3")] == [[{"result": 3}], [{"result": 5}]]
