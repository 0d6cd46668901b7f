"""The functions behind the layers."""

import warnings
from math import prod
from typing import Any

from .. import shapes
from ..engine import Tensor
from ..ops.declare import operator
from ..ops.elementwise import relu as _relu
from ..ops.operator import Array
from ..shapes import Size


def _check_linear(name: str, input: Any, weight: Any, bias: Any) -> None:
    if not input.ndim or input.shape[-1] != weight.shape[-1]:
        features, size = weight.shape[-1], input.shape[-1] if input.ndim else 0
        rows = input.size // size if size else 0
        raise RuntimeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{size} and {features}x{weight.shape[0]})\n"
            f"This layer takes {features} features in; the input has shape {list(input.shape)}, so {size} features."
        )


def _rows(xp: Any, x: Any) -> Any:
    """All dimensions but the last joined: one row for each example."""
    return x if x.ndim == 2 else xp.reshape(x, (x.size // x.shape[-1] if isinstance(x.size, int) else -1, x.shape[-1]))


@operator(
    "matmul",
    input=lambda xp, g, weight: xp.matmul(g, weight),
    weight=lambda xp, g, input: xp.matmul(xp.swapaxes(_rows(xp, g), 0, 1), _rows(xp, input)),
    bias=lambda xp, g: g,
    check=_check_linear,
    node_name="AddmmBackward0",
    lacks={"b": "addmm_impl_cpu_"},
)
def linear(xp: Any, input: Array, weight: Array, bias: Array = None) -> Any:
    """``input @ weight.T + bias``. Gradients: g @ weight, g.T @ input, and g summed over the examples.

    Shapes: input (..., in), weight (out, in), bias (out); result (..., out).

    >>> import kindling as torch
    >>> torch.nn.functional.linear(torch.tensor([[1., 2.]]), torch.tensor([[3., 4.]]), torch.tensor([5.]))
    tensor([[16.]])
    """
    product = xp.matmul(input, weight.T)
    return product if bias is None else product + bias


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Each element, or 0 where it is negative.

    >>> import kindling as torch
    >>> torch.nn.functional.relu(torch.tensor([-1., 2.]))
    tensor([0., 2.])
    """
    return input.relu_() if inplace else _relu(input)


def _to_prediction(xp: Any, g: Any, input: Any, target: Any, reduction: str) -> Any:
    """The slope of a squared difference, shared out as the loss was averaged."""
    return g * (2 / _averaged_over(input, target, reduction)) * (input - target)


def _averaged_over(input: Any, target: Any, reduction: str) -> int:
    if reduction != "mean":
        return 1
    shape = shapes.broadcast("mse_loss", tuple(input.shape), tuple(target.shape))
    return max(1, prod(shape))


def _check_loss(name: str, input: Any, target: Any, reduction: str) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    shapes.broadcast(name, input.shape, target.shape)


@operator(
    "loss",
    input=_to_prediction,
    target=lambda xp, g, input, target, reduction: -_to_prediction(xp, g, input, target, reduction),
    check=_check_loss,
    lacks={"iu": "mse_cpu", "c": "mse_cpu"},
)
def mse_loss(xp: Any, input: Array, target: Array, reduction: str = "mean") -> Any:
    """The squared difference, averaged over all elements (or summed, or as it is: `reduction`).

    Gradients: g * 2 * (input - target) / n, and its opposite.

    >>> import kindling as torch
    >>> torch.nn.functional.mse_loss(torch.tensor([1., 2.]), torch.tensor([0., 4.]))
    tensor(2.5000)
    """
    if input.shape != target.shape:
        warnings.warn(
            f"Using a target size ({Size(target.shape)}) that is different to the input size ({Size(input.shape)}). "
            "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
            stacklevel=6,
        )
    difference = input - target
    loss = difference * difference
    return loss if reduction == "none" else xp.mean(loss) if reduction == "mean" else xp.sum(loss)
