"""Embeddings: a learned row of numbers for each of many things."""

from typing import Any

from .. import dtypes
from ..engine import Tensor, no_grad
from ..ops.create import empty, ones, tensor, zeros
from ..ops.elementwise import where
from ..ops.gather import embedding as _embedding
from ..ops.index import index_put
from ..random import normal_
from .module import Module
from .parameter import Parameter


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Row `input[i]` of `weight` for each i; the row of `padding_idx` gets no gradient.

    Args:
        max_norm: rows that are looked up are first shortened, in `weight` itself, to this norm.
        norm_type: which norm that is.
        scale_grad_by_freq: divide the gradient of a row by how often it is looked up.
        sparse: taken, but the gradient is an ordinary tensor.

    >>> torch.nn.functional.embedding(torch.tensor([2, 0]), torch.tensor([[1.], [2.], [3.]]))
    tensor([[3.],
            [1.]])
    """
    if input.dtype not in (dtypes.int64, dtypes.int32):
        raise RuntimeError(
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"torch.{input.type_name()} instead (while checking arguments for embedding)"
        )
    if padding_idx is not None:
        padding_idx = _row(padding_idx, weight.shape[0])
    if max_norm is not None:
        _shorten(weight, input, max_norm, norm_type)
    if padding_idx is None and not scale_grad_by_freq:
        return _embedding(weight, input)
    return _embedding(weight, input, _scale(weight, input, padding_idx, scale_grad_by_freq))


def _row(padding_idx: int, rows: int) -> int:
    if not -rows <= padding_idx < rows:
        raise AssertionError("Padding_idx must be within num_embeddings")
    return padding_idx % rows


def _shorten(weight: Tensor, input: Tensor, max_norm: float, norm_type: float) -> None:
    """Scale down the rows that are looked up and longer than `max_norm`."""
    with no_grad():
        used = tensor(sorted(set(input.reshape(-1).tolist())), dtype=dtypes.int64, device=weight.device)
        rows = _embedding(weight, used)
        size = rows.abs()
        norm = size.amax(1, True) if norm_type == float("inf") else (size**norm_type).sum(1, True) ** (1 / norm_type)
        weight[used] = where(norm > max_norm, rows * (max_norm / (norm + 1e-7)), rows)


def _scale(weight: Tensor, input: Tensor, padding_idx: int | None, by_frequency: bool) -> Tensor:
    """What the gradient of each looked-up row is multiplied by."""
    one = ones(*input.shape, dtype=weight.dtype, device=weight.device)
    if by_frequency:
        counts = index_put(zeros(weight.shape[0], dtype=weight.dtype, device=weight.device), (input,), one, True)
        one = one / counts[input]
    return (one if padding_idx is None else one.masked_fill(input == padding_idx, 0)).unsqueeze(-1)


class Embedding(Module):
    """A learned row of numbers for each of `num_embeddings` things; options as in `functional.embedding`.

    >>> torch.nn.Embedding(10, 3)(torch.tensor([1, 2])).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        _weight: Tensor | None = None,
        _freeze: bool = False,
        device: Any = None,
        dtype: Any = None,
    ):
        super().__init__()
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = None if padding_idx is None else _row(padding_idx, num_embeddings)
        self.max_norm, self.norm_type = max_norm, norm_type
        self.scale_grad_by_freq, self.sparse = scale_grad_by_freq, sparse
        if _weight is None:
            made = empty(num_embeddings, embedding_dim, device=device, dtype=dtype)
            self.weight = Parameter(made, requires_grad=not _freeze)
            self.reset_parameters()
        else:
            if tuple(_weight.shape) != (num_embeddings, embedding_dim):
                raise AssertionError("Shape of weight does not match num_embeddings and embedding_dim")
            self.weight = Parameter(_weight, requires_grad=not _freeze)

    @classmethod
    def from_pretrained(
        cls, embeddings: Tensor, freeze: bool = True, padding_idx: int | None = None, **options: Any
    ) -> "Embedding":
        """A layer with these rows, which stay as they are unless `freeze` is False.

        >>> torch.nn.Embedding.from_pretrained(torch.tensor([[1.0, 2.0]]))(torch.tensor([0]))
        tensor([[1., 2.]])
        """
        if embeddings.ndim != 2:
            raise AssertionError("Embeddings parameter is expected to be 2-dimensional")
        return cls(*embeddings.shape, padding_idx, _weight=embeddings, _freeze=freeze, **options)

    def reset_parameters(self) -> None:
        """Draw new rows; that of padding is 0."""
        normal_(self.weight.detach())
        if self.padding_idx is not None:
            self.weight.detach()[self.padding_idx] = 0

    def forward(self, input: Tensor) -> Tensor:
        return embedding(
            input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse
        )

    def extra_repr(self) -> str:
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2, "scale_grad_by_freq": False, "sparse": False}
        given = [f", {name}={getattr(self, name)}" for name, value in usual.items() if getattr(self, name) != value]
        return f"{self.num_embeddings}, {self.embedding_dim}{''.join(given)}"
