"""How examples become a batch."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
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
        return batch
    if isinstance(first, Mapping):
        return _mapping_like(first, lambda key: default_collate([example[key] for example in batch]))
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(part) for part in zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        if any(len(example) != len(first) for example in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        return _sequence_like(first, [default_collate(part) for part in zip(*batch, strict=True)])
    raise TypeError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {type(first)}"
    )


def default_convert(data: Any) -> Any:
    """One example as a loader without batches hands it on: arrays become tensors, tuples lists.

    >>> torch.utils.data.default_convert((numpy.zeros(2), "word", 3))
    [tensor([0., 0.], dtype=torch.float64), 'word', 3]
    """
    if backend.is_array(data) or backend.array_type(data):
        return wrap(data) if backend.is_array(data) else tensor(data)
    if isinstance(data, Mapping):
        return _mapping_like(data, lambda key: default_convert(data[key]))
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _sequence_like(data, [default_convert(part) for part in data])
    return data


def _mapping_like(first: Mapping, value_of: Callable) -> Any:
    """A mapping with the keys and, where it can be copied and changed, the type of `first`."""
    values = {key: value_of(key) for key in first}
    if not hasattr(first, "update"):
        return values
    same = copy(first)
    same.update(values)
    return same


def _sequence_like(first: Sequence, parts: list) -> Any:
    """A tuple's parts as a list; those of another sequence in its own type where that takes a list."""
    if isinstance(first, tuple):
        return parts
    try:
        return type(first)(parts)
    except TypeError:
        return parts
