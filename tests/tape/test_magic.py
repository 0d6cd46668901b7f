"""Recording a function by decorating it, and a notebook's cell by its magic, in a real IPython."""

import pytest

import kindling as torch
from kindling import tape


def test_a_decorated_function_is_recorded_at_every_call() -> None:
    @tape.record()
    def line(x: torch.Tensor) -> torch.Tensor:
        """A line."""
        y = x * 2
        return y

    assert line.tape is None and line.__doc__ == "A line."
    x = torch.tensor(3.0, requires_grad=True)
    assert line(x).item() == 6
    first = line.tape
    line(x + 1)
    assert [n["label"] for n in first.nodes] == ["x", "mul(·, 2)"]
    assert line.tape is not first and line.tape.nodes[-1]["value"] == "8" and line.tape.nodes[-1]["name"] == "y"


@pytest.fixture
def shell():
    pytest.importorskip("IPython", reason="IPython is not installed")
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shell.run_cell("%load_ext kindling.tape\nimport kindling as torch")
    return shell


CELL = "%%tape t\nw = torch.tensor(3.0, requires_grad=True)\nloss = w * w\nloss.backward()\n"


def test_the_cell_magic_records_and_keeps_the_tape(shell, capsys) -> None:
    result = shell.run_cell(CELL)
    assert result.success and "Tape of 2 nodes" in capsys.readouterr().out
    recorded = shell.user_ns["t"]
    assert [n.get("name") for n in recorded.nodes] == ["w", "loss"]
    assert recorded.nodes[1]["source"]["text"] == "loss = w * w" and recorded.nodes[1]["source"]["file"] == "cell"
    assert shell.user_ns["w"].grad.item() == 6


def test_a_cell_that_fails_gives_the_partial_tape(shell, capsys) -> None:
    shell.run_cell(CELL.replace("loss.backward()", "torch.ones(2) @ torch.ones(3)"))
    assert "RuntimeError" in capsys.readouterr().out
    assert shell.user_ns["t"].nodes[-1]["error"].startswith("RuntimeError: ")


def test_a_name_that_is_none_is_refused(shell, capsys) -> None:
    assert not shell.run_cell(CELL.replace("%%tape t", "%%tape t = 3")).success
    assert "takes the name of a variable" in capsys.readouterr().out


def test_the_tape_does_not_import_ipython() -> None:
    import subprocess
    import sys

    code = "import sys; from kindling import tape; assert 'IPython' not in sys.modules and 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
