"""Mistakes with gradients, hooks and writes in place: PyTorch's exception and first sentence."""

from collections.abc import Callable
from typing import Any

import pytest

import kindling

MISTAKES = {
    "second backward": (
        lambda t: twice(t, t.ones(2, requires_grad=True)),
        "Trying to backward through the graph a second time (or directly access saved tensors after they have already "
        "been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). "
        "Specify retain_graph=True if you need to backward through the graph a second time or if you need to access "
        "saved tensors after calling backward.",
    ),
    "stale input": (
        lambda t: stale(t, lambda x: x * x, t.ones(2, requires_grad=True) * 1),
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.FloatTensor [2]], which is output 0 of Add, is at version 1; expected version 0 instead.",
    ),
    "stale output": (
        lambda t: stale_output(t, t.exp(t.ones(2, 3, requires_grad=True))),
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.FloatTensor [2, 3]], which is output 0 of Exp, is at version 1; expected version 0 instead.",
    ),
    "leaf written": (
        lambda t: t.ones(2, requires_grad=True).add_(1),
        "a leaf Variable that requires grad is being used in an in-place operation.",
    ),
    "leaf's element written": (
        lambda t: t.ones(2, requires_grad=True).__setitem__(0, 1),
        "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    ),
    "view of a leaf written": (
        lambda t: t.ones(2, requires_grad=True)[:1].add_(1),
        "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    ),
    "not a scalar": (
        lambda t: (t.ones(2, requires_grad=True) * 1).backward(),
        "grad can be implicitly created only for scalar outputs",
    ),
    "no graph": (
        lambda t: t.ones(()).backward(),
        "element 0 of tensors does not require grad and does not have a grad_fn",
    ),
    "grad of a constant": (
        lambda t: t.autograd.grad(t.ones((), requires_grad=True) * 1, t.ones(2)),
        "One of the differentiated Tensors does not require grad",
    ),
    "wrong shape of gradient": (
        lambda t: (t.ones(2, requires_grad=True) * 1).backward(t.ones(3)),
        "Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of "
        "torch.Size([2]).",
    ),
    "integers require grad": (
        lambda t: t.tensor([1, 2], requires_grad=True),
        "Only Tensors of floating point and complex dtype can require gradients",
    ),
    "requires_grad of a result": (
        lambda t: (t.ones(2, requires_grad=True) * 1).requires_grad_(False),
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a "
        "subgraph that doesn't require differentiation use var_no_grad = var.detach().",
    ),
    "hook on a constant": (
        lambda t: t.ones(2).register_hook(print),
        "cannot register a hook on a tensor that doesn't require gradient",
    ),
    "retain_grad of a constant": (
        lambda t: t.ones(2).retain_grad(),
        "can't retain_grad on Tensor that has requires_grad=False",
    ),
    "gradient of another shape": (
        lambda t: setattr(t.ones(2), "grad", t.ones(3)),
        "attempting to assign a gradient of size '[3]' to a tensor of size '[2]'. Please ensure that the gradient and "
        "the tensor are the same size",
    ),
    "numpy of what requires grad": (
        lambda t: t.ones(2, requires_grad=True).numpy(),
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    ),
    "expanded memory written": (
        lambda t: t.zeros(1).expand(3).add_(1),
        "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
        "Please clone() the tensor before performing the operation.",
    ),
    "result too large to write": (
        lambda t: t.zeros(3).add_(t.zeros(2, 3)),
        "output with shape [3] doesn't match the broadcast shape [2, 3]",
    ),
    "result of a higher type written": (
        lambda t: t.zeros(3, dtype=t.int64).add_(1.5),
        "result type Float can't be cast to the desired output type Long",
    ),
    "empty inputs": (
        lambda t: (t.ones((), requires_grad=True) * 1).backward(inputs=[]),
        "`inputs` argument to `backward()` cannot be empty.",
    ),
    "detach_ of a view": (
        lambda t: (t.ones(2, requires_grad=True) * 1)[0].detach_(),
        "Can't detach views in-place. Use detach() instead.",
    ),
}


def twice(t: Any, x: Any) -> None:
    y = (x * x).sum()
    y.backward()
    y.backward()


def stale(t: Any, function: Callable, x: Any) -> None:
    y = function(x)
    x.add_(1)
    y.sum().backward()


def stale_output(t: Any, y: Any) -> None:
    y.add_(1)
    y.sum().backward()


def test_the_stale_error_names_the_line_that_wrote():
    x = kindling.ones((), requires_grad=True) * 1
    y = x * x
    x.add_(1)  # this line
    sentence = r"mul had saved it .* this line wrote it: test_engine_mistakes\.py, line \d+: "
    with pytest.raises(RuntimeError, match=sentence):
        y.backward()
