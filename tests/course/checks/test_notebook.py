"""`check` and `prediction` where a learner meets them: in a real kernel, in a plain program, under nbgrader."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from course.checks import record
from course.checks.data import check_data_path
from course.checks.show import OFFER

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "lib"), str(ROOT)])}
ANSWER = "06_mul_rule_answer"
RIGHT = """
def add_rule(g, x, y): return g, g
def mul_rule(g, x, y): return g * y, g * x
def pow_rule(g, x, n): return g * n * x ** (n - 1)
"""
NO_UPSTREAM = "def mul_rule(g, x, y): return y, x"
SENTENCE = (
    "This is the local gradient alone. Multiply it by g, the gradient that arrives. "
    "For mul_rule(g=5.0, x=3.0, y=2.0), grad_x should be 10.0 and yours is 2.0."
)
CHECK = 'check("06.mul_rule")'


def run(folder: Path, *cells: str, **environment: str) -> list[list]:
    """Run cells in a real kernel after the lesson's first two; the outputs of each."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    sources = ["import kindling as torch", "from course.checks import check, prediction", *cells]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    client = NotebookClient(notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**ENVIRONMENT, **environment})
    return [cell.outputs for cell in notebook.cells[2:]]


def text_of(outputs: list) -> str:
    """The text of the one output that a check makes."""
    assert len(outputs) == 1, outputs
    assert outputs[0].output_type == "display_data", outputs
    return outputs[0].data["text/plain"]


def test_a_session_in_a_notebook(tmp_path):
    loop = "def mul_rule(g, x, y):\n    while True: pass"
    shout = "def mul_rule(g, x, y):\n    import sys; print('out'); print('err', file=sys.stderr); return g * y, g * x"
    hostile = "def mul_rule(g, x, y): raise ValueError('<script>alert(1)</script><img src=//example.org>')"
    timed = f"import time; start = time.perf_counter(); {CHECK}; print(time.perf_counter() - start)"
    answers = run(
        tmp_path,
        *(CHECK, RIGHT, CHECK, NO_UPSTREAM, CHECK, CHECK, CHECK, CHECK, loop, CHECK, shout, CHECK),
        *('check("06.nothing")', 'prediction("06.sub", None, torch.tensor(-10.0))'),
        *('prediction("06.sub", 10, torch.tensor(-10.0))', 'prediction("06.sub", -10, torch.tensor(-10.0))'),
        *(hostile, CHECK, RIGHT, timed),
    )
    missing, _, right, _, *wrong, _, late, _, quiet, unknown, skipped, missed, met, _, escaped, _, quick = answers
    assert text_of(missing) == "Python does not know add_rule yet: run the cell that defines it, then check again."
    assert text_of(right).startswith("Right: all 13 cases agree.")
    assert "Why it works" in right[0].data["text/html"]
    assert [text_of(one).count("Hint") for one in wrong] == [0, 1, 2, 2]
    assert [OFFER in text_of(one) for one in wrong] == [False, False, True, True]
    assert ["<details" in one[0].data["text/html"] for one in wrong] == [False, False, True, True]
    assert "def example_rule" in text_of(wrong[2]) and "def example_rule" in wrong[2][0].data["text/html"]
    assert all(text_of(one).startswith(SENTENCE) for one in wrong)
    assert all(SENTENCE in one[0].data["text/html"] for one in wrong)
    assert text_of(late) == "mul_rule did not finish within 2 seconds. Is there a loop that never ends?"
    assert text_of(quiet).startswith("Right")
    assert text_of(unknown).startswith("There is no check called 06.nothing here.")
    assert text_of(skipped) == "You skipped the guess. What happened: -10.0."
    assert text_of(missed) == "You said 10. What happened: -10.0. Find out why before you go on."
    assert text_of(met) == "You said -10, and so it is."
    assert set(re.findall(r"<(\w+)", escaped[0].data["text/html"])) == {"style", "div", "p", "span", "code"}
    assert not re.search(r"url\(|@import", escaped[0].data["text/html"])
    assert float(quick[-1].text) < 0.5
    noted = record.notes(tmp_path)
    assert [line["passed"] for line in noted if line["kind"] == "check"][:2] == [False, True]
    assert [line["guess"] for line in noted if line["kind"] == "prediction"] == ["None", "10", "-10"]


def test_under_nbgrader_a_check_is_silent_or_one_line(tmp_path):
    _, right, _, *wrong, silent = run(
        *(tmp_path, RIGHT, CHECK, NO_UPSTREAM, CHECK, CHECK, CHECK, 'prediction("06.sub", 1, torch.tensor(2.0))'),
        NBGRADER_EXECUTION="autograde",
    )
    assert right == silent == []
    assert [(one.ename, one.evalue) for (one,) in wrong] == [("AssertionError", SENTENCE)] * 3
    assert not (tmp_path / ".kindling").exists()


def test_in_a_plain_program(tmp_path):
    program = tmp_path / "mine.py"
    program.write_text(f"import kindling as torch\nfrom course.checks import check\n{RIGHT}\n{NO_UPSTREAM}\n{CHECK}\n")
    done = subprocess.run([sys.executable, program], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == (SENTENCE, "")


def test_help_grows_only_while_the_same_thing_is_wrong(tmp_path):
    other = "def mul_rule(g, x, y): return g * x, g * y"
    *_, changed, _, again, more, _, _, _, anew = run(
        tmp_path,
        *(RIGHT, NO_UPSTREAM, CHECK, CHECK, other, CHECK, NO_UPSTREAM, CHECK, CHECK, RIGHT, CHECK, other, CHECK),
    )
    assert [text_of(one).count("Hint") for one in (changed, again, more, anew)] == [0, 0, 1, 0]


def test_a_cell_that_was_edited_but_not_run_is_named(tmp_path):
    """Front ends name their cells and their notebook; here a real shell is given what JupyterLab gives it."""
    notebook = tmp_path / "06_autograd.ipynb"
    edited = {"cells": [{"id": ANSWER, "source": RIGHT + "\n# better"}]}
    code = f"""
    import json, os, time
    from IPython.core.interactiveshell import InteractiveShell
    shell = InteractiveShell.instance()
    shell.run_cell("import kindling as torch")
    shell.run_cell("from course.checks import check")
    shell.run_cell({RIGHT + NO_UPSTREAM!r}, cell_id={ANSWER!r})
    open({str(notebook)!r}, "w").write(json.dumps({edited!r}))
    os.utime({str(notebook)!r}, (time.time() + 5,) * 2)
    print(shell.run_cell({CHECK!r}).result.sentence)
    shell.run_cell({RIGHT!r} + "\\n# better", cell_id={ANSWER!r})
    print(shell.run_cell({CHECK!r}).result.sentence)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**ENVIRONMENT, "JPY_SESSION_NAME": str(notebook), "IPYTHONDIR": str(tmp_path / "ipython")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    sentences = [line for line in done.stdout.splitlines() if line.startswith(("The cell", "Right"))]
    assert sentences[0].startswith("The cell with your answer was changed after it last ran."), (
        done.stdout + done.stderr
    )
    assert sentences[-1].startswith("Right")


@pytest.mark.parametrize("place", ["", "day_001", "day_001/deeper"])
def test_the_check_data_is_found_beside_and_above_the_notebook(tmp_path, place):
    own = tmp_path / "day_001" / "checks" / "06_autograd.json"
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps({"schema": 1, "exercises": []}))
    (tmp_path / place).mkdir(exist_ok=True)
    assert check_data_path("06.mul_rule", tmp_path / place) == own


def test_without_its_own_folder_the_course_brings_the_check_data(tmp_path):
    assert check_data_path("06.mul_rule", tmp_path) == ROOT / "day_001" / "checks" / "06_autograd.json"
    assert check_data_path("99.unknown", tmp_path) is None
