"""A class of several graders keeps its marks in PostgreSQL: the same commands, another `db_url`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grading import engine, export, reports
from grading.classroom import Classroom
from grading.release import release
from tests.grading import classes

pytestmark = pytest.mark.sandbox
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [shutil.which("initdb")]


@pytest.fixture
def server(tmp_path_factory):
    """A PostgreSQL server of this test's own, reached by a socket in its folder."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if PROGRAMS[-1] is None:
        pytest.skip("PostgreSQL is not installed")
    programs = Path(PROGRAMS[-1]).parent
    folder = tmp_path_factory.mktemp("pg")
    user = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        user = {"user": "nobody"}
        for path in (folder, *folder.parents[:2]):
            path.chmod(0o755)
        shutil.chown(folder, "nobody")

    def run(program, *arguments):
        subprocess.run([programs / program, "-D", folder / "data", *arguments], check=True, capture_output=True, **user)

    run("initdb", "-A", "trust", "-U", "kindling")
    run("pg_ctl", "-o", f"-k {folder} -c listen_addresses=", "-l", folder / "log", "-w", "start")
    yield f"postgresql+psycopg://kindling@/postgres?host={folder}"
    run("pg_ctl", "-m", "fast", "stop")


def test_marks_in_postgresql(server, tmp_path):
    classroom = Classroom(tmp_path / "class", server)
    release(classroom, classes.DAY, classes.HERE)
    classes.hand_in(classroom, "ada", classes.solved(classroom))
    summary = engine.grade(classroom, classes.DAY, lessons=classes.LESSONS)
    assert [done.score for done in summary.graded] == [12.0]
    assert engine.grade(classroom, classes.DAY, lessons=classes.LESSONS).skipped == ["ada"]
    assert len(reports.feedback(classroom, classes.DAY, ["ada"])) == 1
    assert export.export(classroom, tmp_path / "marks.csv").rows == 1
    assert not (classroom.root / "gradebook.db").exists()
