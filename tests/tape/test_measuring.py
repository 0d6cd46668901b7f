"""Gradients measured by running a calculation again, beside those that rules gave."""

import pytest

import kindling as torch
from kindling import tape
from tests.tape.conftest import run_cell


def leaves():
    return torch.tensor(3.0, requires_grad=True), torch.tensor([[1.0, 2.0], [4.0, 1.0]], requires_grad=True)


def steps_with(recorded, key):
    return {recorded.nodes[s["node"]]["label"]: s[key] for s in recorded.steps if key in s}


def test_every_gradient_gets_its_measured_one():
    x, table = leaves()

    def calculation():
        return ((table + x) * table).relu().sum() + x.exp().log()

    with tape.record() as recorded:
        calculation().backward()
    assert recorded.measure() is recorded
    for step in recorded.steps:
        if step["phase"] != "forward":
            assert step["numeric"] == step.get("incoming", step["grad"])
    assert steps_with(recorded, "numeric")["x"] == "9"
    assert (x.dtype, table.dtype, x.item()) == (torch.float32, torch.float32, 3.0)
    assert "≈" in recorded.to_html() and "≠" not in recorded.to_text()


def test_a_wrong_rule_shows_where_it_does_harm():
    class Times(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            return g * x, g * y

    x, y = torch.tensor(3.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)

    def calculation():
        product = Times.apply(x, y)
        return product**2

    with tape.record() as recorded:
        calculation().backward()
    recorded.measure()
    text = recorded.to_text()
    assert recorded.nodes[2]["name"] == "product"
    assert "36 ≠ 24" in text and "24 ≠ 36" in text and "12 ≈ 12" in text
    assert text.count("a rule on the way here is wrong") == 2
    assert recorded.extra["untracked"] == 1  # the product inside forward; what backward computes is not counted


def test_what_cannot_be_replayed_cannot_be_measured_and_says_why():
    x, _ = leaves()
    y = x * x
    with tape.record() as recorded:
        (y + 1).backward()
    with pytest.raises(RuntimeError, match="made before the recording began"):
        recorded.measure()


def test_each_backward_is_measured_with_the_values_of_its_time():
    w = torch.tensor(2.0, requires_grad=True)
    with tape.record() as recorded:
        for _ in range(2):
            loss = (w * 3 - 1) ** 2
            loss.backward()
            with torch.no_grad():
                w -= 0.01 * w.grad
            w.grad = None
    measured = [step["numeric"] for step in recorded.measure().steps if step["phase"] == "accumulate"]
    assert measured == ["30", "24.6"] and w.item() == pytest.approx(1.454)


def test_what_each_node_hands_on():
    x, y = torch.tensor(3.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    with tape.record() as recorded:
        result = x * y + x
        result.backward(torch.tensor(5.0))
    text = recorded.to_text()
    assert "Gradient 5 arrives at add (result). It passes 5 × 1 = 5 on to mul and 5 × 1 = 5 on to x." in text
    assert "Gradient 5 arrives at mul. It passes 5 × 2 = 10 on to x and 5 × 3 = 15 on to y." in text
    shares = [step["passes"] for step in recorded.steps if "passes" in step]
    assert shares[0] == [
        {"to": 2, "grad": "5", "input": "input", "rule": "5 × 1 = 5"},
        {"to": 0, "grad": "5", "input": "other", "rule": "5 × 1 = 5"},
    ]
    assert tape.Tape.from_json(recorded.to_json()).to_text() == text


def test_memory_grows_forward_and_shrinks_backward():
    x = torch.arange(1000.0).requires_grad_()
    with tape.record() as recorded:
        a = x * 0.001
        b = a.exp()
        (b * a).sum().backward()
    assert [step["kept"] for step in recorded.steps] == [0, 4000, 8000, 8000, 8000, 4000, 0, 0, 0]
    assert {recorded.nodes[step["node"]]["op"]: step["freed"] for step in recorded.steps if "freed" in step} == {
        "mul": 4000,
        "exp": 4000,
    }


HONEST = {
    "what a later write in place changes": "x = leaf([1.0, 2.0])\ny = x * 2\ny += 1\ny *= x\ny.sum().backward()",
    "a part of what is written": "x = leaf([1.0, 2.0, 3.0])\ny = x * 2\ny[1:] *= 10\ny[y < 0] = 0\ny.sum().backward()",
    "views of views": "x = leaf([[0.0, 0.0]])\ny = x * 1\nrow = y[0]\ncell = row[1]\ncell.mul_(2)\ny.sum().backward()",
    "what ran under no_grad": "w = leaf(2.0)\nwith torch.no_grad():\n    a = w * 2\n(a * w).backward()",
    "what was detached": "w = leaf(2.0)\ny = w * w\n(y.detach() * w.detach() * w * y).backward()",
    "what is frozen at first": (
        "w = torch.tensor(2.0)\na = w * leaf(1.0)\na.backward()\nw.requires_grad_()\n(w * w * 3).backward()"
    ),
    "a gradient as data": "w = leaf(3.0)\n(w * w).backward()\nv = leaf(2.0)\n(v * w.grad * w).backward()",
    "a part written under no_grad": (
        "w = leaf([1.0, 2.0])\nwith torch.no_grad():\n    w[0] = 5.0\n(w * w).sum().backward()"
    ),
    "written between forward and backward": "w = leaf(1.0)\ny = w * 3\nwith torch.no_grad():\n    w += 1\ny.backward()",
    "kinks and ties": "x = leaf([1.0, 1.0, 0.0])\n(x.max() + x.relu().sum() + x.abs().sum()).backward()",
    "a kink nearby": "x = leaf([0.0005, -0.0002])\nx.relu().sum().backward()",
    "holes": "x = leaf([0.0, -1.0, 1.0])\n(x.log().sum() + x.sqrt().sum()).backward()",
    "short numbers": "x = leaf([1.0, 2.0])\nx.half().float().sum().backward()",
    "texts that are cut": "x = leaf([[0.123456, 0.5, 0.25, 0.98765]] * 4)\n(x**3 / 7).sum().backward()",
    "second derivatives": (
        "x = leaf(0.5)\n(g,) = torch.autograd.grad(x.tanh() ** 2, x, create_graph=True)\n(g * x.exp()).backward()"
    ),
}


@pytest.mark.parametrize("code", HONEST.values(), ids=HONEST.keys())
def test_a_right_rule_is_not_called_wrong(code):
    recorded, _ = run_cell(code + "\n", leaf=lambda value: torch.tensor(value, requires_grad=True))
    assert "wrong" not in recorded.measure().to_text()


def test_beside_a_kink_and_a_hole_nothing_is_measured():
    recorded, _ = run_cell(
        "x = torch.tensor([0.0, 1.0], requires_grad=True)\ny = torch.relu(x)\ny.sum().backward()\n"
        "z = torch.tensor(2.0, requires_grad=True)\n(z * z).backward()\n"
    )
    assert steps_with(recorded.measure(), "numeric") == {"sum": "1", "relu": "[1, 1]", "mul": "1", "z": "4"}
