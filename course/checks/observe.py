"""The closed list of things an exercise may look at. Runs beside the student's code and returns data only.

`MAKERS` is what an exercise's `observe` may call. `plain` is under all of them: whatever is not plain data becomes
`{"object": its type's name}`, so an object with clever comparison, or a subclass of a number or an array, has no say in
what it is compared with.
"""

import contextlib
import io
import sys

import numpy as np

from course.checks.codec import BFLOAT16, DTYPES, TensorData

LONGEST_TEXT = 2_000
DEEPEST = 16


def plain(value, depth: int = 0):
    """The value as plain data of exact types; anything else as `{"object": name of its type}`."""
    kind = type(value)
    if value is None or kind in (bool, int, float, bytes):
        return value
    if kind is str:
        return value[:LONGEST_TEXT].encode("utf-8", "replace").decode()
    if kind in (np.ndarray, TensorData) or isinstance(value, np.generic):
        return _array(value)
    library = _library_of(value)
    if library is not None:
        return freeze(value, library)
    return _container(value, depth)


def _array(value):
    if type(value) is TensorData:
        return value
    array = np.array(value)
    return array if array.dtype.name in DTYPES else {"object": f"array of {array.dtype}"[:80]}


def _container(value, depth: int):
    kind = type(value)
    if depth < DEEPEST:
        if kind is list:
            return [plain(item, depth + 1) for item in value]
        if isinstance(value, tuple):  # a named tuple and a Size are tuples to a learner
            return tuple(plain(item, depth + 1) for item in tuple.__iter__(value))
        if isinstance(value, dict) and all(type(key) is str for key in dict.keys(value)):  # so is a defaultdict a dict
            return {plain(key): plain(item, depth + 1) for key, item in dict.items(value)}
    return {"object": str(kind.__name__)[:80]}


def _library_of(value):
    """The library whose tensor the value is, without importing any."""
    for name in ("kindling", "torch"):
        tensor_type = getattr(sys.modules.get(name), "Tensor", None)
        if isinstance(tensor_type, type) and isinstance(value, tensor_type):
            return sys.modules[name]
    return None


def freeze(value, library) -> TensorData:
    """The value of a tensor as it is now, copied."""
    name = str(value.dtype).split(".")[-1]
    value = value.detach()
    if name == BFLOAT16:
        return TensorData(np.array(value.view(library.uint16).numpy()), name)
    return TensorData(np.array(value.numpy()), name)


def thaw(value, library):
    """The opposite of `freeze`, through containers: every `TensorData` becomes a new tensor of the library."""
    kind = type(value)
    if kind is TensorData:
        if value.dtype == BFLOAT16:
            return library.tensor(value.array).view(library.bfloat16)
        return library.tensor(value.array)
    if kind in (list, tuple):
        return kind(thaw(item, library) for item in value)
    if kind is dict:
        return {key: thaw(item, library) for key, item in value.items()}
    return value.copy() if kind is np.ndarray else value


def values(result, *names: str) -> dict:
    """What was returned: under its one name, or taken apart under several; `returned` holds what did not come apart."""
    if len(names) == 1:
        return {names[0]: plain(result)}
    if isinstance(result, tuple | list) and len(result) == len(names):
        return {name: plain(item) for name, item in zip(names, result, strict=True)}
    return {"returned": plain(result)}


def exception(error: BaseException) -> dict:
    """The type and the first line of an exception; `missing` names what the student has not defined yet."""
    try:
        first = str(error).strip().partition("\n")[0]
    except Exception:  # an exception of the student's own whose text cannot be had
        first = ""
    found = {"type": str(type(error).__name__)[:80], "message": plain(first[:300])}
    if isinstance(error, NotDefined):
        found["missing"] = error.args[0]
    return {"exception": found}


def raised(call) -> dict:
    """Which exception the call raises, or None."""
    try:
        call()
    except Exception as error:
        return exception(error)
    return {"exception": None}


def printed(call) -> tuple:
    """What the call returns, and what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        result = call()
    return result, {"printed": plain(out.getvalue())}


def gradients(**tensors) -> dict:
    """The `.grad` of each tensor by name; None where there is none yet, which is not 0."""
    return {f"{name}.grad": plain(tensor.grad) for name, tensor in tensors.items()}


def state(**things) -> dict:
    """What each thing holds after the call."""
    return {f"{name} after the call": plain(thing) for name, thing in things.items()}


class counted:
    """Wraps a function and counts its calls."""

    def __init__(self, function):
        self.function, self.calls = function, 0

    def __call__(self, *args, **kwargs):
        self.calls += 1
        return self.function(*args, **kwargs)


def graph(tensor) -> dict:
    """The operators behind a tensor, from it down to the leaves, and which feeds which, by torch's own names."""
    order, seen, edges = [tensor.grad_fn], {tensor.grad_fn: 0}, []
    for node in order:  # grows while it is walked
        for slot, (child, _) in enumerate(node.next_functions if node is not None else ()):
            if child is not None and child not in seen:
                seen[child] = len(order)
                order.append(child)
            if child is not None:
                edges.append((seen[node], seen[child], slot))
    names = [None if node is None else node.name().rpartition("::")[2] for node in order]
    return {"operators": names, "edges": edges}


class NotDefined(NameError):
    """The student's namespace does not hold a name that the exercise needs."""


class Answer(dict):
    """The student's names; asking for one that is not there says so plainly."""

    def __missing__(self, name):
        raise NotDefined(name)


MAKERS = {
    maker.__name__: maker for maker in (plain, values, exception, raised, printed, gradients, state, counted, graph)
}
