"""Shapes: how they broadcast, and every error that a wrong one raises, in PyTorch's words and then in ours."""

from math import prod
from typing import Any


class Size(tuple):
    """A tensor's shape: a tuple of ints that prints as PyTorch's.

    >>> import kindling as torch
    >>> torch.zeros(2, 3).shape
    torch.Size([2, 3])
    """

    __slots__ = ()

    def numel(self) -> int:
        """How many elements a tensor of this shape has."""
        return prod(self)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"

    def __getitem__(self, index: Any) -> Any:
        found = tuple.__getitem__(self, index)
        return Size(found) if isinstance(index, slice) else found

    def __add__(self, other: tuple) -> "Size":
        return Size(tuple.__add__(self, other))


class memory_format:
    """The order of a tensor's elements in memory; only row order is made here."""

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"torch.{self.name}"

    def __reduce__(self) -> str:
        return self.name  # a copy, or what is read back from a file, is the one of this module


contiguous_format, preserve_format = memory_format("contiguous_format"), memory_format("preserve_format")
channels_last, channels_last_3d = memory_format("channels_last"), memory_format("channels_last_3d")


def broadcast(name: str, *shapes: tuple) -> tuple:
    """The shape that `shapes` broadcast to: aligned at the right, sizes equal or 1.

    Raises:
        RuntimeError: two sizes differ and neither is 1.
    """
    result: list[int] = []
    for shape in shapes:
        result = [1] * (len(shape) - len(result)) + result
        for i in range(1, len(shape) + 1):
            size, other = result[-i], shape[-i]
            if size != other and 1 not in (size, other):
                raise RuntimeError(_no_broadcast(name, shapes, tuple(result), shape, len(result) - i))
            result[-i] = other if size == 1 else size
    return tuple(result)


def _no_broadcast(name: str, shapes: tuple, a: tuple, b: tuple, dim: int) -> str:
    size, other = a[dim], b[dim - len(a) + len(b)]
    wide = max(len(str(list(s))) for s in shapes)
    aligned = "   ".join(str(list(s)).rjust(wide) for s in shapes)
    hint = "Sizes are compared from the right; each pair must be equal or hold a 1."
    for s, o in ((a, b), (b, a)):
        if len(s) == 1 and len(o) == 2 and s[0] == o[0]:
            hint += f" To line up {list(s)} with the rows of {list(o)}, give it a last axis: x.unsqueeze(1)."
    return (
        f"The size of tensor a ({size}) must match the size of tensor b ({other}) at non-singleton dimension {dim}\n"
        f"{name} got shapes {aligned}\n{hint}"
    )


def axis(dim: int, ndim: int) -> int:
    """`dim` counted from the front; a zero-dimensional tensor may be asked for dimension 0 or -1.

    Raises:
        IndexError: there is no such dimension.
    """
    low, high = (-ndim, ndim - 1) if ndim else (-1, 0)
    if not low <= dim <= high:
        raise IndexError(f"Dimension out of range (expected to be in range of [{low}, {high}], but got {dim})")
    return dim % ndim if ndim else 0


def axes(dim: Any, ndim: int) -> tuple[int, ...]:
    """The dimensions a reduction works over: all of them for None or ().

    Raises:
        IndexError: there is no such dimension.
        RuntimeError: one appears twice.
    """
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return tuple(range(ndim))
    found = tuple(axis(d, ndim) for d in ((dim,) if isinstance(dim, int) else dim))
    for d in found:
        if found.count(d) > 1:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
    return found if ndim else ()


def kept(shape: tuple, dims: tuple[int, ...]) -> tuple:
    """`shape` with size 1 at each of `dims`."""
    return tuple(1 if i in dims else size for i, size in enumerate(shape))


def infer(size: int, shape: tuple) -> tuple:
    """`shape` with its -1, if any, worked out for a tensor of `size` elements.

    Raises:
        RuntimeError: the elements do not fill the shape.
    """
    unknown = [i for i, s in enumerate(shape) if s == -1]
    if any(s < -1 for s in shape):
        raise RuntimeError(f"invalid shape dimension {min(shape)}")
    if len(unknown) > 1:
        raise RuntimeError("only one dimension can be inferred")
    known = prod(s for s in shape if s != -1)
    fits = size == known if not unknown else (known > 0 and size % known == 0)
    if unknown and known == 0 and size == 0:
        raise RuntimeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    if not fits:
        raise RuntimeError(
            f"shape '{list(shape)}' is invalid for input of size {size}\n"
            f"A reshape keeps every element: the product of the sizes must be {size}."
        )
    return tuple(size // known if s == -1 else s for s in shape)


def expanded(shape: tuple, target: tuple) -> tuple:
    """The shape that `expand(*target)` gives a tensor of `shape`; -1 keeps a size.

    Raises:
        RuntimeError: a size that is not 1 would have to change.
    """
    if len(target) < len(shape):
        raise RuntimeError(
            f"expand(torch.FloatTensor{{{list(shape)}}}, size={list(target)}): the number of sizes provided "
            f"({len(target)}) must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
    extra = len(target) - len(shape)
    result = []
    for i, size in enumerate(target):
        own = shape[i - extra] if i >= extra else 1
        if size == -1 and i < extra:
            raise RuntimeError(
                f"The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension {i}"
            )
        if size not in (-1, own) and own != 1:
            raise RuntimeError(
                f"The expanded size of the tensor ({size}) must match the existing size ({own}) at non-singleton "
                f"dimension {i}.  Target sizes: {list(target)}.  Tensor sizes: {list(shape)}"
            )
        result.append(own if size == -1 else size)
    return tuple(result)


def check_matmul(name: str, input: Any, other: Any) -> None:
    """Raise PyTorch's sentence when `a @ b` has no meaning for these shapes."""
    x, y = input.shape, other.shape
    if not x or not y:
        raise RuntimeError(f"both arguments to matmul need to be at least 1D, but they are {len(x)}D and {len(y)}D")
    inner = y[-2] if len(y) > 1 else y[0]
    if x[-1] != inner:
        raise RuntimeError(_matmul_sentence(x, y) + f"\n{name}: the last size of the first, {x[-1]}, must equal "
                           f"{inner}, the {'size' if len(y) == 1 else 'second to last size'} of the second."
                           + _transpose_hint(x, y))  # fmt: skip
    if len(x) > 2 or len(y) > 2:
        broadcast(name, x[:-2], y[:-2])


def _matmul_sentence(x: tuple, y: tuple) -> str:
    if len(x) == 1 and len(y) == 1:
        return (
            f"inconsistent tensor size, expected tensor [{x[0]}] and src [{y[0]}] to have the same number of "
            f"elements, but got {x[0]} and {y[0]} elements respectively"
        )
    if len(y) == 1 and len(x) == 2:
        return f"size mismatch, got input ({x[0]}), mat ({x[0]}x{x[1]}), vec ({y[0]})"
    if len(x) > 2 and len(y) > 2:
        batch = prod(broadcast("matmul", x[:-2], y[:-2]))
        return (
            f"Expected size for first two dimensions of batch2 tensor to be: [{batch}, {x[-1]}] but got: "
            f"[{batch}, {y[-2]}]."
        )
    rows = prod(x[:-1])
    columns = y[-1] if len(y) > 1 else 1
    return f"mat1 and mat2 shapes cannot be multiplied ({rows}x{x[-1]} and {y[-2] if len(y) > 1 else y[0]}x{columns})"


def _transpose_hint(x: tuple, y: tuple) -> str:
    if len(y) > 1 and x[-1] == y[-1]:
        return " Transposing the second would make them fit: a @ b.mT."
    if len(x) > 1 and x[-2] == (y[-2] if len(y) > 1 else y[0]):
        return " Transposing the first would make them fit: a.mT @ b."
    return ""


def check_gather(name: str, input: Any, dim: int, index: Any) -> None:
    """Raise PyTorch's sentence when `index` cannot name elements of `input` along `dim`."""
    d = axis(dim, input.ndim)
    if not index.size:
        return
    if index.dtype.name not in ("int64", "int32"):
        raise RuntimeError(f"{name}(): Expected dtype int32/int64 for index")
    if max(1, index.ndim) != max(1, input.ndim):
        raise RuntimeError("Index tensor must have the same number of dimensions as input tensor")
    for i, (size, own) in enumerate(zip(index.shape, input.shape, strict=False)):
        if i != d and size > own:
            raise RuntimeError(
                f"Size does not match at dimension {i} expected index {list(index.shape)} to be no larger than self "
                f"{list(input.shape)} apart from dimension {d}"
            )
    size = input.shape[d] if input.ndim else 1
    for extreme in (index.min(), index.max()):
        if not 0 <= extreme < size:
            raise RuntimeError(f"index {extreme} is out of bounds for dimension {d} with size {size}")


def check_cat(name: str, tensors: list, dim: int) -> None:
    """Raise PyTorch's sentence when tensors cannot be joined along `dim`."""
    first = next((a.shape for a in tensors if a.shape != (0,)), (0,))
    d = axis(dim, len(first))
    for number, array in enumerate(tensors):
        if array.shape == (0,):
            continue
        if not array.ndim:
            raise RuntimeError(f"zero-dimensional tensor (at position {number}) cannot be concatenated")
        if array.ndim != len(first):
            raise RuntimeError(f"Tensors must have same number of dimensions: got {len(first)} and {array.ndim}")
        for i, (size, expected) in enumerate(zip(array.shape, first, strict=True)):
            if i != d and size != expected:
                raise RuntimeError(
                    f"Sizes of tensors must match except in dimension {d}. Expected size {expected} but got size "
                    f"{size} for tensor number {number} in the list."
                )


def check_convolution(
    name: str, input: Any, weight: Any, bias: Any, stride: tuple, padding: tuple, dilation: tuple, groups: int
) -> None:
    """Raise PyTorch's sentence when a kernel does not fit its input."""
    channels, wanted = input.shape[1], weight.shape[1] * groups
    if channels != wanted:
        raise RuntimeError(
            f"Given groups={groups}, weight of size {list(weight.shape)}, expected input{list(input.shape)} to have "
            f"{wanted} channels, but got {channels} channels instead"
        )
    grown = [n + 2 * p for n, p in zip(input.shape[2:], padding, strict=True)]
    reach = [d * (k - 1) + 1 for k, d in zip(weight.shape[2:], dilation, strict=True)]
    if any(r > n for r, n in zip(reach, grown, strict=True)):
        raise RuntimeError(
            f"Calculated padded input size per channel: ({' x '.join(map(str, grown))}). Kernel size: "
            f"({' x '.join(map(str, reach))}). Kernel size can't be greater than actual input size"
        )


def check_stack(name: str, tensors: list, dim: int) -> None:
    """Raise PyTorch's sentence when tensors cannot be stacked."""
    if not tensors:
        raise RuntimeError("stack expects a non-empty TensorList")
    for number, array in enumerate(tensors):
        if array.shape != tensors[0].shape:
            raise RuntimeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 and "
                f"{list(array.shape)} at entry {number}"
            )
