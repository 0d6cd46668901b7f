"""Modules: the tree, its state, its hooks and its text; layers that start and compute as PyTorch's."""

import copy
import pickle
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kindling
from kindling import nn


def net(lib: Any) -> Any:
    """A model with everything a module can hold, in either library."""

    class Block(lib.nn.Module):
        def __init__(self, width: int):
            super().__init__()
            self.linear = lib.nn.Linear(width, width)
            self.scale = lib.nn.Parameter(lib.ones(width))
            self.register_buffer("steps", lib.zeros(()))
            self.register_buffer("cache", lib.zeros(2), persistent=False)
            self.register_parameter("absent", None)

        def forward(self, x: Any) -> Any:
            return lib.relu(self.linear(x)) * self.scale

        def extra_repr(self) -> str:
            return f"width={self.scale.shape[0]}"

    class Net(lib.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.blocks = lib.nn.Sequential(Block(3), Block(3))
            self.head = lib.nn.Linear(3, 2, bias=False)
            self.tied = self.head
            self.nothing = None
            self.loss = lib.nn.MSELoss()

        def forward(self, x: Any) -> Any:
            return self.head(self.blocks(x))

    lib.manual_seed(0)
    return Net()


class Pickled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)
        self.note = "kept"


# ---- the tree --------------------------------------------------------------------------------------------------------

WALKS = {
    "named_parameters": lambda m: [n for n, _ in m.named_parameters()],
    "named_parameters twice": lambda m: [n for n, _ in m.named_parameters(remove_duplicate=False)],
    "named_parameters with prefix": lambda m: [n for n, _ in m.named_parameters(prefix="net")],
    "named_parameters here": lambda m: [n for n, _ in m.blocks[0].named_parameters(recurse=False)],
    "parameters": lambda m: [tuple(p.shape) for p in m.parameters()],
    "named_buffers": lambda m: [n for n, _ in m.named_buffers()],
    "named_modules": lambda m: [(n, type(c).__name__) for n, c in m.named_modules()],
    "named_modules twice": lambda m: [n for n, _ in m.named_modules(remove_duplicate=False)],
    "modules": lambda m: [type(c).__name__ for c in m.modules()],
    "named_children": lambda m: [n for n, _ in m.named_children()],
    "children": lambda m: [type(c).__name__ for c in m.children()],
    "state_dict": lambda m: [(k, tuple(v.shape), v.requires_grad) for k, v in m.state_dict().items()],
    "state_dict with prefix": lambda m: list(m.state_dict(prefix="net.")),
    "repr": repr,
    "repr of parts": lambda m: [repr(c) for c in m.modules()],
    "dir": lambda m: [n for n in dir(m.blocks[0]) if n in ("linear", "scale", "steps", "cache", "absent")],
    "get_submodule": lambda m: type(m.get_submodule("blocks.1.linear")).__name__,
    "get_parameter": lambda m: tuple(m.get_parameter("blocks.1.scale").shape),
    "training": lambda m: [m.eval().training, m.blocks[1].training, m.train().blocks[0].linear.training],
    "apply": lambda m: (seen := [], m.apply(lambda c: seen.append(type(c).__name__)))[0],
    "slice": lambda m: repr(m.blocks[1:]),
    "length": lambda m: (len(m.blocks), [type(b).__name__ for b in m.blocks]),
}


@pytest.mark.oracle
@pytest.mark.parametrize("name", WALKS)
def test_the_tree_as_in_pytorch(name):
    torch = pytest.importorskip("torch")
    assert WALKS[name](net(kindling)) == WALKS[name](net(torch))


def test_the_tree():
    model = net(kindling)
    names = [n for n, _ in model.named_parameters()]
    assert names == [f"blocks.{i}.{n}" for i in (0, 1) for n in ("scale", "linear.weight", "linear.bias")] + [
        "head.weight"
    ]
    assert [n for n, _ in model.named_buffers()] == [
        "blocks.0.steps",
        "blocks.0.cache",
        "blocks.1.steps",
        "blocks.1.cache",
    ]
    assert [n for n, _ in model.named_children()] == ["blocks", "head", "loss"]
    assert len(list(model.modules())) == 8
    assert "blocks.0.cache" not in model.state_dict() and "tied.weight" in model.state_dict()


def test_assigning_again_moves_between_the_tables():
    m = nn.Module()
    m.x = 1
    m.x = nn.Parameter(kindling.ones(2))
    assert "x" in m._parameters and "x" not in m.__dict__
    m.x = nn.Linear(1, 1)
    assert "x" in m._modules and "x" not in m._parameters
    del m.x
    assert not hasattr(m, "x")
    with pytest.raises(AttributeError, match="'Module' object has no attribute 'x'"):
        m.x  # noqa: B018


def test_repr():
    assert repr(nn.Sequential(nn.Linear(2, 3), nn.ReLU())) == (
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n  (1): ReLU()\n)"
    )
    assert repr(nn.ReLU(inplace=True)) == "ReLU(inplace=True)" and repr(nn.MSELoss()) == "MSELoss()"


# ---- state -----------------------------------------------------------------------------------------------------------


def test_state_dict_shares_memory_and_loads_copies():
    a, b = net(kindling), net(kindling)
    kindling.nn.init.zeros_(b.head.weight)
    state = a.state_dict()
    assert repr(b.load_state_dict(state)) == "<All keys matched successfully>"
    np.testing.assert_array_equal(b.head.weight.numpy(force=True), a.head.weight.numpy(force=True))
    with kindling.no_grad():
        a.head.weight.zero_()
    assert not state["head.weight"].numpy().any() and b.head.weight.numpy(force=True).any()


def test_loading_what_does_not_fit_strictly_or_not():
    model = nn.Linear(2, 2)
    with pytest.raises(RuntimeError, match="Error\\(s\\) in loading state_dict for Linear"):
        model.load_state_dict({"weight": kindling.ones(2, 2), "other": kindling.ones(1)})
    found = model.load_state_dict({"weight": kindling.ones(2, 2), "other": kindling.ones(1)}, strict=False)
    assert found.missing_keys == ["bias"] and found.unexpected_keys == ["other"]


def test_copies():
    model = net(kindling)
    model(kindling.ones(1, 3)).sum().backward()
    twin = copy.deepcopy(model)
    assert twin.tied is twin.head and twin.head is not model.head
    assert repr(twin) == repr(model) and twin.head.weight.grad is None is not model.head.weight.grad
    np.testing.assert_array_equal(twin.head.weight.numpy(force=True), model.head.weight.numpy(force=True))


def test_pickle():
    model = Pickled()
    twin = pickle.loads(pickle.dumps(model))
    assert twin.note == "kept" and isinstance(twin.layer.weight, nn.Parameter) and twin.layer.weight.requires_grad
    np.testing.assert_array_equal(twin.layer.weight.numpy(force=True), model.layer.weight.numpy(force=True))


def test_to_changes_floats_only_and_keeps_the_parameters():
    model = net(kindling)
    model.register_buffer("count", kindling.tensor(3))
    weight = model.head.weight
    assert model.double() is model and model.head.weight is weight
    assert weight.dtype is kindling.float64 and model.count.dtype is kindling.int64
    model(kindling.ones(1, 3, dtype=kindling.float64)).sum().backward()
    assert weight.grad.dtype is kindling.float64
    assert model.to(kindling.float32).head.weight.grad.dtype is kindling.float32
    assert model.to("cpu", kindling.float64).head.weight.dtype is kindling.float64


def test_freezing_and_zero_grad():
    model = nn.Linear(2, 1).requires_grad_(False)
    assert not model(kindling.ones(1, 2)).requires_grad
    model.requires_grad_()
    model(kindling.ones(1, 2)).sum().backward()
    model.zero_grad(set_to_none=False)
    assert model.weight.grad.tolist() == [[0, 0]]
    model.zero_grad()
    assert model.weight.grad is None


# ---- hooks -----------------------------------------------------------------------------------------------------------


def test_forward_hooks():
    layer, seen = nn.Linear(2, 2), []
    first = layer.register_forward_pre_hook(lambda m, args: (args[0] * 0,))
    second = layer.register_forward_hook(lambda m, args, out: seen.append((args[0].sum().item(), m is layer)))
    third = layer.register_forward_hook(lambda m, args, out: out + 100)
    out = layer(kindling.ones(1, 2))
    assert seen == [(0, True)] and out.mean().item() > 90
    for handle in (first, second, third):
        handle.remove()
    assert layer(kindling.ones(1, 2)).mean().item() < 90 and len(seen) == 1


# ---- layers as in PyTorch --------------------------------------------------------------------------------------------


@pytest.mark.oracle
@pytest.mark.parametrize("sizes", [(1, 1), (3, 2), (2, 5), (784, 64)], ids=str)
def test_linear_starts_as_pytorchs(sizes):
    torch = pytest.importorskip("torch")
    found = []
    for lib in (kindling, torch):
        lib.manual_seed(0)
        layer = lib.nn.Linear(*sizes)
        found.append((layer.weight.detach().numpy(), layer.bias.detach().numpy(), lib.rand(1).numpy()))
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.oracle
def test_a_model_computes_and_learns_as_pytorchs():
    torch = pytest.importorskip("torch")
    inputs = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    found = []
    for lib in (kindling, torch):
        model = net(lib)
        optimizer = lib.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            loss = model.loss(model(lib.from_numpy(inputs)), lib.ones(5, 2))
            loss.backward()
            optimizer.step()
        found.append([loss.detach().numpy(), *[p.detach().numpy() for p in model.parameters()]])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, 1e-5, 1e-6)


def test_mse_loss_warns_of_broadcasting():
    with pytest.warns(
        UserWarning, match="Using a target size \\(torch.Size\\(\\[3\\]\\)\\) that is different"
    ) as caught:
        nn.MSELoss()(kindling.ones(3, 1), kindling.ones(3))
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert nn.MSELoss(reduction="sum")(kindling.ones(3), kindling.zeros(3)).item() == 3


@pytest.mark.oracle
def test_mse_loss_warns_in_pytorchs_words():
    torch = pytest.importorskip("torch")
    texts = []
    for lib in (kindling, torch):
        with pytest.warns(UserWarning) as caught:
            lib.nn.functional.mse_loss(lib.ones(3, 1), lib.ones(3))
        texts.append(str(caught[0].message))
    assert texts[0] == texts[1]


# ---- mistakes --------------------------------------------------------------------------------------------------------


def before_init(lib: Any) -> None:
    class Early(lib.nn.Module):
        def __init__(self) -> None:
            self.layer = lib.nn.Linear(1, 1)

    Early()


def forgot_forward(lib: Any) -> None:
    class Silent(lib.nn.Module):
        pass

    Silent()(1)


def wrong_size(lib: Any) -> None:
    lib.nn.Sequential(lib.nn.Linear(2, 3)).load_state_dict({"0.weight": lib.ones(1, 2), "extra": lib.ones(1)})


def assigned(name: str, value: Callable) -> Callable:
    return lambda lib: setattr(net(lib).blocks[0], name, value(lib))


MISTAKES = {
    "assigned before init": (before_init, "cannot assign module before Module.__init__() call"),
    "no forward": (forgot_forward, 'Module [Silent] is missing the required "forward" function'),
    "tensor as parameter": (
        assigned("scale", lambda lib: lib.ones(3)),
        "cannot assign 'torch.FloatTensor' as parameter 'scale' (torch.nn.Parameter or None expected)",
    ),
    "number as buffer": (
        assigned("steps", lambda lib: 3),
        "cannot assign 'int' as buffer 'steps' (torch.nn.Buffer, torch.Tensor or None expected)",
    ),
    "number registered as buffer": (
        lambda lib: lib.nn.Module().register_buffer("steps", 3),
        "cannot assign 'int' object to buffer 'steps' (torch Tensor or None required)",
    ),
    "number as module": (
        assigned("linear", lambda lib: 3),
        "cannot assign 'int' as child module 'linear' (torch.nn.Module or None expected)",
    ),
    "no such attribute": (lambda lib: lib.nn.Linear(1, 1).wieght, "'Linear' object has no attribute 'wieght'"),
    "dot in a name": (
        lambda lib: lib.nn.Module().add_module("a.b", None),
        "'module name can\\'t contain \".\", got: a.b'",
    ),
    "empty name": (lambda lib: lib.nn.Module().add_module("", None), "'module name can\\'t be empty string \"\"'"),
    "name in use": (lambda lib: lib.nn.Module().add_module("forward", None), "\"attribute 'forward' already exists\""),
    "no module": (lambda lib: lib.nn.Sequential(3), "int is not a Module subclass"),
    "not a parameter": (
        lambda lib: lib.nn.Module().register_parameter("w", 3),
        "cannot assign 'int' object to parameter 'w' (torch.nn.Parameter or None required)",
    ),
    "index out of range": (lambda lib: lib.nn.Sequential(lib.nn.ReLU())[3], "index 3 is out of range"),
    "integers for a module": (
        lambda lib: lib.nn.Linear(1, 1).to(lib.int64),
        "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64",
    ),
    "train(3)": (lambda lib: lib.nn.Linear(1, 1).train(3), "training mode is expected to be boolean"),
    "state of another size": (wrong_size, "Error(s) in loading state_dict for Sequential:"),
    "wrong features": (
        lambda lib: lib.nn.Linear(3, 2)(lib.ones(4, 5)),
        "mat1 and mat2 shapes cannot be multiplied (4x5 and 3x2)",
    ),
    "wrong features of a batch": (
        lambda lib: lib.nn.Linear(3, 2)(lib.ones(4, 7, 5)),
        "mat1 and mat2 shapes cannot be multiplied (28x5 and 3x2)",
    ),
    "no such reduction": (
        lambda lib: lib.nn.MSELoss(reduction="all")(lib.ones(1), lib.ones(1)),
        "all is not a valid value for reduction",
    ),
    "sizes of a loss": (
        lambda lib: lib.nn.MSELoss()(lib.ones(2), lib.ones(3)),
        "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0",
    ),
    "no such submodule": (lambda lib: net(lib).get_submodule("blocks.7"), "Sequential has no attribute `7`"),
}


@pytest.mark.oracle
def test_every_line_of_a_state_that_does_not_fit():
    torch = pytest.importorskip("torch")
    texts = []
    for lib in (kindling, torch):
        with pytest.raises(RuntimeError) as caught:
            wrong_size(lib)
        texts.append(str(caught.value))
    assert texts[0].split() == texts[1].split()


def test_sequential_of_named_modules():
    model = nn.Sequential(OrderedDict(first=nn.Linear(2, 3), second=nn.ReLU()))
    assert [n for n, _ in model.named_children()] == ["first", "second"] and isinstance(model.first, nn.Linear)
    model.append(nn.Linear(3, 1))
    assert len(model) == 3 and model(kindling.ones(4, 2)).shape == (4, 1) and isinstance(model[-1], nn.Linear)
