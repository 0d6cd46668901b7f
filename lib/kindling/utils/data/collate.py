"""How examples become a batch."""

from collections.abc import Mapping, Sequence
from typing import Any

from ... import backend, dtypes
from ...engine import Tensor, wrap
from ...ops.create import tensor
from ...ops.join import stack


def default_collate(batch: Sequence) -> Any:
    """Tensors are stacked, numbers become a tensor, lists, tuples and dicts are collated part by part.

    Raises:
        TypeError: examples of a kind that has no batch.
        RuntimeError: sequences of unequal length.

    >>> torch.utils.data.default_collate([(torch.tensor([1.]), 0), (torch.tensor([2.]), 1)])
    [tensor([[1.],
            [2.]]), tensor([0, 1])]
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(list(batch), 0)
    if backend.is_array(first):
        return stack([wrap(x) for x in batch], 0)
    if isinstance(first, float):
        return tensor(list(batch), dtype=dtypes.float64)
    if isinstance(first, int) or backend.array_type(first):
        return tensor(list(batch))
    if isinstance(first, (str, bytes)):
        return list(batch)
    if isinstance(first, Mapping):
        return {key: default_collate([example[key] for example in batch]) for key in first}
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(part) for part in zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        if any(len(example) != len(first) for example in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = [default_collate(part) for part in zip(*batch, strict=True)]
        return parts
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {type(first)}"
    )
