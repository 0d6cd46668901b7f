"""Optimisers: every option set steps as PyTorch's does, and resumes where it stopped."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kindling
from kindling import nn

OPTIONS = [
    {"lr": 0.1},
    {},
    {"lr": 0.1, "momentum": 0.9},
    {"lr": 0.1, "momentum": 0.9, "dampening": 0.3},
    {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    {"lr": 0.1, "weight_decay": 0.05},
    {"lr": 0.1, "momentum": 0.5, "weight_decay": 0.05, "nesterov": True},
    {"lr": 0.01, "maximize": True},
    {"lr": 0.01, "momentum": 0.9, "weight_decay": 0.1, "maximize": True},
    {"lr": 0.1, "dampening": 0.5},
    {"lr": 0.0},
]


def parameters(lib: Any) -> list:
    values = np.random.default_rng(0)
    shapes = [(3, 2), (2,), ()]
    return [lib.from_numpy(np.asarray(values.normal(size=s))).requires_grad_() for s in shapes]


def loss_of(ps: list) -> Any:
    w, b, s = ps
    return ((w * w).sum() * s + (b**3).sum() - (w.sum(0) * b).sum()) * 0.1


def trained(lib: Any, optimizer: Any, ps: list, steps: int) -> list:
    """The parameters after each step."""
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(ps).backward()
        optimizer.step()
        found.append([p.detach().numpy().copy() for p in ps])
    return found


def assert_same(ours: list, theirs: list) -> None:
    for a, b in zip(ours, theirs, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_steps_as_in_pytorch(options):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        ps = parameters(lib)
        found.append(trained(lib, lib.optim.SGD(ps, **options), ps, 10))
    assert_same(*found)


@pytest.mark.oracle
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_text_and_state_as_in_pytorch(options):
    torch = pytest.importorskip("torch")
    texts, states = [], []
    for lib in (kindling, torch):
        ps = parameters(lib)
        optimizer = lib.optim.SGD([{"params": ps[:1]}, {"params": ps[1:], "lr": 0.5}], **options)
        trained(lib, optimizer, ps, 2)
        texts.append(repr(optimizer))
        state = optimizer.state_dict()
        states.append((state["param_groups"], {n: sorted(s) for n, s in state["state"].items()}))
    assert texts[0] == texts[1] and states[0] == states[1]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_resuming(options):
    """Ten steps are the same as five, saving, loading into another optimiser, and five more."""
    ps = parameters(kindling)
    whole = trained(kindling, kindling.optim.SGD(ps, **options), ps, 10)
    ps = parameters(kindling)
    optimizer = kindling.optim.SGD(ps, **options)
    trained(kindling, optimizer, ps, 5)
    saved = pickle.loads(pickle.dumps(optimizer.state_dict()))
    other = kindling.optim.SGD(ps, lr=123.0)
    other.load_state_dict(saved)
    assert_same(trained(kindling, other, ps, 5), whole[5:])


def test_a_loaded_state_is_a_copy():
    ps = parameters(kindling)
    optimizer = kindling.optim.SGD(ps, lr=0.1, momentum=0.9)
    trained(kindling, optimizer, ps, 1)
    state = optimizer.state_dict()
    kept = copy.deepcopy(state)
    other = kindling.optim.SGD(ps, lr=0.1, momentum=0.9)
    other.load_state_dict(state)
    trained(kindling, other, ps, 1)
    np.testing.assert_array_equal(
        state["state"][0]["momentum_buffer"].numpy(), kept["state"][0]["momentum_buffer"].numpy()
    )


def test_groups():
    a, b = kindling.ones(1, requires_grad=True), kindling.ones(1, requires_grad=True)
    optimizer = kindling.optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1)
    (a + b).sum().backward()
    optimizer.step()
    assert (a.item(), b.item()) == (pytest.approx(0.9), 0)
    c = kindling.ones(1, requires_grad=True)
    optimizer.add_param_group({"params": [c], "lr": 2.0})
    c.sum().backward()
    optimizer.step()
    assert c.item() == -1 and optimizer.param_groups[0]["lr"] == 0.1


def test_a_step_is_not_recorded_and_the_parameter_stays():
    layer = nn.Linear(2, 1)
    before, version = layer.weight, layer.weight._version
    optimizer = kindling.optim.SGD(layer.parameters(), lr=0.1)
    layer(kindling.ones(1, 2)).sum().backward()
    optimizer.step()
    assert layer.weight is before and before.is_leaf and before.requires_grad and before._version == version + 1


def test_parameters_without_a_gradient_stay():
    a = kindling.ones(2, requires_grad=True)
    optimizer = kindling.optim.SGD([a], lr=0.1, weight_decay=1.0)
    optimizer.step()
    assert a.tolist() == [1, 1] and not optimizer.state_dict()["state"]


def test_closure():
    a = kindling.ones((), requires_grad=True)
    optimizer = kindling.optim.SGD([a], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = a * a
        loss.backward()
        return loss

    with kindling.no_grad():
        assert optimizer.step(closure).item() == 1
    assert a.item() == pytest.approx(0.8)


def test_zero_grad():
    a = kindling.ones(2, requires_grad=True)
    optimizer = kindling.optim.SGD([a], lr=0.1)
    a.sum().backward()
    optimizer.zero_grad(set_to_none=False)
    assert a.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert a.grad is None


def made(*args: Any, **options: Any) -> Callable:
    """An optimiser of one parameter, or of what `args` give."""
    return lambda lib: lib.optim.SGD(*(args or ([lib.ones(1, requires_grad=True)],)), **options)


MISTAKES = {
    "negative lr": (made(lr=-1), "Invalid learning rate: -1"),
    "negative momentum": (made(lr=1, momentum=-1), "Invalid momentum value: -1"),
    "negative decay": (made(lr=1, weight_decay=-1), "Invalid weight_decay value: -1"),
    "nesterov alone": (made(lr=1, nesterov=True), "Nesterov momentum requires a momentum and zero dampening"),
    "no parameters": (made([], lr=1), "optimizer got an empty parameter list"),
    "a tensor alone": (
        lambda lib: lib.optim.SGD(lib.ones(1), lr=1),
        "params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor",
    ),
    "a number": (made([3], lr=1), "optimizer can only optimize Tensors, but one of the params is int"),
    "no leaf": (
        lambda lib: lib.optim.SGD([lib.ones(1, requires_grad=True) * 2], lr=1),
        "can't optimize a non-leaf Tensor",
    ),
    "twice": (
        lambda lib: (lambda p: lib.optim.SGD([{"params": [p]}, {"params": [p]}], lr=1))(
            lib.ones(1, requires_grad=True)
        ),
        "some parameters appear in more than one parameter group",
    ),
    "groups of another number": (
        lambda lib: made(lr=1)(lib).load_state_dict({"param_groups": [], "state": {}}),
        "loaded state dict has a different number of parameter groups",
    ),
    "groups of another size": (
        lambda lib: made(lr=1)(lib).load_state_dict({"param_groups": [{"params": [0, 1]}], "state": {}}),
        "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
    ),
}
