"""A class's folder before anything is graded: its seed, its one writer, and what is refused."""

import contextlib
import stat

import pytest

from grading.checker import questions
from grading.classroom import Classroom
from grading.sandbox import SandboxMissing
from tests.grading import classes


def test_the_seed_is_made_once_and_kept_private(tmp_path):
    classroom = Classroom(tmp_path / "class")
    assert classroom.make_seed()
    seed = classroom.seed()
    assert len(seed) == 32
    assert stat.S_IMODE(classroom.seed_file.stat().st_mode) == 0o600
    assert not classroom.make_seed()
    assert classroom.seed() == seed
    assert seed.hex() not in classroom.seed_hash()


def test_fresh_inputs_come_from_the_seed():
    one = questions(classes.DAY, classes.NOTEBOOK, b"one", classes.LESSONS)["06_double"].cases
    two = questions(classes.DAY, classes.NOTEBOOK, b"two", classes.LESSONS)["06_double"].cases
    again = questions(classes.DAY, classes.NOTEBOOK, b"one", classes.LESSONS)["06_double"].cases
    assert one == again
    assert one != two
    assert one[0] == two[0]


def test_a_class_has_one_writer_at_a_time(tmp_path):
    from grading.claims import Busy, claims_for  # nbgrader takes seconds to load

    classroom = Classroom(tmp_path)
    with contextlib.closing(claims_for(classroom, alone=False)), pytest.raises(Busy):
        claims_for(classroom, alone=False)
    with contextlib.closing(claims_for(classroom, alone=False)):
        pass


def test_without_bubblewrap_there_is_one_sentence_and_the_flag(tmp_path, monkeypatch):
    from grading import engine

    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxMissing) as refused:
        engine.grade(Classroom(tmp_path), classes.DAY)
    assert "--without-sandbox" in str(refused.value)
    assert "\n" not in str(refused.value)
