"""What is missing or wrong on this machine for grading: one line each, with the remedy."""

import json
import os
import platform
import shutil
import stat
import sys
import time
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from grading import containers, sandbox, seccomp
from grading.classroom import Classroom, tools_on_path
from grading.errors import Refused
from grading.settings import FILE

OLDEST, BELOW = (0, 9, 5), (1, 0, 0)
FREE = 2 * 2**30
COUNTED = """import os
told = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
print(*(open(path).read() for path in told if os.path.exists(path)))"""
PROBE = "import ctypes\np = ctypes.CDLL(None).prctl\nprint(p(39, 0, 0, 0, 0), p(21, 0, 0, 0, 0))"  # new rights; filter


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    well: bool
    said: str


def look(root: Path, db_url: str = "", kind: str = "") -> list[Finding]:
    """Everything that grading needs, looked at; nothing is changed. `kind`: another sandbox than the class's own."""
    classroom = Classroom(root, db_url)
    try:
        kind = kind or classroom.settings.sandbox
        wrong = []
    except Refused as reason:
        wrong = [Finding(False, line) for line in str(reason).splitlines()]
    found = [*_sandbox(kind or sandbox.BUBBLEWRAP), _nbgrader(), _alembic(), *wrong]
    if wrong:
        return found
    found.append(
        Finding(True, f"{FILE} is right." if (root / FILE).is_file() else f"There is no {FILE}; none is needed.")
    )
    return [*found, _database(classroom), _seed(classroom), _disk(root), _zone()]


def _sandbox(kind: str) -> Iterator[Finding]:
    reason = sandbox.why_not(kind)
    if reason:
        yield Finding(False, reason)
        return
    if kind == sandbox.BUBBLEWRAP and seccomp.program() is None:
        yield Finding(False, f"No system call filter for {platform.machine()}: grade on x86_64 or aarch64.")
    yield _session(kind)


def _session(kind: str) -> Finding:
    """Whether a session really starts, runs a cell, and is shut in."""
    from grading.runner import Session, SessionBroken

    session, begun = Session(sandbox.Sandbox(kind, ("numpy",))), time.monotonic()
    try:
        session.open(1)
        status, outcome = session.run(PROBE, "probe", True, 20.0)
        took = time.monotonic() - begun
        _, counted = session.run(COUNTED, "counted", True, 20.0)
    except SessionBroken as reason:
        hint = f" bwrap starts, so look at the Python at {sys.prefix}: a student's user reads it."
        return Finding(False, f"{reason}{hint if kind == sandbox.BUBBLEWRAP else ''}")
    finally:
        session.close()
    if status != "done" or outcome["stdout"].split() != ["1", "2"]:
        return Finding(False, f"{kind} runs code, but without its filter or with new rights: update {kind}.")
    if kind != sandbox.BUBBLEWRAP and counted["stdout"].strip() != str(containers.MEMORY):
        return Finding(
            False, f"{kind} does not bound a session's memory here: run it as root, or with control groups v2."
        )
    return Finding(True, f"{kind} works, with its system call filter: a cell ran after {took:.1f} s.")


def _nbgrader() -> Finding:
    wanted = f"at least {'.'.join(map(str, OLDEST))} and below {BELOW[0]}"
    try:
        here = version("nbgrader")
    except PackageNotFoundError:
        return Finding(False, "nbgrader is not installed: `python do.py setup course`.")
    numbers = tuple(int(part) for part in here.split(".")[:3] if part.isdigit())
    well = OLDEST <= numbers < BELOW
    return Finding(well, f"nbgrader {here}" + ("." if well else f" is not {wanted}: `python do.py setup course`."))


def _alembic() -> Finding:
    with tools_on_path():
        found = shutil.which("alembic")
    if found:
        return Finding(True, "alembic is found; nbgrader makes gradebooks with it.")
    return Finding(
        False, f"alembic is not beside {sys.executable}, and nbgrader cannot make a gradebook: reinstall nbgrader."
    )


def _database(classroom: Classroom) -> Finding:
    kind = classroom.database.partition(":")[0]
    if not classroom.has_gradebook():
        return Finding(True, f"There is no gradebook yet ({kind}): the first release makes it.")
    try:
        with classroom.gradebook() as book:
            count, assignments = len(book.students), len(book.assignments)
    except Exception as error:  # every driver has errors of its own
        first = str(error).strip().partition("\n")[0][:150]
        return Finding(
            False, f"The gradebook ({kind}) does not open ({first}): is db_url right? Else `nbgrader db upgrade`."
        )
    return Finding(True, f"The gradebook ({kind}) opens: {count} students, {assignments} assignments.")


def _seed(classroom: Classroom) -> Finding:
    file = classroom.seed_file
    if not file.is_file():
        return Finding(True, "There is no class seed yet: the first release makes it.")
    mode = stat.S_IMODE(file.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        return Finding(False, f"Others can read the class seed (mode {mode:o}): chmod 600 {file}")
    try:
        good = len(bytes.fromhex(json.loads(file.read_text())["seed"])) == 32
    except (OSError, ValueError, KeyError, TypeError):
        good = False
    return Finding(good, "The class seed is private." if good else f"{file} holds no seed: put your copy of it back.")


def _disk(root: Path) -> Finding:
    there = next(folder for folder in (root.resolve(), *root.resolve().parents) if folder.is_dir())
    free = shutil.disk_usage(there).free
    well = free >= FREE
    remedy = "" if well else " A class takes some: free 2 GB."
    return Finding(well, f"{free / 2**30:.1f} GB are free for the class.{remedy}")


def _zone() -> Finding:
    named = os.environ.get("TZ", "")
    if "/" in named and named.lstrip(":") not in zoneinfo.available_timezones():
        return Finding(False, f"The time zone TZ={named} is not known here: correct it, or install tzdata.")
    offset = -time.timezone // 60
    zone = f"{'/'.join(dict.fromkeys(time.tzname))} (UTC{offset // 60:+03d}:{offset % 60:02d})"
    return Finding(True, f"Times in zips are read in {zone}; for another, set TZ=Area/City. Due dates count in UTC.")
