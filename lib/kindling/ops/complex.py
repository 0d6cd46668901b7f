"""Complex numbers and their real and imaginary parts, which are views: writing one writes the number.

A complex element lies in memory as two real ones. `view_as_real` shows them as a last dimension of size 2, and a part
is one entry along it. Rules see dL/dz = dL/dx - i dL/dy (the engine conjugates at the ends), hence the signs.
"""

from typing import Any

from .. import dtypes
from ..engine import Tensor, at_the_users_line
from . import promotion
from .declare import elementwise, view
from .operator import Array
from .promotion import check_broadcast
from .shape import select


def _complex(name: str, input: Any) -> None:
    if input.dtype.kind != "c":
        raise RuntimeError("view_as_real is only supported for complex tensors")


@view(input=lambda xp, g: xp.complex(g[..., 0], -g[..., 1]), check=_complex, node_name="ViewAsRealBackward0")
def view_as_real(xp: Any, input: Array) -> Array:
    """Complex numbers as pairs of real ones, in a new last dimension, on the same memory.

    Gradient: g[..., 0] + i g[..., 1], as PyTorch shows it.

    >>> torch.view_as_real(torch.tensor([1 + 2j]))
    tensor([[1., 2.]])
    """
    return xp.view_as_real(input)


def _pairs(name: str, input: Any) -> None:
    kind = dtypes.of_array(input)
    if kind is dtypes.float16:
        raise NotImplementedError("view_as_complex(): float16 is not supported, there is no complex32")
    if kind not in (dtypes.float32, dtypes.float64):
        raise RuntimeError(
            "view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: "
            f"{kind.title}"
        )
    if not input.ndim:
        raise RuntimeError("Input tensor must have one or more dimensions")
    if input.shape[-1] != 2:
        raise RuntimeError("Tensor must have a last dimension of size 2")


@view(
    input=lambda xp, g: xp.view_as_real(xp.conj(g)),
    check=_pairs,
    name="view_as_complex",
    node_name="ViewAsComplexBackward0",
    may_copy=True,
)
def paired(xp: Any, input: Array) -> Array:
    """`view_as_complex`, which copies where the pairs do not lie side by side, as in a replay on gradients."""
    return xp.view_as_complex(input)


@at_the_users_line
def view_as_complex(input: Tensor) -> Tensor:
    """Pairs of real numbers, in a last dimension of size 2, as complex ones on the same memory.

    Raises:
        RuntimeError: the type is no float, or the pairs do not lie side by side.

    >>> torch.view_as_complex(torch.tensor([[1.0, 2.0]]))
    tensor([1.+2.j])
    """
    found = paired(input)
    *strides, last = input.stride() if input.numel() else (1,)
    if last != 1:
        raise RuntimeError("Tensor must have a last dimension with stride 1")
    if any(step % 2 for step in strides):
        raise RuntimeError("Tensor must have a stride divisible by 2 for all but last dimension")
    if input._view and (input.data_ptr() - input._view.base.data_ptr()) // input.itemsize % 2:
        raise RuntimeError("Tensor must have a storage_offset divisible by 2")
    return found


def _equal_floats(inputs: tuple, params: dict) -> None:
    """Both parts must have one type already; nothing is promoted."""
    real, imag = [dtypes.of_array(t._array) if isinstance(t, Tensor) else None for t in inputs]
    if real is None or imag is None:
        return
    floats = (dtypes.float16, dtypes.float32, dtypes.float64)
    if real not in floats or imag not in floats:
        raise RuntimeError(
            f"Expected both inputs to be Half, Float or Double tensors but got {real.title} and {imag.title}"
        )
    if real is not imag:
        raise RuntimeError(
            f"Expected object of scalar type {real.title} but got scalar type {imag.title} for second argument"
        )
    if real is dtypes.float16:
        raise NotImplementedError("complex(): float16 is not supported, there is no complex32")


@elementwise(real=lambda xp, g: xp.real(g), imag=lambda xp, g: -xp.imag(g), dtype=_equal_floats, check=check_broadcast)
def complex(xp: Any, real: Array, imag: Array) -> Array:
    """Complex numbers from their parts. Gradients: the parts of g.

    >>> torch.complex(torch.tensor([1.0]), torch.tensor([2.0]))
    tensor([1.+2.j])
    """
    return xp.complex(real, imag)


@elementwise(input=lambda xp, g: xp.conj(g), dtype=promotion.keep, name="conj", check=None)
def conjugated(xp: Any, input: Array) -> Array:
    """`conj` of complex numbers."""
    return xp.conj(input)


def conj(input: Tensor) -> Tensor:
    """The complex conjugate; a real tensor as it is. Gradient: conj(g).

    >>> torch.conj(torch.tensor([1 + 2j]))
    tensor([1.-2.j])
    """
    return conjugated(input) if input._array.dtype.kind == "c" else input


def real(input: Tensor) -> Tensor:
    """The real parts, on the same memory; a real tensor as it is.

    >>> torch.real(torch.tensor([1 + 2j]))
    tensor([1.])
    """
    return select(view_as_real(input), -1, 0) if input._array.dtype.kind == "c" else input


@at_the_users_line
def imag(input: Tensor) -> Tensor:
    """The imaginary parts, on the same memory.

    Raises:
        RuntimeError: the tensor is real.

    >>> torch.imag(torch.tensor([1 + 2j]))
    tensor([2.])
    """
    if input._array.dtype.kind != "c":
        raise RuntimeError("imag is not implemented for tensors with non-complex dtypes.")
    return select(view_as_real(input), -1, 1)


def set_real(input: Tensor, value: Any) -> None:
    """``x.real = value``: written into the real parts."""
    real(input)[...] = value


def set_imag(input: Tensor, value: Any) -> None:
    """``x.imag = value``: written into the imaginary parts."""
    imag(input)[...] = value
