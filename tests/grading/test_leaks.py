"""What a hidden check asks an answer stays hidden: no later cell and no later check can bring it into the feedback."""

import json

import pytest

from grading import engine
from grading.checker import Question
from grading.runner import Limits, Player, Session, Step
from grading.sandbox import Sandbox
from grading.settings import Limits as ClassLimits
from tests.grading import plain

pytestmark = pytest.mark.sandbox

KNOWN, SECRET = 3, 73_114_259
OBSERVE = "def watch(ns, case):\n    return values(ns[case['call']](case['given']['x']), 'result')\n"

# Each: what the first cell prepares, how an answer leaves what it was asked, how it is looked for.
WAYS = {
    "a file": (
        "import os",
        "open('left', 'a').write(f' {x}')",
        "open('left').read() if os.path.exists('left') else ''",
    ),
    "a file among more than are put back": (
        "import os\nfor n in range(250): open(f'n{n}', 'w').close()",
        "open('left', 'a').write(f' {x}')",
        "open('left').read() if os.path.exists('left') else ''",
    ),
    "shared memory": (
        "import mmap\nshared = mmap.mmap(-1, 4096)",
        "shared.write(f' {x}'.encode())",
        "bytes(shared).decode().strip(chr(0))",
    ),
    "a process that waits": (
        "import os, socket\nhere, there = socket.socketpair()\nhere.setblocking(False)\nif os.fork() == 0:\n"
        "    while data := there.recv(99): there.send(data)",
        "here.send(f' {x}'.encode())",
        "__import__('time').sleep(0.1) or heard(here)",
    ),
    "a process that reads what the grader sends": (
        "import os, glob, time\nif os.fork() == 0:\n    end = time.time() + 3\n    while time.time() < end:\n"
        "        for fd in range(3, 20):\n            try:\n                os.set_blocking(fd, False)\n"
        "                open('left', 'ab').write(os.read(fd, 9999))\n            except OSError: pass\n"
        "    os._exit(0)",
        "x",
        "__import__('time').sleep(0.1) or (open('left', 'rb').read() if os.path.exists('left') else '')",
    ),
}
HEARD = "def heard(sock):\n    try: return sock.recv(999)\n    except OSError: return ''\n"


@pytest.fixture(scope="module")
def session():
    made = Session(Sandbox())
    yield made
    made.close()


def question(name: str) -> Question:
    cases = [{"call": name, "given": {"x": x}} for x in (KNOWN, SECRET)]
    entry = {"observe": OBSERVE, "cases": cases, "expected": [{"result": case["given"]["x"]} for case in cases]}
    return Question(name, {**entry, "misconceptions": (), "tolerance": {}}, frozenset({0}))


@pytest.mark.parametrize("way", WAYS)
def test_no_cell_and_no_known_case_sees_what_was_asked(session, way):
    first, leave, look = WAYS[way]
    steps = [
        Step("0", HEARD + first),
        Step("1", f"def f(x):\n    {leave}\n    return x"),
        Step("f", question=question("f")),
        Step("2", look),
        Step("3", f"def g(x): return str({look})"),
        Step("g", question=question("g")),
        Step("4", look),
    ]
    played = Player(session, Limits(cell_seconds=2.0), 7).play(steps)
    seen = json.dumps([played.outcomes, played.observations.get("g", [None])[0]], default=str)
    assert str(SECRET) not in seen
    if "grader" not in way:  # that one takes the cells away from its own session
        assert played.observations["f"] == [{"result": KNOWN}, {"result": SECRET}]


def test_the_ways_are_ways(session):
    """In one state, as it was when checks ran between the cells, each of them finds what was left."""
    for way, (first, leave, look) in WAYS.items():
        if "grader" in way:
            continue
        cells = [HEARD + first, f"def f(x):\n    {leave}\nf({SECRET})", look]
        played = Player(session, Limits(), 7).play([Step(str(n), cell) for n, cell in enumerate(cells)])
        assert str(SECRET) in played.outcomes["2"]["value"], way


# Reads every page of this process that Python or its libraries have taken for small things, past what is still in use.
SCAN = r"""
import ctypes, gc, os, re
libc, (reading, writing) = ctypes.CDLL(None), os.pipe()
gc.unfreeze()
places = {id(thing) >> 20 for thing in gc.get_objects()}
places |= {ctypes.addressof(ctypes.create_string_buffer(size)) >> 20 for size in (600, 5000, 60000)}
found, seen = set(), set()
for place in places:
    for step in (1, -1):
        page, missed = place << 8, 0
        while missed < 300:
            there = page not in seen and libc.write(writing, ctypes.c_void_p(page << 12), ctypes.c_size_t(4096)) == 4096
            missed = 0 if there else missed + 1
            seen.add(page)
            page += step
            found |= set(re.findall(rb"left-[0-9]{5}", os.read(reading, 4096) if there else b""))
len(seen) > 1000, sorted(found)[:9]
"""


def test_the_memory_holds_nothing_of_the_last_submission(session):
    """Not its cells, not what they printed, nothing that its exercises were asked: solutions come this way as well."""
    long = "[" + ", ".join(f"'left-{number}'" for number in range(10_000, 10_400)) + "]"
    cells = [
        Step("0", f"for n in {long}: print(n)"),
        Step("1", "def f(x): return x"),
        Step("f", question=question("f")),
    ]
    assert Player(session, Limits(), 7).play(cells).observations["f"] == [{"result": KNOWN}, {"result": SECRET}]
    played = Player(session, Limits(), 7).play([Step("scan", SCAN)])
    assert played.outcomes["scan"]["value"] == "(True, [])"


def test_hidden_asserts_are_not_repeated(classroom):
    """Not by a later cell, nor by the exception of a later test that students can see."""
    ps, hidden = plain.released(classroom), "range(limit)"
    leave = "def square(x):\n    open('left', 'a').write(f'asked {x};')\n    return x * x"
    look = "open('left').read() if __import__('os').path.exists('left') else 'nothing'"
    tell = f"def normed(a):\n    raise ValueError({look})"
    plain.handed_in(ps, "leaves", q1=leave, q2=tell, q3=f"print('found', {look})")
    (graded,) = engine.grade(ps, plain.NAME, limits=ClassLimits(cell_seconds=2.0)).graded
    text = (ps.folder("autograded", plain.NAME, "leaves") / f"{plain.NOTEBOOK}.ipynb").read_text()
    assert hidden not in text
    assert "asked" not in text.replace("asked {x}", "")
    assert "found nothing" in text
    assert {mark.grade_id: mark.score for mark in graded.marks[plain.NOTEBOOK]}["t1"] == 2
