"""Adam and AdamW: every option set steps as PyTorch's does, and resumes where it stopped."""

import pickle
from typing import Any

import numpy as np
import pytest

import kindling

OPTIONS = [
    {},
    {"lr": 0.1},
    {"lr": 0.1, "betas": (0.5, 0.7)},
    {"lr": 0.1, "betas": (0.0, 0.0)},
    {"lr": 0.1, "eps": 0.1},
    {"lr": 0.1, "weight_decay": 0.3},
    {"lr": 0.1, "amsgrad": True},
    {"lr": 0.1, "amsgrad": True, "weight_decay": 0.1, "maximize": True},
    {"lr": 0.1, "maximize": True},
    {"lr": 0.0},
]
NAMES = ["Adam", "AdamW"]


def parameters(lib: Any, dtype: str = "float64") -> list:
    values = np.random.default_rng(0)
    return [lib.from_numpy(np.asarray(values.normal(size=s), dtype)).requires_grad_() for s in [(3, 2), (2,), ()]]


def loss_of(ps: list) -> Any:
    w, b, s = ps
    return ((w * w).sum() * s + (b**3).sum() - (w.sum(0) * b).sum()) * 0.1


def trained(optimizer: Any, ps: list, steps: int) -> list:
    """All parameters, after each step."""
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(ps).backward()
        optimizer.step()
        found.append(np.concatenate([p.detach().numpy().reshape(-1) for p in ps]))
    return found


def test_adam_by_hand():
    """Two steps computed from the paper's formulas."""
    p, m, v, lr, b1, b2, eps = 2.0, 0.0, 0.0, 0.1, 0.9, 0.999, 1e-8
    w = kindling.tensor(p, dtype=kindling.float64, requires_grad=True)
    optimizer = kindling.optim.Adam([w], lr=lr)
    for step in (1, 2):
        g = 2 * p
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        p -= lr * (m / (1 - b1**step)) / ((v / (1 - b2**step)) ** 0.5 + eps)
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        assert w.item() == pytest.approx(p, rel=1e-12)


def test_decoupled_decay_shrinks_the_parameter_alone():
    """With a gradient of zero Adam's decay is a full step, AdamW's a small part of the parameter."""
    found = {}
    for name in NAMES:
        w = kindling.tensor(20.0, requires_grad=True)
        (w * 0).backward()
        getattr(kindling.optim, name)([w], lr=0.1, weight_decay=0.5).step()
        found[name] = round(w.item(), 5)
    assert found == {"Adam": 19.9, "AdamW": 19.0}


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_steps_as_in_pytorch(options, name):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        ps = parameters(lib)
        found.append(trained(getattr(lib.optim, name)(ps, **options), ps, 10))
    np.testing.assert_allclose(*found, rtol=1e-11, atol=1e-12)


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
def test_float32_steps_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        ps = parameters(lib, "float32")
        found.append(trained(getattr(lib.optim, name)(ps, lr=0.01), ps, 50)[-1])
    np.testing.assert_allclose(*found, rtol=1e-5, atol=1e-6)


def layout(optimizer: Any) -> dict:
    """The state with each value's kind, type, shape and, for steps, value."""
    state = optimizer.state_dict()
    described = {
        number: {
            key: (str(v.dtype), tuple(v.shape), v.item() if key == "step" else None, v.requires_grad)
            for key, v in one.items()
        }
        for number, one in state["state"].items()
    }
    return {"groups": state["param_groups"], "state": described}


@pytest.mark.parametrize("options", [{}, {"amsgrad": True}], ids=str)
def test_state(options):
    """As PyTorch lays it out: the step is a float32 tensor."""
    ps = parameters(kindling)
    optimizer = kindling.optim.Adam(ps, **options)
    trained(optimizer, ps, 3)
    one = layout(optimizer)["state"][0]
    names = ["step", "exp_avg", "exp_avg_sq"] + ["max_exp_avg_sq"] * ("amsgrad" in options)
    assert list(one) == names and one["step"] == ("torch.float32", (), 3.0, False)
    assert one["exp_avg"] == ("torch.float64", (3, 2), None, False)


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_state_and_text_as_in_pytorch(options, name):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        ps = parameters(lib)
        optimizer = getattr(lib.optim, name)([{"params": ps[:1]}, {"params": ps[1:], "lr": 0.5}], **options)
        trained(optimizer, ps, 2)
        found.append((repr(optimizer), layout(optimizer)))
    assert found[0] == found[1]


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
def test_a_state_of_pytorchs_goes_on(name):
    torch = pytest.importorskip("torch")
    theirs = parameters(torch)
    optimizer = getattr(torch.optim, name)(theirs, lr=0.1, amsgrad=True)
    trained(optimizer, theirs, 3)
    state = optimizer.state_dict()
    state["state"] = {
        i: {k: kindling.from_numpy(v.numpy().copy()) for k, v in one.items()} for i, one in state["state"].items()
    }
    ours = [kindling.from_numpy(p.detach().numpy().copy()).requires_grad_() for p in theirs]
    other = getattr(kindling.optim, name)(ours)
    other.load_state_dict(state)
    np.testing.assert_allclose(trained(other, ours, 3), trained(optimizer, theirs, 3), rtol=1e-11)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_resuming(options, name):
    """Ten steps are the same as five, saving, loading into another optimiser, and five more."""
    make = getattr(kindling.optim, name)
    ps = parameters(kindling)
    whole = trained(make(ps, **options), ps, 10)
    ps = parameters(kindling)
    optimizer = make(ps, **options)
    trained(optimizer, ps, 5)
    other = make(ps, lr=123.0)
    other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    np.testing.assert_array_equal(trained(other, ps, 5), whole[5:])


def test_the_gradient_stays_as_it_was():
    w = kindling.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    before, version = w.grad.tolist(), w.grad._version
    kindling.optim.Adam([w], weight_decay=0.1, maximize=True).step()
    assert w.grad.tolist() == before and w.grad._version == version


def test_learning_rate_may_be_a_tensor():
    found = []
    for lr in (0.1, kindling.tensor(0.1)):
        w = kindling.tensor([1.0, 2.0], requires_grad=True)
        (w * w).sum().backward()
        kindling.optim.AdamW([w], lr=lr).step()
        found.append(w.tolist())
    assert found[0] == pytest.approx(found[1])


def made(name: str, **options: Any) -> Any:
    return lambda lib: getattr(lib.optim, name)([lib.ones(1, requires_grad=True)], **options)


MISTAKES = {
    "negative lr": (made("Adam", lr=-1), "Invalid learning rate: -1"),
    "negative eps": (made("Adam", eps=-1), "Invalid epsilon value: -1"),
    "first beta": (made("AdamW", betas=(1.0, 0.9)), "Invalid beta parameter at index 0: 1.0"),
    "second beta": (made("Adam", betas=(0.9, -0.1)), "Invalid beta parameter at index 1: -0.1"),
    "negative decay": (made("AdamW", weight_decay=-1), "Invalid weight_decay value: -1"),
}
