"""`out=` and writes that overlap: what is stored, what is refused and what is warned of, as in PyTorch."""

import warnings
from typing import Any

import numpy as np
import pytest

import kindling
from tests.kindling.errors import first_sentence
from tests.kindling.samples import ROWS, arguments, in_library, public
from tests.kindling.test_operators import OUT

REPEATED = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
    "Please clone() the tensor before performing the operation."
)
SHARED = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
    "location. Please clone() the tensor before performing the operation."
)
AUTOGRAD = (
    "add(): functions with out=... arguments don't support automatic differentiation, but one of the arguments "
    "requires grad."
)
CAST = "result type Float can't be cast to the desired output type Long"


def counted(t: Any, *shape: int) -> Any:
    return t.arange(1.0, 1 + int(np.prod(shape))).reshape(shape)


def on(write: Any, *shape: int) -> Any:
    return lambda t: write(t, counted(t, *shape))


MISTAKES = {
    "one after the other": (on(lambda t, x: x[1:].add_(x[:-1]), 5), SHARED),
    "transposed": (on(lambda t, x: x.add_(x.t()), 2, 2), SHARED),
    "a row of itself": (on(lambda t, x: x.add_(x[0]), 2, 2), SHARED),
    "its own element": (on(lambda t, x: x.sub_(x[3]), 4), SHARED),
    "copied along": (on(lambda t, x: x[1:].copy_(x[:-1]), 5), SHARED),
    "assigned along": (on(lambda t, x: x.__setitem__(slice(1, None), x[:-1]), 5), SHARED),
    "assigned transposed": (on(lambda t, x: x.__setitem__(..., x.t()), 2, 2), SHARED),
    "put along": (on(lambda t, x: x.__setitem__(t.tensor([0, 1]), x[:2]), 5), SHARED),
    "put by itself": (on(lambda t, x: x.index_put_((t.tensor([0, 1]),), x), 2), SHARED),
    "masked by a part": (lambda t: (lambda m: m[1:].masked_fill_(m[:-1], False))(t.ones(3) > 0), SHARED),
    "expanded": (lambda t: t.ones(1).expand(3).add_(1), REPEATED),
    "expanded, in part": (lambda t: t.ones(1).expand(3)[1:].mul_(2), REPEATED),
    "expanded, copied": (lambda t: t.ones(1).expand(3).copy_(t.ones(3)), REPEATED),
    "expanded, assigned": (lambda t: t.ones(1).expand(3).__setitem__(slice(None), 5), REPEATED),
    "expanded, drawn": (lambda t: t.ones(1).expand(3).normal_(), REPEATED),
    "expanded out": (lambda t: t.add(t.ones(3), 1, out=t.ones(1).expand(3)), REPEATED),
    "out over a part": (on(lambda t, x: t.add(x[:-1], 1, out=x[1:]), 5), SHARED),
    "out transposed": (on(lambda t, x: t.add(x, 1, out=x.t()), 2, 2), SHARED),
    "exp over a part": (on(lambda t, x: t.exp(x[:-1], out=x[1:]), 5), SHARED),
    "cumsum over a part": (on(lambda t, x: t.cumsum(x[:-1], 0, out=x[1:]), 4), SHARED),
    "out that is broadcast": (on(lambda t, x: t.mul(x[:1], x, out=x), 4), SHARED),
    "gather into what is read": (on(lambda t, x: t.gather(x, 0, t.tensor([0, 1]), out=x[2:]), 4), SHARED),
    "stack into what is read": (on(lambda t, x: t.stack([x[0], x[1]], out=x), 2, 2), SHARED),
    "input with gradient": (lambda t: t.add(t.ones(2, requires_grad=True), 1, out=t.ones(2)), AUTOGRAD),
    "out with gradient": (lambda t: t.add(t.ones(2), 1, out=t.ones(2, requires_grad=True)), AUTOGRAD),
    "integers from floats": (lambda t: t.add(t.ones(2), 1.5, out=t.zeros(2, dtype=t.int64)), CAST),
    "integers from exp": (lambda t: t.exp(t.ones(2, dtype=t.int64), out=t.zeros(2, dtype=t.int64)), CAST),
}  # fmt: skip


def stored(t: Any, x: Any, shape: tuple, start: int, end: int) -> tuple:
    """What a result of `shape` does to `x`, when given the elements from `start` to `end` of it as `out`."""
    out = x[start:end] if end - start < x.numel() else x
    made = t.add(counted(t, *shape), 10, out=out)
    return made is out, out, x, x._version


WRITES = {
    "same tensor": on(lambda t, x: (t.add(x, 1, out=x), x), 4),
    "same view": on(lambda t, x: (x.add_(x[:]), x), 4),
    "two rows": on(lambda t, x: (x[0].add_(x[1]), x), 2, 2),
    "every other": on(lambda t, x: (x[::2].add_(x[1::2]), x), 4),
    "filled with an element": on(lambda t, x: x.fill_(x[2]), 4),
    "masked by an element": on(lambda t, x: (x.__setitem__(x > 2, x[0]), x), 4),
    "masked by itself": lambda t: (lambda m: m.masked_fill_(m, False))(t.ones(2) > 0),
    "expanded, filled": lambda t: t.ones(1).expand(3).fill_(2),
    "cumsum over itself": on(lambda t, x: t.cumsum(x, 0, out=x), 4),
    "softmax over itself": on(lambda t, x: t.softmax(x, 0, out=x), 4),
    "parts joined": on(lambda t, x: (t.cat([x[:1], x[1:2]], out=x[2:]), x), 4),
    "wider type": lambda t: t.add(t.ones(2), 1, out=t.zeros(2, dtype=t.float64)),
    "floats from a question": lambda t: t.eq(t.ones(2), 1, out=t.zeros(2)),
    "no gradient to lose": lambda t: t.gt(t.ones(2, requires_grad=True), 0, out=t.zeros(2, dtype=t.bool)),
    "without gradients": lambda t: t.no_grad()(t.add)(t.ones(2), 1, out=t.ones(2, requires_grad=True)),
    "from nothing": lambda t: t.add(t.ones(2), 1, out=t.empty(0)),
    "less than it holds": lambda t: stored(t, t.zeros(7), (2,), 0, 7),
    "more than it holds": lambda t: stored(t, t.zeros(2), (2, 3), 0, 2)[:2],
    "a view with room": lambda t: stored(t, t.zeros(9), (2, 3), 1, 3),
    "largest and where": lambda t: tuple(t.max(counted(t, 2, 2), 0, out=(t.empty(2), t.empty(2, dtype=t.int64)))),
}


def told(write: Any, t: Any) -> tuple:
    """What a write returns, and what it warns of."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        result = repr(write(t))
    return result, [str(w.message).split(" (Triggered")[0] for w in heard]


@pytest.mark.oracle
@pytest.mark.parametrize("name", WRITES)
def test_write_as_in_pytorch(name):
    assert told(WRITES[name], kindling) == told(WRITES[name], pytest.importorskip("torch"))


def test_a_view_that_would_outgrow_its_base():
    with pytest.warns(UserWarning, match="was resized"), pytest.raises(NotImplementedError, match="must grow beyond"):
        stored(kindling, kindling.zeros(4), (2, 3), 1, 3)


KINDS = ["float64", "float32", "int64", "bool", "complex128"]
# PyTorch has a sentence of its own here, of the same meaning.
OTHER_WORDS = {("cumsum", "bool"), ("cumprod", "bool")}
# PyTorch's take no `out`.
WITHOUT = ["clone", "fill", "flip", "isfinite", "isinf", "isnan", "masked_fill", "relu", "sum"]
WITH = [name for name in OUT if ROWS[name].torch is None and name not in WITHOUT]


def outcome(function: Any, args: tuple, kwargs: dict, out: Any) -> Any:
    try:
        return str(function(*args, out=out, **kwargs).dtype)
    except (RuntimeError, TypeError, NotImplementedError) as error:
        return type(error).__name__, first_sentence(error)


@pytest.mark.oracle
@pytest.mark.parametrize("name", WITH)
def test_type_of_out_as_in_pytorch(name):
    """Which types a result may be stored in, and what is said of the others."""
    torch = pytest.importorskip("torch")
    for kind in KINDS:
        found = []
        for t, function in ((torch, in_library(name, torch)), (kindling, public(name))):
            args, kwargs, _ = arguments(t, ROWS[name].samples[0], requires_grad=False)
            want = function(*args, **kwargs)
            found.append(outcome(function, args, kwargs, t.zeros_like(want, dtype=getattr(t, kind))))
        assert (name, kind) in OTHER_WORDS or found[1] == found[0], kind
