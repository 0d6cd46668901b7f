"""Decompositions of matrices, over the last two dimensions."""

from typing import Any

from . import promotion
from .declare import operator
from .operator import Array


def _adjoint(xp: Any, x: Any) -> Any:
    return xp.conj(xp.swapaxes(x, -1, -2))


def _through_svd(xp: Any, g: tuple, needs: tuple, out: Any, out1: Any, out2: Any, full_matrices: bool) -> tuple:
    """The gradient of U, S and Vh in the matrix (Townsend 2016, for complex Wan and Zhang 2019); reduced form only."""
    u, s, vh = out, out1, out2
    gu, gs, gvh = xp.conj(g[0]), g[1], xp.conj(g[2])
    v, gv = _adjoint(xp, vh), _adjoint(xp, gvh)
    row, column = xp.expand_dims(s, -2), xp.expand_dims(s, -1)
    identity = xp.identity_like(s)
    gaps = row * row - column * column + identity
    uhgu, vhgv = xp.matmul(_adjoint(xp, u), gu), xp.matmul(vh, gv)
    inner = (uhgu - _adjoint(xp, uhgu)) / gaps * row + (vhgv - _adjoint(xp, vhgv)) / gaps * column
    # the diagonal of a skew matrix is imaginary: it is the gauge freedom of U and V, so it only counts by its halves
    inner = inner - inner * identity + identity * xp.expand_dims(gs, -2)
    if xp.is_complex(u):
        inner = inner + identity * (uhgu - _adjoint(xp, uhgu)) / (2 * row)
    left = xp.matmul(u, inner) + (gu - xp.matmul(u, uhgu)) / row
    found = xp.matmul(left, vh) + xp.matmul(u / row, _adjoint(xp, gv - xp.matmul(v, vhgv)))
    return (xp.conj(found),)


@operator("linalg", joint=_through_svd, dtype=promotion.keep, outputs=3, node_name="LinalgSvdBackward0")
def svd(xp: Any, input: Array, full_matrices: bool = False) -> tuple:
    """``U @ diag(S) @ Vh``: orthonormal columns, singular values from large to small, orthonormal rows.

    Gradient: by Townsend (2016), from what arrives at all three. It is not defined where singular values are equal, or
    where the phase of U and Vh matters.
    """
    return tuple(xp.library.linalg.svd(input, full_matrices))
