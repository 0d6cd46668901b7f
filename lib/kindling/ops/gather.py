"""Reading and writing by index along a dimension: embeddings, scatter."""

from typing import Any

from . import promotion
from .declare import indexing
from .operator import Array


def _within(name: str, weight: Any, indices: Any, scale: Any = None) -> None:
    if weight.ndim != 2:
        raise RuntimeError("'weight' must be 2-D")
    if indices.size and not 0 <= indices.min() <= indices.max() < weight.shape[0]:
        raise IndexError(
            "index out of range in self\n"
            f"The table has {weight.shape[0]} rows; the indices go from {indices.min()} to {indices.max()}."
        )


def _to_rows(xp: Any, g: Any, indices: Any, weight_shape: tuple, scale: Any) -> Any:
    """Each row gets the g of its uses, scaled; where the scale is 0, nothing, whatever g is."""
    if scale is not None:
        g = xp.where(scale == 0, xp.zeros_like(g), g * scale)
    return xp.add_at(g, (indices,), weight_shape)


@indexing(weight=_to_rows, node_name="EmbeddingBackward0", check=_within)
def embedding(xp: Any, weight: Array, indices: Array, scale: Array = None) -> Array:
    """Row `indices[i]` of `weight` for each i. Gradient: each row gets the sum of the g of its uses, times `scale`."""
    return weight[indices]


def _ties(xp: Any, x: Any, index: Any, dim: int, out: Any, g: Any) -> tuple:
    """Whether each source element is the extreme of its place, and g of the place shared among all that are."""
    return xp.take_along(out, index, dim) == x


def _reduced_source(xp: Any, g: Any, input: Any, src: Any, out: Any, dim: int, index: Any, include_self: bool) -> Any:
    won = xp.cast(_ties(xp, src, index, dim, out, g), g.dtype)
    return xp.take_along(g / _winners(xp, g, input, won, out, dim, index, include_self), index, dim) * won


def _reduced_input(xp: Any, g: Any, input: Any, src: Any, out: Any, dim: int, index: Any, include_self: bool) -> Any:
    won = xp.cast(_ties(xp, src, index, dim, out, g), g.dtype)
    kept = xp.cast(input == out, g.dtype)
    return g * kept / _winners(xp, g, input, won, out, dim, index, include_self)


def _winners(xp: Any, g: Any, input: Any, won: Any, out: Any, dim: int, index: Any, include_self: bool) -> Any:
    """How many elements equal the result at each place, at least 1."""
    from_self = xp.cast(input == out, g.dtype)
    return xp.maximum(xp.put_along(won, index, dim, tuple(g.shape)) + from_self, xp.ones_like(g))


@indexing(
    input=_reduced_input,
    src=_reduced_source,
    dtype=promotion.keep,
    node_name="ScatterReduceBackward0",
    lacks={"c": "scatter_gather_tensor_cpu_reduce_amax"},
)
def scatter_amax(xp: Any, input: Array, src: Array, dim: int, index: Array, include_self: bool = True) -> Array:
    """The largest of `input` and the `src` elements sent to each place. Gradient: g shared evenly among the largest."""
    return xp.scatter_max(input, index, src, dim)
