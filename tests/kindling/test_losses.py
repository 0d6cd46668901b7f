"""Losses, activations, starting values and containers: each gives in PyTorch what it gives here."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

import kindling

VALUES = np.random.default_rng(0)


def leaf(lib: Any, *shape: int, seed: int = 0) -> Any:
    return lib.from_numpy(np.random.default_rng(seed).normal(size=shape)).requires_grad_()


def close(ours: Any, theirs: Any, tolerance: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=tolerance, atol=tolerance)


# ---- losses on classes -----------------------------------------------------------------------------------------------

SHAPES = {
    "matrix": ((5, 3), (5,)),
    "one example": ((3,), ()),
    "image": ((2, 3, 4, 2), (2, 4, 2)),
    "line": ((2, 3, 4), (2, 4)),
}
REDUCTIONS = ["mean", "sum", "none"]
SETTINGS = [
    {"reduction": reduction, "ignore_index": ignored, "weighted": weighted}
    for reduction, ignored, weighted in itertools.product(REDUCTIONS, (-100, 1), (False, True))
]


def class_numbers(lib: Any, shape: tuple) -> Any:
    return lib.from_numpy(np.asarray(np.random.default_rng(1).integers(0, 3, shape), np.int64))


def settings_for(lib: Any, settings: dict) -> dict:
    weight = lib.tensor([0.5, 2.0, 1.0], dtype=lib.float64) if settings["weighted"] else None
    return {"weight": weight, "reduction": settings["reduction"], "ignore_index": settings["ignore_index"]}


def derivatives(lib: Any, loss: Any, x: Any) -> list:
    """The value, the gradient of a weighted sum, and the gradient of that gradient's squares."""
    weights = lib.arange(loss.numel(), dtype=lib.float64).reshape(loss.shape) + 1
    (g,) = lib.autograd.grad((loss * weights).sum(), x, create_graph=True)
    (h,) = lib.autograd.grad((g * g).sum(), x)
    return [v.detach().numpy() for v in (loss, g, h)]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_fused_cross_entropy_is_its_composed_form(shape, settings):
    """In value, gradient and second derivative."""
    sizes, numbers = SHAPES[shape]
    F, options, x = kindling.nn.functional, settings_for(kindling, settings), leaf(kindling, *sizes)
    target = class_numbers(kindling, numbers)
    dim = 1 if len(sizes) > 1 else 0
    fused = derivatives(kindling, F.cross_entropy(x, target, **options), x)
    composed = derivatives(kindling, F.nll_loss(F.log_softmax(x, dim), target, **options), x)
    for a, b in zip(fused, composed, strict=True):
        close(a, b)


@pytest.mark.oracle
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy_as_in_pytorch(shape, settings, smoothing):
    torch = pytest.importorskip("torch")
    sizes, numbers = SHAPES[shape]
    found = []
    for lib in (kindling, torch):
        x, options = leaf(lib, *sizes), settings_for(lib, settings)
        loss = lib.nn.CrossEntropyLoss(label_smoothing=smoothing, **options)(x, class_numbers(lib, numbers))
        found.append(derivatives(lib, loss, x))
    for a, b in zip(*found, strict=True):
        close(a, b)


@pytest.mark.oracle
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy_with_probabilities_as_in_pytorch(shape, reduction, weighted, smoothing):
    torch = pytest.importorskip("torch")
    sizes, found = SHAPES[shape][0], []
    for lib in (kindling, torch):
        x, target = leaf(lib, *sizes), leaf(lib, *sizes, seed=3).detach().abs()
        weight = lib.tensor([0.5, 2.0, 1.0], dtype=lib.float64) if weighted else None
        loss = lib.nn.CrossEntropyLoss(weight, reduction=reduction, label_smoothing=smoothing)(x, target)
        found.append(derivatives(lib, loss, x))
    for a, b in zip(*found, strict=True):
        close(a, b)


@pytest.mark.oracle
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_nll_as_in_pytorch(shape, settings):
    torch = pytest.importorskip("torch")
    sizes, numbers = SHAPES[shape]
    found = []
    for lib in (kindling, torch):
        x = leaf(lib, *sizes)
        loss = lib.nn.NLLLoss(**settings_for(lib, settings))(x, class_numbers(lib, numbers))
        loss.sum().backward()
        found.append((loss.detach().numpy(), x.grad.numpy()))
    for a, b in zip(*found, strict=True):
        close(a, b)


def test_cross_entropy_by_hand():
    x = kindling.tensor([[0.0, math.log(3)]], requires_grad=True)
    loss = kindling.nn.CrossEntropyLoss()(x, kindling.tensor([0]))
    loss.backward()
    assert loss.item() == pytest.approx(math.log(4)) and x.grad.tolist() == [pytest.approx([-0.75, 0.75])]


def test_cross_entropy_of_huge_scores():
    """No overflow: the largest score is taken off first."""
    x = kindling.tensor([[1e4, 0.0], [0.0, -1e4]], requires_grad=True)
    loss = kindling.nn.functional.cross_entropy(x, kindling.tensor([0, 1]), reduction="none")
    loss.sum().backward()
    assert loss.tolist() == [0, 1e4] and x.grad.tolist() == [[0, 0], [1, -1]]


def test_nothing_counted_is_nan():
    F = kindling.nn.functional
    x, target = kindling.zeros(2, 3), kindling.tensor([-100, -100])
    assert math.isnan(F.cross_entropy(x, target).item()) and F.cross_entropy(x, target, reduction="sum").item() == 0


@pytest.mark.oracle
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_mse_as_in_pytorch(reduction):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        x, y = leaf(lib, 3, 2), leaf(lib, 3, 2, seed=1)
        loss = lib.nn.MSELoss(reduction=reduction)(x, y)
        found.append([*derivatives(lib, loss, x), *derivatives(lib, loss, y)])
    for a, b in zip(*found, strict=True):
        close(a, b)


# ---- activations and the other layers without a window ---------------------------------------------------------------

LAYERS = {
    "Identity": [()],
    "ReLU": [()],
    "Sigmoid": [()],
    "Tanh": [()],
    "LeakyReLU": [(), (0.3,)],
    "SiLU": [()],
    "GELU": [(), ("tanh",)],
    "Softmax": [(0,), (1,), (-1,)],
    "LogSoftmax": [(1,)],
    "Flatten": [(), (0,), (0, 1)],
}
CASES = [(name, args) for name, list_ in LAYERS.items() for args in list_]


@pytest.mark.oracle
@pytest.mark.parametrize(("name", "args"), CASES, ids=str)
def test_layer_as_in_pytorch(name, args):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        layer, x = getattr(lib.nn, name)(*args), leaf(lib, 3, 4, 2)
        y = layer(x)
        weights = lib.from_numpy(np.random.default_rng(2).normal(size=tuple(y.shape)))
        (g,) = lib.autograd.grad((y * weights).sum(), x, create_graph=True)
        second = lib.autograd.grad((g * g).sum(), x)[0] if g.requires_grad else lib.zeros_like(x)
        found.append([repr(layer), list(layer.state_dict()), *(v.detach().numpy() for v in (y, g, second))])
    assert found[0][:2] == found[1][:2]
    for a, b in zip(found[0][2:], found[1][2:], strict=True):
        close(a, b, 1e-8)


@pytest.mark.parametrize(("name", "args"), CASES, ids=str)
def test_layer_has_the_gradient_of_its_values(name, args):
    layer = getattr(kindling.nn, name)(*args)
    assert kindling.autograd.gradcheck(layer, (leaf(kindling, 3, 4),))


TEXTS = {
    "LeakyReLU(negative_slope=0.01)": lambda nn: nn.LeakyReLU(),
    "LeakyReLU(negative_slope=0.2, inplace=True)": lambda nn: nn.LeakyReLU(0.2, True),
    "ReLU(inplace=True)": lambda nn: nn.ReLU(inplace=True),
    "GELU(approximate='none')": lambda nn: nn.GELU(),
    "Softmax(dim=1)": lambda nn: nn.Softmax(1),
    "LogSoftmax(dim=None)": lambda nn: nn.LogSoftmax(),
    "Flatten(start_dim=1, end_dim=-1)": lambda nn: nn.Flatten(),
    "Dropout(p=0.3, inplace=False)": lambda nn: nn.Dropout(0.3),
    "Embedding(5, 2, padding_idx=0)": lambda nn: nn.Embedding(5, 2, padding_idx=0),
    "CrossEntropyLoss()": lambda nn: nn.CrossEntropyLoss(),
    "MSELoss()": lambda nn: nn.MSELoss(),
    "ModuleDict(\n  (a): Tanh()\n)": lambda nn: nn.ModuleDict({"a": nn.Tanh()}),
    "ModuleList()": lambda nn: nn.ModuleList(),
    "ModuleList(\n  (0-1): 2 x Linear(in_features=2, out_features=1, bias=True)\n  (2): Tanh()\n)": lambda nn: (
        nn.ModuleList([nn.Linear(2, 1), nn.Linear(2, 1), nn.Tanh()])
    ),
    "Sequential(\n  (first): ModuleList(\n    (0): Tanh()\n  )\n)": lambda nn: nn.Sequential(
        __import__("collections").OrderedDict(first=nn.ModuleList([nn.Tanh()]))
    ),
}


@pytest.mark.parametrize("text", TEXTS)
def test_text(text):
    assert repr(TEXTS[text](kindling.nn)) == text


@pytest.mark.oracle
@pytest.mark.parametrize("text", TEXTS)
def test_text_as_in_pytorch(text):
    assert repr(TEXTS[text](pytest.importorskip("torch").nn)) == text


# ---- random numbers: the same as PyTorch's for a seed ----------------------------------------------------------------

STARTS = {
    "xavier_uniform_": lambda init, x: init.xavier_uniform_(x, gain=2.0),
    "xavier_normal_": lambda init, x: init.xavier_normal_(x),
    "kaiming_uniform_": lambda init, x: init.kaiming_uniform_(x, a=math.sqrt(5)),
    "kaiming_uniform_ out": lambda init, x: init.kaiming_uniform_(x, mode="fan_out", nonlinearity="relu"),
    "kaiming_normal_": lambda init, x: init.kaiming_normal_(x, nonlinearity="relu"),
    "uniform_": lambda init, x: init.uniform_(x, -1, 2),
    "normal_": lambda init, x: init.normal_(x, 3.0, 0.1),
    "constant_": lambda init, x: init.constant_(x, 0.3),
    "zeros_": lambda init, x: init.zeros_(x),
    "ones_": lambda init, x: init.ones_(x),
}


def started(lib: Any, name: str) -> list:
    lib.manual_seed(3)
    found = []
    for shape in ((3, 2), (20, 7), (4, 3, 2)):
        x = lib.empty(shape, requires_grad=True)
        assert STARTS[name](lib.nn.init, x) is x and x.is_leaf and x.requires_grad
        found.append(x.detach().numpy())
    return found


@pytest.mark.oracle
@pytest.mark.parametrize("name", STARTS)
def test_starting_values_as_in_pytorch(name):
    for a, b in zip(started(kindling, name), started(pytest.importorskip("torch"), name), strict=True):
        close(a, b, 1e-6)


def test_deviation_of_starting_values():
    kindling.manual_seed(0)
    init, x = kindling.nn.init, kindling.empty(400, 100)
    spread = {name: STARTS[name](init, x).numpy().std() for name in ("xavier_normal_", "kaiming_normal_")}
    assert spread["xavier_normal_"] == pytest.approx(math.sqrt(2 / 500), rel=0.02)
    assert spread["kaiming_normal_"] == pytest.approx(math.sqrt(2 / 100), rel=0.02)


GAINS = [("linear", None), ("conv2d", None), ("sigmoid", None), ("tanh", None), ("relu", None), ("selu", None),
         ("leaky_relu", None), ("leaky_relu", 0.2)]  # fmt: skip


@pytest.mark.oracle
@pytest.mark.parametrize(("name", "slope"), GAINS)
def test_gain_as_in_pytorch(name, slope):
    gain = pytest.importorskip("torch").nn.init.calculate_gain
    assert kindling.nn.init.calculate_gain(name, slope) == gain(name, slope)


@pytest.mark.oracle
def test_dropout_and_embedding_as_in_pytorch():
    found = []
    for lib in (kindling, pytest.importorskip("torch")):
        lib.manual_seed(0)
        table = lib.nn.Embedding(6, 3, padding_idx=2)
        drop = lib.nn.Dropout(0.4)
        y = drop(table(lib.tensor([[1, 2], [5, 1]])))
        y.sum().backward()
        found.append([table.weight.detach().numpy(), y.detach().numpy(), table.weight.grad.numpy()])
    for a, b in zip(*found, strict=True):
        close(a, b, 1e-6)


OPTIONS = {
    "nothing": {},
    "padding": {"padding_idx": -1},
    "by frequency": {"scale_grad_by_freq": True},
    "shortened": {"max_norm": 2.0},
    "shortened by another norm": {"max_norm": 2.0, "norm_type": 1.0},
    "shortened by the largest": {"max_norm": 2.0, "norm_type": float("inf")},
    "all": {"padding_idx": 1, "scale_grad_by_freq": True, "max_norm": 3.0},
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", OPTIONS)
def test_embedding_options_as_in_pytorch(name):
    found = []
    for lib in (kindling, pytest.importorskip("torch")):
        table = lib.nn.Embedding.from_pretrained(lib.arange(12.0).reshape(4, 3), freeze=False, **OPTIONS[name])
        y = table(lib.tensor([[1, 1], [3, 0]]))
        (y * lib.arange(12.0).reshape(2, 2, 3)).sum().backward()
        found.append((repr(table), table.weight._version, y.detach(), table.weight.detach(), table.weight.grad))
    assert repr(found[0]) == repr(found[1])


def test_padding_gets_no_gradient_even_from_infinity():
    weight = kindling.ones(2, 1, requires_grad=True)
    y = kindling.nn.functional.embedding(kindling.tensor([0, 1]), weight, padding_idx=1)
    y.backward(kindling.tensor([[2.0], [float("inf")]]))
    assert weight.grad.tolist() == [[2.0], [0.0]]


def test_dropout():
    kindling.manual_seed(0)
    drop, x = kindling.nn.Dropout(0.25), kindling.ones(10000)
    y = drop(x)
    assert sorted(set(y.tolist())) == pytest.approx([0, 4 / 3]) and y.mean().item() == pytest.approx(1, abs=0.02)
    assert drop.eval()(x) is x or drop(x).tolist() == x.tolist()


# ---- containers ------------------------------------------------------------------------------------------------------


def lists(t):
    nn = t.nn
    layers = nn.ModuleList([nn.Linear(1, 1)])
    layers.append(nn.Tanh()).extend([nn.ReLU(), nn.Linear(1, 1)])
    layers.insert(1, nn.Sigmoid())
    layers[0] = nn.Linear(1, 1, bias=False)
    names = [type(m).__name__ for m in layers]
    del layers[2]
    more = layers + [nn.Identity()]
    parts = (
        [type(m).__name__ for m in layers[1:3]],
        type(layers[1:]).__name__,
        type(layers.pop(0)).__name__,
        len(layers),
    )
    last = type(layers[-1]).__name__
    return names, len(layers), list(layers.state_dict()), [type(m).__name__ for m in more], last, parts


def dicts(t):
    nn = t.nn
    parts = nn.ModuleDict([("b", nn.Linear(1, 1)), ("a", nn.Tanh())])
    parts["c"] = nn.ReLU()
    parts.update({"a": nn.Linear(1, 1)})
    last = parts.pop("c")
    seen = [list(parts), "a" in parts, len(parts), list(parts.state_dict()), type(last).__name__]
    del parts["b"]
    seen += [[(k, type(v).__name__) for k, v in parts.items()], [type(v).__name__ for v in parts.values()]]
    parts.clear()
    return [*seen, len(parts), list(parts.keys())]


def sequences(t):
    nn = t.nn
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
    model.append(nn.Linear(3, 1))
    model.insert(1, nn.ReLU())
    model[0] = nn.Linear(2, 3, bias=False)
    names = [type(m).__name__ for m in model]
    del model[1]
    return names, list(model.state_dict()), len(model), type(model[-1]).__name__, repr(model[:2]), (
        list((model + nn.Sequential(nn.Tanh())).state_dict()), type(model.pop(-1)).__name__,
        [type(m).__name__ for m in model.extend([nn.ReLU()])])  # fmt: skip


CONTAINERS = {
    lists: (
        ["Linear", "Sigmoid", "Tanh", "ReLU", "Linear"],
        3,
        ["2.weight", "2.bias"],
        ["Linear", "Sigmoid", "ReLU", "Linear", "Identity"],
        "Linear",
        (["Sigmoid", "ReLU"], "ModuleList", "Linear", 3),
    ),
    dicts: [
        ["b", "a"],
        True,
        2,
        ["b.weight", "b.bias", "a.weight", "a.bias"],
        "ReLU",
        [("a", "Linear")],
        ["Linear"],
        0,
        [],
    ],
    sequences: (
        ["Linear", "ReLU", "Tanh", "Linear"],
        ["0.weight", "2.weight", "2.bias"],
        3,
        "Linear",
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=False)\n  (1): Tanh()\n)",
        (["0.weight", "2.weight", "2.bias"], "Linear", ["Linear", "Tanh", "ReLU"]),
    ),
}


@pytest.mark.parametrize("program", CONTAINERS, ids=lambda f: f.__name__)
def test_container(program):
    assert program(kindling) == CONTAINERS[program]


@pytest.mark.oracle
@pytest.mark.parametrize("program", CONTAINERS, ids=lambda f: f.__name__)
def test_container_as_in_pytorch(program):
    assert program(pytest.importorskip("torch")) == CONTAINERS[program]


# ---- mistakes: PyTorch's first sentence ------------------------------------------------------------------------------


def entropy(t: Any, sizes: tuple, target: Any, **options: Any) -> Any:
    return t.nn.functional.cross_entropy(t.zeros(sizes), t.tensor(target), **options)


MISTAKES = {
    "a row that is not there": (
        lambda t: t.nn.functional.embedding(t.tensor([-1]), t.ones(2, 2)),
        "index out of range in self",
    ),
    "a table of three dimensions": (
        lambda t: t.nn.functional.embedding(t.tensor([0]), t.ones(2, 2, 2)),
        "'weight' must be 2-D",
    ),
    "padding that is not there": (lambda t: t.nn.Embedding(4, 3, 4), "Padding_idx must be within num_embeddings"),
    "rows of another size": (
        lambda t: t.nn.Embedding(4, 3, _weight=t.ones(4, 2)),
        "Shape of weight does not match num_embeddings and embedding_dim",
    ),
    "class too large": (lambda t: entropy(t, (1, 3), [3]), "Target 3 is out of bounds."),
    "class below zero": (lambda t: entropy(t, (1, 3), [-1]), "Target -1 is out of bounds."),
    "other number of examples": (
        lambda t: entropy(t, (2, 3), [0, 1, 2]),
        "Expected input batch_size (2) to match target batch_size (3).",
    ),
    "a column of classes": (
        lambda t: entropy(t, (2, 3), [[0], [1]]),
        "0D or 1D target tensor expected, multi-target not supported",
    ),
    "int32 classes": (
        lambda t: t.nn.functional.cross_entropy(t.zeros(1, 3), t.tensor([0], dtype=t.int32)),
        "expected target dtype to be Long or Byte, but got Int",
    ),
    "reduction": (lambda t: entropy(t, (1, 3), [0], reduction="avg"), "avg is not a valid value for reduction"),
    "weights of another size": (
        lambda t: entropy(t, (1, 3), [0], weight=t.ones(2)),
        "weight tensor should be defined either for all 3 classes or no classes but got weight tensor of shape: [2]",
    ),
    "smoothing": (
        lambda t: entropy(t, (1, 3), [0], label_smoothing=2.0),
        "label_smoothing must be between 0.0 and 1.0. Got: 2",
    ),
    "reduction of a squared error": (
        lambda t: t.nn.functional.mse_loss(t.zeros(1), t.zeros(1), reduction="avg"),
        "avg is not a valid value for reduction",
    ),
    "dropout": (
        lambda t: t.nn.Dropout(1.5),
        "dropout probability has to be between 0 and 1, but got 1.5",
    ),
    "gain": (lambda t: t.nn.init.calculate_gain("what"), "Unsupported nonlinearity what"),
    "fan of a vector": (
        lambda t: t.nn.init.xavier_uniform_(t.empty(3)),
        "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    ),
    "fan mode": (
        lambda t: t.nn.init.kaiming_normal_(t.empty(3, 2), mode="fan"),
        "Mode fan not supported, please use one of ['fan_in', 'fan_out']",
    ),
    "list index": (lambda t: t.nn.ModuleList()[0], "index 0 is out of range"),
    "dict key": (lambda t: t.nn.ModuleDict()["a"], "'a'"),
    "sequence index": (lambda t: t.nn.Sequential(t.nn.Tanh())[1], "index 1 is out of range"),
    "no module": (lambda t: t.nn.ModuleList([3]), "int is not a Module subclass"),
    "no module in a dict": (lambda t: t.nn.ModuleDict({"a": 3}), "int is not a Module subclass"),
    "a list is not called": (
        lambda t: t.nn.ModuleList([t.nn.Tanh()])(t.ones(1)),
        'Module [ModuleList] is missing the required "forward" function',
    ),
    "approximation": (
        lambda t: t.nn.GELU("fast")(t.ones(1)),
        "approximate argument must be either none or tanh.",
    ),
}
