"""What happens to inputs before a forward sees them: one device, one type, numbers made arrays."""

from typing import Any

from .. import backend, devices, dtypes, shapes
from ..engine import Tensor

# A dtype rule says in which type an operator computes; None leaves every input as it is.


def promote(inputs: tuple, params: dict) -> dtypes.dtype | None:
    """The common type of the inputs by PyTorch's three groups."""
    return result_type(*inputs)


def promote_float(inputs: tuple, params: dict) -> dtypes.dtype | None:
    """The same, but integers and booleans become the default float: for sin, exp, division."""
    found = result_type(*inputs)
    return dtypes.get_default_dtype() if found.category < dtypes.FLOAT else found


def pow_dtype(inputs: tuple, params: dict) -> dtypes.dtype:
    """The common type; an integer tensor has no negative power that is written as a number."""
    found = result_type(*inputs)
    if found.category < dtypes.FLOAT and isinstance(inputs[1], int) and inputs[1] < 0:
        raise RuntimeError("Integers to negative integer powers are not allowed.")
    return found


def sub_dtype(inputs: tuple, params: dict) -> dtypes.dtype:
    """The common type; PyTorch does not subtract booleans."""
    masks = [isinstance(x, bool) or (isinstance(x, Tensor) and x._array.dtype.kind == "b") for x in inputs]
    if all(masks):
        raise RuntimeError(
            "Subtraction, the `-` operator, with two bool tensors is not supported. "
            "Use the `^` or `logical_xor()` operator instead."
        )
    if any(masks):
        raise RuntimeError(
            "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, "
            "use the `~` or `logical_not()` operator instead."
        )
    return result_type(*inputs)


def where_dtype(inputs: tuple, params: dict) -> tuple:
    """`where` promotes the two tensors it chooses from; its condition must be boolean already."""
    condition = inputs[0]
    if isinstance(condition, Tensor) and condition._array.dtype.kind != "b" and condition._array.dtype.name != "uint8":
        raise RuntimeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{dtypes.of_array(condition._array).title}"
        )
    chosen = result_type(*inputs[1:])
    return dtypes.bool_, chosen, chosen


def softmax_dtype(inputs: tuple, params: dict) -> dtypes.dtype | None:
    """The type asked for, or the tensor's own.

    Raises:
        RuntimeError: it has no fractions.
    """
    found = params["dtype"] or dtypes.of_array(inputs[0]._array)
    if found.category < dtypes.FLOAT:
        raise RuntimeError(f"\"softmax_lastdim_kernel_impl\" not implemented for '{found.title}'")
    return found


def promote_number(inputs: tuple, params: dict) -> dtypes.dtype:
    """The common type; booleans count as integers."""
    found = result_type(*inputs)
    return dtypes.int64 if found is dtypes.bool_ else found


def clamp_dtype(inputs: tuple, params: dict) -> dtypes.dtype:
    """The common type of the tensor and its bounds."""
    return result_type(inputs[0], params["min"], params["max"])


def masked_dtype(inputs: tuple, params: dict) -> tuple:
    """The tensor keeps its type, the value takes it, the mask stays boolean.

    Raises:
        RuntimeError: the mask is not boolean, or the value is not one number that the tensor's type can hold.
    """
    input, mask, value = inputs
    if dtypes.of_array(mask._array) is not dtypes.bool_:
        raise RuntimeError("masked_fill_ only supports boolean masks, but got mask with dtype "
                           f"{dtypes.of_array(mask._array).title.lower()}")  # fmt: skip
    if isinstance(value, Tensor) and value._array.ndim:
        raise RuntimeError("masked_fill_ only supports a 0-dimensional value tensor, but got tensor with "
                           f"{value._array.ndim} dimension(s).")  # fmt: skip
    own = dtypes.of_array(input._array)
    dtypes.check_value(value._array.item() if isinstance(value, Tensor) else value, own)
    return own, dtypes.bool_, own


def fill_dtype(inputs: tuple, params: dict) -> None:
    """No promotion; a number must fit the type that it is stored in."""
    if is_number(inputs[1]):
        dtypes.check_value(inputs[1], dtypes.of_array(inputs[0]._array))


def keep(inputs: tuple, params: dict) -> dtypes.dtype | None:
    """No promotion: views, indexing, and operators that see to types themselves."""
    return None


def result_type(*inputs: Any) -> dtypes.dtype:
    """The type that an operator on these tensors and numbers works in.

    >>> import kindling as torch
    >>> torch.result_type(torch.tensor([1, 2]), 1.0)
    torch.float32
    >>> torch.result_type(torch.tensor([1.0, 2.0]), torch.tensor(1.0, dtype=torch.float64))
    torch.float32
    """
    groups: list[dtypes.dtype | None] = [None, None, None]
    for x in inputs:
        if isinstance(x, Tensor):
            group, found = (0 if x._array.ndim else 1), dtypes.of_array(x._array)
        elif x is None:
            continue
        else:
            group, found = 2, dtypes.of_number(x)
        old = groups[group]
        groups[group] = found if old is None else dtypes.promote_types(old, found)
    return dtypes.combine(*groups)


def prepare(op: Any, inputs: tuple, params: dict) -> tuple[list, Any]:
    """The raw arrays that `op.forward` computes with, and their namespace."""
    if inputs and inputs[0] is None:
        raise _not_a_tensor(op, 0, None)
    if op.name in NOT_OF_NUMBERS and not any(isinstance(x, Tensor) for x in inputs):
        raise not_of_numbers(op.name, *inputs)
    xp = _common_namespace(op, inputs)
    computed_in = op.dtype(inputs, params)
    wanted = computed_in if isinstance(computed_in, tuple) else (computed_in,) * len(inputs)
    arrays = []
    for x, d in zip(inputs, wanted, strict=True):
        dtype = None if d is None else d.array
        if isinstance(x, Tensor):
            array = x._array if type(x._array) is xp.ndarray else xp.asarray(x._array.item(), x._array.dtype)
            arrays.append(array if dtype is None or array.dtype is dtype else array.astype(dtype))
        elif op.variadic:
            raise TypeError(f"expected Tensor as element {len(arrays)} in argument 0, but got {type(x).__name__}")
        elif is_number(x) and op.inputs[len(arrays)] in op.numbers:
            arrays.append(xp.asarray(backend.as_array(x).astype(dtype or dtypes.of_number(x).array)))
        elif x is None and op.inputs[len(arrays)] in op.defaults:
            arrays.append(None)
        else:
            raise _not_a_tensor(op, len(arrays), x)
    return arrays, xp


NOT_OF_NUMBERS = ("pow", "remainder", "bitwise_and", "bitwise_or", "bitwise_xor")


def not_of_numbers(name: str, *values: Any) -> TypeError:
    """PyTorch adds two Python numbers, but other operators must be given a tensor."""
    kinds = ", ".join(type(x).__name__ for x in values)
    return TypeError(
        f"{name}() received an invalid combination of arguments - got ({kinds}), but expected one of:\n"
        "a tensor and a tensor, or a tensor and a number."
    )


def _not_a_tensor(op: Any, position: int, x: Any) -> TypeError:
    kind = type(x).__name__ if type(x).__module__ == "builtins" else f"{type(x).__module__}.{type(x).__name__}"
    hint = (
        "\nMake it one: torch.tensor(...)."
        if is_number(x) or isinstance(x, (list, tuple)) or backend.is_array(x)
        else ""
    )
    name = op.inputs[position]
    return TypeError(
        f"{op.name}(): argument '{name}' (position {op.names.index(name) + 1}) must be Tensor, not {kind}{hint}"
    )


def is_number(x: Any) -> bool:
    """Whether `x` is a number of Python's or NumPy's."""
    return isinstance(x, (bool, int, float, complex)) or backend.array_type(x)


def _common_namespace(op: Any, inputs: tuple) -> Any:
    """The one array library of all inputs; a zero-dimensional CPU tensor may join tensors elsewhere."""
    found: Any = None
    for x in inputs:
        if isinstance(x, Tensor):
            kind = type(x._array)
            if found is None or kind is type(found._array):
                found = x if found is None or x._array.ndim else found
            elif kind is backend.ndarray and not x._array.ndim:
                continue
            elif type(found._array) is backend.ndarray and not found._array.ndim:
                found = x
            else:
                raise RuntimeError(
                    "Expected all tensors to be on the same device, but found at least two devices, "
                    f"{devices.of_array(found._array)} and {devices.of_array(x._array)}!\n"
                    f"{op.name} needs all its tensors in one place: move one of them with .to(device)."
                )
    return backend.cpu if found is None else backend.namespace_of(found._array)


# Checks, run before forward on arrays already promoted: what NumPy would let through, or say in other words.


def check_broadcast(name: str, **arrays: Any) -> None:
    """Shapes broadcast."""
    shapes.broadcast(name, *[x.shape for x in arrays.values() if hasattr(x, "shape")])


def check_kind(op: Any, arrays: list) -> None:
    """The operator takes this kind of numbers."""
    kind, title = arrays[0].dtype.kind, dtypes.of_array(arrays[0]).title
    for kinds, sentence in op.refuses.items():
        if kind in kinds:
            raise RuntimeError(sentence)
    for kinds, kernel in op.lacks.items():
        if kind in kinds:
            raise NotImplementedError(f"\"{kernel}\" not implemented for '{title}'")


def check_division(name: str, input: Any, other: Any) -> None:
    """No integer divided by 0."""
    check_broadcast(name, input=input, other=other)
    if other.dtype.kind in "iu" and not other.all():
        raise RuntimeError("ZeroDivisionError")


def check_sign(name: str, input: Any) -> None:
    """The sign of a complex number is another operator."""
    if input.dtype.kind == "c":
        raise NotImplementedError(
            "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead."
        )


def check_mean(name: str, input: Any, dim: Any, keepdim: bool, dtype: Any) -> None:
    """A mean needs fractions."""
    kind = dtypes.of_array(input) if dtype is None else dtype
    if kind.category < dtypes.FLOAT:
        raise RuntimeError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {kind.title}\nMake it one first: x.float().mean()."
        )


def check_not_empty(name: str, input: Any, dim: Any, keepdim: bool = False) -> None:
    """An empty set has no largest element."""
    if not input.size and (dim is None or dim == ()):
        raise RuntimeError(_NO_DIM.format(name=name))
    empty = [d for d in shapes.axes(dim, input.ndim) if input.shape[d] == 0]
    if empty:
        raise IndexError(f"{name}(): Expected reduction dim {empty[0]} to have non-zero size.")


def check_max(name: str, input: Any, dim: Any, keepdim: bool) -> None:
    """The same for all elements, in PyTorch's words for it."""
    if not input.size:
        raise RuntimeError(_NO_DIM.format(name=name))


_NO_DIM = (
    "{name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' "
    "argument."
)


def check_arg(name: str, input: Any, dim: Any, keepdim: bool) -> None:
    """The same where PyTorch says it otherwise."""
    if not input.size and dim is None:
        raise IndexError(f"{name}(): Expected reduction dim to be specified for input.numel() == 0.")
    check_not_empty(name, input, dim)
