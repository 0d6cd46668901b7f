"""Library and checks in Pyodide, under node: the same sentence and numbers as in a notebook."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from course.checks import check
from course.checks.data import namespace
from course.site import pyodide

pytestmark = pytest.mark.pyodide
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "day_001/checks/06_autograd.json"
RIGHT = """\
def add_rule(g, x, y): return g, g
def mul_rule(g, x, y): return g * y, g * x
def pow_rule(g, x, n): return g * n * x ** (n - 1)
"""
WRONG = {
    "local gradient alone": RIGHT.replace("return g * y, g * x", "return y, x"),
    "factors swapped": RIGHT.replace("return g * y, g * x", "return g * x, g * y"),
    "another mistake": RIGHT.replace("return g * y, g * x", "return g * y + 0.125, g * x"),
    "power kept": RIGHT.replace("(n - 1)", "n"),
    "an exception": RIGHT.replace("return g, g", "return g.nothing, g"),
}
SHOW = """
import json
print(json.dumps([v.passed, v.sentence, v.misconception_id, v.case, v.name, repr(v.expected), repr(v.got)]))
"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """A function that runs cells in one fresh Pyodide and gives what they showed, cell by cell."""
    if missing := pyodide.missing(pyodide.home()):
        pytest.skip(f"`python -m course.site.pyodide fetch` has not brought {', '.join(missing)}")
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    bundle = tmp_path_factory.mktemp("bundle") / "kindling.zip"
    bundle.write_bytes(pyodide.bundle(ROOT))

    def run(*cells):
        command = ["node", Path(__file__).with_name("session.mjs"), pyodide.home(), bundle]
        ran = subprocess.run(command, input=json.dumps(cells), capture_output=True, text=True, timeout=300)
        assert ran.returncode == 0, ran.stderr
        seen = json.loads(ran.stdout.splitlines()[-1])
        return [[output for number, output in seen if number == cell] for cell in range(len(cells))]

    return run


def printed(outputs):
    """The printed text of a cell, which must have had no error."""
    assert [output["error"] for output in outputs if "error" in output] == []
    return "".join(output["text"] for output in outputs if "stream" in output)


def test_every_wrong_answer_gets_the_notebooks_sentence(outputs):
    import kindling

    answers = {**WRONG, "right": RIGHT}
    first = "import kindling as torch\nfrom course.checks import check"
    runs = [f"{answer}\nv = check('06.mul_rule')\n{SHOW}" for answer in answers.values()]
    seen = outputs(first, *runs)[1:]
    for name, answer, found in zip(answers, answers.values(), seen, strict=True):
        here = check("06.mul_rule", ns=namespace(kindling, answer), data=DATA)
        passed, sentence, *rest = json.loads(printed(found))
        assert (passed, sentence) == (here.passed, here.sentence), name
        assert rest == [here.misconception_id, here.case, here.name, repr(here.expected), repr(here.got)], name
        assert passed == (name == "right")
        assert "kindling-check" in found[0]["data"]["text/html"]
    assert len({json.loads(printed(found))[1] for found in seen}) == len(answers), "each answer has its own sentence"


def test_the_library_computes_and_draws(outputs):
    train = """
import kindling as torch
from kindling import nn, optim, tape
torch.manual_seed(0)
x = torch.linspace(-1, 1, 8).reshape(8, 1)
model = nn.Sequential(nn.Linear(1, 4), nn.ReLU(), nn.Linear(4, 1))
opt, lossf = optim.SGD(model.parameters(), lr=0.1), nn.MSELoss()
for _ in range(20):
    opt.zero_grad()
    loss = lossf(model(x), x * x)
    loss.backward()
    opt.step()
print(loss.item())
"""
    draw = "with tape.record() as t:\n    y = (x * model[0].weight[0]).sum()\nt"
    lost, drawn = outputs(train, draw)
    names = {}
    exec(train.replace("print(loss.item())", ""), names)
    assert float(printed(lost)) == pytest.approx(names["loss"].item(), rel=1e-5)
    picture = drawn[0]["data"]["text/html"]
    assert "ktape" in picture and "y = (x * model[0].weight[0]).sum()" in picture


def test_nothing_that_pyodide_lacks_is_loaded(outputs):
    late = ["scipy", "multiprocessing", "signal", "ctypes", "ml_dtypes"]
    look = f"import numpy, sys\nprint([name for name in {late} if name in sys.modules])"
    before, _, after = outputs(look, "import kindling\nimport course.checks", look)
    assert printed(after) == printed(before)


def test_places_are_int64_where_numpy_counts_in_32_bits(outputs):
    code = """
import kindling as torch
import kindling.nn.functional as F
x = torch.tensor([[3., 1., 2.], [2., 5., 4.]])
_, pooled = F.max_pool2d(x[None], 2, return_indices=True)
found = [x.argmax(1), x.argmin(), x.max(1).indices, x.min(0).indices, pooled, torch.arange(3), (x > 2).sum()]
print({str(t.dtype) for t in found})
"""
    (found,) = outputs(code)
    assert printed(found) == "{'torch.int64'}\n"
