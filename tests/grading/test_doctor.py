"""The doctor names what is wrong, with its remedy, and calls nothing wrong that works."""

import json

import pytest

from grading import doctor, sandbox, settings
from grading.classroom import Classroom


@pytest.fixture
def room(tmp_path):
    made = Classroom(tmp_path / "class")
    made.make_seed()
    return made


def said(findings) -> list[str]:
    return [finding.said for finding in findings if not finding.well]


def test_a_new_class_needs_nothing_but_a_sandbox(room):
    reason = sandbox.why_not()
    assert said(doctor.look(room.root)) == ([reason] if reason else [])


@pytest.mark.sandbox
def test_the_sandbox_is_really_tried(room):
    assert any("a cell ran" in finding.said for finding in doctor.look(room.root) if finding.well)


BROKEN = {
    "seed for all": (lambda room: room.seed_file.chmod(0o644), "chmod 600"),
    "seed cut off": (lambda room: room.seed_file.write_text('{"seed": "12'), "put your copy of it back"),
    "class.toml": (lambda room: (room.root / settings.FILE).write_text("points = 1"), "points must be a table"),
    "gradebook": (lambda room: (room.root / "gradebook.db").write_bytes(b"no database" * 99), "does not open"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_is_named(room, monkeypatch, name):
    monkeypatch.setattr(doctor, "_sandbox", lambda kind: iter(()))
    change, sentence = BROKEN[name]
    change(room)
    (line,) = said(doctor.look(room.root))
    assert sentence in line
    assert "\n" not in line


MACHINES = {
    "no bubblewrap": (lambda patch, empty: patch.setenv("PATH", str(empty)), "package bubblewrap"),
    "full disk": (lambda patch, empty: patch.setattr(doctor, "FREE", 2**80), "free 2 GB"),
    "old nbgrader": (
        lambda patch, empty: patch.setattr(doctor, "version", lambda name: "0.8.1"),
        "nbgrader 0.8.1 is not",
    ),
    "no alembic": (
        lambda patch, empty: patch.setattr(doctor.sys, "executable", str(empty / "python")),
        "alembic is not",
    ),
    "unknown zone": (lambda patch, empty: patch.setenv("TZ", "Europe/Nowhere"), "TZ=Europe/Nowhere is not known"),
    "no filter": (lambda patch, empty: patch.setattr(doctor.seccomp, "program", lambda: None), "system call filter"),
}


@pytest.mark.parametrize("name", MACHINES)
def test_what_the_machine_lacks_is_named(room, monkeypatch, tmp_path, name):
    change, sentence = MACHINES[name]
    if name != "no bubblewrap":
        monkeypatch.setattr(sandbox, "why_not", lambda kind: None)
        monkeypatch.setattr(doctor, "_session", lambda kind: doctor.Finding(True, ""))
    if name == "no alembic":
        monkeypatch.setenv("PATH", str(tmp_path))
    change(monkeypatch, tmp_path)
    assert any(sentence in line for line in said(doctor.look(room.root)))


def test_it_changes_nothing(room):
    before = sorted(room.root.iterdir())
    doctor.look(room.root)
    assert sorted(room.root.iterdir()) == before
    assert json.loads(room.seed_file.read_text())["schema"] == 1
