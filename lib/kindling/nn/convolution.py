"""Convolution and pooling as modules."""

import math
from typing import Any, ClassVar

from ..engine import Tensor
from ..ops.create import empty
from ..random import uniform_
from . import functional as F
from .module import Module
from .parameter import Parameter

PADDING_MODES = ("zeros", "reflect", "replicate", "circular")


def _tuple(value: Any, dims: int) -> tuple:
    return (value,) * dims if isinstance(value, int) else tuple(value)


class _Conv(Module):
    """What the three convolutions share; `dims` is how many spatial dimensions they have."""

    dims: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__()
        _check_settings(in_channels, out_channels, stride, padding, groups, padding_mode)
        self.in_channels, self.out_channels, self.groups = in_channels, out_channels, groups
        self.kernel_size, self.stride = _tuple(kernel_size, self.dims), _tuple(stride, self.dims)
        self.padding = padding if isinstance(padding, str) else _tuple(padding, self.dims)
        self.dilation, self.padding_mode = _tuple(dilation, self.dims), padding_mode
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        self.weight = Parameter(empty(shape, device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights."""
        reads = math.prod(self.weight.shape[1:])
        bound = 1 / math.sqrt(reads) if reads else 0
        for p in (self.weight, self.bias):
            if p is not None:
                uniform_(p.detach(), -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        convolve = getattr(F, f"conv{self.dims}d")
        return convolve(input, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        if self.padding != (0,) * self.dims:
            text += f", padding={self.padding}"
        if self.dilation != (1,) * self.dims:
            text += f", dilation={self.dilation}"
        if self.groups != 1:
            text += f", groups={self.groups}"
        return text + (", bias=False" if self.bias is None else "")


def _check_settings(reads: int, makes: int, stride: Any, padding: Any, groups: int, mode: str) -> None:
    if groups <= 0:
        raise ValueError("groups must be a positive integer")
    if reads % groups:
        raise ValueError("in_channels must be divisible by groups")
    if makes % groups:
        raise ValueError("out_channels must be divisible by groups")
    if isinstance(padding, str) and padding not in ("same", "valid"):
        raise ValueError(f"Invalid padding string {padding!r}, should be one of {{'same', 'valid'}}")
    if padding == "same" and any(s != 1 for s in _tuple(stride, 1)):
        raise ValueError("padding='same' is not supported for strided convolutions")
    if mode not in PADDING_MODES:
        raise ValueError(f"padding_mode must be one of {set(PADDING_MODES)}, but got padding_mode='{mode}'")
    if mode != "zeros":
        raise NotImplementedError(f"padding_mode={mode!r} is not in Kindling yet; pad the input before the layer")


class Conv1d(_Conv):
    """Slides learnt windows along a sequence: each gives one channel of weighted sums.

    Weights start evenly drawn from ±1/sqrt(numbers that one window reads).

    >>> torch.nn.Conv1d(2, 4, kernel_size=3)(torch.zeros(1, 2, 8)).shape
    torch.Size([1, 4, 6])
    """

    dims = 1


class Conv2d(_Conv):
    """Slides learnt windows over an image: each gives one channel of weighted sums.

    Args:
        in_channels: channels of the image.
        out_channels: how many windows are learnt.
        kernel_size: rows and columns of a window, one number for both.
        stride: how far it moves each time.
        padding: rows and columns of zeros around the image; "same" for as many places as pixels.
        dilation: the distance between the pixels that a window reads.
        groups: split the channels in so many groups that do not see each other.

    Weights start evenly drawn from ±1/sqrt(numbers that one window reads).

    >>> torch.nn.Conv2d(1, 6, kernel_size=5, padding=2)(torch.zeros(8, 1, 28, 28)).shape
    torch.Size([8, 6, 28, 28])
    """

    dims = 2


class Conv3d(_Conv):
    """Slides learnt windows through a volume: each gives one channel of weighted sums.

    >>> torch.nn.Conv3d(1, 2, kernel_size=2)(torch.zeros(1, 1, 3, 3, 3)).shape
    torch.Size([1, 2, 2, 2, 2])
    """

    dims = 3


class _MaxPool(Module):
    """What the three poolings share."""

    dims: ClassVar[int]

    def __init__(
        self,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ):
        super().__init__()
        self.kernel_size, self.stride = kernel_size, kernel_size if stride is None else stride
        self.padding, self.dilation = padding, dilation
        self.return_indices, self.ceil_mode = return_indices, ceil_mode

    def forward(self, input: Tensor) -> Any:
        pool = getattr(F, f"max_pool{self.dims}d")
        settings = (self.kernel_size, self.stride, self.padding, self.dilation)
        return pool(input, *settings, ceil_mode=self.ceil_mode, return_indices=self.return_indices)

    def extra_repr(self) -> str:
        names = ("kernel_size", "stride", "padding", "dilation", "ceil_mode")
        return ", ".join(f"{name}={getattr(self, name)}" for name in names)


class MaxPool1d(_MaxPool):
    """The largest of every `kernel_size` neighbours in a sequence.

    >>> torch.nn.MaxPool1d(2)(torch.tensor([[[1., 3., 2., 5.]]]))
    tensor([[[3., 5.]]])
    """

    dims = 1


class MaxPool2d(_MaxPool):
    """The largest under every place of a window that moves over an image.

    >>> torch.nn.MaxPool2d(2)(torch.zeros(1, 6, 28, 28)).shape
    torch.Size([1, 6, 14, 14])
    """

    dims = 2


class MaxPool3d(_MaxPool):
    """The largest under every place of a window that moves through a volume.

    >>> torch.nn.MaxPool3d(2)(torch.zeros(1, 1, 4, 4, 4)).shape
    torch.Size([1, 1, 2, 2, 2])
    """

    dims = 3
