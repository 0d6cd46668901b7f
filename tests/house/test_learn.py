"""The command `kindling` for real, where no browser is needed."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from course import learn

ROOT = Path(__file__).resolve().parents[2]


def kindling(*words, cwd=ROOT, **more):
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
    command = [sys.executable, "-m", "course.cli", *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=os.environ | path | more, capture_output=True, text=True)


@pytest.fixture
def taken():
    """A port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_taken_port_that_was_asked_for(taken):
    done = kindling("learn", "--no-browser", "--port", taken)
    assert done.returncode == 1
    assert done.stderr.strip().startswith(f"Port {taken} is taken by another program")
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_next_port_is_taken_and_told(taken, monkeypatch, capsys):
    monkeypatch.setattr(learn, "FIRST_PORT", taken)
    port = learn.choose_port(None)
    assert taken < port < taken + 100
    assert capsys.readouterr().out == (f"Port {taken} is taken by another program, so JupyterLab is on port {port}.\n")


def test_a_full_disk():
    """On a file system of 4 MB that is full the sentence comes, and no half notebook stays."""
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap, for a small file system")
    script = (
        f'cp -r "{ROOT}/course" "{ROOT}/day_001" /mnt && cd /mnt && mkdir work;'
        f'dd if=/dev/zero of=/mnt/fill bs=4k 2>/dev/null; "{sys.executable}" -B -m course.cli learn --no-browser;'
        "code=$?; find work -type f; exit $code"
    )
    room = ["bwrap", "--dev-bind", "/", "/", "--size", "4000000", "--tmpfs", "/mnt"]
    done = subprocess.run(
        [*room, "sh", "-c", script], env=os.environ | {"PYTHONPATH": ""}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.strip().startswith("The disk is full"), done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def graded(source: str, name: str):
    import nbformat

    cell = nbformat.v4.new_code_cell(source)
    cell.metadata["nbgrader"] = {
        "grade": True,
        "grade_id": name,
        "locked": True,
        "points": 1,
        "solution": False,
        "schema_version": 3,
    }
    return cell


def test_check_runs_a_notebook(tmp_path):
    """The lesson as it is given out, and three cells more: a failing cell does not end it, each check has its say."""
    import nbformat

    notebook = nbformat.read(ROOT / "day_001/06_autograd.ipynb", as_version=4)
    notebook.cells += [
        nbformat.v4.new_code_cell("import os\nassert os.environ['NBGRADER_EXECUTION']\nx = 1\n1 / 0"),
        graded("assert x == 1", "right_one"),
        graded("assert x == 2, 'x is 1, not 2'", "wrong_one"),
    ]
    nbformat.write(notebook, tmp_path / "mine.ipynb")
    done = kindling("check", tmp_path / "mine.ipynb")
    assert (done.returncode, done.stderr) == (1, "")
    said = done.stdout.splitlines()
    assert said[-3:-1] == ["✓ right_one: right", "✗ wrong_one: x is 1, not 2"]
    assert said[-1].startswith("1 of ")
    assert said[1].startswith("✗ 06_mul_rule: ")
    assert "is not defined" not in said[1], "the notebook's own cells ran"


def test_run_a_program_that_says_torch(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport torch\nimport torch.nn as nn\nprint(torch.ones(2).sum().item(), sys.argv[1:], __name__)\n"
    )
    done = kindling("run", program, "--size", "3")
    assert done.stdout == "2.0 ['--size', '3'] __main__\n", done.stderr
    assert kindling("run", tmp_path / "nothing.py").stderr.startswith("There is no program")


def test_doctor_has_a_sentence_for_each_thing():
    done = kindling("doctor")
    assert done.returncode == 0, done.stderr
    assert all(line[0] in "✓–" and line.endswith(".") for line in done.stdout.splitlines())
    for word in ("Python", "jupyterlab", "bubblewrap", "node", "GPU", "disk"):
        assert word in done.stdout
    without = kindling("doctor", PATH="/nowhere")
    assert "bubblewrap is missing" in without.stdout or "no bubblewrap" in without.stdout
    assert "node is missing" in without.stdout


def test_groups_hand_over():
    assert "class release" in kindling("class", "release", "--help").stdout
    assert "author build" in kindling("author", "build", "--help").stdout


def test_settings_are_whole():
    for file in learn.SETTINGS.glob("*.json"):
        json.loads(file.read_text())
    overrides = json.loads((learn.SETTINGS / "overrides.json").read_text())
    assert overrides["@jupyterlab/apputils-extension:notification"] == {"fetchNews": "false", "checkForUpdates": False}
    assert overrides["@jupyterlab/apputils-extension:themes"] == {"adaptive-theme": True}
