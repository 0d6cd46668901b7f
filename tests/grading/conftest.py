"""Fixtures of the grader's tests: a released class, a PostgreSQL server, and the skip where bubblewrap cannot run."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from grading.sandbox import why_not
from tests.grading.classes import released_class

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [shutil.which("initdb")]


def pytest_collection_modifyitems(items):
    marked = [item for item in items if item.get_closest_marker("sandbox")]
    reason = why_not() if marked else None
    for item in marked if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def _released(tmp_path_factory):
    return released_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def classroom(_released, tmp_path_factory):
    """A class of this module's own, with the stand-in lesson released."""
    root = tmp_path_factory.mktemp("class") / "class"
    shutil.copytree(_released.root, root)
    return type(_released)(root)


@pytest.fixture
def server():
    """A PostgreSQL server of one test's own, reached by a socket in its folder."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if PROGRAMS[-1] is None:
        pytest.skip("PostgreSQL is not installed")
    programs = Path(PROGRAMS[-1]).parent
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # not pytest's: another run of pytest closes its folders to `nobody`
    user = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        user = {"user": "nobody"}
        shutil.chown(folder, "nobody")

    def run(program, *arguments):
        subprocess.run([programs / program, "-D", folder / "data", *arguments], check=True, capture_output=True, **user)

    run("initdb", "-A", "trust", "-U", "kindling")
    run("pg_ctl", "-o", f"-k {folder} -c listen_addresses=", "-l", folder / "log", "-w", "start")
    yield f"postgresql+psycopg://kindling@/postgres?host={folder}"
    run("pg_ctl", "-m", "fast", "stop")
    shutil.rmtree(folder)
