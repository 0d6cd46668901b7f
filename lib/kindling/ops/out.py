"""`out=`: a result stored into a tensor that the user gives, and which tensors may be written at all."""

from math import prod
from typing import Any

from .. import backend, dtypes
from ..engine import Tensor, edge_of, mark_written, mode, warn

RESIZED = (
    "An output with one or more elements was resized since it had shape {had}, which does not match the required "
    "output shape {required}. This behavior is deprecated, and in a future PyTorch release outputs will not be resized "
    "unless they have zero elements. You can explicitly reuse an out tensor t by resizing it, inplace, to zero "
    "elements with t.resize_(0)."
)
REPEATED = (
    "unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
    "Please clone() the tensor before performing the operation."
)
SHARED = (
    "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory "
    "location. Please clone() the tensor before performing the operation."
)
APART = ("gather", "cat", "stack", "index_put")
"""Operators that read their inputs while they write: not even the same tensor may be both. Others may write over an
input, but not over a part of one."""

# What `out` must be, where that is not "a type that the result's can be cast to".
EXACT = {
    "Expected out tensor to have dtype {wanted_c}, but got {given_c} instead": (
        "gather", "linear", "matmul", "softmax", "log_softmax", "argmax", "argmin",
    ),
    "Found dtype {given} but expected {wanted}": (
        "neg", "abs", "ceil", "floor", "round", "sign", "trunc", "clamp", "bitwise_not",
    ),
    "Expected the dtype for input and out to match, but got {wanted} for input's dtype and {given} for out's dtype.": (
        "amax", "amin",
    ),
    "Expected out type to be {wanted} but got {given}": ("where",),
    "Expected object of scalar type {wanted} but got scalar type {given} for argument 'out'": ("complex",),
}  # fmt: skip
CASTABLE = {
    "mean": "mean.dtype_out(): input types can't be cast to the desired output type {given}",
    "logsumexp": "logsumexp(): Expected floating point type for result tensor, but got: {given}",
    "cat": "torch.cat(): input types can't be cast to the desired output type {given}",
    "stack": "torch.cat(): input types can't be cast to the desired output type {given}",
}
C_NAMES = {
    "float64": "double", "float32": "float", "int64": "long int", "int32": "int", "int16": "short int",
    "int8": "signed char", "uint8": "unsigned char", "float16": "c10::Half", "bfloat16": "c10::BFloat16",
    "complex64": "c10::complex<float>", "complex128": "c10::complex<double>",
}  # fmt: skip


def write_out(op: Any, inputs: tuple, result: Any, out: Any) -> Any:
    """Store the result of `op` into the tensor the user gave for it, or several into several.

    Raises:
        RuntimeError: a gradient would be lost, the type does not fit, or `out` shares a part of an input's memory.
    """
    if isinstance(result, tuple):
        return tuple(write_out(op, inputs, r, o) for r, o in zip(result, out, strict=True))
    if not isinstance(out, Tensor):
        raise TypeError(f"{op.name}(): argument 'out' must be Tensor, not {type(out).__name__}")
    if mode.grad and (result._edge is not None or edge_of(out) is not None):
        raise RuntimeError(
            f"{op.name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad."
        )
    check_fits(op.name, dtypes.of_array(result._array), dtypes.of_array(out._array))
    if out._array.shape != result._array.shape:
        _resize(out, result._array.shape)
    if op.family != "reduction":
        check_memory(op.name, out, inputs)
    out._array[...] = result._array
    mark_written(out)
    return out


def check_fits(name: str, wanted: dtypes.dtype, given: dtypes.dtype) -> None:
    """Raise PyTorch's sentence when a result of type `wanted` cannot go into `given`."""
    titles = {"wanted": wanted.title, "given": given.title}
    if wanted is not given:
        for sentence, names in EXACT.items():
            if name in names:
                c_names = {"wanted_c": C_NAMES.get(wanted.name, "bool"), "given_c": C_NAMES.get(given.name, "bool")}
                raise RuntimeError(sentence.format(**titles, **c_names))
    if name in ("all", "any") and given not in (dtypes.bool_, dtypes.uint8):
        raise RuntimeError(f"{name} only supports bool tensor for result, got: {given.title}")
    if not dtypes.can_cast(wanted, given):
        if name in CASTABLE:
            raise (TypeError if name in APART else RuntimeError)(CASTABLE[name].format(**titles))
        raise RuntimeError(f"result type {wanted.title} can't be cast to the desired output type {given.title}")


def check_memory(name: str, written: Tensor, read: tuple) -> None:
    """Raise PyTorch's sentence when writing would change what is still to be read, or one place twice."""
    array = written._array
    if (
        array.size
        and 0 in array.strides
        and any(step == 0 and size > 1 for step, size in zip(array.strides, array.shape, strict=True))
    ):
        raise RuntimeError(REPEATED)
    for t in read:
        if isinstance(t, Tensor) and (t is written or (t._storage is not None and t._storage is written._storage)):
            source = t._array
            if name == "copy" and source.shape != array.shape:  # repeated first, so it lies nowhere as a whole
                source = backend.namespace_of(source).broadcast_view(source, array.shape)
            shared = backend.overlap(source, array)
            if shared == "part" or (shared == "all" and name in APART):
                raise RuntimeError(SHARED)


def _resize(out: Tensor, shape: tuple) -> None:
    """Give `out` another shape on its memory, or new memory when that is too small and nobody else's."""
    if out._array.size:
        warn(RESIZED.format(had=list(out._array.shape), required=list(shape)))
    base = out if out._view is None else out._view.base
    start = (out.data_ptr() - base.data_ptr()) // out._array.itemsize
    if base._array.flags.c_contiguous and start + prod(shape) <= base._array.size:
        view = base.as_strided(shape, [prod(shape[i + 1 :]) for i in range(len(shape))], start)
        out._array, out._view = view._array, out._view and view._view
    elif out._view is None:
        out._array = backend.namespace_of(out._array).empty(shape, out._array.dtype)
    else:
        raise NotImplementedError("out=: a view that must grow beyond the memory of its base is not supported")
