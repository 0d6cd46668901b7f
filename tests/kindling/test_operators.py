"""Every declared operator, driven by its row in samples.py: `pytest -k sin` runs one."""

import sys
from typing import Any

import numpy as np
import pytest

import kindling
from kindling.autograd import GradcheckError, gradcheck, gradgradcheck
from kindling.ops.declare import OPERATORS, operator
from kindling.ops.operator import Array
from tests.kindling.samples import ROWS, S, arguments, floats, in_library, public, real, tensors

EVERY = sorted(OPERATORS)
DIFFERENTIABLE = [name for name in EVERY if OPERATORS[name].rules or OPERATORS[name].joint]
INPLACE = [name for name in EVERY if OPERATORS[name].family == "elementwise" and hasattr(kindling.Tensor, f"{name}_")]
OUT = [name for name in EVERY if OPERATORS[name].family not in ("view", "loss")]
OTHER_DTYPES = ["float32", "float16", "int64", "int32", "uint8", "bool", "complex64"]


@pytest.mark.parametrize("name", EVERY)
def test_has_a_row(name):
    assert name in ROWS, f"operator {name} has no row in samples.py"
    assert ROWS[name].samples


def test_no_row_without_an_operator():
    assert sorted(ROWS) == EVERY


# ---- gradients -------------------------------------------------------------------------------------------------------


def closed(name: str, sample: Any) -> tuple[Any, list]:
    """A function of the leaves alone, and the leaves."""
    args, kwargs, leaves = arguments(kindling, sample)

    def function(*xs: Any) -> Any:
        return public(name)(*args, **kwargs)

    return function, leaves


def differentiable_samples(name: str) -> list:
    found = [s for s in ROWS[name].samples if floats(call(name, s)[0])]
    assert found, f"no sample of {name} gives an output that requires grad"
    return found


def call(name: str, sample: Any, requires_grad: bool = True) -> tuple[Any, list]:
    args, kwargs, leaves = arguments(kindling, sample, requires_grad)
    return public(name)(*args, **kwargs), leaves


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradcheck(name):
    for sample in differentiable_samples(name):
        assert gradcheck(*closed(name, sample)), sample


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_gradgradcheck(name):
    for sample in differentiable_samples(name):
        assert gradgradcheck(*closed(name, sample)), sample


def weights(y: Any) -> Any:
    """How much each output counts, without pattern; complex where the output is."""
    values = real(*y.shape, seed=7).astype(y.numpy(force=True).dtype)
    return kindling.from_numpy(np.asarray(values * (1 + 0.5j) if y.is_complex() else values))


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_the_two_speeds_agree(name):
    for sample in differentiable_samples(name):
        out, leaves = call(name, sample)
        ys = floats(out)
        fast = kindling.autograd.grad(ys, leaves, [weights(y) for y in ys], retain_graph=True, allow_unused=True)
        slow = kindling.autograd.grad(ys, leaves, [weights(y) for y in ys], create_graph=True, allow_unused=True)
        for leaf, a, b in zip(leaves, fast, slow, strict=True):
            assert (a is None) == (b is None), sample
            if a is not None:
                assert a.shape == leaf.shape and a.dtype == leaf.dtype and b.dtype == leaf.dtype, sample
                np.testing.assert_allclose(b.numpy(force=True), a.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in DIFFERENTIABLE if name not in ("svd", "embedding")])
def test_what_takes_complex_numbers_is_checked_with_them(name):
    """A rule may be right for real numbers only: an operator that takes complex ones must have such a sample."""
    sample = ROWS[name].samples[0]
    changed = S(*[cast(a, "complex128") for a in sample.args], **sample.kwargs)
    try:
        out, _ = call(name, changed)
    except (RuntimeError, TypeError):
        return
    out = list(out) if isinstance(out, tuple) else out
    arrays = [a for s in ROWS[name].samples for arg in s.args for a in (arg if isinstance(arg, list) else [arg])]
    has_one = any(a.dtype.kind == "c" for a in arrays if isinstance(a, np.ndarray))
    assert has_one or not floats(out), f"{name} takes complex numbers; give it a complex sample"


def test_a_wrong_rule_is_found():
    @operator("elementwise", input=lambda xp, g, input: g * 2.1 * input)
    def wrong_square(xp: Any, input: Array) -> Any:
        return input * input

    del OPERATORS["wrong_square"]
    x = tensors(kindling, real(3))
    with pytest.raises(GradcheckError, match="Jacobian mismatch for output 0 with respect to input 0"):
        gradcheck(wrong_square, x)
    assert not gradcheck(wrong_square, x, raise_exception=False)


# ---- forms that follow from the declaration --------------------------------------------------------------------------


@pytest.mark.parametrize("name", INPLACE)
def test_in_place_equals_out_of_place(name):
    """Values, version, and the gradient that flows back through the written tensor."""
    for sample in ROWS[name].samples:
        args, kwargs, leaves = arguments(kindling, sample)
        if not isinstance(args[0], kindling.Tensor):
            continue
        want = public(name)(*args, **kwargs)
        if want.shape != args[0].shape or want.dtype != args[0].dtype:
            continue
        written = args[0].clone()
        result = getattr(written, OPERATORS[name].name + "_")(*args[1:], **kwargs)
        assert result is written and written._version == 1
        np.testing.assert_array_equal(written.numpy(force=True), want.numpy(force=True))
        if want.requires_grad:
            grads = [kindling.autograd.grad(y, leaves, weights(y), allow_unused=True) for y in (written, want)]
            for a, b in zip(*grads, strict=True):
                assert (a is None) == (b is None)
                if a is not None:
                    np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("name", OUT)
def test_out(name):
    for sample in ROWS[name].samples:
        args, kwargs, _ = arguments(kindling, sample, requires_grad=False)
        want = public(name)(*args, **kwargs)
        if isinstance(want, tuple):
            continue
        target = kindling.empty_like(want)
        assert public(name)(*args, out=target, **kwargs) is target
        np.testing.assert_array_equal(target.numpy(), want.numpy())
        assert target._version == 1


def test_out_refuses_gradients_and_lesser_types():
    x = kindling.ones(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="out=... arguments don't support automatic differentiation"):
        kindling.add(x, 1, out=kindling.empty(2))
    with pytest.raises(RuntimeError, match="result type Float can't be cast to the desired output type Long"):
        kindling.add(kindling.ones(2), 1.5, out=kindling.zeros(2, dtype=kindling.int64))


# ---- cost ------------------------------------------------------------------------------------------------------------

# Python calls that one operator and its backward may make on small float32 tensors: what a fast way saves, a careless
# line takes back. Lower a number when it falls.
QUICK = [
    "neg",
    "exp",
    "log",
    "sin",
    "cos",
    "tanh",
    "sqrt",
    "abs",
    "sign",
    "relu",
    "clone",
    "add",
    "sub",
    "mul",
    "div",
]
CALLS = {
    "quick": 42,
    "elementwise": 90,
    "view": 84,
    "reduction": 125,
    "indexing": 82,
    "matmul": 140,
    "loss": 185,
    "softmax": 115,
    "join": 95,
}
CALLS |= {
    "scan": 98,
    "view_copy": 80,
    "linalg": 220,
    "window": 232,
    "normalization": 260,
    "scatter_amax": 145,
    "complex": 100,
}


def python_calls(name: str) -> int:
    """How many Python functions one call and its backward enter, the second time round."""
    args, kwargs, leaves = arguments(kindling, ROWS[name].samples[0])
    function, count = public(name), 0
    ones = [kindling.ones_like(y.detach()) for y in floats(function(*args, **kwargs))]

    def counter(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event == "call"

    def once() -> None:
        ys = floats(function(*args, **kwargs))
        if ys:
            kindling.autograd.backward(ys, ones)

    once()
    before = sys.getprofile()
    sys.setprofile(counter)
    try:
        once()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("name", EVERY)
def test_number_of_python_calls(name):
    budget = CALLS["quick"] if name in QUICK else CALLS.get(name, CALLS[OPERATORS[name].family])
    assert python_calls(name) <= budget


# ---- against PyTorch -------------------------------------------------------------------------------------------------


def compare(ours: Any, theirs: Any, message: Any) -> None:
    import torch

    ours, theirs = [list(y) if isinstance(y, (tuple, list)) else [y] for y in (ours, theirs)]
    for a, b in zip(ours, theirs, strict=True):
        assert str(a.dtype) == str(b.dtype), message
        assert a.requires_grad == b.requires_grad, message
        torch.testing.assert_close(
            torch.from_numpy(a.numpy(force=True).copy()), b.detach(), equal_nan=True, msg=str(message)
        )


@pytest.mark.oracle
@pytest.mark.parametrize("name", EVERY)
def test_values_and_gradients_as_pytorch(name):
    torch = pytest.importorskip("torch")
    for sample in ROWS[name].samples:
        args, kwargs, leaves = arguments(torch, sample)
        try:
            want = in_library(name, torch)(*args, **kwargs)
        except NotImplementedError:  # PyTorch composes complex convolutions of real ones one level higher
            assert any(leaf.is_complex() for leaf in leaves)
            continue
        got, own = call(name, sample)
        compare(got, want, sample)
        ys = floats(want)
        if ys:
            grads = torch.autograd.grad(
                ys, leaves, [torch.from_numpy(weights(y).numpy()) for y in floats(got)], allow_unused=True
            )
            found = kindling.autograd.grad(floats(got), own, [weights(y) for y in floats(got)], allow_unused=True)
            for a, b in zip(found, grads, strict=True):
                if a is None or b is None:  # None and zeros say the same
                    assert all(g is None or not g.any() for g in (a, b)), sample
                else:
                    compare(a, b, sample)


def cast(value: Any, dtype: str) -> Any:
    """A sample's float64 arrays in another type."""
    if not isinstance(value, np.ndarray) or value.dtype != np.float64:
        return [cast(v, dtype) for v in value] if isinstance(value, list) else value
    values = (
        np.abs(value * 3)
        if dtype == "uint8"
        else value > 0
        if dtype == "bool"
        else value * 3
        if dtype.startswith("int")
        else value
    )
    return np.asarray(values).astype(dtype)


@pytest.mark.oracle
@pytest.mark.parametrize("name", [name for name in EVERY if name not in ROWS or ROWS[name].dtypes])
def test_other_dtypes_as_pytorch(name):
    """The same type and values where PyTorch has an answer, an exception where it has none.

    PyTorch notices a type that it cannot compute with only when there is something to compute, we always.
    """
    torch = pytest.importorskip("torch")
    for dtype in OTHER_DTYPES:
        for sample in ROWS[name].samples:
            sample = S(*[cast(a, dtype) for a in sample.args], **{k: cast(v, dtype) for k, v in sample.kwargs.items()})
            args, kwargs, _ = arguments(torch, sample, requires_grad=False)
            try:
                want = in_library(name, torch)(*args, **kwargs)
            except (RuntimeError, TypeError, IndexError) as error:
                with pytest.raises((RuntimeError, TypeError, IndexError, NotImplementedError)):
                    call(name, sample, requires_grad=False)
                    pytest.fail(f"{sample} {dtype}: PyTorch says {error}")
            else:
                try:
                    got = call(name, sample, requires_grad=False)[0]
                except NotImplementedError:
                    assert min(a.numel() for a in args if isinstance(a, torch.Tensor)) < 2, (dtype, sample)
                else:
                    compare(got, want, (dtype, sample))
