"""Losses on class numbers: negative log likelihood and cross-entropy."""

from math import prod
from typing import Any

from .. import backend, dtypes
from ..engine import Tensor
from ..ops import promotion
from ..ops.declare import operator
from ..ops.elementwise import where
from ..ops.operator import Array
from ..ops.reduce import sum
from ..ops.softmax import log_softmax


def _check_classes(name: str, input: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> None:
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction} is not a valid value for reduction")
    kind = dtypes.of_array(target)
    if kind not in (dtypes.int64, dtypes.uint8):
        raise RuntimeError(
            f"expected target dtype to be Long or Byte, but got {kind.title}\n"
            "The target is the number of the right class for each example: give it as int64, target.long()."
        )
    wanted = input.shape[:1] + input.shape[2:] if input.ndim > 1 else ()
    if target.shape != wanted:
        if target.ndim and input.ndim > 1 and target.shape[:1] != input.shape[:1]:
            raise ValueError(
                f"Expected input batch_size ({input.shape[0]}) to match target batch_size ({target.shape[0]})."
            )
        raise RuntimeError(
            f"Expected target size {list(wanted)}, got {list(target.shape)}"
            if input.ndim > 2
            else "0D or 1D target tensor expected, multi-target not supported"
        )
    classes = input.shape[min(1, input.ndim - 1)]
    if weight is not None and weight.shape != (classes,):
        raise RuntimeError(
            f"weight tensor should be defined either for all {classes} classes or no classes but got weight tensor of "
            f"shape: {list(weight.shape)}"
        )
    counted = target[target != ignore_index]
    outside = counted[(counted < 0) | (counted >= classes)]
    if outside.size:
        raise IndexError(f"Target {int(outside[0])} is out of bounds.")


def _weights(xp: Any, target: Any, weight: Any, ignore_index: int, dtype: Any) -> tuple:
    """The class numbers with ignored ones made 0, and how much each example counts."""
    counted = target != ignore_index
    numbers = xp.library.where(counted, target, 0)
    found = counted.astype(dtype) if weight is None else weight[numbers] * counted
    return numbers, found


def _share(xp: Any, g: Any, weights: Any, reduction: str) -> Any:
    """What each example's loss is multiplied by in the end."""
    if reduction == "none":
        return g * weights
    if reduction == "sum":
        return g * weights
    total = weights.sum()
    return g * (weights / xp.where(total == 0, 1, total))  # no example counts: no gradient, though the mean is nan


def _classes_dim(ndim: int) -> int:
    return 1 if ndim > 1 else 0


def _to_log_probabilities(
    xp: Any, g: Any, input_shape: tuple, target: Any, weight: Any, reduction: str, ignore_index: int
) -> Any:
    """-1 at the class of each example, times its share."""
    raw, numbers, weights = _raw_target(g, target, weight, ignore_index)
    shared = _share(raw, g, weights, reduction)
    dim = _classes_dim(len(input_shape))
    shared = xp.expand_dims(-shared, dim)
    return xp.put_along(shared, raw.expand_dims(numbers, dim), dim, input_shape)


def _raw_target(g: Any, target: Any, weight: Any, ignore_index: int) -> tuple:
    """Class numbers and weights as raw arrays, at both speeds: they are constants."""

    def raw(x: Any) -> Any:
        return x._array if isinstance(x, Tensor) else x

    xp = backend.namespace_of(raw(g))
    return (xp, *_weights(xp, raw(target), raw(weight), ignore_index, raw(g).dtype))


@operator(
    "loss",
    input=_to_log_probabilities,
    check=_check_classes,
    dtype=promotion.keep,
    lacks={"iubc": "nll_loss_out_frame"},
)
def nll_loss(
    xp: Any,
    input: Array,
    target: Array,
    weight: Array = None,
    reduction: str = "mean",
    ignore_index: int = -100,
) -> Array:
    """The negative log probability of the right class, averaged with the weights of the classes.

    Shapes: input (N, C, ...) log probabilities, target (N, ...) class numbers. Gradient: -g * share at the class.

    >>> torch.nn.functional.nll_loss(torch.tensor([[-0.5, -1.0]]), torch.tensor([1]))
    tensor(1.)
    """
    numbers, weights = _weights(xp, target, weight, ignore_index, input.dtype)
    dim = _classes_dim(input.ndim)
    losses = -xp.library.take_along_axis(input, xp.expand_dims(numbers, dim), dim)
    return _reduced(xp, xp.squeeze(losses, dim) * weights, weights, reduction)


def _reduced(xp: Any, losses: Any, weights: Any, reduction: str) -> Any:
    if reduction == "none":
        return losses
    return xp.sum(losses) / xp.sum(weights) if reduction == "mean" else xp.sum(losses)


def _to_logits(xp: Any, g: Any, input: Any, target: Any, weight: Any, reduction: str, ignore_index: int) -> Any:
    """softmax minus 1 at the class of each example, times its share."""
    raw, numbers, weights = _raw_target(g, target, weight, ignore_index)
    dim, shape = _classes_dim(input.ndim), tuple(input.shape)
    shared = xp.expand_dims(_share(raw, g, weights, reduction), dim)
    at_class = xp.put_along(shared, raw.expand_dims(numbers, dim), dim, shape)
    return xp.softmax(input, dim) * shared - at_class


@operator(
    "loss",
    name="cross_entropy",
    input=_to_logits,
    check=_check_classes,
    dtype=promotion.keep,
    node_name="NllLossBackward0",
    lacks={"iubc": "log_softmax_lastdim_kernel_impl"},
)
def cross_entropy_classes(
    xp: Any,
    input: Array,
    target: Array,
    weight: Array = None,
    reduction: str = "mean",
    ignore_index: int = -100,
) -> Array:
    """`nll_loss(log_softmax(input))` in one step: what training calls most. Gradient: softmax - 1 at the class."""
    numbers, weights = _weights(xp, target, weight, ignore_index, input.dtype)
    dim = _classes_dim(input.ndim)
    losses = -xp.library.take_along_axis(xp.log_softmax(input, dim), xp.expand_dims(numbers, dim), dim)
    return _reduced(xp, xp.squeeze(losses, dim) * weights, weights, reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """How surprised a classifier is by the right class: input are scores (logits), not probabilities.

    Shapes: input (N, C, ...), target (N, ...) class numbers or (N, C, ...) probabilities.

    >>> torch.nn.functional.cross_entropy(torch.tensor([[0., 0.]]), torch.tensor([1]))
    tensor(0.6931)
    """
    if size_average is not None or reduce is not None:
        raise NotImplementedError("cross_entropy(): size_average and reduce are not supported; write reduction=")
    if not 0 <= label_smoothing <= 1:
        raise RuntimeError(f"label_smoothing must be between 0.0 and 1.0. Got: {label_smoothing:g}")
    if not target.dtype.is_floating_point and not label_smoothing:
        return cross_entropy_classes(input, target, weight, reduction, ignore_index)
    return _smooth_cross_entropy(input, target, weight, ignore_index, reduction, label_smoothing)


def _smooth_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str, smoothing: float
) -> Tensor:
    """Against probabilities, or with part of the weight spread over all classes."""
    dim = _classes_dim(input.ndim)
    classes = input.shape[dim]
    log_p = log_softmax(input, dim)
    by_class = weight if weight is None else weight.reshape(*(-1 if i == dim else 1 for i in range(input.ndim)))
    weighted = log_p if by_class is None else log_p * by_class
    if target.dtype.is_floating_point:
        wanted = target * (1 - smoothing) + smoothing / classes
        losses = -sum(weighted * wanted, dim)
        if reduction == "mean":
            return sum(losses) / max(1, prod(losses.shape))
        return sum(losses) if reduction == "sum" else losses
    plain = nll_loss(log_p, target, weight, reduction, ignore_index)
    counted = target != ignore_index
    spread = where(counted, -sum(weighted, dim), 0.0)
    if reduction == "mean":
        per_example = counted.to(input.dtype) if weight is None else weight[target * counted] * counted
        spread = sum(spread) / sum(per_example)
    elif reduction == "sum":
        spread = sum(spread)
    return (1 - smoothing) * plain + smoothing / classes * spread
