"""How tensors print: exactly as PyTorch prints them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import kindling

nan, inf = float("nan"), float("inf")

# What to print, as a function of the library.
TABLE = {
    "number": lambda t: t.tensor(3.5),
    "integer": lambda t: t.tensor(3),
    "boolean": lambda t: t.tensor(True),
    "small": lambda t: t.tensor([1e-5, 1.0]),
    "tiny": lambda t: t.tensor([1e-20]),
    "large": lambda t: t.tensor([1e8, 1.5]),
    "whole floats": lambda t: t.tensor([1.0, 20.0, -3.0]),
    "large whole floats": lambda t: t.tensor([1.0, 1e9]),
    "negative": lambda t: t.tensor([-1.5, 10.25]),
    "minus zero": lambda t: t.tensor([-0.0, 1.5]),
    "not numbers": lambda t: t.tensor([nan, inf, -inf, 1.5]),
    "only not numbers": lambda t: t.tensor([nan, inf]),
    "nan alone": lambda t: t.tensor(nan),
    "whole and inf": lambda t: t.tensor([inf, 2.0]),
    "zeros": lambda t: t.zeros(2, 3),
    "empty": lambda t: t.zeros(0),
    "empty rows": lambda t: t.zeros(2, 0),
    "empty integers": lambda t: t.zeros(0, dtype=t.int64),
    "empty other": lambda t: t.zeros((0, 3), dtype=t.int32),
    "float64": lambda t: t.tensor([1.5], dtype=t.float64),
    "float16": lambda t: t.tensor([1.5, 0.1], dtype=t.float16),
    "bfloat16": lambda t: t.tensor([1.5, 0.1], dtype=t.bfloat16),
    "int32": lambda t: t.tensor([[1, -20], [300, 4]], dtype=t.int32),
    "uint8": lambda t: t.tensor([255, 0], dtype=t.uint8),
    "booleans": lambda t: t.tensor([[True, False], [False, True]]),
    "complex": lambda t: t.tensor([1 + 2j, -0.5 - 1j]),
    "complex number": lambda t: t.tensor(1.5 - 2j),
    "complex whole": lambda t: t.tensor([1 + 2j, 3 - 4j]),
    "complex nan": lambda t: t.tensor([complex(nan, 1.0), complex(0.0, -inf)]),
    "complex128": lambda t: t.tensor([1e-9 + 1j], dtype=t.complex128),
    "three dimensions": lambda t: t.arange(24).reshape(2, 3, 4),
    "four dimensions": lambda t: t.arange(16.0).reshape(2, 2, 2, 2),
    "long line": lambda t: t.arange(40),
    "long float line": lambda t: t.arange(40) * 0.37,
    "summarised": lambda t: t.arange(2000),
    "summarised rows": lambda t: t.arange(5000).reshape(50, 100),
    "summarised narrow": lambda t: t.arange(3000.0).reshape(1000, 3),
    "summarised deep": lambda t: t.zeros(20, 10, 10, 2),
    "summarised odd values": lambda t: t.arange(1001) * 1e5 + 0.5,
    "1000 is whole": lambda t: t.arange(1000),
    "requires grad": lambda t: t.tensor([1.0, 2.0], requires_grad=True),
    "requires grad and type": lambda t: t.tensor([1.0], dtype=t.float64, requires_grad=True),
    "result": lambda t: t.tensor([1.0, 2.0], requires_grad=True) * 2,
    "sum": lambda t: t.tensor([1.0, 2.0], requires_grad=True).sum(),
    "view": lambda t: t.tensor([[1.0, 2.0]], requires_grad=True).t(),
    "element": lambda t: t.tensor([1.0, 2.0], requires_grad=True)[0],
    "matrix product": lambda t: t.ones(2, 2, requires_grad=True) @ t.ones(2, 2),
    "function goes to a new line": lambda t: t.arange(10.0, requires_grad=True) * 1.5,
    "matrix with function": lambda t: (t.ones(3, 8) * 0.123456).requires_grad_() * 1,
    "parameter": lambda t: t.nn.Parameter(t.tensor([1.0, 2.0])),
    "named result": lambda t: t.max(t.tensor([[1.0, 5.0], [3.0, 2.0]]), 1),
    "size": lambda t: t.zeros(2, 3).shape,
    "type": lambda t: t.float32,
    "device": lambda t: t.zeros(1).device,
    "list of tensors": lambda t: [t.tensor(1.0), t.tensor([1, 2])],
}
OPTIONS = [
    {"precision": 2},
    {"precision": 8},
    {"sci_mode": True},
    {"sci_mode": False},
    {"threshold": 5},
    {"threshold": 5, "edgeitems": 1},
    {"linewidth": 40},
    {"profile": "short"},
    {"profile": "full"},
]


@pytest.fixture(autouse=True)
def default_again():
    yield
    kindling.set_printoptions(profile="default")


@pytest.mark.oracle
@pytest.mark.parametrize("name", TABLE)
def test_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    assert repr(TABLE[name](kindling)) == repr(TABLE[name](torch))


@pytest.mark.oracle
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_as_in_pytorch(options):
    torch = pytest.importorskip("torch")
    try:
        for lib in (kindling, torch):
            lib.set_printoptions(profile="default")
            lib.set_printoptions(**options)
        for name, make in TABLE.items():
            assert repr(make(kindling)) == repr(make(torch)), name
    finally:
        torch.set_printoptions(profile="default")


DTYPES = st.sampled_from(["float32", "float64", "float16", "int64", "int8", "uint8", "bool", "complex64"])
SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)
SCALES = st.sampled_from([1.0, 1e-3, 1e3, 1e-6, 1e6])


@pytest.mark.oracle
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_values_as_in_pytorch(data):
    torch = pytest.importorskip("torch")
    values = data.draw(DTYPES.flatmap(lambda d: arrays.arrays(d, SHAPES)))
    assert repr(kindling.from_numpy(values)) == repr(torch.from_numpy(values))


@pytest.mark.oracle
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6), shape=SHAPES, scale=SCALES, digits=st.integers(0, 6))
def test_usual_values_as_in_pytorch(seed: int, shape: tuple, scale: float, digits: int):
    torch = pytest.importorskip("torch")
    values = np.asarray(np.random.default_rng(seed).normal(size=shape) * scale).round(digits).astype("float32")
    assert repr(kindling.tensor(values)) == repr(torch.tensor(values))


# ---- without PyTorch -------------------------------------------------------------------------------------------------

KNOWN = {
    "tensor([0.5000, 2.0000])": lambda: kindling.tensor([0.5, 2.0]),
    "tensor([1., 2.])": lambda: kindling.tensor([1.0, 2.0]),
    "tensor([ 1., -2.])": lambda: kindling.tensor([1.0, -2.0]),
    "tensor([1.0000e-05, 1.0000e+00])": lambda: kindling.tensor([1e-5, 1.0]),
    "tensor([nan, inf, -inf, 0.])": lambda: kindling.tensor([nan, inf, -inf, 0.0]),
    "tensor([ True, False])": lambda: kindling.tensor([True, False]),
    "tensor([], size=(2, 0))": lambda: kindling.zeros(2, 0),
    "tensor([1., 2.], dtype=torch.float64)": lambda: kindling.tensor([1.0, 2.0], dtype=kindling.float64),
    "tensor([1.+2.j])": lambda: kindling.tensor([1 + 2j]),
    "tensor([[0, 1],\n        [2, 3]])": lambda: kindling.arange(4).reshape(2, 2),
    "tensor([   0,    1,    2,  ..., 1998, 1999, 2000])": lambda: kindling.arange(2001),
    "tensor(4., grad_fn=<MulBackward0>)": lambda: kindling.tensor(2.0, requires_grad=True) * 2,
}


@pytest.mark.parametrize("text", KNOWN)
def test_known(text):
    assert repr(KNOWN[text]()) == text


def test_an_unknown_profile():
    with pytest.raises(KeyError):
        kindling.set_printoptions(profile="tiny")


def test_format_and_print(capsys: Any):
    x = kindling.tensor(3.14159)
    assert f"{x:.2f}" == "3.14" and f"{kindling.tensor(3):d}" == "3"
    assert str(kindling.tensor([1.0])) == f"{kindling.tensor([1.0])}" == "tensor([1.])"
    print(kindling.tensor([1, 2]))
    assert capsys.readouterr().out == "tensor([1, 2])\n"
    with pytest.raises(TypeError, match="unsupported format string passed to Tensor.__format__"):
        f"{kindling.ones(2):.2f}"
