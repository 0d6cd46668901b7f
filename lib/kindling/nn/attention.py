"""Attention: every position of a sequence gathers from the others what it asks for."""

import math

from .. import dtypes
from ..engine import Tensor
from ..ops.create import ones, zeros
from ..ops.elementwise import where
from ..ops.softmax import softmax
from .dropout import dropout


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """softmax(query @ key.T / sqrt(size)) @ value: the values, weighted by how well their keys answer each query.

    Shapes: query (..., L, E), key (..., S, E), value (..., S, V); result (..., L, V). A mask of bool says which places
    may be looked at; of another type, it is added before the softmax. `is_causal`: each looks only at places up to its
    own. Vaswani and others, 2017.

    >>> import kindling as torch
    >>> q = torch.tensor([[100., 0.]])
    >>> k, v = torch.tensor([[1., 0.], [0., 1.]]), torch.tensor([[3.], [5.]])
    >>> torch.nn.functional.scaled_dot_product_attention(q, k, v)
    tensor([[3.]])
    """
    if enable_gqa:
        raise NotImplementedError("enable_gqa=True is not in Kindling yet: repeat key and value for every query head")
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise RuntimeError(
            "Expected query, key, and value to all be  at least 2 dimensional, but got query.dim: "
            f"{query.ndim} key.dim: {key.ndim} and value.dim: {value.ndim} instead."
        )
    if is_causal and attn_mask is not None:
        raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        attn_mask = _up_to_itself(scores)
    weights = softmax(scores, -1) if attn_mask is None else _masked(scores, attn_mask)
    return dropout(weights, dropout_p) @ value


def _up_to_itself(scores: Tensor) -> Tensor:
    """True below and on the diagonal of the last two dimensions."""
    rows, columns = (ones(n, dtype=dtypes.int64, device=scores.device).cumsum(0) for n in scores.shape[-2:])
    return columns <= rows.unsqueeze(1)


def _masked(scores: Tensor, mask: Tensor) -> Tensor:
    """The softmax over the places that may be looked at; all 0 where there is none."""
    nothing = zeros((), dtype=scores.dtype, device=scores.device)
    scores = where(mask, scores, nothing - math.inf) if mask.dtype is dtypes.bool_ else scores + mask
    blind = (scores == -math.inf).all(-1, keepdim=True)
    return where(blind, nothing, softmax(where(blind, nothing, scores), -1))
