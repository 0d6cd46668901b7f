"""Parameters: the tensors that a module learns."""

from typing import Any

from ..engine import Tensor, wrap
from ..ops.create import require_grad


class Parameter(Tensor):
    """A tensor that becomes part of a module when assigned to one, and is learned.

    >>> from kindling import nn, tensor
    >>> nn.Parameter(tensor([1.0, 2.0]))
    Parameter containing:
    tensor([1., 2.], requires_grad=True)
    """

    def __new__(cls, data: Tensor | None = None, requires_grad: bool = True) -> "Parameter":
        t = wrap(Tensor()._array if data is None else data._array)
        t.__class__ = cls
        if requires_grad:
            require_grad(t)
        return t

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()

    def __deepcopy__(self, memo: dict) -> "Parameter":
        found = super().__deepcopy__(memo)
        found._grad = None  # unlike a plain tensor's copy
        return found

    def __reduce_ex__(self, protocol: int) -> tuple:
        return _rebuild, (self._array, self.requires_grad)


def _rebuild(array: Any, requires_grad: bool) -> Parameter:
    return Parameter(wrap(array), requires_grad)
