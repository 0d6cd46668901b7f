"""Layers that bring numbers to mean 0 and deviation 1."""

from typing import Any

from ..engine import Tensor
from ..ops.create import empty
from ..ops.declare import operator
from ..ops.operator import Array
from .module import Module
from .parameter import Parameter


def _check_layer_norm(name: str, input: Any, weight: Any, bias: Any, normalized_shape: tuple, eps: float) -> None:
    wanted = list(normalized_shape)
    if not wanted:
        raise RuntimeError(
            "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got "
            "normalized_shape = []"
        )
    for what, array in (("weight", weight), ("bias", bias)):
        if array is not None and list(array.shape) != wanted:
            raise RuntimeError(
                f"Expected {what} to be of same shape as normalized_shape, but got {what} of shape {list(array.shape)} "
                f"and normalized_shape = {wanted}"
            )
    if list(input.shape[-len(wanted) :]) != wanted:
        raise RuntimeError(
            f"Given normalized_shape={wanted}, expected input with shape [*, {', '.join(map(str, wanted))}], but got "
            f"input of size{list(input.shape)}"
        )


def _normal(xp: Any, x: Any, dims: int, eps: float) -> tuple[Any, Any]:
    """The numbers brought to mean 0 and deviation 1, and what they were multiplied by."""
    axes = tuple(range(-dims, 0))
    count = 1
    for size in x.shape[-dims:]:
        count *= size
    centred = x - xp.sum(x, axes, True) / count
    scale = 1 / xp.sqrt(xp.sum(centred * centred, axes, True) / count + eps)
    return centred * scale, scale


def _to_input(xp: Any, g: Any, input: Any, weight: Any, normalized_shape: tuple, eps: float) -> Any:
    dims, count = len(normalized_shape), 1
    for size in normalized_shape:
        count *= size
    axes = tuple(range(-dims, 0))
    normal, scale = _normal(xp, input, dims, eps)
    g = g if weight is None else g * weight
    along = normal * (xp.sum(g * normal, axes, True) / count)
    return scale * (g - xp.sum(g, axes, True) / count - along)


@operator(
    "normalization",
    name="layer_norm",
    input=_to_input,
    weight=lambda xp, g, input, normalized_shape, eps: g * _normal(xp, input, len(normalized_shape), eps)[0],
    bias=lambda xp, g: g,
    check=_check_layer_norm,
    node_name="NativeLayerNormBackward0",
    lacks=dict.fromkeys(("b", "iu", "c"), "LayerNormKernelImpl"),
)
def layer_norm_over(
    xp: Any, input: Array, weight: Array = None, bias: Array = None, normalized_shape: tuple = (), eps: float = 1e-5
) -> Any:
    """The last dimensions to mean 0 and deviation 1, times `weight`, plus `bias`.

    Gradients: s * (g' - mean(g') - n * mean(n * g')), g * n and g. Here n are the normalised numbers, s is what scaled
    them, and g' = g * weight.
    """
    out = _normal(xp, input, len(normalized_shape), eps)[0]
    out = out if weight is None else out * weight
    return out if bias is None else out + bias


def layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-05,
) -> Tensor:
    """The numbers of the last dimensions brought to mean 0 and deviation 1, then times `weight` plus `bias`.

    >>> torch.nn.functional.layer_norm(torch.tensor([[1., 3.]]), (2,))
    tensor([[-1.0000,  1.0000]])
    """
    return layer_norm_over(input, weight, bias, tuple(normalized_shape), eps)


class LayerNorm(Module):
    """Brings each example to mean 0 and deviation 1 over its last dimensions, then scales and moves it as learnt.

    Ba and others, 2016. `weight` starts at 1 and `bias` at 0.

    >>> torch.nn.LayerNorm(2)(torch.tensor([[1., 3.]])).detach()
    tensor([[-1.0000,  1.0000]])
    """

    def __init__(
        self,
        normalized_shape: Any,
        eps: float = 1e-05,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__()
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps, self.elementwise_affine = shape, eps, elementwise_affine
        for name, wanted in (("weight", elementwise_affine), ("bias", elementwise_affine and bias)):
            made = Parameter(empty(shape, device=device, dtype=dtype)) if wanted else None
            self.register_parameter(name, made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start again with weight 1 and bias 0."""
        for p, value in ((self.weight, 1), (self.bias, 0)):
            if p is not None:
                p.detach().fill_(value)

    def forward(self, input: Tensor) -> Tensor:
        return layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        affine = f"elementwise_affine={self.elementwise_affine}, bias={self.bias is not None}"
        return f"{self.normalized_shape}, eps={self.eps}, {affine}"
