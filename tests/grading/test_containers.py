"""Grading in containers of podman and docker: what holds in bubblewrap holds there; the image is really built."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from course.build.lesson import CANARY
from course.cli import app
from grading import containers, doctor, engine, inside, sandbox, seccomp
from grading.checker import Question
from grading.runner import Limits, Session
from grading.sandbox import Sandbox
from tests.grading import bases, classes, test_attacks, test_faults
from tests.grading.test_session import QUESTION, play

boxed = pytest.mark.sandbox

ATTACKS = {
    name: text
    for name, text in (test_attacks.CELLS | test_attacks.ANSWERS).items()
    if name[:3] in ("a02", "a04", "a06", "a08", "a12", "a16", "a17", "a18", "a22", "a27", "a29", "b01", "b02", "b03")
}
FAULTS = {
    name: text
    for name, text in test_faults.CELLS.items()
    if name[:3] in ("f04", "f05", "f06", "f07", "f08", "f14", "f16", "f17", "f18", "f29", "f31", "f38", "f40")
}


@pytest.fixture(scope="module", params=containers.ENGINES)
def made(request, tmp_path_factory):
    """The name of an engine that has an image for this code."""
    if reason := containers.silent(request.param):
        pytest.skip(reason)
    if reason := bases.make(request.param, tmp_path_factory.mktemp("base")):
        pytest.skip(f"{request.param} runs no container on this machine: {reason}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(containers, "BASE", bases.NAME)
        containers.build(request.param)
        yield request.param
        subprocess.run([request.param, "rmi", "--force", containers.image(), bases.NAME], capture_output=True)


@pytest.fixture
def session(made):
    held = Session(Sandbox(made))
    held.open(1)
    yield held
    held.close()


def value(session, cell: str, seconds: float = 20.0):
    """The value of the last line of a cell."""
    status, outcome = session.run(cell, "cell", True, seconds)
    assert (status, outcome and outcome["error"]) == ("done", None), outcome
    return eval(outcome["value"])


# -- the tables --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(made, classroom):
    """One run over a sample of attacks and faults, and an honest one beside them."""
    right = classes.solved(classroom)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        notebooks = test_attacks.submissions(classroom, server.getsockname()[1])
        handed_in = {name: notebooks[name] for name in ATTACKS} | {"honest": right}
        handed_in |= {name: classes.with_cell(right, text) for name, text in FAULTS.items()}
        students = {name: f"s{number:02}" for number, name in enumerate(handed_in)}
        for name, notebook in handed_in.items():
            classes.hand_in(classroom, students[name], notebook)
        before = test_attacks.tree(classroom.root)
        limits = Limits(cell_seconds=3.0)
        summary = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS, limits=limits, sandbox=made, force=True)
        with pytest.raises(TimeoutError):
            server.accept()
    assert test_attacks.tree(classroom.root) == before
    assert summary.failed == {}
    scores = {done.student: done.score for done in summary.graded}
    return {name: scores[student] for name, student in students.items()}


@boxed
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_stays_at_zero(graded, name):
    assert graded[name] == 0.0


@boxed
@pytest.mark.parametrize("name", ["honest", *FAULTS])
def test_a_fault_costs_only_itself(graded, name):
    assert graded[name] == test_faults.FULL


# -- what a session can see and do -------------------------------------------------------------------------------------

WRITABLE = """
import os
found = []
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys")]
    for path in [os.path.join(folder, name) for name in folders + files]:
        if not os.path.islink(path) and os.access(path, os.W_OK):
            found.append(path)
sorted(found)
"""
CALLS = """
import ctypes
libc, found = ctypes.CDLL(None, use_errno=True), {}
for name, words in ASKED.items():
    ctypes.set_errno(0)
    found[name] = (libc.syscall(*map(ctypes.c_long, words)), ctypes.get_errno())
found
"""
DEVICES = [f"/dev/{name}" for name in ("full", "null", "pts/ptmx", "random", "tty", "urandom", "zero")]


@boxed
def test_only_the_room_can_be_written_to(session):
    assert [path for path in value(session, WRITABLE) if path not in DEVICES] == ["/room"]
    assert value(session, "bool(os.statvfs('/').f_flag & os.ST_RDONLY)")
    assert value(session, "open('/tmp/mine', 'w').write('x'), os.listdir('/room')") == (1, ["mine"])
    session.open(1)
    assert value(session, "import os\nos.listdir('/room')") == []


@boxed
def test_no_rights_and_nothing_of_the_machine(session, monkeypatch):
    status = value(session, "dict(line.rstrip().split(':\\t') for line in open('/proc/self/status') if ':\\t' in line)")
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert min(map(int, (status["Uid"] + status["Gid"]).split())) >= 10_000
    seen = value(session, "import os\n(dict(os.environ), os.listdir('/kindling/course'), os.listdir('/sys/class/net'))")
    assert seen[0] == {**inside.ENVIRONMENT, "PATH": containers.PATH, "PYTHONPATH": "/kindling"}
    assert set(seen[1]) - {"__pycache__"} == {"__init__.py", "assets", "checks", "data.py", "plots"}
    assert seen[2] == ["lo"]


@boxed
def test_the_keeper_cannot_be_looked_into(session):
    cell = "import os\ndef denied(path):\n    try:\n        os.open(path, os.O_RDONLY)\n    except PermissionError:\n"
    names = ("environ", "mem", "fd/0", "fd/1")
    cell += f"        return True\n[denied('/proc/1/' + name) for name in {names}]"
    assert value(session, cell) == [True] * len(names)


@boxed
def test_the_filter_is_the_one_of_bubblewrap(session):
    _, column = seccomp.MACHINES[os.uname().machine]
    refused = {name: [numbers[column], 0, 0, 0] for name, numbers in seccomp.REFUSED.items() if numbers[column]}
    refused |= {name: [numbers[column], 1, 0, 0] for name, numbers in seccomp.OF_ITSELF.items()}
    refused |= {f"socket {family}": [seccomp.SOCKET[column], family, 1, 0] for family in (0, 2, 10, 40)}
    refused["clone"] = [seccomp.CLONE[column], 0x10000000, 0, 0]  # CLONE_NEWUSER
    found = value(session, f"ASKED = {refused}{CALLS}")
    assert {name: said for name, said in found.items() if said != (-1, seccomp.EPERM)} == {}
    found = value(session, f"ASKED = {{'clone3': [{seccomp.CLONE3[column]}, 0, 0, 0]}}{CALLS}")
    assert found == {"clone3": (-1, seccomp.ENOSYS)}
    assert value(session, "import socket\nsocket.socket(socket.AF_UNIX).fileno() > 0")


@boxed
def test_every_byte_passes_both_ways(session):
    every = np.arange(256, dtype=np.uint8).repeat(2)[1:-1]  # Ctrl-P Ctrl-Q among them, a sign to detach
    asked = Question("f", {**QUESTION.entry, "cases": [{"call": "f", "given": {"x": every}}]})
    played = play(session, "def f(x):\n    return x[::-1]", asked)
    assert np.array_equal(played.observations["1"][0]["result"], every[::-1])


@boxed
def test_memory_is_bounded_for_all_processes_together(made, monkeypatch):
    """128 MB each, four at once: each alone would be allowed."""
    cell = "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        held = b'x' * (128 * 2**20)\n"
    cell += "        time.sleep(1)\n        os._exit(0)\n[os.wait()[1] for _ in range(4)].count(0)"
    for memory, whole in ((300 * 2**20, False), (containers.MEMORY, True)):
        monkeypatch.setattr(containers, "MEMORY", memory)
        session = Session(Sandbox(made))
        session.open(1)
        status, outcome = session.run(cell, "cell", True, 20.0)
        session.close()
        assert (status == "done" and outcome["value"] == "4") is whole


@boxed
def test_the_container_ends_with_the_grader(made):
    code = (
        f"from grading import containers\ncontainers.BASE = {bases.NAME!r}\nfrom grading.runner import Session\n"
        f"from grading.sandbox import Sandbox\ns = Session(Sandbox({made!r}, ('numpy',)))\ns.open(1)\n"
        "print(containers.image(), flush=True)\ns.run('while True: pass', 'c', True, 60)\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(["lib", "."])}
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=env)
    name = grader.stdout.readline().decode().strip()
    command = [made, "ps", "--quiet", "--filter", f"ancestor={name}"]
    assert subprocess.run(command, capture_output=True).stdout
    time.sleep(0.3)  # now the loop is running
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and (left := subprocess.run(command, capture_output=True).stdout):
        time.sleep(0.2)
    assert left == b""


# -- the commands ------------------------------------------------------------------------------------------------------


def kindling(*words) -> str:
    result = CliRunner().invoke(app, ["class", *map(str, words)])
    assert result.exit_code == 0, result.output + str(result.exception)
    return result.output


@boxed
def test_the_commands(made, tmp_path, monkeypatch):
    real = containers.box
    room, here = classes.Classroom(tmp_path / "class"), ("--class", tmp_path / "class")
    kindling("release", classes.DAY, "--no-kit", *here)
    said = kindling("doctor", "--sandbox", made, "--build-image", *here)
    assert f"Built {containers.image()}" in said
    assert f"{made} works, with its system call filter: a cell ran" in said
    with monkeypatch.context() as patch:
        patch.setattr(containers, "box", lambda *words: [w for w in real(*words) if not w.startswith("--memory")])
        assert "does not bound a session's memory" in doctor._session(made).said
    right = classes.solved(room, "06_autograd")
    classes.hand_in(room, "ada", right, "06_autograd.ipynb")
    assert "1 graded, 0 graded before" in kindling("grade", classes.DAY, "--sandbox", made, *here)
    monkeypatch.setattr(containers, "BASE", "localhost/another")
    assert "--build-image` makes it" in containers.why_not(made)
    (room.root / "class.toml").write_text(f'sandbox = "{made}"\n')
    (line,) = [finding.said for finding in doctor.look(room.root) if not finding.well]
    assert "no image for this version" in line


def test_what_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in containers.ENGINES:
        assert f"{name} is not installed" in sandbox.why_not(name)
    said = CliRunner().invoke(app, ["class", "grade", "day_001", "--sandbox", "jail"])
    assert said.exit_code == 2
    assert "bubblewrap, podman, docker" in said.output
    said = CliRunner().invoke(app, ["class", "doctor", "--build-image", "--class", str(tmp_path)])
    assert "--sandbox podman" in said.output


def test_an_engine_that_does_not_answer(tmp_path, monkeypatch):
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon.' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + "/bin")
    assert "does not answer (Cannot connect to the Docker daemon.)" in sandbox.why_not("docker")


def test_no_solution_is_in_the_image():
    held = containers._files()
    assert not any(CANARY.encode() in content for content in held.values())
    assert not any("lessons" in Path(name).parts or name.endswith(".ipynb") for name in held)
    assert "code/grading/session/__main__.py" in held
    assert "code/grading/worker.py" not in held


def test_other_code_is_another_image(monkeypatch):
    here = containers.image()
    files = containers._files()
    monkeypatch.setattr(containers, "_files", lambda: {**files, "code/kindling/tensor.py": b"1"})
    assert containers.image() != here


def test_the_profile_says_what_the_filter_says():
    profile = json.loads(json.dumps(seccomp.profile()))
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
    assert profile["syscalls"][0]["names"] == [*seccomp.REFUSED]
    flags = [rule["args"][0]["value"] for rule in profile["syscalls"] if rule["names"] == ["clone"]]
    assert sum(flags) == 0x7E020080
    for machine in seccomp.MACHINES:
        assert len(seccomp.program(machine)) % 8 == 0
