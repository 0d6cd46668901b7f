"""A recording run again: unchanged it is the run, and changed at a node it answers what if."""

import doctest
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kindling as torch
from kindling import tape
from kindling.tape.replay import Replay
from tests.tape import graphs

replaying = sys.modules["kindling.tape.replay"]


def again(t: tape.Tape) -> dict:
    return Replay(t.facts).run().to_json()


def accumulated(t: tape.Tape) -> dict[str, str]:
    return {t.nodes[s["node"]]["label"]: s["grad"] for s in t.steps if s["phase"] == "accumulate"}


def node_of(t: tape.Tape, op: str) -> int:
    return next(n["id"] for n in t.nodes if n["op"] == op)


def test_the_examples_are_true() -> None:
    found = doctest.testmod(replaying)
    assert found.attempted and not found.failed


@pytest.mark.parametrize("name", graphs.ALL)
def test_an_unedited_replay_of_the_corpus_is_the_run(name: str) -> None:
    t = graphs.ALL[name]()
    assert again(t) == t.to_json()


# A random program: each number picks an operation and what it works on. Its own tensors are written, looked at through
# views, taken out of the graph, learnt, and led through a function of the student's own.
STEPS = [
    lambda p, i, j: p[i] + p[j],
    lambda p, i, j: p[i] * p[j],
    lambda p, i, j: p[i].tanh(),
    lambda p, i, j: p[i].reshape(3, 2).reshape(2, 3),
    lambda p, i, j: p[i][0] + p[j],
    lambda p, i, j: p[i].exp().clamp(max=3),
    lambda p, i, j: p[i % 2].detach() * p[j],
    lambda p, i, j: graphs.Clamp.apply(p[i]),
    lambda p, i, j: torch.rand(2, 3) * p[j],
    lambda p, i, j: torch.where(p[i] > 0, p[j], p[i]),
    lambda p, i, j: written(p[i], p[j]),
    lambda p, i, j: written_through_a_view(p[i], p[j]),
    lambda p, i, j: learnt(p, p[i]),
    lambda p, i, j: slope(p, p[i]),
]


def written(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    z = x * 2
    z.add_(y)
    z *= 0.5
    return z


def written_through_a_view(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    z = x + 1
    row = z[0]
    row.mul_(3)
    z[1] = y[0]
    return z + row


def learnt(p: list, x: torch.Tensor) -> torch.Tensor:
    if x.requires_grad:
        x.sum().backward(retain_graph=True)
        with torch.no_grad():
            p[0].data -= 0.1 * (p[0].grad if p[0].grad is not None else 0)
        if p[0].grad is not None:
            p[0].grad.zero_()
        p[1].grad = None
    return x


def slope(p: list, x: torch.Tensor) -> torch.Tensor:
    if not x.requires_grad:
        return x
    (g,) = torch.autograd.grad(x.sum(), p[1], create_graph=True, allow_unused=True)
    return x if g is None else g * 0.1 + x


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(STEPS) - 1), st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_an_unedited_replay_of_a_random_program_is_the_run(program: list[tuple[int, int, int]]) -> None:
    torch.manual_seed(0)
    p = [torch.tensor([[0.5, -1.0, 2.0], [0.1, 0.2, -0.3]], requires_grad=True) for _ in range(2)]
    p.append(torch.ones(2, 3))
    with tape.record() as t:
        for step, i, j in program:
            try:
                p.append(STEPS[step](p, i % len(p), j % len(p)))
            except RuntimeError:  # such as a saved tensor that was written since
                break
        last = p[-1]
        if last.requires_grad:
            with suppress(RuntimeError):
                last.sum().backward()
    if replaying.lacking(t) is None:
        then, now = t.to_json(), again(t)
        assert now == then


def test_what_if_a_value_were_another() -> None:
    t = graphs.line_fit()
    changed = t.replay(values={node_of(t, "mul"): 0.0})
    assert changed.nodes[node_of(t, "mul")]["edited"] and changed.nodes[node_of(t, "sub")]["value"] == "-9"
    assert accumulated(changed) == {"w": "-54", "b": "-18"}
    assert accumulated(t) == {"w": "-18", "b": "-6"} and "edited" not in str(t.to_json())


def test_a_changed_result_is_what_its_own_rule_works_with() -> None:
    x = torch.tensor(1.0, requires_grad=True)
    with tape.record() as t:
        x.exp().backward()
    assert accumulated(t.replay(values={1: 5.0})) == {"x": "5"}


def test_what_if_a_gradient_were_zero() -> None:
    t = graphs.diamond()
    assert accumulated(t.replay(grads={node_of(t, "exp"): 0.0})) == {"x": "36"}
    assert float(accumulated(t)["x"]) > 1000


def test_what_if_a_rule_were_another() -> None:
    t = graphs.line_fit()
    changed = t.replay(rules={node_of(t, "mul"): lambda g, w, x: (g * w, g * x)})
    assert accumulated(changed)["w"] == "-12"
    assert changed.nodes[node_of(t, "mul")]["edited"] and "formula" not in changed.nodes[node_of(t, "mul")]
    t = graphs.custom_function()
    changed = t.replay(rules={node_of(t, "Clamp"): lambda g, x: g * (x.abs() < 1)})
    assert accumulated(t)["x"] == "[-7, 2, 5]" and accumulated(changed)["x"] == "[-1, 1, 1]"


def test_what_follows_from_a_gradient_follows_in_the_replay_too() -> None:
    t = graphs.no_grad()
    first = next(s["node"] for s in t.steps if s["phase"] == "backward")
    changed = t.replay(grads={first: 0.0})
    values = [s["value"] for s in changed.steps if "value" in s]
    assert values == ["2", "1.7"]


def test_the_program_and_its_random_numbers_stay_as_they_are() -> None:
    w = torch.tensor(2.0, requires_grad=True)
    with tape.record() as t:
        (w * torch.rand(())).backward()
    before = w.item(), w.grad.item(), torch.get_rng_state().tolist()
    t.replay(values={0: 7.0})
    assert before == (w.item(), w.grad.item(), torch.get_rng_state().tolist())
    assert torch.is_grad_enabled()


def too_large() -> tape.Tape:
    with tape.record() as t:
        (torch.ones(1001, 1000, requires_grad=True) * 2).sum()
    return t


def from_before() -> tape.Tape:
    y = torch.tensor(1.0, requires_grad=True) * 2
    with tape.record() as t:
        y + 1
    return t


def with_a_hook() -> tape.Tape:
    with tape.record() as t:
        y = torch.tensor(1.0, requires_grad=True) * 2
        y.register_hook(lambda g: g * 2)
        y.backward()
    return t


def looking_into_a_leaf() -> tape.Tape:
    w = torch.ones(3, requires_grad=True)
    with tape.record() as t:
        part = w[1:].detach()  # a second way into the memory of w, which no fact tells of
        y = part * w[0]
        w.data -= 0.5
        (part * y).sum().backward()
    return t


def from_json() -> tape.Tape:
    return tape.Tape.from_json(graphs.line_fit().to_json())


@pytest.mark.parametrize(
    "make, why",
    [
        (too_large, "too large to be kept whole"),
        (from_before, "made before the recording began"),
        (with_a_hook, "the program has hooks"),
        (from_json, "read from a file"),
        (looking_into_a_leaf, "run again without any change, node . comes out differently"),
    ],
)
def test_what_cannot_be_replayed_says_why(make, why: str) -> None:
    with pytest.raises(RuntimeError, match=why):
        make().replay(values={0: 1.0})


def test_an_edit_must_fit() -> None:
    t = graphs.in_place()
    with pytest.raises(ValueError, match=r"shape \[2\] does not fit a node of shape \[3\]"):
        t.replay(values={0: [1.0, 2.0]})
    with pytest.raises(ValueError, match="a complex value does not fit a node of real numbers"):
        t.replay(values={0: [1.0, 2.0, 1j]})
    with pytest.raises(ValueError, match="no node 99"):
        t.replay(grads={99: 1.0})
