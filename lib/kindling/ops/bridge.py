"""To and from NumPy and other array libraries, sharing memory where that is possible."""

from typing import Any

from .. import backend, dtypes
from ..engine import Tensor, alias, at_the_users_line, edge_of, warn, wrap
from .create import check_array, finish, tensor

NOT_WRITABLE = (
    "The given {what} is not writable, and PyTorch does not support non-writable tensors. This means {danger} You may "
    "want to copy the {short} to protect its data or make it writable before converting it to a tensor."
)


@at_the_users_line
def from_numpy(ndarray: Any) -> Tensor:
    """A tensor on the memory of a NumPy array: writing to one writes to both.

    Raises:
        TypeError: not an array, or of a type that PyTorch has no tensor of.
        ValueError: its strides are negative, or its bytes in an order that is not this computer's.

    >>> import numpy
    >>> a = numpy.zeros(2)
    >>> t = torch.from_numpy(a)
    >>> a[0] = 5
    >>> t
    tensor([5., 0.], dtype=torch.float64)
    """
    if type(ndarray) is not backend.ndarray:
        kind = type(ndarray)
        name = f"numpy.{kind.__name__}" if backend.array_type(ndarray) else kind.__name__
        raise TypeError(f"expected np.ndarray (got {name})")
    check_array(ndarray)
    if not ndarray.flags.writeable:
        danger = "writing to this tensor will result in undefined behavior."
        warn(NOT_WRITABLE.format(what="NumPy array", short="array", danger=danger))
    return wrap(ndarray)


@at_the_users_line
def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """`data` as a tensor: a tensor as it is, an array on the same memory, anything else as `tensor` makes it.

    >>> torch.as_tensor([1.0, 2.0])
    tensor([1., 2.])
    """
    if isinstance(data, Tensor):
        return data.to(dtype=dtype, device=device)
    if type(data) is backend.ndarray:
        return from_numpy(data).to(dtype=dtype, device=device)
    return tensor(data, dtype=dtype, device=device)


@at_the_users_line
def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """`obj` as a tensor on the same memory where that is possible, always (`copy=True`) or never (`False`) copied.

    Raises:
        ValueError: `copy=False`, and it cannot be had without a copy.

    >>> torch.asarray([1, 2])
    tensor([1, 2])
    """
    if isinstance(obj, Tensor):
        shared = obj
    elif hasattr(obj, "__dlpack__"):
        shared = from_dlpack(obj)
    elif copy is False:
        raise ValueError("can't alias arbitrary sequence into a tensor.")
    else:
        return tensor(obj, dtype=dtype, device=device, requires_grad=requires_grad)
    if copy is False and dtype not in (None, shared.dtype):
        raise ValueError(f"can't alias tensor with dtype '{shared.dtype.title}' into dtype '{dtype.title}'.")
    found = shared.to(dtype=dtype, device=device, copy=bool(copy))
    return found.requires_grad_() if requires_grad else found


@at_the_users_line
def frombuffer(buffer: Any, *, dtype: Any, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A tensor on the memory of a buffer, such as a bytearray.

    >>> torch.frombuffer(bytearray([1, 0, 2, 0]), dtype=torch.int16)
    tensor([1, 2], dtype=torch.int16)
    """
    array = backend.from_buffer(buffer, dtype.array, count, offset)
    if not array.flags.writeable:
        danger = "you can write to the underlying (supposedly non-writable) buffer using the tensor."
        warn(NOT_WRITABLE.format(what="buffer", short="buffer", danger=danger))
    return finish(wrap(array), None, requires_grad)


class _Capsule:
    """A capsule as the object it was asked of, so that NumPy takes it."""

    def __init__(self, capsule: Any):
        self.capsule = capsule

    def __dlpack__(self, **_: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return 1, 0


def from_dlpack(ext_tensor: Any) -> Tensor:
    """A tensor on the memory of another library's array, by way of DLPack.

    https://dmlc.github.io/dlpack/latest/python_spec.html

    Raises:
        RuntimeError: not such an array.

    >>> torch.from_dlpack(numpy.arange(3))
    tensor([0, 1, 2])
    """
    if isinstance(ext_tensor, Tensor):
        return alias(ext_tensor)
    if backend.is_array(ext_tensor):
        check_array(ext_tensor)
        return wrap(ext_tensor)
    if not hasattr(ext_tensor, "__dlpack__"):
        if type(ext_tensor).__name__ != "PyCapsule":
            raise RuntimeError(
                "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so "
                "you might have already constructed a tensor from it once."
            )
        return wrap(backend.writable(backend.from_dlpack(_Capsule(ext_tensor))))
    array = backend.from_dlpack(ext_tensor)
    dtypes.of_array(array)
    return wrap(array)


def dlpack(self: Tensor, **options: Any) -> Any:
    """The DLPack capsule of this tensor's memory, for another library."""
    if edge_of(self) is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return self._array.__dlpack__(**options)


def dlpack_device(self: Tensor) -> tuple[int, int]:
    """DLPack's numbers of the device: its kind and its index."""
    return self._array.__dlpack_device__()
