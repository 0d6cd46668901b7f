"""What a wheel of this distribution holds: the library, the app and the grader, and no solution."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as file:
        yield file


def test_it_holds_all_three(wheel):
    names = set(wheel.namelist())
    assert {"kindling/__init__.py", "course/cli.py", "course/checks/judge.py", "grading/cli.py"} <= names
    assert {"course/lab/overrides.json", "kindling/tape/player.js"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"kindling", "course", "grading"}


def test_it_holds_no_solution(wheel):
    lessons = "".join(file.read_text() for file in (ROOT / "course/lessons").rglob("lesson.md"))
    canaries = set(re.findall(r"kindling-canary-[\w-]+", lessons))
    assert canaries, "the solutions are marked, or this test proves nothing"
    held = {name: wheel.read(name).decode("utf-8", "replace") for name in wheel.namelist()}
    assert [name for name, text in held.items() if any(canary in text for canary in canaries)] == []
    assert [name for name in held if "/lessons/" in name or "/class/" in name] == []
