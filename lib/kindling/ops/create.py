"""Making tensors: from data, and filled with constants."""

import math
from collections.abc import Sequence
from typing import Any

from .. import backend, devices, dtypes, shapes
from ..engine import Tensor, at_the_users_line, leaf_edge, warn, wrap
from . import promotion


@at_the_users_line
def tensor(data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A new leaf tensor with a copy of `data`: a number, nested lists, or an array.

    Python floats become the default type (float32), integers int64. A NumPy array keeps its type.

    Raises:
        ValueError: the nested lists are not rectangular.
        RuntimeError: `requires_grad` for a type that has no gradients, or data of no known type.

    >>> torch.tensor([[1, 2], [3, 4]])
    tensor([[1, 2],
            [3, 4]])
    """
    array = _array_from(data, dtype)
    return finish(wrap(array), device, requires_grad)


def constructed(data: tuple) -> Tensor:
    """What ``torch.Tensor(...)`` makes: from data, or of sizes and with any values, of the default type.

    Raises:
        TypeError: `data` are neither values nor sizes.
    """
    kind = dtypes.get_default_dtype()
    first = data[0] if len(data) == 1 else None
    if isinstance(first, Tensor):
        return first[...]
    if isinstance(first, shapes.Size):
        return empty(first)
    if isinstance(first, (list, tuple)) or backend.is_array(first):
        return tensor(first, dtype=kind)
    if isinstance(first, (float, str)):
        raise TypeError(f"new(): data must be a sequence (got {type(first).__name__})")
    return empty(*data) if data else empty(0)


def check_array(array: Any) -> None:
    """Refuse arrays that PyTorch has no tensor of.

    Raises:
        TypeError: its type has no tensors.
        ValueError: its strides are negative, or its bytes in an order that is not this computer's.
    """
    if not array.dtype.isnative:
        raise ValueError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported."
        )
    if any(step < 0 for step in array.strides):
        raise ValueError(
            "At least one stride in the given numpy array is negative, and tensors with negative strides are not "
            "currently supported. (You can probably work around this by making a copy of your array  with "
            "array.copy().) "
        )
    dtypes.of_array(array)


def _array_from(data: Any, dtype: Any) -> Any:
    if isinstance(data, Tensor):
        warn(
            "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
            "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor)."
        )
        return backend.copy_array(data._array, None if dtype is None else dtype.array)
    if backend.is_array(data) or backend.array_type(data):
        check_array(data)
        kind = dtypes.of_array(data) if dtype is None else dtype
        return backend.copy_array(data, kind.array)
    if isinstance(data, Sequence) and not isinstance(data, (list, tuple, str, bytes)):
        data = list(data)
    _check_rectangular(data)
    kind = (infer_dtype(data) or dtypes.get_default_dtype()) if dtype is None else dtype
    try:
        return backend.copy_array(_plain(data), kind.array)
    except OverflowError as error:
        raise RuntimeError(f"value cannot be converted to type {kind.name} without overflow") from error


def _plain(data: Any) -> Any:
    """Nested lists with one-element tensors replaced by their numbers."""
    if isinstance(data, Tensor):
        if data._array.size != 1:
            raise ValueError("only one element tensors can be converted to Python scalars")
        return data._array.reshape(())
    return [_plain(x) for x in data] if isinstance(data, (list, tuple)) else data


def _check_rectangular(data: Any, dim: int = 0) -> None:
    if not isinstance(data, (list, tuple)):
        return
    nested = [x for x in data if isinstance(x, (list, tuple))]
    if nested:
        for x in data:
            if not isinstance(x, (list, tuple)) or len(x) != len(nested[0]):
                got = f"got {len(x)}" if isinstance(x, (list, tuple)) else "got a number"
                raise ValueError(f"expected sequence of length {len(nested[0])} at dim {dim + 1} ({got})")
            _check_rectangular(x, dim + 1)


def infer_dtype(data: Any) -> Any:
    """The type PyTorch gives to nested Python data; None for an empty list.

    Raises:
        RuntimeError: something in it is neither a number nor a tensor.
    """
    if isinstance(data, (list, tuple)):
        found = [d for d in map(infer_dtype, data) if d is not None]
        result = found[0] if found else None
        for d in found[1:]:
            result = dtypes.promote_types(result, d)
        return result
    if isinstance(data, Tensor) or backend.is_array(data) or backend.array_type(data):
        return dtypes.of_array(data._array if isinstance(data, Tensor) else data)
    if isinstance(data, (bool, int, float, complex)):
        return dtypes.of_number(data)
    if isinstance(data, (str, bytes)):
        raise TypeError(f"new(): invalid data type '{type(data).__name__}'")
    raise RuntimeError(f"Could not infer dtype of {type(data).__name__}")


def finish(t: Tensor, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Put a new tensor where it was asked for, and make it a leaf with gradient if it was asked to be one."""
    if device is not None and devices.device(device).type != devices.of_array(t._array).type:
        t = to_device(t, devices.device(device))
    if requires_grad:
        require_grad(t)
    return t


def to_device(t: Tensor, device: devices.device) -> Tensor:
    """`t` in the memory of `device`.

    Raises:
        AssertionError: there is no such device here.
    """
    return wrap(backend.move(t._array, check_device(device)))


def check_device(device: devices.device) -> str:
    """The kind of `device`.

    Raises:
        AssertionError: there is no such device here.
    """
    if backend.library_of_device(device.type) is not None and device.index in (None, 0):
        return device.type
    raise AssertionError(
        "Torch not compiled with CUDA enabled\n"
        f"This computer offers no device {device}. Write device-agnostic code: "
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'."
    )


def require_grad(t: Tensor) -> None:
    """Make `t` a leaf whose gradient is wanted.

    Raises:
        RuntimeError: its type has no gradients.
    """
    if t._array.dtype.kind not in "fcV":
        raise RuntimeError("Only Tensors of floating point and complex dtype can require gradients")
    t._edge = leaf_edge(t)


def sizes(name: str, size: tuple) -> tuple:
    """The shape that a user gave as ``f(2, 3)`` or ``f((2, 3))``.

    Raises:
        TypeError: a size is no integer.
        RuntimeError: a size is negative.
    """
    shape = tuple(size[0]) if len(size) == 1 and isinstance(size[0], (tuple, list)) else tuple(size)
    for i, n in enumerate(shape):
        if not hasattr(n, "__index__"):
            kind = type(n).__name__
            raise TypeError(
                f"{name}(): argument 'size' (position 1) must be tuple of ints, not {kind}"
                if i == 0
                else f"{name}(): argument 'size' failed to unpack the object at pos {i + 1} with error \"type must be "
                f'tuple of ints,but got {kind}"'
            )
        if n < 0:
            raise RuntimeError(
                "zeros: Dimension size must be non-negative."
                if name == "zeros"
                else f"Trying to create tensor with negative dimension {n}: {list(shape)}"
            )
    return shape


def zeros(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of zeros.

    >>> torch.zeros(2, 3)
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    """
    return _filled(sizes("zeros", size), 0, dtype, device, requires_grad)


def ones(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of ones.

    >>> torch.ones(3)
    tensor([1., 1., 1.])
    """
    return _filled(sizes("ones", size), 1, dtype, device, requires_grad)


def empty(*size: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor whose values are whatever the memory held.

    >>> torch.empty(2, 3).shape
    torch.Size([2, 3])
    """
    kind = (dtype or dtypes.get_default_dtype()).array
    return finish(wrap(backend.cpu.empty(sizes("empty", size), kind)), device, requires_grad)


def full(size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor filled with one value; its type is the value's unless given.

    >>> torch.full((2, 2), 7)
    tensor([[7, 7],
            [7, 7]])
    """
    if isinstance(fill_value, Tensor):
        dtype, fill_value = dtype or dtypes.of_array(fill_value._array), fill_value._array.item()
    if not promotion.is_number(fill_value):
        raise TypeError(f"full(): argument 'fill_value' (position 2) must be Number, not {type(fill_value).__name__}")
    shape, kind = sizes("full", (size,)), dtype or dtypes.of_number(fill_value)
    dtypes.check_value(fill_value, kind)
    return _filled(shape, fill_value, kind, device, requires_grad)


def _filled(shape: tuple, value: Any, dtype: Any, device: Any, requires_grad: bool) -> Tensor:
    kind = (dtype or dtypes.get_default_dtype()).array
    array = backend.cpu.full(shape, backend.as_array(value).astype(kind), kind)  # -1 as uint8 is 255
    return finish(wrap(array), device, requires_grad)


def zeros_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Zeros of the shape, type and device of another tensor.

    >>> torch.zeros_like(torch.tensor([1, 2]))
    tensor([0, 0])
    """
    return full_like(input, 0, dtype=dtype, device=device, requires_grad=requires_grad)


def ones_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Ones of the shape, type and device of another tensor.

    >>> torch.ones_like(torch.tensor([1, 2]))
    tensor([1, 1])
    """
    return full_like(input, 1, dtype=dtype, device=device, requires_grad=requires_grad)


def empty_like(input: Tensor, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of the shape, type and device of another, its values whatever the memory held.

    >>> torch.empty_like(torch.tensor([1, 2])).dtype
    torch.int64
    """
    xp = backend.namespace_of(input._array)
    kind = input._array.dtype if dtype is None else dtype.array
    return finish(wrap(xp.empty(input._array.shape, kind)), device, requires_grad)


def full_like(
    input: Tensor, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """One value in the shape, type and device of another tensor.

    >>> torch.full_like(torch.tensor([1., 2.]), 3)
    tensor([3., 3.])
    """
    xp = backend.namespace_of(input._array)
    kind = dtypes.of_array(input._array) if dtype is None else dtype
    dtypes.check_value(fill_value, kind)
    value = backend.as_array(fill_value).astype(kind.array).item()
    return finish(wrap(xp.full(input._array.shape, value, kind.array)), device, requires_grad)


def arange(
    start: Any, end: Any = None, step: Any = 1, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Numbers from `start` up to but not including `end`, `step` apart.

    >>> torch.arange(5)
    tensor([0, 1, 2, 3, 4])
    >>> torch.arange(1, 2.5, 0.5)
    tensor([1.0000, 1.5000, 2.0000])
    """
    if end is None:
        start, end = 0, start
    if dtype is None:
        dtype = promotion.result_type(start, end, step)
    start, end, step = number(start), number(end), number(step)
    if dtype.category == dtypes.INTEGER:
        start, end, step = int(start), int(end), int(step) or step
        if abs(step) < 1 and step:
            raise ValueError("step must be nonzero")
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if not math.isfinite(start) or not math.isfinite(end):
        raise RuntimeError(f"unsupported range: {start} -> {end}")
    if (end - start) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    if (end - start) / step >= 2**60:
        raise RuntimeError("invalid size, possible overflow?")
    array = backend.cpu.arange(start, end, step).astype(dtype.array)
    return finish(wrap(array), device, requires_grad)


def linspace(
    start: float, end: float, steps: int, *, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """`steps` numbers from `start` to `end`, both included, evenly apart.

    >>> torch.linspace(0, 1, 5)
    tensor([0.0000, 0.2500, 0.5000, 0.7500, 1.0000])
    """
    for name, bound in (("start", start), ("end", end)):
        if isinstance(bound, Tensor) and bound._array.ndim:
            raise RuntimeError(
                "linspace only supports 0-dimensional start and end tensors, but got "
                f"{name} with {bound._array.ndim} dimension(s)."
            )
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    kind = dtype or dtypes.get_default_dtype()
    start, end = number(start), number(end)
    if kind.category == dtypes.INTEGER:
        array = _whole_steps(int(start), int(end), steps)
    else:
        array = backend.cpu.library.linspace(start, end, steps)
    array = array.astype(kind.array)
    return finish(wrap(array), device, requires_grad)


def _whole_steps(start: int, end: int, steps: int) -> Any:
    """Counted from the nearer end, so that rounding down is the same from both."""
    places, step = backend.cpu.arange(steps), (end - start) / max(1, steps - 1)
    return backend.cpu.where(places < (steps // 2 or 1), start + step * places, end - step * (steps - 1 - places))


def number(x: Any) -> Any:
    """A Python number: `x` itself, or the one element of a tensor."""
    return x._array.item() if isinstance(x, Tensor) else x


def scalar_tensor(s: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A tensor of no dimensions, of the default floating-point type unless given.

    >>> torch.scalar_tensor(3)
    tensor(3.)
    """
    return tensor(s, dtype=dtype or dtypes.get_default_dtype(), device=device, requires_grad=requires_grad)


def eye(n: int, m: int | None = None, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """A matrix with ones on the diagonal.

    >>> torch.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    m = n if m is None else m
    for name, size in (("n", n), ("m", m)):
        if size < 0:
            raise RuntimeError(f"{name} must be greater or equal to 0, got {size}")
    array = backend.cpu.eye(n, m, dtype=(dtype or dtypes.get_default_dtype()).array)
    return finish(wrap(array), device, requires_grad)
