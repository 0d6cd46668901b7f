"""The functions behind the layers."""

import math
from math import prod
from typing import Any

from .. import shapes
from ..engine import Tensor, warn
from ..ops.declare import operator
from ..ops.elementwise import relu as _relu
from ..ops.elementwise import tanh, where
from ..ops.math import erf, sigmoid
from ..ops.operator import Array
from ..ops.softmax import log_softmax as _log_softmax
from ..ops.softmax import softmax as _softmax
from ..shapes import Size
from .attention import scaled_dot_product_attention
from .dropout import dropout
from .embedding import embedding
from .loss_functions import cross_entropy, nll_loss
from .normalization import layer_norm
from .window_functions import conv1d, conv2d, conv3d, max_pool1d, max_pool2d, max_pool3d


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
        warn(
            f"Using a target size ({Size(target.shape)}) that is different to the input size ({Size(input.shape)}). "
            "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.",
        )
    difference = input - target
    loss = difference * difference
    return loss if reduction == "none" else xp.mean(loss) if reduction == "mean" else xp.sum(loss)


def _row_dim(name: str, dim: int | None, ndim: int) -> int:
    """The dimension that softmax works along when none is given: PyTorch's old choice, with its warning."""
    if dim is not None:
        return dim
    warn(
        f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an argument.",
    )
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """Exponentials that add up to 1 along `dim`.

    >>> torch.nn.functional.softmax(torch.tensor([0., 0.]), 0)
    tensor([0.5000, 0.5000])
    """
    return _softmax(input, _row_dim("softmax", dim, input.ndim), dtype=dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of softmax.

    >>> torch.nn.functional.log_softmax(torch.tensor([0., 0.]), 0)
    tensor([-0.6931, -0.6931])
    """
    return _log_softmax(input, _row_dim("log_softmax", dim, input.ndim), dtype=dtype)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Each element, or a small part of it where it is negative.

    >>> torch.nn.functional.leaky_relu(torch.tensor([-1., 2.]), 0.1)
    tensor([-0.1000,  2.0000])
    """
    out = where(input > 0, input, input * negative_slope)
    return input.copy_(out) if inplace else out


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """x * sigmoid(x).

    >>> torch.nn.functional.silu(torch.tensor([1.]))
    tensor([0.7311])
    """
    out = input * sigmoid(input)
    return input.copy_(out) if inplace else out


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x times the probability that a normal number is below it; "tanh" for a faster approximation.

    >>> torch.nn.functional.gelu(torch.tensor([1.]))
    tensor([0.8413])
    """
    if approximate == "tanh":
        return 0.5 * input * (1 + tanh(math.sqrt(2 / math.pi) * (input + 0.044715 * input * input * input)))
    if approximate != "none":
        raise RuntimeError("approximate argument must be either none or tanh.")
    return 0.5 * input * (1 + erf(input * math.sqrt(0.5)))


__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "cross_entropy",
    "dropout",
    "embedding",
    "gelu",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "mse_loss",
    "nll_loss",
    "relu",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "softmax",
    "tanh",
]
