"""To and from NumPy, DLPack and pickle: each program gives in PyTorch what it gives here."""

import copy
import gc
import pickle
import subprocess
import sys
import warnings
import weakref
from typing import Any

import numpy as np
import pytest

import kindling

TYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128"]


def described(x: Any) -> tuple:
    return str(x.dtype), x.tolist()


# ---- programs --------------------------------------------------------------------------------------------------------


def memory_is_shared(t):
    a = np.zeros(3)
    x = t.from_numpy(a)
    a[0] = 1
    x[1] = 2
    x.add_(1)
    b = x.numpy()
    b[2] = 7
    return a.tolist(), x.tolist(), b is a or np.shares_memory(a, b)


def views_of_arrays_are_shared(t):
    a = np.arange(12.0).reshape(3, 4)
    x, column = t.from_numpy(a[::2]), t.from_numpy(a[:, 1])
    x.zero_()
    column.add_(100)
    return a.tolist(), x.stride(), column.stride(), t.from_numpy(a.T).stride()


def every_type(t):
    found = [described(t.from_numpy(np.array([0, 1], n))) for n in TYPES]
    return found, [t.tensor(np.array([0, 1], n)).numpy().dtype.name for n in TYPES]


def zero_dimensions(t):
    a = np.array(3.0)
    x = t.from_numpy(a)
    a[()] = 4
    return x.item(), tuple(x.shape), x.numpy().shape, t.from_numpy(np.zeros((2, 0))).shape == (2, 0)


def tensor_copies(t):
    a = np.zeros(2)
    x, y = t.tensor(a), t.tensor(a, dtype=t.float32)
    a[0] = 1
    return x.tolist(), y.tolist(), str(y.dtype)


def as_tensor_shares(t):
    a, x = np.zeros(2), t.zeros(2)
    y, z = t.as_tensor(a), t.as_tensor(a, dtype=t.float32)
    a[0] = 1
    return (
        y.tolist(),
        z.tolist(),
        t.as_tensor(x) is x,
        t.as_tensor(x, dtype=t.float64) is x,
        t.as_tensor([1, 2]).tolist(),
    )


def as_tensor_keeps_history(t):
    x = t.ones(2, requires_grad=True)
    t.as_tensor(x, dtype=t.float64).sum().backward()
    return x.grad.tolist()


def asarray_shares_or_copies(t):
    a = np.zeros(2)
    shared, copied, other = t.asarray(a), t.asarray(a, copy=True), t.asarray(a, dtype=t.float32)
    a[0] = 1
    x = t.ones(2, requires_grad=True) * 1
    return [
        [v.tolist() for v in (shared, copied, other)],
        t.asarray([1.0], requires_grad=True).requires_grad,
        t.asarray(x).requires_grad,
        t.asarray(3).item(),
        described(t.asarray(np.float32(2))),
    ]


def numpy_numbers(t):
    return [described(t.tensor(v)) for v in (np.float32(1.5), np.int16(3), np.bool_(True), np.float64(2))] + [
        described(t.tensor([np.float32(1), 2])),
        described(t.tensor([np.int32(1), np.int32(2)])),
        described(t.tensor([np.array([1, 2]), np.array([3, 4])])),
    ]


def python_sequences(t):
    return [described(t.tensor(v)) for v in (range(3), (1, 2.0), [(1, 2), [3, 4]], memoryview(b"ab"), [True, 2])]


def tensors_in_lists(t):
    return [described(t.tensor([t.ones(1), 2])), described(t.tensor([t.tensor(1), t.tensor(2)]))]


def force(t):
    x = t.ones(2, requires_grad=True)
    y = (x * 2).numpy(force=True)
    return y.tolist(), x.numpy(force=True).tolist()


def asked_for_arrays(t):
    x = t.tensor([1.5, 2.5])
    return [
        np.asarray(x).dtype.name,
        np.shares_memory(np.asarray(x), x.numpy()),
        np.asarray(x, dtype=np.int32).tolist(),
        np.array([t.tensor(1), t.tensor(2)]).tolist(),
        np.concatenate([x, x]).tolist(),
        np.allclose(x, [1.5, 2.5]),
    ]


def functions_of_numpy(t):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own, of NumPy 2
        y = np.sqrt(t.tensor([4.0, 9.0]))
    return type(y) is t.Tensor, described(y)


def operators_with_numbers_of_numpy(t):
    x = t.tensor([1.0, 2.0])
    return [described(v) for v in (x * np.float64(2), np.float64(2) * x, x + np.int64(1), x ** np.float32(2))]


def through_dlpack(t):
    a = np.zeros(3)
    x = t.from_dlpack(a)
    x[0] = 5
    b = np.from_dlpack(x)
    return a.tolist(), np.shares_memory(a, b), tuple(int(n) for n in x.__dlpack_device__())


def dlpack_of_a_tensor(t):
    x = t.ones(2, requires_grad=True)
    y = t.from_dlpack(x.detach())
    y[0] = 5
    return x.tolist(), y.requires_grad


def dlpack_capsule(t):
    x = t.ones(2, 3)
    y = t.from_dlpack(x.t().__dlpack__())
    y[0, 0] = 5
    return x.tolist(), tuple(y.shape), y.stride()


def buffers(t):
    data = bytearray([1, 0, 2, 0, 3, 0])
    x = t.frombuffer(data, dtype=t.int16, offset=2)
    x[0] = 9
    return x.tolist(), data[2], t.frombuffer(data, dtype=t.uint8, count=2).tolist()


def pickled(t):
    x = t.ones(2, requires_grad=True)
    x.grad = t.zeros(2)
    found = [
        pickle.loads(pickle.dumps(v)) for v in (x, x * 2, x.detach(), t.tensor([1, 2])[1:], t.nn.Parameter(x.data))
    ]
    return [(described(v), v.requires_grad, v.is_leaf, v.grad, type(v).__name__) for v in found]


def pickled_types(t):
    things = [t.float32, t.bfloat16, t.bool, t.device("cpu"), t.Size([2, 3]), t.contiguous_format]
    return [pickle.loads(pickle.dumps(v)) == v for v in things]


def deepcopied(t):
    x = t.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    x.note = "kept"
    y = copy.deepcopy(x)
    y.data[0] = 9
    return x.tolist(), y.tolist(), y.grad.tolist(), y.grad is x.grad, y.requires_grad, y.note


def deepcopied_together(t):
    layer = t.nn.Linear(2, 1)
    pair = copy.deepcopy([layer, layer.weight, [layer.bias]])
    return pair[0].weight is pair[1], pair[0].bias is pair[2][0], pair[1] is layer.weight


def copied(t):
    x = t.ones(2, requires_grad=True)
    y = copy.copy(x)
    y.data[0] = 5
    return x.tolist(), y.requires_grad


PROGRAMS = {
    memory_is_shared: ([2, 3, 7], [2, 3, 7], True),
    views_of_arrays_are_shared: (
        [[0, 100, 0, 0], [4, 105, 6, 7], [0, 100, 0, 0]],
        (8, 1),
        (4,),
        (1, 4),
    ),
    every_type: (
        [(f"torch.{n}", [0, 1]) for n in TYPES],
        TYPES,
    ),
    zero_dimensions: (4, (), (), True),
    tensor_copies: ([0, 0], [0, 0], "torch.float32"),
    as_tensor_shares: ([1, 0], [0, 0], True, False, [1, 2]),
    as_tensor_keeps_history: [1, 1],
    asarray_shares_or_copies: [[[1, 0], [0, 0], [0, 0]], True, True, 3, ("torch.float32", 2)],
    numpy_numbers: [
        ("torch.float32", 1.5),
        ("torch.int16", 3),
        ("torch.bool", True),
        ("torch.float64", 2),
        ("torch.float32", [1, 2]),
        ("torch.int32", [1, 2]),
        ("torch.int64", [[1, 2], [3, 4]]),
    ],
    python_sequences: [
        ("torch.int64", [0, 1, 2]),
        ("torch.float32", [1, 2]),
        ("torch.int64", [[1, 2], [3, 4]]),
        ("torch.int64", [97, 98]),
        ("torch.int64", [1, 2]),
    ],
    tensors_in_lists: [("torch.float32", [1, 2]), ("torch.int64", [1, 2])],
    force: ([2, 2], [1, 1]),
    asked_for_arrays: ["float32", True, [1, 2], [1, 2], [1.5, 2.5, 1.5, 2.5], True],
    functions_of_numpy: (True, ("torch.float32", [2, 3])),
    operators_with_numbers_of_numpy: [
        ("torch.float32", [2, 4]),
        ("torch.float32", [2, 4]),
        ("torch.float32", [2, 3]),
        ("torch.float32", [1, 4]),
    ],
    through_dlpack: ([5, 0, 0], True, (1, 0)),
    dlpack_of_a_tensor: ([5, 1], False),
    dlpack_capsule: ([[5, 1, 1], [1, 1, 1]], (3, 2), (1, 3)),
    buffers: ([9, 3], 9, [1, 0]),
    pickled: [
        (("torch.float32", [1, 1]), True, True, None, "Tensor"),
        (("torch.float32", [2, 2]), True, True, None, "Tensor"),
        (("torch.float32", [1, 1]), False, True, None, "Tensor"),
        (("torch.int64", [2]), False, True, None, "Tensor"),
        (("torch.float32", [1, 1]), True, True, None, "Parameter"),
    ],
    pickled_types: [True] * 6,
    deepcopied: ([1, 1], [9, 1], [3, 3], False, True, "kept"),
    deepcopied_together: (True, True, False),
    copied: ([5, 1], True),
}


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program(program):
    assert program(kindling) == PROGRAMS[program]


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:Creating a tensor from a list of numpy.ndarrays:UserWarning")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_program_as_in_pytorch(program):
    assert program(pytest.importorskip("torch")) == PROGRAMS[program]


@pytest.mark.oracle
def test_dlpack_to_and_from_pytorch():
    torch = pytest.importorskip("torch")
    ours = kindling.zeros(2, 3)
    theirs = torch.from_dlpack(ours)
    theirs[1, 2] = 5
    back = kindling.from_dlpack(theirs)
    back[0, 0] = 7
    assert ours.tolist() == theirs.tolist() == [[7, 0, 0], [0, 0, 5]]


# ---- memory ----------------------------------------------------------------------------------------------------------


def test_memory_outlives_the_tensor():
    gc.disable()
    try:
        x = kindling.ones(3)
        array, tensor = x.numpy(), weakref.ref(x)
        del x
        assert tensor() is None and array.tolist() == [1, 1, 1]
    finally:
        gc.enable()


def test_writes_by_numpy_are_not_counted_but_ours_are():
    a = np.zeros(2)
    x = kindling.from_numpy(a)
    a[0] = 1
    assert x._version == 0
    x[0] = 2
    assert x._version == 1


# ---- warnings --------------------------------------------------------------------------------------------------------

READ_ONLY = (
    "The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to "
    "this tensor will result in undefined behavior. You may want to copy the array to protect its data or make it "
    "writable before converting it to a tensor."
)
BUFFER = (
    "The given buffer is not writable, and PyTorch does not support non-writable tensors. This means you can write to "
    "the underlying (supposedly non-writable) buffer using the tensor. You may want to copy the buffer to protect its "
    "data or make it writable before converting it to a tensor."
)
FROM_TENSOR = (
    "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
    "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor)."
)


def read_only() -> np.ndarray:
    a = np.zeros(2)
    a.flags.writeable = False
    return a


WARNED = {
    "read-only array": (lambda t: t.from_numpy(read_only()), READ_ONLY),
    "read-only buffer": (lambda t: t.frombuffer(b"ab", dtype=t.uint8), BUFFER),
    "a tensor of a tensor": (lambda t: t.tensor(t.ones(2)), FROM_TENSOR),
}


def said(cause: Any, lib: Any) -> list:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        cause(lib)
    return [(str(w.message), w.filename) for w in seen]


@pytest.mark.parametrize("name", WARNED)
def test_warned(name):
    """In PyTorch's words, at the user's line."""
    cause, sentence = WARNED[name]
    assert said(cause, kindling) == [(sentence, __file__)]


@pytest.mark.oracle
def test_warned_as_in_pytorch():
    """PyTorch gives some of these once in a program, so a process of its own asks."""
    pytest.importorskip("torch")
    program = (
        "import torch\nfrom tests.kindling.test_bridge import WARNED, said\n"
        "for cause, sentence in WARNED.values():\n    assert said(cause, torch)[0][0].startswith(sentence)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_read_only_array_is_not_written():
    with pytest.warns(UserWarning, match="not writable"):
        x = kindling.from_numpy(read_only())
    with pytest.raises(ValueError, match="read-only"):
        x.add_(1)
    assert (x + 1).tolist() == [1, 1]
    assert said(lambda t: t.tensor(read_only()), kindling) == []


# ---- mistakes: PyTorch's first sentence ------------------------------------------------------------------------------

NEGATIVE = (
    "At least one stride in the given numpy array is negative, and tensors with negative strides are not currently "
    "supported. (You can probably work around this by making a copy of your array  with array.copy().) "
)

MISTAKES = {
    "a list": (lambda t: t.from_numpy([1]), "expected np.ndarray (got list)"),
    "a number": (lambda t: t.from_numpy(np.float32(1)), "expected np.ndarray (got numpy.float32)"),
    "backwards": (lambda t: t.from_numpy(np.arange(3)[::-1]), NEGATIVE),
    "backwards, copied": (lambda t: t.tensor(np.arange(3)[::-1]), NEGATIVE),
    "other byte order": (
        lambda t: t.from_numpy(np.zeros(2, ">f4")),
        "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
        "currently not supported.",
    ),
    "requires grad": (
        lambda t: t.ones(2, requires_grad=True).numpy(),
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    ),
    "requires grad, asked by NumPy": (
        lambda t: np.asarray(t.ones(2, requires_grad=True)),
        "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    ),
    "no such type in NumPy": (
        lambda t: t.ones(2, dtype=t.bfloat16).numpy(),
        "Got unsupported ScalarType BFloat16",
    ),
    "unwanted copy": (
        lambda t: np.asarray(t.ones(2), dtype=np.float64, copy=False),
        "Unable to avoid copy while creating an array as requested.",
    ),
    "dlpack of what requires grad": (
        lambda t: t.ones(2, requires_grad=True).__dlpack__(),
        "Can't export tensors that require gradient, use tensor.detach()",
    ),
    "dlpack of a number": (
        lambda t: t.from_dlpack(3),
        "from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so you might "
        "have already constructed a tensor from it once.",
    ),
    "aliased list": (lambda t: t.asarray([1], copy=False), "can't alias arbitrary sequence into a tensor."),
    "aliased type": (
        lambda t: t.asarray(t.ones(1), dtype=t.float64, copy=False),
        "can't alias tensor with dtype 'Float' into dtype 'Double'.",
    ),
    "a set": (lambda t: t.tensor({1}), "Could not infer dtype of set"),
    "None": (lambda t: t.tensor([None]), "Could not infer dtype of NoneType"),
    "text": (lambda t: t.tensor("ab"), "new(): invalid data type 'str'"),
    "bytes": (lambda t: t.tensor(b"ab"), "new(): invalid data type 'bytes'"),
    "ragged": (
        lambda t: t.tensor([[1, 2], [3]]),
        "expected sequence of length 2 at dim 1 (got 1)",
    ),
    "a list of long tensors": (
        lambda t: t.tensor([t.ones(2), t.ones(2)]),
        "only one element tensors can be converted to Python scalars",
    ),
}


def test_deepcopy_of_a_result():
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user .* support the deepcopy proto"):
        copy.deepcopy(kindling.ones(1, requires_grad=True) * 1)


def test_types_without_tensors():
    for kind in ("U1", "O", "longdouble", "datetime64[s]"):
        with pytest.raises(
            TypeError, match=r"can't convert np.ndarray of type numpy\.\w+. The only supported types are: f"
        ):
            kindling.from_numpy(np.zeros(1, kind))
