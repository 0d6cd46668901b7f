"""Dropout: while training, elements are left out at random."""

from ..engine import Tensor
from ..ops.create import empty_like
from .module import Module


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """While training, each element is 0 with probability p, and the others are divided by 1 - p.

    >>> torch.nn.functional.dropout(torch.tensor([1., 2.]), training=False)
    tensor([1., 2.])
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0:
        return input
    kept = empty_like(input).bernoulli_(1 - p)
    return input.mul_(kept / (1 - p) if p < 1 else kept) if inplace else input * (kept / (1 - p) if p < 1 else kept)


class Dropout(Module):
    """While training, makes each element 0 with probability p and enlarges the others; otherwise does nothing.

    >>> torch.nn.Dropout(0.5).eval()(torch.tensor([1.0, 2.0]))
    tensor([1., 2.])
    """

    def __init__(self, p: float = 0.5, inplace: bool = False):
        super().__init__()
        if not 0 <= p <= 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p, self.inplace = p, inplace

    def forward(self, input: Tensor) -> Tensor:
        return dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        return f"p={self.p}, inplace={self.inplace}"
