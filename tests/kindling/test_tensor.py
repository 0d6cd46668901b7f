"""What a tensor is beside its operators: how it is made, what it says of itself, its way to Python and NumPy."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kindling


def shared(make: Callable, write: Callable) -> Callable:
    """What one array shows after a write to the other."""

    def program(t: Any) -> Any:
        a, b = make(t)
        write(a)
        return b

    return program


def moved(name: str, *args: Any) -> Callable:
    """A tensor that took another shape in place, and the gradient that flows back through it."""

    def program(t: Any) -> Any:
        x = t.arange(6.0, requires_grad=True)
        y = (x * x).reshape(1, 2, 3) if name != "t_" else (x * x).reshape(2, 3)
        same = getattr(y, name)(*args)
        (y * y).sum().backward()
        return same is y, y.shape, y.detach(), x.grad

    return program


# Programs whose results must print the same in both libraries.
PROGRAMS = {
    # the old constructor
    "Tensor()": lambda t: t.Tensor(),
    "Tensor(list)": lambda t: t.Tensor([1, 2]),
    "Tensor(nested)": lambda t: t.Tensor([[1, 2], [3, 4]]),
    "Tensor(sizes)": lambda t: t.Tensor(2, 3).shape,
    "Tensor(size)": lambda t: (t.Tensor(3).shape, t.Tensor(3).dtype),
    "Tensor(Size)": lambda t: t.Tensor(t.zeros(2, 3).shape).shape,
    "Tensor(array)": lambda t: t.Tensor(np.array([1, 2])),
    "Tensor(tensor)": lambda t: t.Tensor(t.ones(2)),
    "Tensor of results": lambda t: t.Tensor(t.ones(2, requires_grad=True)),
    "Tensor shares": shared(lambda t: (lambda x: (x, t.Tensor(x)))(t.zeros(2)), lambda x: x.add_(1)),
    "isinstance": lambda t: (isinstance(t.nn.Parameter(t.ones(1)), t.Tensor), isinstance(1, t.Tensor)),
    # tensor, as_tensor, from_numpy
    "tensor(tensor)": shared(lambda t: (lambda x: (x, t.tensor(x.tolist())))(t.zeros(2)), lambda x: x.add_(1)),
    "as_tensor(list)": lambda t: t.as_tensor([1.5, 2]),
    "as_tensor(array) shares": shared(lambda t: (lambda a: (a, t.as_tensor(a)))(np.zeros(2)), lambda a: a.fill(1)),
    "from_numpy shares": shared(lambda t: (lambda a: (a, t.from_numpy(a)))(np.zeros(2)), lambda a: a.fill(1)),
    "numpy() shares": shared(lambda t: (lambda x: (x, x.numpy()))(t.zeros(2)), lambda x: x.add_(1)),
    "tensor(array) copies": shared(lambda t: (lambda a: (a, t.tensor(a)))(np.zeros(2)), lambda a: a.fill(1)),
    "tensor(numpy numbers)": lambda t: t.tensor([np.float32(1.5), np.float32(2)]),
    "tensor(tensors)": lambda t: t.tensor([t.tensor(1), t.tensor(2)]),
    "tensor with dtype": lambda t: t.tensor([1.7, -1.7], dtype=t.int32),
    "tensor of booleans": lambda t: t.tensor([1, 0, 2], dtype=t.bool),
    "from_numpy types": lambda t: [
        t.from_numpy(np.zeros(1, d)).dtype for d in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "?", "c8", "c16")
    ],
    # facts
    "facts": lambda t: (lambda x: (x.shape, x.size(), x.size(-1), x.dim(), x.ndim, x.numel(), x.nelement(), len(x)))(
        t.zeros(2, 3)
    ),
    "memory": lambda t: (lambda x: (x.stride(), x.stride(0), x.t().stride(), x.is_contiguous(), x.t().is_contiguous()))(
        t.zeros(2, 3)
    ),
    "bytes": lambda t: (t.zeros(2).element_size(), t.zeros(2, dtype=t.int64).itemsize),
    "types": lambda t: (t.zeros(1).type(), t.zeros(1).is_floating_point(), t.zeros(1).is_complex(), t.zeros(1).is_cuda),
    "device": lambda t: (t.zeros(1).device, str(t.zeros(1).device), t.device("cuda", 1), t.device("cuda:0").index),
    "Size": lambda t: (lambda s: (s, s[0], s[1:], s + (4,), s.numel(), tuple(s), s == (2, 3), list(s)))(
        t.zeros(2, 3).shape
    ),
    # casts and layouts
    "casts": lambda t: [
        getattr(t.tensor([1.7, -0.2, 0.0]), c)() for c in ("int", "long", "short", "half", "double", "bool")
    ],
    "float to byte": lambda t: t.tensor([1.7, 254.2]).byte(),
    "to": lambda t: (
        lambda x: (x.to(t.float32) is x, x.to("cpu") is x, x.to(x) is x, x.to(t.int8), x.to(t.zeros(1).long()))
    )(t.ones(2)),
    "to(copy)": lambda t: (lambda x: x.to(t.float32, copy=True) is x)(t.ones(2)),
    "type(dtype)": lambda t: t.ones(2).type(t.int64),
    "cast keeps the graph": lambda t: (t.ones(2, requires_grad=True).double(), t.ones(2, requires_grad=True).long()),
    "contiguous": lambda t: (lambda x: (x.contiguous() is x, x.t().contiguous().stride()))(t.zeros(2, 3)),
    "channels last": lambda t: t.zeros(2, 3, 4, 5).to(memory_format=t.channels_last).stride(),
    "channels last again": lambda t: (
        lambda x: (x.is_contiguous(memory_format=t.channels_last), x.contiguous().stride())
    )(t.zeros(2, 3, 4, 5).contiguous(memory_format=t.channels_last)),
    # new ones like this one
    "new": lambda t: (lambda x: (x.new_zeros(2), x.new_ones((1, 2)), x.new_full((2,), 7), x.new_tensor([1, 2])))(
        t.zeros(1, dtype=t.float64)
    ),
    "new with dtype": lambda t: t.zeros(1).new_zeros(2, dtype=t.int64),
    "like": lambda t: (
        t.zeros_like(t.ones(2, dtype=t.int32)),
        t.full_like(t.ones(2), 3),
        t.ones_like(t.zeros(1), dtype=t.int8),
    ),
    "full": lambda t: (t.full((2,), 1.5), t.full((2,), 3), t.full((2,), True), t.full((), 1j)),
    "arange": lambda t: (t.arange(3), t.arange(1, 2, 0.25), t.arange(5, 0, -2), t.arange(2.0), t.arange(0)),
    "linspace": lambda t: (t.linspace(0, 1, 5), t.linspace(3, 3, 1), t.linspace(0, 1, 0), t.linspace(1, 0, 3)),
    "eye": lambda t: (t.eye(2), t.eye(2, 3, dtype=t.int64)),
    # to Python
    "item": lambda t: (t.tensor(2.5).item(), t.tensor([[3]]).item(), t.tensor(True).item(), type(t.tensor(1).item())),
    "tolist": lambda t: (t.tensor([[1, 2]]).tolist(), t.tensor(1.5).tolist(), t.zeros(0).tolist()),
    "numbers": lambda t: (
        float(t.tensor(2)),
        int(t.tensor([2.9])),
        complex(t.tensor(1.0)),
        bool(t.tensor([0])),
        [5, 6][t.tensor(1)],
    ),
    "loop": lambda t: list(t.tensor([[1, 2], [3, 4]])),
    "linspace of integers": lambda t: [
        t.linspace(*ends, dtype=t.int64)
        for ends in ((4.3, 50, 50), (0, 10, 4), (-5, 5, 7), (3, 5, 1), (5, -8, 9), (0, 1, 0))
    ],
    "arange of integers": lambda t: [
        t.arange(*r, dtype=t.int64) for r in ((-0.9, 2.1, 2.0), (0, 5, 1.7), (5, 0, -1.5))
    ],
    "full goes round": lambda t: (t.full((2,), -9, dtype=t.uint8), t.full_like(t.ones(2, dtype=t.uint8), -9)),
    "sums that keep their type": lambda t: [
        f(t.full((300,), 1, dtype=d), d)
        for d in (t.int32, t.uint8, t.bool)
        for f in (lambda x, d: x.sum(dtype=d), lambda x, d: x.cumsum(0)[-1])
    ],
    "running product in place": lambda t: t.full((3,), 20, dtype=t.uint8).cumprod_(0),
    "complex to bool": lambda t: (t.tensor([1j, 0]).bool(), t.zeros(2, dtype=t.bool).fill_(1j)),
    "unpacking": lambda t: (lambda a, b: (a, b))(*t.tensor([1.0, 2.0])),
    "contains": lambda t: (2 in t.tensor([1, 2]), 3.0 in t.tensor([1, 2])),
    "hash": lambda t: len({t.zeros(1), t.zeros(1)}),
    "range": lambda t: list(range(t.tensor(3))),
    "format": lambda t: (
        f"{t.tensor(3.14159):.2f}",
        f"{t.tensor([1, 2])}",
    ),
    # with NumPy
    "array": lambda t: (np.asarray(t.ones(2)), np.array(t.ones(2), dtype="f8"), np.asarray(t.ones(2), dtype="i4")),
    "numpy functions": lambda t: (np.sum(t.arange(3.0).numpy()), np.float64(2) * t.ones(2), t.ones(2) * np.float64(2)),
    "numpy array operand": lambda t: (t.ones(2) + np.ones(2), t.ones(2) == np.ones(2)),
    "numpy(force)": lambda t: t.ones(2, requires_grad=True).numpy(force=True),
    # comparisons with strangers
    "strangers": lambda t: (t.ones(1) == None, t.ones(1) != "a", t.ones(2) == 1),  # noqa: E711
    # shapes in the ways programs write them
    "shape methods": lambda t: (
        lambda x: (x.T.shape, x.mT.shape, x.view(-1).shape, x.view((3, 2)).shape, x.reshape(6).shape)
    )(t.zeros(2, 3)),
    "like other shapes": lambda t: (
        lambda x: (x.view_as(t.zeros(6)), x.reshape_as(t.zeros(3, 2)), t.ones(1).expand_as(x))
    )(t.zeros(2, 3)),
    "squeeze_": moved("squeeze_"),
    "squeeze_(0)": moved("squeeze_", 0),
    "unsqueeze_": moved("unsqueeze_", 1),
    "transpose_": moved("transpose_", 1, 2),
    "t_": moved("t_"),
    # copies
    "deepcopy": lambda t: copy.deepcopy(t.tensor([1.0, 2.0], requires_grad=True)),
    "pickle": lambda t: pickle.loads(pickle.dumps(t.tensor([[1.5]], dtype=t.float64, requires_grad=True))),
    "clone": lambda t: (lambda x: (x.clone(), x.clone().data_ptr() == x.data_ptr()))(t.ones(2)),
    "attributes": lambda t: (lambda x: (setattr(x, "note", 3), x.note))(t.ones(1)),
}


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", PROGRAMS)
def test_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    ours, theirs = PROGRAMS[name](kindling), PROGRAMS[name](torch)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if not name.startswith("numpy array operand")])
def test_runs(name):
    PROGRAMS[name](kindling)


class Tagged(kindling.Tensor):
    """A subclass of a user's."""


def test_a_subclass_prints_its_name():
    assert repr(Tagged([1.0, 2.0])) == "Tagged([1., 2.])"


def test_from_numpy_refuses_what_has_no_type():
    with pytest.raises(TypeError, match="can't convert np.ndarray of type numpy.uint64"):
        kindling.from_numpy(np.zeros(2, "u8"))
    with pytest.raises(TypeError, match="expected np.ndarray \\(got list\\)"):
        kindling.from_numpy([1, 2])


def test_a_device_that_is_not_there():
    with pytest.raises(AssertionError, match="Torch not compiled with CUDA enabled"):
        kindling.ones(2).to("cuda")
