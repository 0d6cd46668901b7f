"""Random numbers: PyTorch's CPU streams, number for number."""

from typing import Any

import numpy as np
import pytest

import kindling

SEEDS = [0, 1, 2, 3, 7, 42, 123, 1234, 2023, 31337, 99999, 10**6, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**32 + 5]
SEEDS += [2**53, 2**63 - 1, 67280421310721]
SIZES = [1, 2, 3, 15, 16, 17, 31, 32, 100, 623, 624, 625, 1000, 10_000]

# Each draws from the default stream of a library; the last word of a key says the dtype, where there are several.
DRAWS = {
    "rand": lambda t, n: t.rand(n),
    "rand float64": lambda t, n: t.rand(n, dtype=t.float64),
    "rand float16": lambda t, n: t.rand(n, dtype=t.float16),
    "rand bfloat16": lambda t, n: t.rand(n, dtype=t.bfloat16).float(),
    "uniform_": lambda t, n: t.empty(n).uniform_(-2, 3),
    "randint": lambda t, n: t.randint(10, (n,)),
    "randint between": lambda t, n: t.randint(-5, 300, (n,)),
    "randint wide": lambda t, n: t.randint(2**40, (n,)),
    "randperm": lambda t, n: t.randperm(n),
    "bernoulli": lambda t, n: t.bernoulli(t.full((n,), 0.3)),
    "bernoulli_": lambda t, n: t.empty(n).bernoulli_(0.7),
}
# PyTorch computes logarithm, cosine and sine with vector instructions of its own, so the last bit may differ; so does a
# fused multiply-add of float64.
NEARLY = {
    "uniform_ float64": lambda t, n: t.empty(n, dtype=t.float64).uniform_(-2, 3),
    "randn": lambda t, n: t.randn(n),
    "randn float64": lambda t, n: t.randn(n, dtype=t.float64),
    "normal_": lambda t, n: t.empty(n).normal_(3, 0.5),
}


def numbers(x: Any) -> np.ndarray:
    return x.numpy()


@pytest.mark.oracle
@pytest.mark.parametrize("name", DRAWS)
def test_bit_for_bit(name):
    torch = pytest.importorskip("torch")
    for seed in SEEDS:
        for lib in (kindling, torch):
            lib.manual_seed(seed)
        for size in SIZES if seed < 3 else SIZES[:8]:
            ours, theirs = numbers(DRAWS[name](kindling, size)), numbers(DRAWS[name](torch, size))
            np.testing.assert_array_equal(ours, theirs, err_msg=f"seed {seed}, size {size}")


@pytest.mark.oracle
@pytest.mark.parametrize("name", NEARLY)
def test_nearly_bit_for_bit(name):
    torch = pytest.importorskip("torch")
    for seed in SEEDS:
        for lib in (kindling, torch):
            lib.manual_seed(seed)
        for size in SIZES if seed < 3 else SIZES[:8]:
            ours, theirs = numbers(NEARLY[name](kindling, size)), numbers(NEARLY[name](torch, size))
            np.testing.assert_allclose(ours, theirs, 1e-5, 2e-6, err_msg=f"seed {seed}, size {size}")


@pytest.mark.oracle
def test_draws_of_all_kinds_in_one_stream():
    """Each draw takes as many words as PyTorch's, so that what follows agrees too."""
    torch = pytest.importorskip("torch")
    every = {**DRAWS, **NEARLY}
    order = np.random.default_rng(0).choice(sorted(every), 60)
    for lib in (kindling, torch):
        lib.manual_seed(5)
    for number, name in enumerate(order):
        ours, theirs = (numbers(every[name](lib, 1 + number % 20)) for lib in (kindling, torch))
        np.testing.assert_allclose(ours, theirs, 1e-5, 2e-6, err_msg=f"{number}: {name}")


@pytest.mark.oracle
def test_a_generator_of_ones_own():
    torch = pytest.importorskip("torch")
    ours, theirs = kindling.Generator().manual_seed(9), torch.Generator().manual_seed(9)
    np.testing.assert_array_equal(kindling.rand(5, generator=ours), torch.rand(5, generator=theirs).numpy())
    assert ours.initial_seed() == theirs.initial_seed() == 9
    assert kindling.Generator().initial_seed() == torch.Generator().initial_seed()


# ---- without PyTorch -------------------------------------------------------------------------------------------------


def test_known_numbers():
    kindling.manual_seed(0)
    want = [0.4962565899, 0.7682217956, 0.0884774327, 0.1320304871, 0.3074228168, 0.6340786815]
    np.testing.assert_allclose(kindling.rand(6).numpy(), want, rtol=1e-9)
    kindling.manual_seed(42)
    np.testing.assert_allclose(kindling.rand(2).numpy(), [0.8822692633, 0.9150039554], rtol=1e-9)
    kindling.manual_seed(0)
    assert kindling.randperm(5).tolist() == [4, 0, 1, 3, 2]
    kindling.manual_seed(0)
    assert kindling.randint(10, (5,)).tolist() == [4, 9, 3, 0, 3]
    kindling.manual_seed(0)
    np.testing.assert_allclose(kindling.randn(3).numpy(), [1.54099607, -0.29342890, -2.17878938], rtol=1e-7)


def test_one_seed_one_stream():
    kindling.manual_seed(3)
    first = kindling.rand(5).tolist()
    assert kindling.rand(5).tolist() != first
    kindling.manual_seed(3)
    assert kindling.rand(5).tolist() == first
    kindling.manual_seed(3)
    assert kindling.rand(2).tolist() + kindling.rand(3).tolist() == first


def test_the_state_can_be_kept():
    kindling.manual_seed(3)
    kindling.randn(3)
    state = kindling.get_rng_state()
    first = kindling.rand(700).tolist(), kindling.randn(3).tolist()
    kindling.set_rng_state(state)
    assert (kindling.rand(700).tolist(), kindling.randn(3).tolist()) == first


def test_manual_seed_gives_the_default_generator():
    assert kindling.manual_seed(5) is kindling.default_generator
    assert kindling.initial_seed() == 5
    assert isinstance(kindling.seed(), int) and kindling.initial_seed() != 5


def test_shapes_and_types():
    assert kindling.rand(2, 3).shape == kindling.rand((2, 3)).shape == (2, 3)
    assert kindling.rand(()).shape == () and kindling.rand(0, 3).shape == (0, 3)
    assert kindling.rand(2, requires_grad=True).requires_grad
    x = kindling.rand(10_000)
    assert x.min().item() >= 0 and x.max().item() < 1 and abs(x.mean().item() - 0.5) < 0.01


def test_uniform_refuses_an_empty_range():
    with pytest.raises(RuntimeError, match="uniform_ expects to return a"):
        kindling.empty(2).uniform_(3, -1)
