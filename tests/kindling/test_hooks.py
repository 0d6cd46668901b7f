"""Hooks, saved-tensor hooks, anomaly mode and checkpoint: each program gives in PyTorch what it gives here."""

import gc
import importlib
import threading
import warnings
import weakref
from typing import Any

import pytest

import kindling


def leaf(lib: Any, *values: float) -> Any:
    return lib.tensor(values[0] if len(values) == 1 else values, dtype=lib.float64, requires_grad=True)


def graph_of(lib: Any) -> Any:
    return importlib.import_module(f"{lib.__name__}.autograd.graph")


def checkpoint_of(lib: Any) -> Any:
    return importlib.import_module(f"{lib.__name__}.utils.checkpoint").checkpoint


# ---- hooks on tensors and nodes --------------------------------------------------------------------------------------


def tensor_hooks_run_in_order(t):
    seen = []
    x = leaf(t, 2.0)
    y = x * 3
    y.register_hook(lambda g: g * 10)
    y.register_hook(lambda g: seen.append(g.item()))
    y.backward()
    return seen, x.grad.item()


def tensor_hook_before_retain_grad(t):
    x = leaf(t, 2.0)
    y = x * 3
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.backward()
    return y.grad.item(), x.grad.item()


def prehook_after_tensor_hook(t):
    seen = []
    x = leaf(t, 2.0)
    y = x * 3
    y.grad_fn.register_prehook(lambda gs: seen.append(gs[0].item()))
    y.register_hook(lambda g: g * 10)
    y.backward()
    return seen


def hook_removed_while_running(t):
    seen = []
    x = leaf(t, 2.0)
    y = x * 3
    handle = y.register_hook(lambda g: seen.append(g.item()) or handle.remove())
    (y * 1).backward(retain_graph=True)
    (y * 1).backward()
    return seen


def handle_as_context(t):
    x = leaf(t, 2.0)
    with x.register_hook(lambda g: g * 10):
        (x * 3).backward()
    (x * 3).backward()
    return x.grad.item()


def hook_under_create_graph(t):
    x = leaf(t, 2.0)
    y = x * x
    y.register_hook(lambda g: g * x)
    (g,) = t.autograd.grad(y, x, create_graph=True)
    return g.item(), t.autograd.grad(g, x)[0].item()


def hook_sees_grad_for_grad_function(t):
    seen = []
    x = leaf(t, 2.0)
    y = x * 3
    y.register_hook(lambda g: seen.append(g.item()))
    z = y * y
    t.autograd.grad(z, y, retain_graph=True)
    t.autograd.grad(z, x)
    return seen


def hook_is_for_the_tensor_before_the_write(t):
    seen = []
    x = leaf(t, 2.0)
    y = x * 3
    y.register_hook(lambda g: seen.append(("before", g.item())))
    y.mul_(5)
    y.register_hook(lambda g: seen.append(("after", g.item())))
    y.backward()
    return seen


def post_hook_replaces(t):
    x, w = leaf(t, 2.0), leaf(t, 5.0)
    y = x * w
    y.grad_fn.register_hook(lambda inputs, outputs: (inputs[0] * 2, inputs[1] * 3))
    y.backward()
    return x.grad.item(), w.grad.item()


def leaf_hooks_and_accumulation(t):
    seen = []
    x = leaf(t, 2.0)
    x.register_hook(lambda g: seen.append(("hook", g.item(), x.grad)))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(("after", p is x, p.grad.item())))
    (x * 3).backward()
    return seen


def optimizer_in_backward(t):
    """A step as soon as a gradient is there, then the gradient goes."""
    x = leaf(t, 2.0)
    optimizer = t.optim.SGD([x], lr=0.5)

    def step(p):
        optimizer.step()
        optimizer.zero_grad()

    x.register_post_accumulate_grad_hook(step)
    (x * 3).backward()
    return x.item(), x.grad


def retained_gradient_of_several_paths(t):
    x = leaf(t, 2.0)
    y = x * 3
    y.retain_grad()
    (y * 2 + y * 3).backward()
    return y.grad.item(), y.retains_grad, x.retains_grad


def second_retain_is_one(t):
    y = leaf(t, 2.0) * 3
    y.retain_grad()
    y.retain_grad()
    y.backward()
    return y.grad.item()


# ---- saved tensors ---------------------------------------------------------------------------------------------------


def packed_and_unpacked(t):
    events = []

    def pack(x):
        events.append(("pack", x.tolist()))
        return x.tolist()

    def unpack(values):
        events.append(("unpack", values))
        return t.tensor(values, dtype=t.float64)

    x = leaf(t, 1.0, 2.0)
    with graph_of(t).saved_tensors_hooks(pack, unpack):
        y = x.exp()
    packed = len(events)
    y.sum().backward()
    return packed, [e[0] for e in events], x.grad.tolist() == y.tolist()


def hooks_may_change_what_is_saved(t):
    x = leaf(t, 3.0)
    with graph_of(t).saved_tensors_hooks(lambda s: s, lambda s: s * 10):
        y = x.pow(2)
    y.backward()
    return x.grad.item()


def innermost_hooks_win(t):
    seen = []
    hooks, x = graph_of(t).saved_tensors_hooks, leaf(t, 3.0)
    with hooks(lambda s: seen.append("outer") or s, lambda s: s):
        with hooks(lambda s: seen.append("inner") or s, lambda s: s):
            x.exp()
        x.exp()
    x.exp()
    return seen


def hooks_are_this_threads_own(t):
    seen, x = [], leaf(t, 3.0)
    with graph_of(t).saved_tensors_hooks(lambda s: seen.append("packed") or s, lambda s: s):
        thread = threading.Thread(target=lambda: x.exp())
        thread.start()
        thread.join()
        before = len(seen)
        x.exp()
    return before, seen


def packed_second_derivative(t):
    x = leaf(t, 3.0)
    with graph_of(t).saved_tensors_hooks(lambda s: s, lambda s: s):
        y = x**3
    (g,) = t.autograd.grad(y, x, create_graph=True)
    return g.item(), t.autograd.grad(g, x)[0].item()


def packed_custom_function(t):
    class Square(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2 * ctx.saved_tensors[0] * g

    events, x = [], leaf(t, 3.0)
    with graph_of(t).saved_tensors_hooks(
        lambda s: events.append("pack") or [s], lambda s: events.append("unpack") or s[0]
    ):
        y = Square.apply(x)
    y.backward()
    return events, x.grad.item()


def saved_on_cpu(t):
    x = leaf(t, 3.0)
    with graph_of(t).save_on_cpu():
        y = x * x
    y.backward()
    return x.grad.item()


# ---- checkpoint ------------------------------------------------------------------------------------------------------


def checkpointed(t):
    calls = []

    def part(x, factor=1.0):
        calls.append(t.is_grad_enabled())
        return (x * x).sin() * factor

    x = leaf(t, 1.0, 2.0)
    y = checkpoint_of(t)(part, x, use_reentrant=False, factor=2.0)
    before = len(calls)
    y.sum().backward()
    expected = (2 * x * (x * x).cos() * 2).tolist()
    return before, calls, [round(g, 12) for g in x.grad.tolist()] == [round(e, 12) for e in expected]


def checkpoint_repeats_random_numbers(t):
    t.manual_seed(0)
    masks = []

    def part(x):
        masks.append(t.rand(4, dtype=t.float64))
        return x.exp() * masks[-1]

    x = leaf(t, 1.0, 2.0, 3.0, 4.0)
    y = checkpoint_of(t)(part, x, use_reentrant=False)
    middle = t.rand(3).tolist()
    y.sum().backward()
    after = t.rand(3).tolist()
    t.manual_seed(0)
    t.rand(4, dtype=t.float64)
    return masks[0].tolist() == masks[1].tolist(), middle == t.rand(3).tolist(), after == t.rand(3).tolist()


def checkpoint_with_new_random_numbers(t):
    t.manual_seed(0)
    masks = []

    def part(x):
        masks.append(t.rand(4, dtype=t.float64).tolist())
        return x.exp()

    x = leaf(t, 1.0)
    checkpoint_of(t)(part, x, use_reentrant=False, preserve_rng_state=False).backward()
    return masks[0] == masks[1]


def checkpoint_nested(t):
    calls = []

    def inner(x):
        calls.append("inner")
        return x.sin().exp()

    def outer(x):
        calls.append("outer")
        return checkpoint_of(t)(inner, x * 2, use_reentrant=False).cos()

    x = leaf(t, 0.3)
    y = checkpoint_of(t)(outer, x, use_reentrant=False)
    y.backward()
    plain = leaf(t, 0.3)
    (plain * 2).sin().exp().cos().backward()
    return abs(x.grad.item() - plain.grad.item()) < 1e-12, calls[:3], calls.count("outer")


def checkpoint_of_a_module(t):
    t.manual_seed(1)
    model = t.nn.Sequential(t.nn.Linear(3, 4), t.nn.Tanh(), t.nn.Linear(4, 1))
    x = t.ones(2, 3)
    grads = []
    for run in (model, lambda x: checkpoint_of(t)(model, x, use_reentrant=False)):
        model.zero_grad()
        run(x).sum().backward()
        grads.append([p.grad.tolist() for p in model.parameters()])
    return grads[0] == grads[1]


def checkpoint_twice_backward(t):
    x = leaf(t, 2.0)
    y = checkpoint_of(t)(lambda x: x.exp() * x, x, use_reentrant=False)
    y.backward(retain_graph=True)
    first = x.grad.item()
    y.backward()
    return x.grad.item() == 2 * first


def checkpoint_without_grad(t):
    with t.no_grad():
        return checkpoint_of(t)(lambda x: x * 2, leaf(t, 2.0), use_reentrant=False).item()


def checkpoint_of_several(t):
    x, w = leaf(t, 2.0), leaf(t, 3.0)
    a, b = checkpoint_of(t)(lambda x, w: (x * w, (x + w).exp()), x, w, use_reentrant=False)
    (a * 2 + b * 0).backward()
    return x.grad.item(), w.grad.item()


def sequential_in_segments(t):
    t.manual_seed(1)
    layers = [t.nn.Linear(3, 3) for _ in range(5)]
    run = importlib.import_module(f"{t.__name__}.utils.checkpoint").checkpoint_sequential
    x, plain = t.ones(2, 3, requires_grad=True), t.ones(2, 3, requires_grad=True)
    run(layers, 2, x, use_reentrant=False).sum().backward()
    t.nn.Sequential(*layers)(plain).sum().backward()
    return x.grad.tolist() == plain.grad.tolist()


PROGRAMS = {
    tensor_hooks_run_in_order: ([10], 30),
    tensor_hook_before_retain_grad: (10, 30),
    prehook_after_tensor_hook: [10],
    hook_removed_while_running: [1],
    handle_as_context: 33,
    hook_under_create_graph: (8, 8),
    hook_sees_grad_for_grad_function: [12, 12],
    hook_is_for_the_tensor_before_the_write: [("after", 1), ("before", 5)],
    post_hook_replaces: (10, 6),
    leaf_hooks_and_accumulation: [("hook", 3, None), ("after", True, 3)],
    optimizer_in_backward: (0.5, None),
    retained_gradient_of_several_paths: (5, True, False),
    second_retain_is_one: 1,
    packed_and_unpacked: (1, ["pack", "unpack"], True),
    hooks_may_change_what_is_saved: 60,
    innermost_hooks_win: ["inner", "outer"],
    hooks_are_this_threads_own: (0, ["packed"]),
    packed_second_derivative: (27, 18),
    packed_custom_function: (["pack", "unpack"], 6),
    saved_on_cpu: 6,
    checkpointed: (1, [True, True], True),
    checkpoint_repeats_random_numbers: (True, True, True),
    checkpoint_with_new_random_numbers: False,
    checkpoint_nested: (True, ["outer", "inner", "outer"], 2),
    checkpoint_of_a_module: True,
    checkpoint_twice_backward: True,
    checkpoint_without_grad: 4,
    checkpoint_of_several: (6, 4),
    sequential_in_segments: True,
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program(program):
    assert program(kindling) == PROGRAMS[program]


@pytest.mark.oracle
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program_as_in_pytorch(program):
    assert program(pytest.importorskip("torch")) == PROGRAMS[program]


# ---- memory ----------------------------------------------------------------------------------------------------------


def test_a_checkpoint_keeps_nothing_of_its_middle():
    middle = []

    def part(x):
        y = x.exp()
        middle.append(weakref.ref(y))
        return y.sin().cos()

    gc.collect()
    gc.disable()
    try:
        x = leaf(kindling, 1.0, 2.0)
        out = checkpoint_of(kindling)(part, x, use_reentrant=False)
        assert middle[0]() is None
        out.sum().backward()
        del out
        assert [ref() for ref in middle] == [None, None]
    finally:
        gc.enable()


def test_a_checkpoint_holds_fewer_numbers():
    """Between forward and backward, the arrays alive are the input and the output alone."""
    kept = []
    with graph_of(kindling).saved_tensors_hooks(lambda t: kept.append(t.shape) or t, lambda t: t):
        checkpoint_of(kindling)(lambda x: x.exp().exp().exp(), leaf(kindling, 0.1), use_reentrant=False)
    assert kept == []


# ---- anomaly mode ----------------------------------------------------------------------------------------------------


def nan_in_backward(t: Any) -> None:
    x = leaf(t, 0.0, 1.0)
    with t.autograd.detect_anomaly():
        y = x.sqrt() * 0  # the line to be named
        y.sum().backward()


def failing_backward(t: Any) -> None:
    class Bad(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise RuntimeError("my own")

    with t.autograd.set_detect_anomaly(True):
        Bad.apply(leaf(t, 1.0)).backward()  # here Bad was called


@pytest.mark.parametrize("lib", ["kindling", pytest.param("torch", marks=pytest.mark.oracle)])
def test_anomaly_names_the_forward_line(lib):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError, match="Function 'SqrtBackward0' returned nan values in its 0th output"):
            nan_in_backward(pytest.importorskip(lib))
    text = "".join(str(w.message) for w in seen)
    assert "Error detected in SqrtBackward0. Traceback of forward call that caused the error:" in text
    assert "y = x.sqrt() * 0  # the line to be named" in text


@pytest.mark.parametrize("lib", ["kindling", pytest.param("torch", marks=pytest.mark.oracle)])
def test_anomaly_names_the_line_of_a_rule_that_raises(lib):
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(RuntimeError, match="my own"):
            failing_backward(pytest.importorskip(lib))
    assert "Error detected in BadBackward" in (text := "".join(str(w.message) for w in seen))
    assert "here Bad was called" in text


def test_anomaly_of_a_rule_that_raises_names_its_line():
    x = leaf(kindling, 1.0, 2.0) * 1
    with pytest.warns(UserWarning, match=r"Error detected in MulBackward0[^$]*y = x \* x"), pytest.raises(RuntimeError):
        kindling.autograd.set_detect_anomaly(True)
        y = x * x
        x.add_(1)
        try:
            y.sum().backward()
        finally:
            kindling.autograd.set_detect_anomaly(False)


def anomaly_switches(t):
    seen = [t.is_anomaly_enabled()]
    with t.autograd.set_detect_anomaly(True):
        seen.append(t.is_anomaly_enabled())
        with t.autograd.set_detect_anomaly(False):
            seen.append(t.is_anomaly_enabled())
        seen.append(t.is_anomaly_enabled())
        with t.autograd.set_detect_anomaly(True, check_nan=False):
            x = leaf(t, 0.0)
            (x.sqrt() * 0).backward()
            seen.append(t.is_anomaly_check_nan_enabled())
    return [*seen, t.is_anomaly_enabled(), x.grad.item() != x.grad.item()]


@pytest.mark.parametrize("lib", ["kindling", pytest.param("torch", marks=pytest.mark.oracle)])
def test_anomaly_switches(lib):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seen = anomaly_switches(pytest.importorskip(lib))
    assert seen == [False, True, False, True, False, False, True]


# ---- mistakes: PyTorch's first sentence ------------------------------------------------------------------------------


def unpacked_to(t: Any, value: Any) -> None:
    x = leaf(t, 1.0)
    with graph_of(t).saved_tensors_hooks(lambda s: s, lambda s: value):
        y = x.exp()
    y.backward()


def written_in_pack(t: Any) -> None:
    with graph_of(t).saved_tensors_hooks(lambda s: s.add_(1), lambda s: s):
        (leaf(t, 1.0) * 1).exp()


def other_number_of_tensors(t: Any) -> None:
    calls = []

    def part(x):
        calls.append(1)
        return x.exp().exp() if len(calls) == 1 else x * 1

    checkpoint_of(t)(part, leaf(t, 1.0), use_reentrant=False).backward()


def other_shapes(t: Any) -> None:
    calls = []

    def part(x):
        calls.append(1)
        return x.exp() if len(calls) == 1 else x[:1].exp()

    checkpoint_of(t)(part, leaf(t, 1.0, 2.0), use_reentrant=False).sum().backward()


def hook_returns(t: Any, value: Any) -> None:
    x = leaf(t, 1.0, 2.0)
    y = x * 2
    y.register_hook(lambda g: value)
    y.sum().backward()


MISTAKES = {
    "hook on a constant": (
        lambda t: t.ones(2).register_hook(print),
        "cannot register a hook on a tensor that doesn't require gradient",
    ),
    "hook returns a number": (
        lambda t: hook_returns(t, 3.0),
        "expected Variable, but hook returned 'float'",
    ),
    "hook returns another shape": (
        lambda t: hook_returns(t, t.ones(3, dtype=t.float64)),
        "hook '<lambda>' has changed the size of value",
    ),
    "hook returns another type": (
        lambda t: hook_returns(t, t.ones(2, dtype=t.float32)),
        "hook '<lambda>' has changed the type of value (was torch.DoubleTensor got torch.FloatTensor)",
    ),
    "hook after accumulation of no leaf": (
        lambda t: (leaf(t, 1.0) * 2).register_post_accumulate_grad_hook(print),
        "post accumulate grad hooks cannot be registered on non-leaf tensors",
    ),
    "unpacked to a number": (
        lambda t: unpacked_to(t, 3.0),
        "Output of saved tensor unpack_hook expected to be a Tensor but got result of type float",
    ),
    "pack hook writes": (
        written_in_pack,
        "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook cannot be "
        "modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need "
        "to perform in-place operations on the input to a pack hook.",
    ),
    "recomputed otherwise": (
        other_number_of_tensors,
        "torch.utils.checkpoint: A different number of tensors was saved during the original forward and "
        "recomputation.",
    ),
    "recomputed in other shapes": (
        other_shapes,
        "torch.utils.checkpoint: Recomputed values for the following tensors have different metadata than during the "
        "forward pass.",
    ),
    "keyword for nothing": (
        lambda t: checkpoint_of(t)(lambda x: x, leaf(t, 1.0), use_reentrant=True, nonsense=1),
        "Unexpected keyword arguments: nonsense",
    ),
}
