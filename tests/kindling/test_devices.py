"""Every operator on another device: a strict stand-in for CuPy's arrays, and CuPy itself where there is a GPU."""

import numpy as np
import pytest

import kindling
from kindling import backend
from tests.kindling import strict_arrays
from tests.kindling.samples import ROWS, arguments, floats, public


@pytest.fixture(scope="module", autouse=True)
def another_device():
    """The stand-in is device `cuda` while this file runs."""
    xp = backend.register_library(strict_arrays.library, "cuda")
    yield xp
    backend.forget_library(strict_arrays.library)


def there(value, leaves):
    """Tensors of a call's arguments on the other device, leaves remembered in the same order."""
    if isinstance(value, kindling.Tensor):
        t = value.detach().to("cuda")
        if value.requires_grad:
            leaves.append(t.requires_grad_())
        return t
    if isinstance(value, (list, tuple)) and any(isinstance(v, kindling.Tensor) for v in value):
        return type(value)(there(v, leaves) for v in value)
    if isinstance(value, np.ndarray):
        return strict_arrays.library.asarray(value)
    if isinstance(value, tuple):
        return tuple(there(v, leaves) for v in value)
    return value


def numbers(t):
    return t.cpu().detach().numpy()


# erf comes from CuPy's own SciPy there; moving between devices is tested below.
@pytest.mark.parametrize("name", sorted(set(ROWS) - {"erf", "to_device"}))
def test_values_and_gradients_are_the_same_there(name):
    for sample in ROWS[name].samples[:4]:
        args, kwargs, leaves = arguments(kindling, sample)
        moved: list = []
        args2 = tuple(there(a, moved) for a in args)
        kwargs2 = {k: there(v, moved) for k, v in kwargs.items()}
        ours, theirs = public(name)(*args, **kwargs), public(name)(*args2, **kwargs2)
        pairs = [(ours, theirs)] if isinstance(ours, kindling.Tensor) else list(zip(ours, theirs, strict=True))
        for here, away in pairs:
            assert away.device.type == "cuda"
            np.testing.assert_allclose(numbers(away), here.detach().numpy(), rtol=1e-12)
        ys, zs = floats([a for a, _ in pairs]), floats([b for _, b in pairs])
        if ys:
            want = kindling.autograd.grad([y.sum() for y in ys], leaves, allow_unused=True)
            got = kindling.autograd.grad([z.sum() for z in zs], moved, allow_unused=True)
            for a, b in zip(want, got, strict=True):
                assert (a is None) == (b is None)
                if a is not None:
                    assert b.device.type == "cuda"
                    np.testing.assert_allclose(numbers(b), a.numpy(), rtol=1e-12)


def test_devices_do_not_mix():
    here, away = kindling.ones(2), kindling.ones(2, device="cuda")
    with pytest.raises(
        RuntimeError, match="^Expected all tensors to be on the same device, but found at least two devic"
    ):
        here + away


def test_a_number_on_the_cpu_may_join():
    away = kindling.ones(2, device="cuda") * kindling.tensor(3.0)
    assert away.device == kindling.device("cuda", 0) and away.tolist() == [3.0, 3.0]


def test_gradients_flow_between_devices():
    x = kindling.tensor([1.0, 2.0], requires_grad=True)
    (x.to("cuda") * 3).cpu().sum().backward()
    assert x.grad.device.type == "cpu" and x.grad.tolist() == [3.0, 3.0]


def test_numpy_has_to_be_asked_for():
    with pytest.raises(TypeError, match="^can't convert cuda:0 device type tensor to numpy"):
        kindling.ones(2, device="cuda").numpy()


def test_printing_names_the_device():
    assert repr(kindling.ones(2, device="cuda")) == "tensor([1., 1.], device='cuda:0')"


def test_a_model_trains_there():
    kindling.manual_seed(0)
    model = kindling.nn.Sequential(kindling.nn.Linear(2, 8), kindling.nn.ReLU(), kindling.nn.Linear(8, 1)).to("cuda")
    x, y = kindling.rand(16, 2).to("cuda"), kindling.rand(16, 1).to("cuda")
    optimizer = kindling.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = kindling.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] and next(model.parameters()).grad.device.type == "cuda"
