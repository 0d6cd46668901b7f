"""The order of elements in memory: rows, as NumPy has them, or the channels of images last."""

from typing import Any

from ..engine import Tensor
from ..shapes import channels_last, channels_last_3d, contiguous_format, preserve_format

CHANNELS_LAST = {channels_last: 4, channels_last_3d: 5}


def lies_as(t: Tensor, memory_format: Any) -> bool:
    """Whether the elements of `t` lie in memory in the order of `memory_format`."""
    array = t._array
    if memory_format in CHANNELS_LAST:
        if array.ndim != CHANNELS_LAST[memory_format]:
            return False
        array = array.transpose(0, *range(2, array.ndim), 1)
    return memory_format is preserve_format or array.flags.c_contiguous


def laid_out(t: Tensor, memory_format: Any) -> Tensor:
    """`t` itself when its elements lie in the order asked for, else a copy whose elements do."""
    if lies_as(t, memory_format):
        return t
    if memory_format is contiguous_format:
        return t.clone()
    rank = CHANNELS_LAST[memory_format]
    if t.ndim != rank:
        raise RuntimeError(f"required rank {rank} tensor to use {str(memory_format)[6:]} format")
    return t.permute(0, *range(2, rank), 1).clone().permute(0, rank - 1, *range(1, rank - 1))
