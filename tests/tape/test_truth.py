"""Ordinary programs, and what their tapes must and must not say; each line here was told wrong once."""

import pytest

import kindling as torch
from kindling import tape
from kindling.tape import story
from tests.tape.conftest import run_cell

LEAF = "x = torch.tensor(2.0, requires_grad=True)\n"


def told(code: str, error: type[Exception] | None = None) -> tape.Tape:
    """The tape of a program, which may end with an error."""
    if error is None:
        return run_cell(code)[0]
    scope = {"torch": torch}
    with pytest.raises(error), tape.record() as recorded:
        exec(code, scope)
    return recorded


def arrivals(t: tape.Tape) -> list[str]:
    """What is said of each step of a backward."""
    said = [frame.say.partition(" Kept for")[0] for frame in story.frames(t.to_json())]
    return [words for words in said if " arrives" in words]


BACKWARD = {
    "create_graph accumulates": (
        "(x * x).backward(create_graph=True)\n(x**3).backward(create_graph=True)\n",
        ["x had no grad yet. 4 arrives and becomes its grad.",
         "x had grad 4. 12 arrives and is added: grad is now 16."],
    ),
    "inputs=": (
        "y = torch.tensor(5.0, requires_grad=True)\n(x * y).backward(inputs=[x])\n(x * y).backward(inputs=[x])\n",
        [
            "Gradient 1 arrives at mul. It passes 1 × 5 = 5 on to x.",
            "x had no grad yet. 5 arrives and becomes its grad.",
            "Gradient 1 arrives at mul. It passes 1 × 5 = 5 on to x.",
            "x had grad 5. 5 arrives and is added: grad is now 10.",
        ],
    ),
    "only what is asked for": (
        "h = x * 3\n(g,) = torch.autograd.grad(h * h, h)\n",
        ["Gradient 1 arrives at mul. It passes 1 × 6 = 6 on to mul(·, 3) (h) and 1 × 6 = 6 on to mul(·, 3) (h).",
         "Gradient 12 arrives at mul(·, 3) (h)."],
    ),
    "a leaf that is gone": (
        "x = x * 3\nx.backward()\n",
        ["Gradient 1 arrives at mul(·, 3) (x). It passes 1 × 3 = 3 on to x.",
         "3 arrives at x, but the program has let go of this tensor: its gradient is lost."],
    ),
    "frozen in between": (
        "y = x * 2\nx.requires_grad = False\nx.requires_grad = True\n(x * 4 + y).backward()\n",
        ["x had no grad yet. 4 arrives and becomes its grad.", "x had grad 4. 2 arrives and is added: grad is now 6."],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), BACKWARD.values(), ids=BACKWARD.keys())
def test_what_a_backward_does(code: str, expected: list[str]) -> None:
    t = told(LEAF + code)
    assert [words for words in arrivals(t) if words in expected] == expected
    assert (
        not any("handed out" in words for words in arrivals(t)) and len([n for n in t.nodes if n["label"] == "x"]) == 1
    )
    if "requires_grad = " not in code:  # a replay freezes nothing
        assert t.replay().steps == t.steps


@pytest.mark.parametrize(
    ("code", "error", "says"),
    [
        ("y = x * x\ny.backward()\ny.backward()\n", RuntimeError, "RuntimeError: Trying to backward through the graph"),
        ("y = x * 1\nz = y * y\ny += 1\nz.backward()\n", RuntimeError, "RuntimeError: one of the variables needed for"),
    ],
)
def test_a_rule_that_fails_passes_nothing_on(code: str, error: type[Exception], says: str) -> None:
    t = told(LEAF + code, error)
    assert f"Its rule fails: {says}" in t.to_text()
    assert t.steps[-1]["error"].startswith(says) and t.steps[-1]["passes"] == []
    assert [s.get("error") for s in t.replay().steps] == [s.get("error") for s in t.steps]


def test_hooks_are_told_and_what_they_write_too() -> None:
    code = (
        "def descend(p):\n    with torch.no_grad():\n        p -= 0.1 * p.grad\n    p.grad = None\n"
        "x.register_post_accumulate_grad_hook(descend)\ny = x * x\ny.register_hook(lambda g: g * 10)\ny.backward()\n"
    )
    t, scope = run_cell(LEAF + code)
    assert scope["x"].item() == -2.0 and scope["x"].grad is None
    assert arrivals(t)[0].startswith("Gradient 10 arrives at mul (y). The program has hooks here, which may change")
    assert arrivals(t)[1].startswith("x had no grad yet. 40 arrives and becomes its grad.")
    written = [(s["source"]["text"].strip(), s.get("value"), s["grad"]) for s in t.steps if "source" in s]
    assert written == [("p -= 0.1 * p.grad", "-2", None), ("p.grad = None", None, None)]
    with pytest.raises(RuntimeError, match="the program has hooks in a backward"):
        t.replay()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("x.data -= 1", "x is written in place: its value is now [0, 1]."),
        ("x.data[0] = 5", "x is written in place: its value is now [5, 2]."),
        ("x.data.mul_(2)", "x is written in place: its value is now [2, 4]."),
        ("x.detach().add_(1)", "x is written in place: its value is now [2, 3]."),
        ("torch.no_grad()(lambda: x[1:].mul_(3))()", "x is written in place: its value is now [1, 6]."),
        ("x.grad.data.zero_()", "The grad of x is set to [0, 0]."),
        ("x.grad.data[0] = 7", "The grad of x is set to [7, 4]."),
        ("x.grad.detach().clamp_(-3, 3)", "The grad of x is set to [2, 3]."),
    ],
)
def test_what_is_written_through_data_is_told_once_with_its_line(line: str, says: str) -> None:
    t, _ = run_cell(
        f"x = torch.tensor([1.0, 2.0], requires_grad=True)\n(x * x).sum().backward()\n{line}\n(x * 2).sum()\n"
    )
    assert says in t.to_text()
    assert [s["source"]["text"] for s in t.steps if "source" in s] == [line]
    assert t.replay().steps == t.steps


NAMES = {
    "an object is not the last result inside": (
        "conv = torch.nn.Conv2d(1, 1, 1)\ny = conv(x.reshape(1, 1, 1, 1))\n",
        "y",
    ),
    "an object that computes": (
        "class Scaled(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.w = x * 2\n"
        "box = Scaled()\nz = box.w + 1\n",
        "self.w z",
    ),
    "a tensor's item is written, not named": (
        "out = torch.zeros(2)\nfor i in range(2):\n    out[i] = x * i\n",
        "out out",
    ),
    "a list's item is named": ("ys = [0, 0]\nys[1] = x * 2\nout = torch.zeros(1)\nout[0] = 1\n", "ys[1]"),
}


@pytest.mark.parametrize(("code", "names"), NAMES.values(), ids=NAMES.keys())
def test_names_of_results(code: str, names: str) -> None:
    t, _ = run_cell(LEAF + code)
    assert [n["name"] for n in t.nodes if n["kind"] == "operator" and "name" in n] == names.split()


@pytest.mark.parametrize(
    ("code", "leaves"),
    [
        ("drop = torch.nn.Dropout(0.5)\nv = torch.ones(4, requires_grad=True)\ny = drop(v)\n", "v"),
        (
            "class Box: pass\nbox = Box()\nbox.w = x * 1\nbox.v = x.detach().requires_grad_()\ny = box.v * 2\n",
            "x box.v",
        ),
        (
            "layers = torch.nn.ModuleList([torch.nn.Linear(1, 1, bias=False) for _ in range(2)])\n"
            "h = torch.ones(1, 1)\nfor layer in layers:\n    h = layer(h)\n",
            "layers.0.weight layers.1.weight",
        ),
        ("conv = torch.nn.Conv2d(1, 1, 1, bias=False)\ny = conv(torch.ones(1, 1, 1, 1))\n", "conv.weight"),
    ],
)
def test_names_of_leaves(code: str, leaves: str) -> None:
    t, _ = run_cell(LEAF + code)
    assert [n["label"] for n in t.nodes if n["kind"] == "leaf"] == leaves.split()


def test_what_a_failed_call_was_to_give_has_no_name() -> None:
    model = "model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(4, 1))\n"
    t = told(model + "out = model(torch.ones(1, 2))\n", RuntimeError)
    assert [n.get("name") for n in t.nodes if n["kind"] == "operator"] == [None, None, None]


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("y = x.double()\n", "to_copy(dtype=float64)"),
        ("v = x.expand(3)\ny = v[torch.tensor([0, 2])]\n", "index(indices=([0, 2],))"),
        ("v = x.expand(9)\ny = v[torch.arange(9)]\n", "index(indices=(…,))"),
    ],
)
def test_labels_name_types_and_places(code: str, label: str) -> None:
    assert run_cell(LEAF + code)[0].nodes[-1]["label"] == label


def test_a_sum_to_a_shape_is_no_list() -> None:
    t = told(LEAF + "(torch.ones(1, 2) * x.reshape(1)).sum().backward()\n")
    assert "It passes [2], summed to shape [1] on to reshape(shape=(1,))." in t.to_text()


def test_what_cannot_be_replayed_says_the_true_reason() -> None:
    def stop(g: torch.Tensor) -> None:
        raise ValueError("enough")

    scope = {"torch": torch, "stop": stop}
    with pytest.raises(ValueError, match="enough"), tape.record() as t:
        exec(LEAF + "x.register_hook(stop)\n(x * x).backward()\n", scope)
    with pytest.raises(RuntimeError, match="something other than a rule raised in a backward, such as a hook"):
        t.replay()
    try:
        raise ValueError("handled, and of no interest")
    except ValueError:
        assert run_cell(LEAF + "(x * x).backward()\n")[0].replay().nodes
    assert run_cell("pass\n")[0].replay().nodes == []


TWO = """\
class Two(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, k):
        ctx.k = k
        return x * k, x + k
    @staticmethod
    def backward(ctx, g, h):
        return g * ctx.k + h, None
a, b = Two.apply(x, 3.0)
(a * b).backward()
"""


def test_each_of_several_results_has_its_own_gradient() -> None:
    t = told(LEAF + TWO)
    assert "It passes 1 × 5 = 5 on to Two(·, 3) (a) and 1 × 6 = 6 on to Two(·, 3) (b)." in t.to_text()
    assert "wrong" not in t.measure().to_text()
