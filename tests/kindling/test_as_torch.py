"""Programs written for PyTorch, run by Kindling: in a process of their own they must print the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FIT = """\
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim
from torch.optim import SGD
from torch.nn import Linear, Sequential

torch.manual_seed(0)
x = torch.linspace(-1, 1, 20).reshape(-1, 1)
y = 3 * x + 0.5
model = Sequential(Linear(1, 8), nn.ReLU(), Linear(8, 1))
print(model)
optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(5):
    optimizer.zero_grad()
    loss = F.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    print(epoch, f"{loss.item():.4f}")
print(optimizer)
print({name: tuple(p.shape) for name, p in model.state_dict().items()})
"""

AUTOGRAD = """\
import torch
from torch.autograd import grad

w = torch.tensor([1.0, 2.0], requires_grad=True)
y = (w * w).sum()
print(y)
y.backward()
print(w.grad, w.is_leaf, y.grad_fn.name())
print(grad((w ** 3).sum(), w))
with torch.no_grad():
    w -= 0.1 * w.grad
print(w)
try:
    w.add_(1)
except RuntimeError as error:
    print("error:", str(error).split("\\n")[0])
print(torch.cat([w.detach(), torch.zeros(1)]), w[0], w[None, :].shape)
print(torch.is_tensor(w), isinstance(w, torch.Tensor), torch.float32)
"""

OWN_MODULE = """\
import torch
from torch import nn, Tensor

class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(2.0))

    def forward(self, x: Tensor) -> Tensor:
        return self.factor * x

if __name__ == "__main__":
    import sys
    print(Scale()(torch.arange(3.0)), sys.argv[1:])
"""

PROGRAMS = {"fit": FIT, "autograd": AUTOGRAD, "module of one's own": OWN_MODULE}


def run(command: list[str]) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "lib")}
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, timeout=60)


def by_kindling(program: Path, *args: str) -> subprocess.CompletedProcess:
    code = f"from kindling.as_torch import run; run({str(program)!r}, {args!r})"
    return run(["-c", code])


@pytest.fixture
def program(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "program.py"
        path.write_text(text)
        return path

    return write


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_prints_what_pytorch_prints(name, program):
    pytest.importorskip("torch")
    path = program(PROGRAMS[name])
    ours, theirs = by_kindling(path, "--epochs", "3"), run([str(path), "--epochs", "3"])
    assert theirs.returncode == 0, theirs.stderr
    assert (ours.stdout, ours.returncode) == (theirs.stdout, 0), ours.stderr


def test_runs_a_program_as_a_script(program):
    done = by_kindling(program(OWN_MODULE), "a", "b")
    assert done.stdout == "tensor([0., 2., 4.], grad_fn=<MulBackward0>) ['a', 'b']\n" and not done.stderr


def test_the_same_modules_under_both_names(program):
    text = """\
import torch, torch.nn as nn, torch.optim, kindling, kindling.nn
print(torch is kindling, nn is kindling.nn, torch.nn.Linear is kindling.nn.Linear, nn.__name__, nn.__spec__.name)
import importlib; importlib.import_module("torch.nn.functional")
print(torch.nn.functional is kindling.nn.functional)
"""
    assert by_kindling(program(text)).stdout == "True True True kindling.nn kindling.nn\nTrue\n"


def test_a_part_that_is_missing(program):
    done = by_kindling(program("import torch.distributed.fsdp"))
    assert done.returncode == 1
    assert "ModuleNotFoundError: No module named 'torch.distributed" in done.stderr
    assert done.stderr.endswith("Kindling does not have this part of PyTorch (yet).\n")


def test_a_name_that_is_missing(program):
    done = by_kindling(program("import torch\ntorch.no_such_function"))
    assert "AttributeError: module 'torch' has no attribute 'no_such_function'" in done.stderr
    done = by_kindling(program("from torch.nn import NoSuchLayer"))
    assert "ImportError: cannot import name 'NoSuchLayer'" in done.stderr


def test_an_error_shows_the_programs_line(program):
    done = by_kindling(program("import torch\nx = torch.zeros(2)\nx @ torch.zeros(3)\n"))
    assert 'program.py", line 3' in done.stderr and "RuntimeError: inconsistent tensor size" in done.stderr


def test_no_such_program(tmp_path):
    done = by_kindling(tmp_path / "nothing.py")
    assert "FileNotFoundError: there is no program" in done.stderr


def test_twice_is_once(program):
    text = "import kindling, sys\nkindling.install_as_torch()\nkindling.install_as_torch()\n"
    text += "print(len([f for f in sys.meta_path if type(f).__name__ == '_Finder']))"
    assert by_kindling(program(text)).stdout == "1\n"


@pytest.mark.oracle
def test_refuses_beside_real_pytorch():
    pytest.importorskip("torch")
    done = run(["-c", "import torch, kindling; kindling.install_as_torch()"])
    assert "RuntimeError: PyTorch itself is loaded in this process" in done.stderr


@pytest.mark.oracle
def test_real_pytorch_is_left_alone_without_install():
    pytest.importorskip("torch")
    done = run(["-c", "import kindling, torch; print(torch is kindling, torch.__name__)"])
    assert done.stdout == "False torch\n"


def test_import_is_light():
    """Nothing heavy loads with the library."""
    code = "import sys, kindling, kindling.nn, kindling.optim; print([m for m in sys.modules if m.split('.')[0] in "
    code += "('scipy', 'ml_dtypes', 'multiprocessing', 'matplotlib', 'IPython', 'ctypes', 'signal', 'subprocess')])"
    baseline = "import sys, numpy; print([m for m in sys.modules if m.split('.')[0] in ('ctypes', 'signal')])"
    loaded, already = eval(run(["-c", code]).stdout), eval(run(["-c", baseline]).stdout)
    assert {m.split(".")[0] for m in loaded} <= {m.split(".")[0] for m in already}
