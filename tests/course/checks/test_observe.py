"""The makers: what each one says about a tensor, a call, a graph."""

from collections import defaultdict, namedtuple

import numpy as np
import pytest

import kindling as torch
from course.checks import observe
from course.checks.judge import difference


def same(one, other) -> bool:
    return not difference(one, other) and not difference(other, one)


def test_plain_values_of_every_kind():
    pair = namedtuple("pair", "a b")
    assert same(observe.plain([1, 2.0, "x", None, True, b"y"]), [1, 2.0, "x", None, True, b"y"])
    assert same(observe.plain(pair(1, (2,))), (1, (2,)))
    assert same(observe.plain(np.float64(2.5)), np.array(2.5))
    assert same(observe.plain(torch.tensor([1, 2])), observe.TensorData(np.array([1, 2]), "int64"))
    assert same(observe.plain(defaultdict(float, a=1.5)), {"a": 1.5})
    assert same(observe.plain({1: 2}), {"object": "dict"})
    assert same(observe.plain({1, 2}), {"object": "set"})
    assert len(observe.plain("x" * 10**6)) == observe.LONGEST_TEXT
    deep = []
    deep.append(deep)
    observe.plain(deep)


def test_a_tensor_is_a_copy():
    x = torch.zeros(2)
    before = observe.plain(x)
    x.add_(1)
    assert before.array.tolist() == [0, 0]


def test_gradients_tell_none_from_zero():
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    (x * 0).sum().backward()
    found = observe.gradients(x=x, y=y)
    assert found["x.grad"].array.tolist() == [0, 0]
    assert found["y.grad"] is None


def test_printed_raised_and_counted():
    assert observe.printed(lambda: print("hi")) == (None, {"printed": "hi\n"})
    assert observe.raised(lambda: None) == {"exception": None}
    assert observe.raised(lambda: 1 / 0) == {"exception": {"type": "ZeroDivisionError", "message": "division by zero"}}
    times = observe.counted(lambda x: x + 1)
    assert [times(1), times(2), times.calls] == [2, 3, 2]


def make_graph(library):
    x = library.tensor(2.0, requires_grad=True)
    y = x * x
    return observe.graph(y.exp() + y)


def test_the_graph_has_names_and_edges():
    found = make_graph(torch)
    assert found["operators"] == ["AddBackward0", "ExpBackward0", "MulBackward0", "AccumulateGrad"]
    assert found["edges"] == [(0, 1, 0), (0, 2, 1), (1, 2, 0), (2, 3, 0), (2, 3, 1)]


@pytest.mark.oracle
def test_the_graph_is_the_one_of_real_torch():
    real = pytest.importorskip("torch", reason="real PyTorch is the oracle of this test")
    assert make_graph(torch) == make_graph(real)


@pytest.mark.oracle
def test_values_of_real_torch_are_the_same_data():
    real = pytest.importorskip("torch", reason="real PyTorch is the oracle of this test")
    for make in (lambda t: t.tensor([1.5, 2.0]), lambda t: t.tensor(True), lambda t: t.zeros(0, 3)):
        assert same(observe.plain(make(torch)), observe.plain(make(real)))
    half = observe.plain(real.tensor([1.0, -2.0], dtype=real.bfloat16))
    assert half.dtype == "bfloat16"
    assert real.equal(observe.thaw(half, real), real.tensor([1.0, -2.0], dtype=real.bfloat16))
