"""Gradients measured by running a calculation again, beside those that rules gave."""

import pytest

import kindling as torch
from kindling import tape


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
