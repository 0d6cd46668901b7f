"""Convolution and pooling as functions: what the user gives is checked and spelled out, then the operators run."""

from typing import Any

from ..backend.windows import output_size
from ..engine import Tensor
from ..ops.window import convolution
from ..ops.window import max_pool as _max_pool


def _each(value: Any, dims: int) -> tuple[int, ...]:
    """A setting given as one number or one for each dimension, as a tuple; how many there are is not checked."""
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * dims if len(values) == 1 else values


def _per_dim(what: str, value: Any, dims: int) -> tuple[int, ...]:
    values = _each(value, dims)
    if len(values) != dims:
        raise RuntimeError(
            f"expected {what} to be a single integer value or a list of {dims} values to match the convolution "
            f"dimensions, but got {what}={list(values)}"
        )
    return values


def _check(input: Tensor, weight: Tensor, bias: Tensor | None, stride: tuple, dilation: tuple, groups: int) -> None:
    if weight.ndim != len(stride) + 2:
        raise RuntimeError(
            f"Expected {weight.ndim}-dimensional input for {weight.ndim}-dimensional weight {list(weight.shape)}, but "
            f"got {len(stride) + 2}-dimensional input of size {list(input.shape)} instead"
        )
    for other in (weight, bias):
        if other is not None and other.dtype is not input.dtype:
            mine, its = (t.type_name().removesuffix("Tensor") for t in (input, other))
            raise RuntimeError(
                f"expected scalar type {mine} but found {its}\n"
                "Input, weight and bias should be the same type: convert one of them with .to(dtype)."
            )
    if min(dilation) <= 0:
        raise RuntimeError(f"dilation should be greater than zero, but got {list(dilation)}")
    if min(stride) <= 0:
        raise RuntimeError("non-positive stride is not supported")
    if groups <= 0:
        raise RuntimeError("non-positive groups is not supported")
    if weight.shape[0] % groups:
        raise RuntimeError(
            f"Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got weight of "
            f"size [{list(weight.shape)}] instead"
        )
    if bias is not None and tuple(bias.shape) != (weight.shape[0],):
        raise RuntimeError(
            f"Given weight of size {list(weight.shape)}, expected bias to be 1-dimensional with {weight.shape[0]} "
            f"elements, but got bias of size {list(bias.shape)} instead"
        )


def _padding(padding: Any, weight: Tensor, stride: tuple, dilation: tuple) -> tuple[tuple, tuple]:
    """How much to pad on both sides, and how many of the first places to leave out again.

    "same" pads an odd number unevenly, the larger half behind; so does padding both sides by the larger half and
    leaving out the first place.
    """
    dims = len(stride)
    if not isinstance(padding, str):
        widths = _per_dim("padding", padding, dims)
        if min(widths) < 0:
            raise RuntimeError("negative padding is not supported")
        return widths, (0,) * dims
    if padding not in ("same", "valid"):
        raise RuntimeError(f"Invalid padding string: '{padding}'")
    if padding == "valid":
        return (0,) * dims, (0,) * dims
    if any(s != 1 for s in stride):
        raise RuntimeError("padding='same' is not supported for strided convolutions")
    totals = [d * (k - 1) for d, k in zip(dilation, weight.shape[2:], strict=True)]
    return tuple((t + 1) // 2 for t in totals), tuple(t % 2 for t in totals)


def _convolve(
    dims: int, input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
):
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(
            f"Expected {dims + 1}D (unbatched) or {dims + 2}D (batched) input to conv{dims}d, but got input of size: "
            f"{list(input.shape)}"
        )
    stride, dilation = _per_dim("stride", stride, dims), _per_dim("dilation", dilation, dims)
    _check(input, weight, bias, stride, dilation, groups)
    widths, skipped = _padding(padding, weight, stride, dilation)
    batch = input if input.ndim == dims + 2 else input.unsqueeze(0)
    out = convolution(batch, weight, bias, stride, widths, dilation, groups)
    if any(skipped):
        out = out[(slice(None), slice(None), *(slice(first, None) for first in skipped))]
    return out if input.ndim == dims + 2 else out.squeeze(0)


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Slide `weight` along `input` and take weighted sums. Gradients: two convolutions, and g summed for the bias.

    Shapes: input (N, C, length) or (C, length), weight (O, C / groups, size), bias (O); result (N, O, places).

    >>> torch.nn.functional.conv1d(torch.tensor([[[1., 2., 4.]]]), torch.tensor([[[-1., 1.]]]))
    tensor([[[1., 2.]]])
    """
    return _convolve(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Slide `weight` over `input` and take weighted sums. Gradients: two convolutions, and g summed for the bias.

    Shapes: input (N, C, H, W) or (C, H, W), weight (O, C / groups, h, w), bias (O); result (N, O, rows, columns).

    >>> torch.nn.functional.conv2d(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
    tensor([[[[4., 4.],
              [4., 4.]]]])
    """
    return _convolve(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """As `conv2d`, with a third spatial dimension.

    >>> torch.nn.functional.conv3d(torch.ones(1, 1, 2, 2, 2), torch.ones(1, 1, 2, 2, 2))
    tensor([[[[[8.]]]]])
    """
    return _convolve(3, input, weight, bias, stride, padding, dilation, groups)


def _pool_setting(name: str, what: str, value: Any, dims: int) -> tuple[int, ...]:
    values = _each(value, dims)
    if len(values) != dims:
        count = {1: "one int", 2: "two ints", 3: "three ints"}[dims]
        raise RuntimeError(f"{name}: {what} must either be a single int, or a tuple of {count}")
    return values


def _check_pool(input: Tensor, dims: int, size: tuple, stride: tuple, padding: tuple, dilation: tuple) -> None:
    if input.ndim not in (dims + 1, dims + 2):
        raise RuntimeError(f"non-empty {dims + 1}D or {dims + 2}D (batch mode) tensor expected for input")
    if 0 in input.shape[input.ndim - dims - 1 :]:
        raise RuntimeError(
            f"Expected {dims + 1}D or {dims + 2}D (batch mode) tensor with optional 0 dim batch size for input, but "
            f"got: {list(input.shape)}"
        )
    if min(stride) <= 0:
        raise RuntimeError("stride should not be zero" if 0 in stride else "stride must be greater than zero")
    if min(size) <= 0 or min(dilation) <= 0:
        raise RuntimeError("kernel size should be greater than zero, and so should dilation")
    for p, k, d in zip(padding, size, dilation, strict=True):
        if p < 0:
            raise RuntimeError(f"pad must be non-negative, but got pad: {p}")
        if p > (d * (k - 1) + 1) // 2:
            raise RuntimeError(
                f"pad should be at most half of effective kernel size, but got pad={p}, kernel_size={k} and "
                f"dilation={d}"
            )


def _pool(
    dims: int, input: Tensor, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool, indices: bool
) -> Any:
    name = f"max_pool{dims}d"
    size = _pool_setting(name, "kernel_size", kernel_size, dims)
    stride = size if stride is None or stride == () else _pool_setting(name, "stride", stride, dims)
    padding = _pool_setting(name, "padding", padding, dims)
    dilation = _pool_setting(name, "dilation", dilation, dims)
    _check_pool(input, dims, size, stride, padding, dilation)
    batch = input if input.ndim == dims + 2 else input.unsqueeze(0)
    _check_places(input, size, stride, padding, dilation, ceil_mode)
    found = _max_pool(batch, size, stride, padding, dilation, ceil_mode)
    found = found if input.ndim == dims + 2 else tuple(part.squeeze(0) for part in found)
    return tuple(found) if indices else found[0]


def _check_places(input: Tensor, size: tuple, stride: tuple, padding: tuple, dilation: tuple, ceil: bool) -> None:
    channels, *sizes = input.shape[-len(size) - 1 :]
    settings = zip(sizes, size, stride, padding, dilation, strict=True)
    places = [output_size(*each, ceil) for each in settings]
    if min(places) < 1:
        before, after = ("x".join(map(str, (channels, *part))) for part in (sizes, [max(0, n) for n in places]))
        raise RuntimeError(f"Given input size: ({before}). Calculated output size: ({after}). Output size is too small")


def max_pool1d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest of every `kernel_size` neighbours; with `return_indices` also where it was. Gradient: g to that one.

    >>> torch.nn.functional.max_pool1d(torch.tensor([[[1., 3., 2., 5.]]]), 2)
    tensor([[[3., 5.]]])
    """
    return _pool(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest under every place of a window; with `return_indices` also where it was. Gradient: g to that one.

    >>> torch.nn.functional.max_pool2d(torch.arange(16.).reshape(1, 1, 4, 4), 2)
    tensor([[[[ 5.,  7.],
              [13., 15.]]]])
    """
    return _pool(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """As `max_pool2d`, with a third spatial dimension.

    >>> torch.nn.functional.max_pool3d(torch.arange(8.).reshape(1, 1, 2, 2, 2), 2)
    tensor([[[[[7.]]]]])
    """
    return _pool(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)
