"""The same engine on several machines: a real Dask scheduler with two workers, each a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from grading import engine
from grading.classroom import Classroom
from grading.errors import Refused
from grading.settings import Limits
from tests.grading import classes, plain

pytest.importorskip("distributed", reason="distributed is not installed")
pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).resolve().parents[2]
ENV = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
FRUGAL = ["--no-dashboard"]


class Machines:
    """A scheduler and its workers."""

    def __init__(self, folder: Path, tls: dict[str, str]):
        self.folder, self.env, self.running = folder, {**ENV, **tls}, []
        self.start("scheduler", "--host", f"{'tls' if tls else 'tcp'}://127.0.0.1", "--port", "0")
        self.address = self.said("Scheduler at:").split()[-1]

    def start(self, what: str, *words: str, **env: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", what, *FRUGAL, *words]
        with open(self.folder / f"{len(self.running)}.log", "w") as log:
            self.running.append(subprocess.Popen(command, env={**self.env, **env}, stderr=log, cwd=self.folder))
        return self.running[-1]

    def worker(self, **env: str) -> subprocess.Popen:
        found = self.start("worker", self.address, "--nthreads", "1", "--no-nanny", **env)
        self.said("Registered to:")
        return found

    def said(self, what: str) -> str:
        """The line of the newest log with these words."""
        log = self.folder / f"{len(self.running) - 1}.log"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for line in log.read_text().splitlines():
                if what in line:
                    return line
            time.sleep(0.1)
        raise AssertionError(log.read_text())

    def stop(self) -> None:
        for process in reversed(self.running):
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path):
    """A scheduler without workers."""
    made = Machines(tmp_path, {})
    yield made
    made.stop()


@pytest.fixture
def room(classroom, tmp_path):
    """A class with twelve submissions of a plain assignment, slow enough to see who does what."""
    shutil.copytree(classroom.root, tmp_path / "class")
    made = plain.released(type(classroom)(tmp_path / "class"))
    for number in range(12):
        plain.handed_in(made, f"s{number:02}", "import time\ntime.sleep(0.3)", **plain.solutions())
    return made


def below(worker: subprocess.Popen) -> list[str]:
    """The processes that a worker has started."""
    lists = Path(f"/proc/{worker.pid}/task").glob("*/children")
    return [pid for children in lists for pid in children.read_text().split()]


def marks(summary) -> dict:
    return {
        done.student: {name: [asdict(mark) for mark in found] for name, found in done.marks.items()}
        for done in summary.graded
    }


def test_the_same_marks_as_the_pool(machines, classroom, tmp_path):
    right = classes.solved(classroom)
    handed_in = {
        "correct": right,
        "blank": classes.with_answers(right, double="def double(x):\n    return x"),
        "exit": classes.with_cell(right, "import os\nos._exit(0)"),
        "damaged": b'{"cells": [',
    }
    for student, notebook in handed_in.items():
        classes.hand_in(classroom, student, notebook)
    shutil.copytree(classroom.root, tmp_path / "class")
    here = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS)
    workers = [machines.worker(), machines.worker()]
    other = type(classroom)(tmp_path / "class")
    there = engine.grade(other, classes.DAY, lessons=classes.LESSONS, scheduler=machines.address)
    assert here.failed == there.failed == there.unfit == {}
    assert marks(here) == marks(there)
    assert len({done.score for done in here.graded}) > 1
    with other.gradebook() as book:
        assert book.find_submission(classes.DAY, "correct").score == 12.0
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(below, workers)):
        time.sleep(0.1)
    assert [below(worker) for worker in workers] == [[], []]  # no sandbox stays on a machine after the run


def test_a_lost_worker_is_replaced(machines, room):
    lost, _ = machines.worker(), machines.worker()
    told = []

    def progress(student, said):
        told.append(student)
        if len(told) == 3:
            lost.send_signal(signal.SIGKILL)

    summary = engine.grade(room, plain.NAME, scheduler=machines.address, progress=progress)
    assert lost.wait() == -signal.SIGKILL
    assert (summary.failed, summary.unfit) == ({}, {})
    assert {done.student: done.score for done in summary.graded} == dict.fromkeys(sorted(told), plain.FULL)
    assert len(told) == 12


def test_a_worker_that_is_not_fit_grades_nobody(machines, room):
    machines.worker(PATH="/nowhere")  # no bubblewrap there
    refused = engine.grade(room, plain.NAME, students=["s00"], scheduler=machines.address)
    assert refused.graded == []
    assert "No worker of the scheduler is fit" in refused.failed["s00"]
    assert ["bubblewrap" in why for why in refused.unfit.values()] == [True]
    machines.worker()
    summary = engine.grade(room, plain.NAME, scheduler=machines.address)
    assert {done.score for done in summary.graded} == {plain.FULL}
    assert (len(summary.graded), summary.failed) == (12, {})


def test_another_version_of_the_course_grades_nobody(machines, room, tmp_path):
    """One comment more is another version: what a mark was made with must be known."""
    (tmp_path / "old").mkdir()
    for name in ("lib", "course", "grading"):
        shutil.copytree(ROOT / name, tmp_path / "old" / name, ignore=shutil.ignore_patterns("__pycache__"))
    with open(tmp_path / "old" / "grading" / "checker.py", "a") as changed:
        changed.write("# older\n")
    old = tmp_path / "old"
    machines.worker(PYTHONPATH=os.pathsep.join([str(old / "lib"), str(old)]))
    summary = engine.grade(room, plain.NAME, students=["s00"], scheduler=machines.address)
    assert summary.graded == []
    assert list(summary.unfit.values()) == ["It has another version of the course."]


def test_a_check_that_is_not_fair_there_grades_nobody(machines, room):
    """A machine that is too slow for its canaries is our failure, not a student's."""
    machines.worker()
    impatient = Limits(cell_seconds=0.001)
    classes.hand_in(room, "ada", classes.solved(room))
    summary = engine.grade(room, classes.DAY, lessons=classes.LESSONS, limits=impatient, scheduler=machines.address)
    assert summary.graded == []
    assert "does not get its fair mark here" in next(iter(summary.unfit.values()))


def test_with_the_gradebook_in_postgresql(machines, server, tmp_path):
    room = plain.released(Classroom(tmp_path / "class", server))
    for number in range(6):
        plain.handed_in(room, f"s{number}", **plain.solutions())
    machines.worker()
    summary = engine.grade(room, plain.NAME, scheduler=machines.address)
    assert {done.score for done in summary.graded} == {plain.FULL}
    with room.gradebook() as book:
        assert [found.score for found in book.assignment_submissions(plain.NAME)] == [plain.FULL] * 6


def test_nobody_there(machines, room, monkeypatch):
    monkeypatch.setattr("grading.cluster.WAIT", 0.5)
    with pytest.raises(Refused, match="has no worker"):
        engine.grade(room, plain.NAME, scheduler=machines.address)
    with pytest.raises(Refused, match="No scheduler answers"):
        engine.grade(room, plain.NAME, scheduler="tcp://127.0.0.1:1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Dask's settings for TLS with one certificate for all, and only for those who have it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=class -keyout key.pem -out cert.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    prefix = "DASK_DISTRIBUTED__COMM__"
    made = {f"{prefix}REQUIRE_ENCRYPTION": "True", f"{prefix}TLS__CA_FILE": str(folder / "cert.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        made[f"{prefix}TLS__{role}__CERT"] = str(folder / "cert.pem")
        made[f"{prefix}TLS__{role}__KEY"] = str(folder / "key.pem")
    return made


def test_tls(certificate, room, tmp_path):
    """With certificates the command grades; without them it is refused."""
    machines = Machines(tmp_path, certificate)
    try:
        machines.worker()
        command = [sys.executable, "-m", "course.cli", "class", "grade", plain.NAME, "--class", str(room.root)]
        command += ["--student", "s00", "--scheduler", machines.address]
        refused = subprocess.run(command, env=ENV, capture_output=True, text=True)
        assert refused.returncode == 1 and "wants certificates" in refused.stderr, refused.stderr
        plainly = [word.replace("tls://", "tcp://") for word in command]
        refused = subprocess.run(plainly, env=ENV, capture_output=True, text=True)
        assert refused.returncode == 1 and "No scheduler answers" in refused.stderr, refused.stderr
        done = subprocess.run(command, env={**ENV, **certificate}, capture_output=True, text=True)
        assert done.stdout.startswith("1 graded, 0 graded before, 0 not graded."), done.stderr
    finally:
        machines.stop()
