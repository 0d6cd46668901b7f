"""Looking at the graph and changing what it keeps."""

from typing import Any

from ..engine import Node, Tensor
from ..ops.packing import saved_tensors_hooks

__all__ = ["Node", "save_on_cpu", "saved_tensors_hooks"]


class save_on_cpu(saved_tensors_hooks):
    """Inside it, what nodes save lies in the computer's own memory until backward asks for it.

    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with torch.autograd.graph.save_on_cpu():
    ...     y = x * x
    >>> y.backward()
    >>> x.grad
    tensor(6.)
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda"):
        super().__init__(_to_cpu, _back)


def _to_cpu(t: Tensor) -> tuple[Any, Tensor]:
    return t.device, t.cpu()


def _back(packed: tuple[Any, Tensor]) -> Tensor:
    device, t = packed
    return t.to(device)
