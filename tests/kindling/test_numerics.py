"""Numbers as exact as PyTorch's: long sums of every layout, small floats, running sums, against float64."""

from typing import Any

import numpy as np
import pytest

import kindling
import kindling.nn.functional as F

FLAT = (np.random.default_rng(0).random(2_000_000) + 0.1).astype("float32")
LAYOUTS = {
    "flat": FLAT,
    "strided": FLAT[::2],
    "square": FLAT.reshape(1000, 2000),
    "transposed": FLAT.reshape(1000, 2000).T,
    "tall": FLAT.reshape(-1, 10),
    "wide": FLAT.reshape(10, -1),
    "columns": FLAT.reshape(-1, 10)[:, ::3],
    "three dimensions": FLAT.reshape(100, 500, 40),
    "permuted": FLAT.reshape(100, 500, 40).transpose(1, 2, 0),
    "few of many": FLAT.reshape(20, 10_000, 10),
    "backwards in memory": FLAT.reshape(1000, 2000).T[:, 7:900],
}
CASES = [(name, dim) for name, a in LAYOUTS.items() for dim in (None, *range(a.ndim))]
CASES += [("three dimensions", (0, 2)), ("permuted", (0, 1)), ("few of many", (0, 1)), ("three dimensions", (1, 2))]
REDUCED = {
    "sum": lambda x, dim: x.sum() if dim is None else x.sum(dim),
    "mean": lambda x, dim: x.mean() if dim is None else x.mean(dim),
    "logsumexp": lambda x, dim: x.logsumexp(tuple(range(x.ndim)) if dim is None else dim),
}


def worst(got: Any, want: np.ndarray) -> float:
    """The largest relative error."""
    return float(np.max(np.abs(got.double().numpy() - want) / np.abs(want)))


def truth(name: str, a: np.ndarray, dim: Any) -> np.ndarray:
    wide = a.astype("float64")
    if name == "logsumexp":
        return np.log(np.exp(wide).sum(dim))
    return getattr(wide, name)(dim)


@pytest.mark.parametrize("layout, dim", CASES)
@pytest.mark.parametrize("name", REDUCED)
def test_long_reductions_are_exact(name, layout, dim):
    a = LAYOUTS[layout]
    got = REDUCED[name](kindling.from_numpy(a), dim)
    want = truth(name, a, dim)
    assert got.shape == want.shape
    assert worst(got, want) < 5e-7


@pytest.mark.parametrize("layout, dim", [case for case in CASES if isinstance(case[1], int)])
def test_running_sums_do_not_drift(layout, dim):
    a = LAYOUTS[layout]
    assert worst(kindling.from_numpy(a).cumsum(dim), a.astype("float64").cumsum(dim)) < 1e-7


def test_a_sum_keeps_dimensions_and_infinities():
    x = kindling.from_numpy(LAYOUTS["three dimensions"])
    for dim in (0, 1, 2, (0, 2), (-1, -2)):
        assert x.sum(dim, keepdim=True).reshape(x.sum(dim).shape).tolist() == x.sum(dim).tolist()
    a = LAYOUTS["tall"].copy()
    a[7, 3], a[70_000, 4] = np.inf, np.nan
    rows, columns = (kindling.from_numpy(a).sum(dim).numpy() for dim in (1, 0))
    assert np.isinf(rows).nonzero()[0].tolist() == [7] and np.isnan(rows).nonzero()[0].tolist() == [70_000]
    assert np.isinf(columns).nonzero()[0].tolist() == [3] and np.isnan(columns).nonzero()[0].tolist() == [4]


def ones(lib: Any, dtype: str, *shape: int) -> Any:
    return lib.ones(*shape, dtype=getattr(lib, dtype))


def drawn(lib: Any, dtype: str) -> Any:
    return lib.from_numpy(np.random.default_rng(1).normal(size=(300, 300)).astype("float32")).to(getattr(lib, dtype))


SMALL = {
    "sum": lambda t, d: ones(t, d, 100_000).sum(),
    "sum of rows": lambda t, d: ones(t, d, 60_000, 2).sum(0),
    "mean": lambda t, d: ones(t, d, 100_000).mean(),
    "mean of rows": lambda t, d: ones(t, d, 100_000, 2).mean(0),
    "cumsum": lambda t, d: (ones(t, d, 100_000) * 0.01).cumsum(0)[::1000],
    "cumprod": lambda t, d: (ones(t, d, 3000) * 1.001).cumprod(0)[::100],
    "softmax": lambda t, d: drawn(t, d).softmax(1),
    "log_softmax": lambda t, d: drawn(t, d).log_softmax(1),
    "logsumexp": lambda t, d: drawn(t, d).logsumexp(1),
    "cross_entropy": lambda t, d: t.nn.functional.cross_entropy(drawn(t, d), t.arange(300)),
    "mse_loss": lambda t, d: t.nn.functional.mse_loss(drawn(t, d) * 20, drawn(t, d)),
    "sigmoid": lambda t, d: drawn(t, d).sigmoid(),
    "matmul": lambda t, d: drawn(t, d) @ drawn(t, d),
}


@pytest.mark.oracle
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("name", SMALL)
def test_small_floats_as_pytorch(name, dtype):
    """Within one step of the type (of the terms, where they cancel), mostly equal."""
    torch = pytest.importorskip("torch")
    got, want = (SMALL[name](lib, dtype).double().numpy() for lib in (kindling, torch))
    step = 2.0**-10 if dtype == "float16" else 2.0**-7
    np.testing.assert_allclose(got, want, rtol=1.01 * step, atol=2e-5)
    assert np.mean(got == want) > 0.5 or got.size == 1


def test_a_mean_of_many_halves_is_no_infinity():
    assert F.mse_loss(ones(kindling, "float16", 100_000), ones(kindling, "float16", 100_000) * 3).item() == 4
    assert ones(kindling, "float16", 100_000).mean().item() == 1


@pytest.mark.oracle
@pytest.mark.parametrize("layout, dim", CASES)
def test_as_exact_as_pytorch(layout, dim):
    torch = pytest.importorskip("torch")
    a = LAYOUTS[layout]
    for name, function in REDUCED.items():
        want = truth(name, a, dim)
        ours, theirs = (worst(function(lib.from_numpy(a), dim), want) for lib in (kindling, torch))
        assert ours <= 2 * theirs or ours < 1e-7, name
