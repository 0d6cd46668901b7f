"""Matrix products."""

from typing import Any

from .. import shapes
from .declare import operator
from .operator import Array


def _to_first(xp: Any, g: Any, input_shape: tuple, other: Any) -> Any:
    """g @ other^T, with vectors seen as PyTorch sees them."""
    if other.ndim == 1:
        return g * other if len(input_shape) == 1 else xp.expand_dims(g, -1) * other
    if len(input_shape) == 1:
        return xp.sum(xp.expand_dims(g, -2) * other, (-1,))
    return xp.matmul(g, xp.swapaxes(other, -1, -2))


def _to_second(xp: Any, g: Any, input: Any, other_shape: tuple) -> Any:
    """input^T @ g, with vectors seen as PyTorch sees them."""
    if input.ndim == 1:
        return g * input if len(other_shape) == 1 else xp.expand_dims(input, -1) * xp.expand_dims(g, -2)
    if len(other_shape) == 1:
        return xp.sum(xp.expand_dims(g, -1) * input, tuple(range(input.ndim - 1)))
    return xp.matmul(xp.swapaxes(input, -1, -2), g)


@operator(
    "matmul",
    input=_to_first,
    other=_to_second,
    check=shapes.check_matmul,
    node_name="MmBackward0",
    lacks={"b": "addmm_impl_cpu_"},
)
def matmul(xp: Any, input: Array, other: Array) -> Array:
    """The matrix product of the last two dimensions; the dimensions before them broadcast.

    Gradients: g @ other^T and input^T @ g.

    Raises:
        RuntimeError: the inner sizes differ.

    >>> torch.matmul(torch.tensor([[1., 2.], [3., 4.]]), torch.tensor([1., 1.]))
    tensor([3., 7.])
    """
    return xp.matmul(input, other)
