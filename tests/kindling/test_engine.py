"""The engine: depth, memory, derivatives of derivatives, hooks, modes, threads."""

import contextlib
import copy
import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kindling as torch
from kindling.engine import Node

GRAD = torch.autograd.grad


def leaf(*values: float) -> Any:
    data = values[0] if len(values) == 1 else list(values)
    return torch.tensor(data, dtype=torch.float64, requires_grad=True)


# ---- depth -----------------------------------------------------------------------------------------------------------


def test_a_deep_chain():
    x = leaf(1.0)
    y = x
    for _ in range(20_000):
        y = y + 1
    y.backward()
    assert x.grad.item() == 1
    del y  # 20,000 nodes hang on each other: letting go of them must not overflow the stack either


@pytest.mark.parametrize("step", [lambda y: y * y, lambda y: torch.tanh(y), lambda y: y[None][0], lambda y: y.add_(1)])
def test_a_deep_chain_of_nodes_that_save_is_freed(step: Callable):
    y = leaf(0.5) * 1
    for _ in range(20_000 if step(y)._base is None else 2_000):  # each view carries all steps from its base
        y = step(y)
    del y


def test_a_deep_chain_recorded_by_backward_is_freed():
    x = leaf(0.5)
    y = x
    for _ in range(5_000):
        y = torch.sin(y)
    (g,) = GRAD(y, x, create_graph=True)
    del y, g


def test_a_tower_of_diamonds():
    """2**60 paths; each node must still be visited once."""
    x = leaf(1.0)
    y = x
    for _ in range(60):
        y = 0.5 * y + 0.5 * y
    y.backward()
    assert x.grad.item() == 1


# ---- memory ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def graph() -> tuple[Any, weakref.ref]:
    """A small graph with every kind of saving in it, and a reference to its oldest node."""
    x = leaf(0.5, 2.0)
    first = x * 2
    y = torch.exp(first) * torch.tanh(first) + first.max(0).values
    y = torch.cat([y, y[:1].clone().mul_(2)])
    y.add_(1)
    y[0] = 3
    return y.sum(), weakref.ref(first.grad_fn)


@pytest.mark.usefixtures("no_collector")
class TestFreedByReferenceCounts:
    def test_never_used(self):
        y, node = graph()
        del y
        assert node() is None

    def test_after_backward(self):
        y, node = graph()
        y.backward()
        del y
        assert node() is None

    def test_after_backward_with_a_retained_graph(self):
        y, node = graph()
        y.backward(retain_graph=True)
        del y
        assert node() is None

    def test_after_a_recorded_backward(self):
        x = leaf(0.5)
        y = torch.exp(torch.tanh(x) * x)
        node = weakref.ref(y.grad_fn)
        (g,) = GRAD(y, x, create_graph=True)
        second = weakref.ref(g.grad_fn)
        del y, g
        assert node() is None and second() is None

    def test_after_an_exception_in_the_forward(self):
        y, node = graph()
        with contextlib.suppress(RuntimeError):
            y + torch.zeros(2) @ torch.zeros(3)
        del y
        assert node() is None

    def test_after_an_exception_in_a_hook(self):
        y, node = graph()

        def fail(g):
            raise ValueError("mine")

        handle = y.register_hook(fail)
        with contextlib.suppress(ValueError):
            y.backward()
        del y, handle
        assert node() is None

    def test_after_a_second_backward(self):
        y, node = graph()
        y.backward()
        with contextlib.suppress(RuntimeError):
            y.backward()
        del y
        assert node() is None

    def test_leaves_too(self):
        x = leaf(1.0)
        x.register_hook(lambda g: g * 2)
        x.register_post_accumulate_grad_hook(lambda p: None)
        (x * x).backward()
        ref = weakref.ref(x)
        del x
        assert ref() is None

    def test_what_was_saved_goes_after_backward(self):
        x = leaf(1.0, 2.0)
        big = torch.exp(x)
        y = (big * big).sum()
        ref = weakref.ref(big)
        del big
        assert ref() is not None
        y.backward()
        assert ref() is None

    def test_views_and_writes(self):
        base = leaf(1.0, 2.0) * 1
        view = base[0]
        view.mul_(3)
        ref, node = weakref.ref(base), weakref.ref(base.grad_fn)
        del base
        assert ref() is not None  # the view keeps its base
        del view
        assert ref() is None and node() is None


def test_the_skeleton_stays_after_backward():
    x = leaf(3.0)
    y = x * x
    y.backward()
    assert y.grad_fn.name() == "MulBackward0"
    assert y.grad_fn.next_functions[0][0].variable is x


# ---- derivatives of derivatives --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function, second",
    [
        (torch.exp, np.exp),
        (torch.tanh, lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)),
        (lambda x: x**3, lambda x: 6 * x),
        (lambda x: x * x * x, lambda x: 6 * x),
        (lambda x: 1 / x, lambda x: 2 / x**3),
        (torch.sin, lambda x: -np.sin(x)),
    ],
    ids=["exp", "tanh", "pow", "mul", "div", "sin"],
)
def test_second_derivative(function, second):
    values = np.array([0.3, 1.7, -0.8])
    x = torch.tensor(values, requires_grad=True)
    (g,) = GRAD(function(x).sum(), x, create_graph=True)
    (gg,) = GRAD(g.sum(), x)
    np.testing.assert_allclose(gg.numpy(), second(values), rtol=1e-12)


def test_ten_derivatives_of_exp():
    x = leaf(0.5)
    y = torch.exp(x)
    for _ in range(10):
        (y,) = GRAD(y, x, create_graph=True)
    assert y.item() == pytest.approx(np.exp(0.5), rel=1e-14)


def test_backward_with_create_graph_gives_a_gradient_with_history():
    x = leaf(2.0)
    (x**3).backward(create_graph=True)
    x.grad.backward()
    assert x.grad.item() == 12 + 12


# ---- backward and grad -----------------------------------------------------------------------------------------------


def test_retain_graph():
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12


def test_backward_into_chosen_inputs():
    a, b = leaf(2.0), leaf(3.0)
    (a * b).backward(inputs=[a])
    assert a.grad.item() == 3 and b.grad is None


def test_backward_into_an_input_that_is_no_leaf():
    a = leaf(2.0)
    b = a * 3
    (b * b).backward(inputs=b)
    assert b.grad.item() == 12 and a.grad is None


def test_grad_touches_no_leaf():
    a = leaf(2.0)
    assert GRAD(a * a, a)[0].item() == 4
    assert a.grad is None


def test_grad_of_intermediate_and_repeated_inputs():
    a = leaf(2.0)
    b = a * a
    gb, ga, again = GRAD(b * a, [b, a, a])
    assert (gb.item(), ga.item(), again.item()) == (2, 12, 12)


def test_grad_of_the_output_itself():
    y = leaf(2.0) * 3
    assert GRAD(y, y)[0].item() == 1


def test_unused_inputs():
    a, b = leaf(2.0), leaf(3.0)
    with pytest.raises(RuntimeError, match="One of the differentiated Tensors appears to not have been used"):
        GRAD(a * 2, [a, b])
    assert GRAD(a * 2, [a, b], allow_unused=True)[1] is None
    zero = GRAD(a * 2, [a, b], materialize_grads=True)[1]
    assert zero.item() == 0 and not zero.requires_grad


def test_several_outputs_with_gradients():
    a = leaf(1.0, 2.0)
    b = a * 2
    (g,) = GRAD([b, b * b], a, [torch.ones(2), torch.tensor([1.0, 0.5])])
    assert g.tolist() == [2 + 8, 2 + 8]


def test_accumulated_gradients_share_no_memory():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    (a + b).sum().backward()
    a.grad.mul_(10)
    assert b.grad.tolist() == [1, 1]
    weight = torch.ones(2, dtype=torch.float64)
    (a + b).backward(weight)
    a.grad.mul_(10)
    assert weight.tolist() == [1, 1]


def test_accumulation_keeps_the_gradient_object():
    a = leaf(1.0, 2.0)
    a.sum().backward()
    g = a.grad
    a.sum().backward()
    assert a.grad is g and g.tolist() == [2, 2]


def test_the_gradient_has_the_type_and_shape_of_its_leaf():
    a = torch.ones(3, 1, requires_grad=True)
    b = torch.ones(1, 4, dtype=torch.float64, requires_grad=True)
    (a * b).sum().backward()
    assert a.grad.dtype is torch.float32 and a.grad.tolist() == [[4.0]] * 3
    assert b.grad.dtype is torch.float64 and b.grad.tolist() == [[3.0] * 4]


def test_assigning_and_deleting_the_gradient():
    a = leaf(1.0, 2.0)
    a.grad = torch.tensor([5.0, 5.0], dtype=torch.float64)
    a.sum().backward()
    assert a.grad.tolist() == [6, 6]
    del a.grad
    assert a.grad is None


# ---- hooks -----------------------------------------------------------------------------------------------------------


def test_tensor_hook_sees_and_replaces():
    seen = []
    x = leaf(2.0)
    y = x * 3
    y.register_hook(lambda g: seen.append(g.item()))
    handle = y.register_hook(lambda g: g * 10)
    (y * 1).backward(retain_graph=True)
    assert seen == [1] and x.grad.item() == 30
    handle.remove()
    x.grad = None
    (y * 1).backward()
    assert x.grad.item() == 3


def test_hook_on_a_leaf():
    x = leaf(2.0)
    x.register_hook(lambda g: g + 1)
    (x * 3).backward()
    assert x.grad.item() == 4


def test_hook_sees_the_sum_of_all_paths_once():
    seen = []
    x = leaf(2.0)
    y = x * 1
    y.register_hook(lambda g: seen.append(g.item()))
    (y * 2 + y * 3).backward()
    assert seen == [5]


def test_node_hooks():
    seen = []
    x = leaf(2.0)
    y = x * 3
    y.grad_fn.register_prehook(lambda grads: (grads[0] * 2,))
    y.grad_fn.register_hook(lambda inputs, outputs: seen.append((inputs[0].item(), outputs[0].item())))
    y.backward()
    assert seen == [(6, 2)] and x.grad.item() == 6


def test_retain_grad():
    x = leaf(2.0)
    y = x * 3
    assert not y.retains_grad
    y.retain_grad()
    assert y.retains_grad
    (y * y).backward()
    assert y.grad.item() == 12


def test_reading_the_gradient_of_no_leaf_warns():
    y = leaf(2.0) * 3
    with pytest.warns(UserWarning, match="The .grad attribute of a Tensor that is not a leaf Tensor is being accessed"):
        assert y.grad is None


def test_post_accumulate_hook():
    seen = []
    x = leaf(2.0)
    handle = x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.item()))
    (x * 3).backward()
    (x * 3).backward()
    handle.remove()
    (x * 3).backward()
    assert seen == [3, 6]
    with pytest.raises(RuntimeError, match="post accumulate grad hooks cannot be registered on non-leaf tensors"):
        (x * 1).register_post_accumulate_grad_hook(print)


# ---- modes -----------------------------------------------------------------------------------------------------------


def test_no_grad_as_context_and_decorator():
    x = leaf(2.0)

    @torch.no_grad()
    def frozen():
        return x * 2

    @torch.no_grad
    def bare():
        return x * 2

    with torch.no_grad():
        y = x * 2
        with torch.enable_grad():
            z = x * 2
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()
    assert not y.requires_grad and z.requires_grad and not frozen().requires_grad and not bare().requires_grad
    assert frozen.__name__ == "frozen"


def test_modes_end_with_an_exception():
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        raise ZeroDivisionError
    assert torch.is_grad_enabled()


def test_modes_on_generators():
    """Inside the generator the mode holds, outside it does not, whatever happens between two steps."""

    @torch.no_grad()
    def steps():
        received = yield torch.is_grad_enabled()
        yield received, torch.is_grad_enabled()
        return "end"

    generator = steps()
    assert next(generator) is False
    assert torch.is_grad_enabled()
    assert generator.send("sent") == ("sent", False)
    with pytest.raises(StopIteration) as stop:
        next(generator)
    assert stop.value.value == "end"


def test_modes_on_generators_pass_exceptions_and_close():
    events = []

    @torch.no_grad()
    def steps():
        try:
            yield 1
        except KeyError:
            events.append(torch.is_grad_enabled())
            yield 2
        finally:
            events.append("closed")

    generator = steps()
    next(generator)
    assert generator.throw(KeyError()) == 2
    generator.close()
    assert events == [False, "closed"] and torch.is_grad_enabled()


def test_set_grad_enabled():
    x = leaf(2.0)
    with torch.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    torch.set_grad_enabled(False)
    try:
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)

    @torch.set_grad_enabled(False)
    def frozen():
        return x * 2

    assert torch.is_grad_enabled() and not frozen().requires_grad


def test_inference_mode():
    x = leaf(2.0)
    with torch.inference_mode():
        assert torch.is_inference_mode_enabled() and not (x * 2).requires_grad
        with torch.inference_mode(False):
            assert not torch.is_inference_mode_enabled()
    assert not torch.is_inference_mode_enabled() and torch.is_grad_enabled()
    assert not torch.inference_mode()(lambda: x * 2)().requires_grad


def test_detach_and_data():
    x = leaf(1.0, 2.0)
    y = x * x
    d, raw = y.detach(), y.data
    assert not d.requires_grad and d.grad_fn is None
    assert d._version == y._version and d.data_ptr() == y.data_ptr() == raw.data_ptr()
    raw[0] = 9  # unseen by autograd, as PyTorch has it
    assert y._version == 0 and y.tolist() == [9, 4]
    d[0] = 7  # seen
    assert y._version == 1


def test_threads_have_their_own_graph_and_mode():
    found, barrier = {}, threading.Barrier(4)

    def work(number: int) -> None:
        x = leaf(float(number))
        barrier.wait()
        with torch.set_grad_enabled(number % 2 == 0):
            barrier.wait()
            y = x
            for _ in range(200):
                y = y * 1.01
            found[number] = y.requires_grad, torch.is_grad_enabled()
        (x * x).backward()
        found[number] = (*found[number], x.grad.item())

    with torch.no_grad():  # of this thread only
        threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert found == {i: (i % 2 == 0, i % 2 == 0, 2.0 * i) for i in range(4)}


# ---- leaves, copies --------------------------------------------------------------------------------------------------


def test_what_a_leaf_is():
    x = leaf(1.0)
    y = x * 1
    assert x.is_leaf and x.grad_fn is None and not y.is_leaf and isinstance(y.grad_fn, Node)
    assert y.detach().is_leaf and torch.ones(2).is_leaf


def test_deepcopy():
    x = leaf(1.0, 2.0)
    x.sum().backward()
    twin = copy.deepcopy({"x": x, "again": x})
    assert twin["x"] is twin["again"] and twin["x"].requires_grad and twin["x"].grad.tolist() == [1, 1]
    twin["x"].detach()[0] = 5
    assert x[0].item() == 1
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(x * 2)


def test_a_write_to_the_leaf_is_allowed_without_grad():
    x = leaf(1.0, 2.0)
    with torch.no_grad():
        x -= 0.5
    assert x.tolist() == [0.5, 1.5] and x.is_leaf and x.requires_grad
