"""Operators of the user's own (`autograd.Function`): each program gives in PyTorch what it gives here."""

import gc
import re
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import kindling


def function(lib: Any, forward: Callable, backward: Callable | None = None, **more: Callable) -> Any:
    """A custom function made of these."""
    body = {"forward": staticmethod(forward), **{name: staticmethod(f) for name, f in more.items()}}
    if backward is not None:
        body["backward"] = staticmethod(backward)
    return type("Mine", (lib.autograd.Function,), body)


def leaf(lib: Any, *values: float) -> Any:
    return lib.tensor(values[0] if len(values) == 1 else values, dtype=lib.float64, requires_grad=True)


def cube(lib: Any) -> Any:
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * x * x

    return function(lib, forward, backward)


def exponential(lib: Any) -> Any:
    """Saves its own output."""

    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y

    return function(lib, forward, backward)


# ---- programs --------------------------------------------------------------------------------------------------------


def classic_form(t):
    x = leaf(t, 1.0, 2.0)
    y = cube(t).apply(x)
    y.sum().backward()
    return y.tolist(), x.grad.tolist(), y.requires_grad, y.is_leaf, y.grad_fn.name()


def setup_context_form(t):
    def setup(ctx, inputs, output):
        x, power = inputs
        ctx.power, ctx.shape = power, output.shape
        ctx.save_for_backward(x)

    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * ctx.power * x ** (ctx.power - 1), None

    x = leaf(t, 1.0, 2.0)
    y = function(t, lambda x, power: x**power, backward, setup_context=setup).apply(x, 4)
    y.sum().backward()
    return y.tolist(), x.grad.tolist()


def needs_input_grad(t):
    seen = []

    def forward(ctx, a, n, b, c):
        seen.append(ctx.needs_input_grad)
        return a * n + b + c

    def backward(ctx, g):
        seen.append(ctx.needs_input_grad)
        return g, None, g, None

    mine, a = function(t, forward, backward), leaf(t, 2.0)
    mine.apply(a, 3, t.ones(()), leaf(t, 1.0)).backward()
    with t.no_grad():
        mine.apply(a, 3, a, a)
    return seen


def several_outputs(t):
    seen = []

    def backward(ctx, *grads):
        seen.append([None if g is None else g.tolist() for g in grads])
        return sum(g for g in grads if g is not None)

    x = leaf(t, 1.0, 2.0)
    a, b, c = function(t, lambda ctx, x: (x * 1, x * 2, x * 3), backward).apply(x)
    (a * 5 + c).sum().backward()
    return seen, x.grad.tolist(), [o.grad_fn is a.grad_fn for o in (a, b, c)]


def grads_not_materialized(t):
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(False)
        return x * 1, x * 2

    def backward(ctx, *grads):
        seen.append([None if g is None else g.tolist() for g in grads])
        return None if grads[1] is None else grads[1] * 2

    x = leaf(t, 1.0, 2.0)
    a, b = function(t, forward, backward).apply(x)
    a.sum().backward(retain_graph=True)
    first = x.grad
    b.sum().backward()
    return seen, first, x.grad.tolist()


def marked_dirty(t):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(3)

    x = leaf(t, 1.0, 2.0)
    y = x * 1
    z = function(t, forward, lambda ctx, g: g * 3).apply(y)
    (z * y).sum().backward()
    return z is y, y.tolist(), y._version, y.grad_fn is z.grad_fn, y.grad_fn.name(), x.grad.tolist()


def dirty_view(t):
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(3)

    x = leaf(t, 1.0, 2.0)
    y = x * 1
    function(t, forward, lambda ctx, g: g * 3).apply(y[:1])
    y.sum().backward()
    return y.tolist(), x.grad.tolist()


def non_differentiable(t):
    def forward(ctx, x):
        order = x.argsort() if hasattr(x, "argsort") else x.argmax()
        mask = (x > 1).to(x.dtype)
        ctx.mark_non_differentiable(order, mask)
        return x * 2, order, mask

    x = leaf(t, 1.0, 2.0)
    y, order, mask = function(t, forward, lambda ctx, g, *_: g * 2).apply(x)
    (y * mask).sum().backward()
    return [o.requires_grad for o in (y, order, mask)], x.grad.tolist()


def integer_outputs(t):
    y, i = function(t, lambda ctx, x: (x * 1, x.argmax()), lambda ctx, g, _: g).apply(leaf(t, 1.0, 2.0))
    return y.requires_grad, i.requires_grad


def returned_input(t):
    x = leaf(t, 1.0, 2.0)
    y = function(t, lambda ctx, x: x, lambda ctx, g: g * 7).apply(x)
    y.sum().backward()
    return y is x, y.data_ptr() == x.data_ptr(), x.is_leaf, x.grad.tolist()


def view_of_the_input(t):
    x = leaf(t, 1.0, 2.0)
    y = function(t, lambda ctx, x: x.view(2, 1), lambda ctx, g: g.view(2) * 7).apply(x)
    y.sum().backward()
    return tuple(y.shape), x.grad.tolist()


def double_backward_of_input(t):
    x = leaf(t, 2.0)
    (g,) = t.autograd.grad(cube(t).apply(x), x, create_graph=True)
    (h,) = t.autograd.grad(g, x, create_graph=True)
    (third,) = t.autograd.grad(h, x)
    return g.item(), h.item(), third.item()


def double_backward_of_output(t):
    x = leaf(t, 0.0)
    (g,) = t.autograd.grad(exponential(t).apply(x), x, create_graph=True)
    (h,) = t.autograd.grad(g, x, create_graph=True)
    return g.item(), h.item(), t.autograd.grad(h, x)[0].item()


def gradcheck(t):
    x = leaf(t, 0.3, -1.2)
    return [t.autograd.gradcheck(f.apply, (x,)) and t.autograd.gradgradcheck(f.apply, (x,)) for f in
            (cube(t), exponential(t))]  # fmt: skip


def grad_mode_inside(t):
    seen = []

    def forward(ctx, x):
        y = x * 2
        seen.append((t.is_grad_enabled(), y.requires_grad))
        return y

    def backward(ctx, g):
        seen.append((t.is_grad_enabled(), g.requires_grad))
        return g * 2

    x = leaf(t, 1.0)
    y = function(t, forward, backward).apply(x)
    t.autograd.grad(y, x, retain_graph=True)
    t.autograd.grad(y, x, create_graph=True)
    return seen


def once_differentiable(t):
    decorated = t.autograd.function.once_differentiable(lambda ctx, g: g * 2)
    x = leaf(t, 1.0)
    y = function(t, lambda ctx, x: x * 2, decorated).apply(x)
    return t.autograd.grad(y, x)[0].item(), y.item()


def no_history_without_need(t):
    x = t.ones(2)
    y = cube(t).apply(x)
    with t.no_grad():
        z = cube(t).apply(leaf(t, 1.0))
    return y.requires_grad, y.grad_fn, z.requires_grad


def saved_none_and_constants(t):
    def forward(ctx, x, w):
        ctx.save_for_backward(x, None, w)
        return x * w

    def backward(ctx, g):
        x, nothing, w = ctx.saved_tensors
        assert nothing is None and x.requires_grad and not w.requires_grad
        return g * w, None

    x = leaf(t, 3.0)
    function(t, forward, backward).apply(x, t.tensor(2.0)).backward()
    return x.grad.item()


def extra_none_gradients(t):
    x = leaf(t, 3.0)
    function(t, lambda ctx, x: x * 2, lambda ctx, g: (g * 2, None, None)).apply(x)
    y = function(t, lambda ctx, x: x * 2, lambda ctx, g: (g * 2, None, None)).apply(x)
    y.backward()
    return x.grad.item()


def gradient_of_lower_rank(t):
    """A gradient in the output's broadcast shape is summed to the input's."""
    x, w = leaf(t, 1.0, 2.0), leaf(t, 3.0)
    y = function(t, lambda ctx, x, w: x + w, lambda ctx, g: (g, g)).apply(x, w)
    y.sum().backward()
    return x.grad.tolist(), w.grad.tolist()


def next_functions(t):
    x = leaf(t, 1.0)
    node = (
        function(t, lambda ctx, x, n, y: x * n + y, lambda ctx, g: (g, None, None)).apply(x * 2, 3, t.ones(())).grad_fn
    )
    return [(None if f is None else f.name(), i) for f, i in node.next_functions]


def node_hooks(t):
    seen = []
    x = leaf(t, 1.0)
    y = cube(t).apply(x)
    y.register_hook(lambda g: g * 2)
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append((inputs[0].item(), outputs[0].item())))
    y.backward()
    return seen, x.grad.item()


def attributes_survive(t):
    def forward(ctx, x, n):
        ctx.n, ctx.words = n, ["a"]
        return x * n

    x = leaf(t, 1.0)
    y = function(t, forward, lambda ctx, g: (g * ctx.n, None)).apply(x, 5)
    y.backward()
    return y.grad_fn.n, y.grad_fn.words, x.grad.item()


def inherited(t):
    class Twice(cube(t)):
        @staticmethod
        def backward(ctx, g):
            return 2 * super(Twice, Twice).backward(ctx, g)

    x = leaf(t, 1.0)
    Twice.apply(x).backward()
    return x.grad.item()


def list_is_one_argument(t):
    """Tensors in a list are no inputs: nothing flows to them."""
    x, y = leaf(t, 1.0), leaf(t, 2.0)
    z = function(t, lambda ctx, x, more: x + more[0].item(), lambda ctx, g: (g, None)).apply(x, [y])
    z.backward()
    return z.item(), x.grad.item(), y.grad


def keywords(t):
    """Tensors given by name are inputs, in the order of forward."""
    x, w = leaf(t, 2.0), leaf(t, 3.0)
    mine = function(t, lambda ctx, x, w=None: x * w, lambda ctx, g: (g * 10, g * 20))
    mine.apply(w=w, x=x).backward()
    seen = []
    setup = lambda ctx, inputs, output: seen.append(inputs[1:])
    function(t, lambda x, n=4: x * n, lambda ctx, g: (g, None), setup_context=setup).apply(x=x).backward()
    return x.grad.item(), w.grad.item(), seen


def vjp_spelling(t):
    x = leaf(t, 1.0)
    y = function(t, lambda ctx, x: x * 2, vjp=lambda ctx, g: g * 2).apply(x)
    y.backward()
    return x.grad.item()


def metadata(t):
    x = leaf(t, 1.0)
    y = cube(t).apply(x)
    return y.grad_fn.name(), [s.item() for s in y.grad_fn.saved_tensors], repr(y).split("grad_fn=")[1]


PROGRAMS = {
    classic_form: ([1, 8], [3, 12], True, False, "MineBackward"),
    setup_context_form: ([1, 16], [4, 32]),
    needs_input_grad: [(True, False, False, True), (True, False, False, True), (True, False, True, True)],
    several_outputs: ([[[5, 5], [0, 0], [1, 1]]], [6, 6], [True, True, True]),
    grads_not_materialized: ([[[1, 1], None], [None, [1, 1]]], None, [2, 2]),
    marked_dirty: (True, [3, 6], 2, True, "MineBackward", [18, 36]),
    dirty_view: ([3, 2], [3, 1]),
    non_differentiable: ([True, False, False], [0, 2]),
    integer_outputs: (True, False),
    returned_input: (False, True, True, [7, 7]),
    view_of_the_input: ((2, 1), [7, 7]),
    double_backward_of_input: (12, 12, 6),
    double_backward_of_output: (1, 1, 1),
    gradcheck: [True, True],
    grad_mode_inside: [(False, False), (False, False), (True, False)],
    once_differentiable: (2, 2),
    no_history_without_need: (False, None, False),
    saved_none_and_constants: 2,
    extra_none_gradients: 2,
    gradient_of_lower_rank: ([1, 1], 2),
    next_functions: [("MulBackward0", 0), (None, 0)],
    node_hooks: ([(6, 2)], 6),
    attributes_survive: (5, ["a"], 5),
    inherited: 6,
    list_is_one_argument: (3, 1, None),
    keywords: (11, 20, [(4,)]),
    vjp_spelling: 2,
    metadata: ("MineBackward", [1], "<MineBackward>)"),
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program(program):
    assert program(kindling) == PROGRAMS[program]


@pytest.mark.oracle
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program_as_in_pytorch(program):
    assert program(pytest.importorskip("torch")) == PROGRAMS[program]


# ---- what is saved ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [cube, exponential])
def test_a_saved_output_makes_no_cycle(make):
    gc.collect()
    gc.disable()
    try:
        y = make(kindling).apply(leaf(kindling, 1.0, 2.0))
        node, tensor = weakref.ref(y.grad_fn), weakref.ref(y)
        del y
        assert node() is None and tensor() is None
    finally:
        gc.enable()


def test_saved_tensors_go_after_backward():
    y = cube(kindling).apply(leaf(kindling, 2.0))
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        _ = y.grad_fn.saved_tensors


def test_the_saved_input_is_the_input():
    x = leaf(kindling, 2.0)
    assert cube(kindling).apply(x).grad_fn.saved_tensors[0] is x


def test_a_saved_output_leads_back_to_its_node():
    y = exponential(kindling).apply(leaf(kindling, 2.0))
    (saved,) = y.grad_fn.saved_tensors
    assert saved.grad_fn is y.grad_fn and saved.data_ptr() == y.data_ptr()


def test_the_stale_error_names_the_line():
    x = leaf(kindling, 1.0) * 1
    y = cube(kindling).apply(x)
    x.add_(1)
    with pytest.raises(RuntimeError, match=r"instead\.\nMine had saved .*test_function\.py, line \d+: x\.add_"):
        y.backward()


def test_the_tape_sees_custom_functions():
    from kindling import tape

    with tape.record() as record:
        cube(kindling).apply(leaf(kindling, 2.0)).backward()
    nodes = record.to_json()["nodes"]
    assert "Mine" in [node["op"] for node in nodes] and [n for n in nodes if n["kind"] == "leaf"]


# ---- mistakes: PyTorch's first sentence ------------------------------------------------------------------------------


def stale(t: Any, make: Callable, change: Callable) -> None:
    x = leaf(t, 1.0, 2.0) * 1
    y = make(t).apply(x)
    change(x, y)
    y.sum().backward()


def applied(backward: Callable | None, forward: Callable = lambda ctx, x: x * 2, **more: Callable) -> Callable:
    """Run and differentiate a function."""
    return lambda t: function(t, forward, backward, **more).apply(leaf(t, 1.0, 2.0)).sum().backward()


def twice_differentiated(t: Any) -> None:
    decorated = t.autograd.function.once_differentiable(lambda ctx, g: g * 2)
    x = leaf(t, 1.0)
    (g,) = t.autograd.grad(function(t, lambda ctx, x: x * 2, decorated).apply(x * x) ** 2, x, create_graph=True)
    (g * 1).backward()


def dirty_leaf(t: Any) -> None:
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)

    function(t, forward, lambda ctx, g: g).apply(leaf(t, 1.0))


def saved_number(ctx, x):
    ctx.save_for_backward(x, 3)
    return x * 1


MISTAKES = {
    "no forward": (
        lambda t: type("Mine", (t.autograd.Function,), {}).apply(leaf(t, 1.0)),
        "You must implement the forward function for custom autograd.Function.",
    ),
    "no backward": (
        applied(None),
        "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
        "backward mode AD.",
    ),
    "too few gradients": (
        lambda t: function(t, lambda ctx, x, n: x * n, lambda ctx, g: g).apply(leaf(t, 1.0), 2).backward(),
        "function MineBackward returned an incorrect number of gradients (expected 2, got 1)",
    ),
    "too many gradients": (
        applied(lambda ctx, g: (g, g)),
        "function MineBackward returned an incorrect number of gradients (expected 1, got 2)",
    ),
    "a gradient of another shape": (
        applied(lambda ctx, g: g.sum().expand(3)),
        "Function MineBackward returned an invalid gradient at index 0 - got [3] but expected shape compatible with "
        "[2]",
    ),
    "a gradient that is no tensor": (
        applied(lambda ctx, g: 3.0),
        "expected Variable or None (got float)",
    ),
    "saved a number": (
        applied(lambda ctx, g: g, saved_number),
        "save_for_backward can only save variables, but argument 1 is of type int",
    ),
    "saved input written": (
        lambda t: stale(t, cube, lambda x, y: x.add_(1)),
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.DoubleTensor [2]], which is output 0 of Add, is at version 1; expected version 0 instead.",
    ),
    "saved output written": (
        lambda t: stale(t, exponential, lambda x, y: y.add_(1)),
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.DoubleTensor [2]], which is output 0 of Mine, is at version 1; expected version 0 instead.",
    ),
    "freed": (
        lambda t: [cube_output.backward() for cube_output in [cube(t).apply(leaf(t, 2.0))] * 2],
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
        "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
        "saved tensors after calling backward.",
    ),
    "twice": (
        twice_differentiated,
        "trying to differentiate twice a function that was marked with @once_differentiable",
    ),
    "leaf written": (dirty_leaf, "a leaf Variable that requires grad has been used in an in-place operation."),
    "a gradient for a number": (
        lambda t: function(t, lambda ctx, x, n: x * n, lambda ctx, g: (g, g)).apply(leaf(t, 1.0), 2).backward(),
        "function MineBackward returned a gradient different than None at position 2, but the corresponding forward "
        "input was not a Variable",
    ),
}


@pytest.mark.parametrize("lib", ["kindling", pytest.param("torch", marks=pytest.mark.oracle)])
def test_an_instance_is_warned_of(lib):
    with pytest.warns(DeprecationWarning, match="should not be instantiated. Methods on autograd functions are all st"):
        cube(pytest.importorskip(lib))()


def test_an_error_in_backward_is_the_users_own():
    def backward(ctx, g):
        raise KeyError("mine")

    with pytest.raises(KeyError, match=re.escape("mine")):
        applied(backward)(kindling)
