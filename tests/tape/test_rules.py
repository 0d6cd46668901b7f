"""Rules that are told for a replay: whole ones as functions, or expressions for one input."""

import pytest

import kindling as torch
from kindling import tape
from tests.tape import graphs
from tests.tape.test_replay import accumulated, node_of


class Swish(torch.autograd.Function):
    """With a wrong rule for its scale."""

    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x, scale)
        return x * scale

    @staticmethod
    def backward(ctx, g):
        x, scale = ctx.saved_tensors
        return g * scale, g * scale


def own_function() -> tape.Tape:
    x, scale = torch.tensor(3.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
    with tape.record() as t:
        Swish.apply(x, scale).backward()
    return t


def matrices() -> tape.Tape:
    a, b = torch.tensor([[1.0, 2.0]], requires_grad=True), torch.tensor([[3.0], [4.0]], requires_grad=True)
    with tape.record() as t:
        (a @ b).sum().backward()
    return t


def joined() -> tape.Tape:
    a, b = torch.tensor([1.0], requires_grad=True), torch.tensor([2.0, 3.0], requires_grad=True)
    with tape.record() as t:
        torch.cat([a, b]).sum().backward()
    return t


def slope_of_a_slope() -> tape.Tape:
    x = torch.tensor(2.0, requires_grad=True)
    with tape.record() as t:
        y = x * x * x
        (g,) = torch.autograd.grad(y, x, create_graph=True)
        g.backward()
    return t


@pytest.mark.parametrize(
    "make, op, rule, grads",
    [
        (graphs.line_fit, "mul", {"input": "g * 1"}, {"w": "-6", "b": "-6"}),
        (graphs.line_fit, "pow", {"input": "g * exponent * input"}, {"w": "-18", "b": "-6"}),
        (graphs.line_fit, "pow", {"input": "g * torch.cos(input * 0)"}, {"w": "3", "b": "1"}),
        (graphs.line_fit, "add", {"input": "g * out", "other": "2"}, {"w": "-126", "b": "2"}),
        (graphs.branch, "exp", {"input": "g * pi * 0 + math.sqrt(4)"}, {"x": "6"}),
        (graphs.in_place, "sum", {"input": "ones_like(input) * g * 3"}, {"x": "[0, 27, 39]"}),
        (matrices, "matmul", {"input": "g @ other^T"}, {"a": "[[3, 4]]", "b": "[[1], [2]]"}),
        (matrices, "matmul", {"other": "10 * input.T @ g"}, {"a": "[[3, 4]]", "b": "[[10], [20]]"}),
        (joined, "cat", {"tensors[1]": "g[1:] * tensors[0]"}, {"a": "[1]", "b": "[1, 1]"}),
        (own_function, "Swish", {"scale": "g * x"}, {"x": "2", "scale": "3"}),
    ],
)  # fmt: skip
def test_an_expression_takes_the_place_of_one_rule(make, op: str, rule: dict, grads: dict) -> None:
    t = make()
    changed = t.replay(rules={node_of(t, op): rule})
    assert accumulated(changed) == grads
    told = changed.nodes[node_of(t, op)]
    assert told["edited"] and rule.items() <= told["formula"].items()


@pytest.mark.parametrize("name", ["diamond", "two_layer_net", "lstm"])
def test_the_rules_that_the_tape_shows_can_be_told_as_they_stand(name: str) -> None:
    t = graphs.ALL[name]()
    told = {
        n["id"]: {input: text}
        for n in t.nodes
        for input, text in (n.get("formula") or {}).items()
        if n["op"] in ("mul", "pow", "exp", "tanh", "sigmoid", "relu", "add")
    }
    again = t.replay(rules=told)
    assert told and [step["grad"] for step in again.steps] == [step["grad"] for step in t.steps]
    assert [node.get("formula") for node in again.nodes] == [node.get("formula") for node in t.nodes]


def test_a_wrong_rule_is_marked_with_both_numbers_also_after_an_edit() -> None:
    t = own_function()
    mul = node_of(t, "Swish")
    assert "2 ≠ 3" in t.measure().to_text()
    right = t.replay(rules={mul: {"scale": "g * x"}}).measure()
    assert "≠" not in right.to_text() and "3 ≈ 3" in right.to_text()
    assert "got wrong" in t.to_svg() and "got wrong" not in right.to_svg()
    wrong = t.replay(rules={mul: lambda g, x, scale: (g, g)}).measure()
    assert "1 ≠ 2" in wrong.to_text() and "1 ≠ 3" in wrong.to_text()


@pytest.mark.parametrize(
    "rule, why",
    [
        ({"input": "g *"}, "this is no Python expression"),
        ({"input": "w * 2"}, "there is no w here; this rule sees g, input, other, out, and functions such as"),
        ({"input": "g.nothing"}, "the rule g.nothing cannot be used: 'Tensor' object has no attribute"),
        ({"input": "[1, 2]"}, "cannot be used: it gives no tensor and no number, but list"),
        ({"input": "1 / 0"}, "division by zero"),
        ({"other": "g"}, "mul passes no gradient on to other, only to input"),
        ({"weight": "g"}, "mul passes no gradient on to weight, only to input"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(rule: dict, why: str) -> None:
    t = graphs.line_fit()
    with pytest.raises(ValueError, match=why):
        t.replay(rules={node_of(t, "mul"): rule})


def test_a_gradient_must_fit_its_input() -> None:
    t = matrices()
    with pytest.raises(ValueError, match=r"it gives shape \[\], and the input has shape \[1, 2\]"):
        t.replay(rules={node_of(t, "matmul"): {"input": "g.sum()"}})


def test_under_create_graph_a_rule_cannot_be_told() -> None:
    with pytest.raises(NotImplementedError, match="under create_graph=True"):
        slope_of_a_slope().replay(rules={1: {"input": "g"}})


def test_a_told_rule_cannot_harm_the_gradient_that_others_get() -> None:
    t = graphs.line_fit()
    changed = t.replay(rules={node_of(t, "add"): {"input": "g.mul_(2)"}})
    assert accumulated(changed) == {"w": "-36", "b": "-6"}


def test_leaves_are_measured_first_when_time_is_short() -> None:
    t = graphs.line_fit()
    t.measure(most=4 * len(t.facts))
    assert [s["phase"] for s in t.steps if "numeric" in s] == ["accumulate", "accumulate"]
