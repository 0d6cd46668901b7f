"""The stub that editors read: it is the one made now, and type checkers accept it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import kindling
from kindling import stubs

GOOD = """
import kindling as torch

x = torch.tensor([1.0, 2.0], requires_grad=True)
loss: torch.Tensor = (2 * x + 1).pow(2).sum()
loss.backward()
with torch.no_grad():
    x -= 0.1
y = torch.add(x, 2).reshape(2, 1) @ torch.ones(1, 2, dtype=torch.float32)
z = torch.cat([y, y], dim=0).transpose(0, 1).to("cpu").float()
n: int = len(x) + x.shape[0] + x.dim()
v: float = float(x[0])
gradient: torch.Tensor | None = x.grad
for row in z:
    row.exp_()
torch.nn.Linear(2, 1)(x)
torch.optim.SGD([x], lr=0.1).step()
"""
BAD = {
    "x.reshap(2)": 'has no attribute "reshap"; maybe "reshape"?',
    "torch.ones_lik(x)": 'Module has no attribute "ones_lik"; maybe "ones_like"?',
    "torch.sum(x, dims=1)": 'Unexpected keyword argument "dims" for "sum"',
    "n: int = x.sum()": "Incompatible types in assignment",
}


def test_the_stub_is_up_to_date():
    assert stubs.PATH.read_text(encoding="utf-8") == stubs.text(), "run: python -m kindling.stubs"


def test_it_has_every_function_and_method():
    tree = ast.parse(stubs.text())
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    (tensor,) = (n for n in tree.body if isinstance(n, ast.ClassDef))
    methods = {n.name for n in tensor.body if isinstance(n, ast.FunctionDef)}
    assert {"add", "zeros", "manual_seed", "from_numpy"} <= functions
    assert {
        n for n in vars(kindling.Tensor) if not n.startswith("_") and callable(getattr(kindling.Tensor, n))
    } <= methods
    assert {"__add__", "__rsub__", "__getitem__", "__eq__", "__iter__", "shape"} <= methods


def checked(program: str, folder: Path) -> str:
    """What mypy says of a program."""
    pytest.importorskip("mypy", reason="mypy is not installed")
    (folder / "program.py").write_text(program)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--follow-imports=silent",
        "--cache-dir",
        str(folder / "cache"),
        "program.py",
    ]
    library = str(stubs.PATH.parent.parent)
    found = subprocess.run(command, cwd=folder, env={"MYPYPATH": library}, capture_output=True, text=True)
    return found.stdout + found.stderr


def test_types(tmp_path):
    """A good program passes; each bad line is named with its mistake, and the stub itself has none."""
    said = checked(GOOD + "\n".join(BAD).replace("n: int", "m: int"), tmp_path)
    first = GOOD.count("\n") + 1
    for number, message in enumerate(BAD.values(), first):
        assert any(line.startswith(f"program.py:{number}: error") and message in line for line in said.splitlines()), (
            said
        )
    assert f"Found {len(BAD)} errors in 1 file" in said
