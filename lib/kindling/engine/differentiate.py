"""The two questions a user asks of the graph: add gradients to all leaves, or give me these gradients."""

from typing import Any

from .. import backend
from .backward import run
from .tensor import Tensor, edge_of, wrap

NOT_SCALAR = (
    "grad can be implicitly created only for scalar outputs\n"
    "This output has shape {shape}. Reduce it to one number (y.sum(), y.mean()), or pass gradient=, a tensor of that "
    "shape: how much each element counts."
)
NO_GRAPH = (
    "element {i} of tensors does not require grad and does not have a grad_fn\n"
    "Nothing that it was computed from has requires_grad=True, or it was computed under no_grad or detached."
)
UNUSED = (
    "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is "
    "the desired behavior."
)


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Compute the gradients of `tensors` and add them to ``.grad`` of the leaves they were computed from.

    Args:
        tensors: one tensor or several.
        grad_tensors: for each one how much its elements count; may be left out for scalars.
        retain_graph: keep what was saved, so that backward can run again. Default: as `create_graph`.
        create_graph: record the backward itself, for derivatives of higher order.
        inputs: add to these tensors only.

    Raises:
        RuntimeError: a tensor has no graph, or is not a scalar and has no gradient given.
    """
    retain = create_graph if retain_graph is None else retain_graph
    roots = _roots(_tuple(tensors), grad_tensors)
    if inputs is None:
        run(roots, retain, create_graph)
        return
    inputs = _tuple(inputs)
    if not inputs:
        raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    for t, g in zip(inputs, _captured(roots, inputs, retain, create_graph), strict=True):
        if g is not None:
            t._grad = g if t._grad is None else wrap(t._grad._array + g._array) if not create_graph else t._grad + g


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple:
    """The gradients of `outputs` with respect to `inputs`, as a tuple; no ``.grad`` is touched.

    Raises:
        RuntimeError: an input does not require grad, or was not used and `allow_unused` is not set.

    >>> import kindling as torch
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> torch.autograd.grad(x**2, x)
    (tensor(6.),)
    """
    if is_grads_batched:
        raise NotImplementedError("grad(): is_grads_batched=True is not supported; call grad once for each row.")
    outputs, inputs = _tuple(outputs), _tuple(inputs)
    if not all(edge_of(t) is not None for t in inputs):
        raise RuntimeError("One of the differentiated Tensors does not require grad")
    retain = create_graph if retain_graph is None else retain_graph
    found = _captured(_roots(outputs, grad_outputs), inputs, retain, create_graph)
    if materialize_grads:
        if allow_unused is False:
            raise ValueError(
                "Expected allow_unused to be True or not passed when materialize_grads=True, but got: "
                "allow_unused=False."
            )
        zeros = [backend.namespace_of(t._array).zeros_like(t._array) for t in inputs]
        return tuple(wrap(z) if g is None else g for g, z in zip(found, zeros, strict=True))
    if not allow_unused and any(g is None for g in found):
        raise RuntimeError(UNUSED)
    return tuple(found)


def _captured(roots: list, inputs: tuple, retain: bool, create_graph: bool) -> list:
    keys = [edge_of(t)[:2] for t in inputs]
    captures: dict = dict.fromkeys(keys)
    run(roots, retain, create_graph, captures)
    return [captures[key] for key in keys]


def _tuple(x: Any) -> tuple:
    return (x,) if isinstance(x, Tensor) else tuple(x)


def _roots(outputs: tuple, gradients: Any) -> list[tuple]:
    """Pairs of an output's edge and the gradient to start with."""
    given = (None,) * len(outputs) if gradients is None else _tuple(gradients)
    if len(given) != len(outputs):
        raise RuntimeError(f"got {len(outputs)} tensors and {len(given)} gradients")
    roots = []
    for i, (t, g) in enumerate(zip(outputs, given, strict=True)):
        edge = edge_of(t)
        if edge is None:
            raise RuntimeError(NO_GRAPH.format(i=i))
        if g is None:
            if t._array.size != 1:
                raise RuntimeError(NOT_SCALAR.format(shape=list(t._array.shape)))
            g = wrap(backend.namespace_of(t._array).ones_like(t._array))
        elif tuple(g._array.shape) != t._array.shape:
            raise RuntimeError(
                f"Mismatch in shape: grad_output[{i}] has a shape of torch.Size({list(g._array.shape)}) and "
                f"output[{i}] has a shape of torch.Size({list(t._array.shape)})."
            )
        roots.append((edge, g))
    return roots
