"""Types: every promotion that PyTorch has, for tensors with dimensions, without, and Python numbers."""

from itertools import product
from typing import Any

import pytest

import kindling

NAMES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64"]
NAMES += ["complex64", "complex128"]
NUMBERS = [True, 3, 2.5, 1j]


@pytest.fixture(autouse=True)
def default_again():
    yield
    kindling.set_default_dtype(kindling.float32)


def operands(lib: Any) -> list[Any]:
    """A tensor with dimensions and one without for each type, and the Python numbers."""
    tensors = [lib.ones(shape, dtype=getattr(lib, name)) for name, shape in product(NAMES, [(2,), ()])]
    return tensors + NUMBERS


def no_half_complex(a: Any, b: Any, *answers: str) -> bool:
    """Whether the case is one that is compared: PyTorch's experimental complex32 does not exist here."""
    halves = [x for x in (a, b) if hasattr(x, "dtype") and x.dtype is kindling.float16]
    return not halves or not any("complex" in answer or answer == "refused" for answer in answers)


def described(x: Any) -> str:
    return f"{x.dtype}{list(x.shape)}" if hasattr(x, "dtype") else repr(x)


def answer(function: Any, *args: Any) -> str:
    """The type of the result, or the kind of exception."""
    try:
        return str(function(*args).dtype)
    except (RuntimeError, TypeError) as error:
        return "refused" if isinstance(error, RuntimeError) else "not for numbers"


OPERATORS = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "floor_divide": lambda x, y: x // y,
    "pow": lambda x, y: x**y,
    "eq": lambda x, y: x == y,
    "lt": lambda x, y: x < y,
}


@pytest.mark.oracle
def test_promote_types():
    torch = pytest.importorskip("torch")
    for a, b in product(NAMES, NAMES):
        want = torch.promote_types(getattr(torch, a), getattr(torch, b))
        assert str(kindling.promote_types(getattr(kindling, a), getattr(kindling, b))) == str(want), (a, b)


@pytest.mark.oracle
def test_can_cast():
    torch = pytest.importorskip("torch")
    for a, b in product(NAMES, NAMES):
        want = torch.can_cast(getattr(torch, a), getattr(torch, b))
        assert kindling.can_cast(getattr(kindling, a), getattr(kindling, b)) == want, (a, b)


@pytest.mark.oracle
@pytest.mark.parametrize("default", ["float32", "float64"])
def test_result_type(default):
    torch = pytest.importorskip("torch")
    torch.set_default_dtype(getattr(torch, default))
    kindling.set_default_dtype(getattr(kindling, default))
    try:
        for (a, x), (b, y) in product(zip(operands(kindling), operands(torch), strict=True), repeat=2):
            ours, theirs = str(kindling.result_type(a, b)), str(torch.result_type(x, y))
            assert ours == theirs or not no_half_complex(a, b, theirs), (described(a), described(b))
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.oracle
@pytest.mark.parametrize("name", OPERATORS)
def test_result_of_operator(name):
    """The type that comes out, for every pair; where PyTorch refuses, so do we."""
    torch = pytest.importorskip("torch")
    function = OPERATORS[name]
    for (a, x), (b, y) in product(zip(operands(kindling), operands(torch), strict=True), repeat=2):
        if hasattr(x, "dtype") or hasattr(y, "dtype"):
            if name == "pow" and described(y) == "True":
                continue  # x ** True is x in PyTorch, whatever x is
            ours, theirs = answer(function, a, b), answer(function, x, y)
            assert ours == theirs or not no_half_complex(a, b, theirs), (described(a), described(b), ours, theirs)


@pytest.mark.oracle
def test_result_of_where():
    torch = pytest.importorskip("torch")
    for (a, x), (b, y) in product(zip(operands(kindling), operands(torch), strict=True), repeat=2):
        ours = answer(kindling.where, kindling.tensor([True, False]), a, b)
        theirs = answer(torch.where, torch.tensor([True, False]), x, y)
        assert ours == theirs or not no_half_complex(a, b, theirs), (described(a), described(b))


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["exp", "sqrt", "sum", "mean", "abs", "neg", "relu", "tanh", "sign"])
def test_result_of_one_tensor(name):
    torch = pytest.importorskip("torch")
    for a, x in zip(operands(kindling)[: -len(NUMBERS)], operands(torch), strict=False):
        assert answer(getattr(kindling, name), a) == answer(getattr(torch, name), x), described(a)


@pytest.mark.oracle
def test_what_dtypes_say_of_themselves():
    torch = pytest.importorskip("torch")
    for name in NAMES:
        ours, theirs = getattr(kindling, name), getattr(torch, name)
        assert repr(ours) == repr(theirs)
        for attribute in ("is_floating_point", "is_complex", "is_signed", "itemsize"):
            assert getattr(ours, attribute) == getattr(theirs, attribute), (name, attribute)
        if theirs.is_floating_point and name != "float16":
            assert repr(ours.to_complex()) == repr(theirs.to_complex())
        assert kindling.ones(1, dtype=ours).type() == torch.ones(1, dtype=theirs).type()


@pytest.mark.oracle
def test_the_type_of_python_data():
    torch = pytest.importorskip("torch")
    for data in (True, 3, 2.5, 1j, [], [[]], [1, 2.5], [True, 2], [1, 1j], [[1], [2.0]], (1, 2), [True, False]):
        assert str(kindling.tensor(data).dtype) == str(torch.tensor(data).dtype), data


# ---- without PyTorch: a few answers known by heart -------------------------------------------------------------------


def test_a_number_does_not_change_a_tensor_of_its_category():
    assert (kindling.ones(2, dtype=kindling.float16) * 2.5).dtype is kindling.float16
    assert (kindling.ones(2, dtype=kindling.uint8) + 1).dtype is kindling.uint8
    assert (kindling.ones(2, dtype=kindling.int32) * 2.5).dtype is kindling.float32


def test_a_tensor_without_dimensions_counts_less():
    small, single = kindling.ones(2, dtype=kindling.float32), kindling.ones((), dtype=kindling.float64)
    assert (small + single).dtype is kindling.float32
    assert (kindling.ones(2, dtype=kindling.int64) + single).dtype is kindling.float64


def test_numpy_numbers_count_as_python_numbers():
    np = pytest.importorskip("numpy")
    assert (kindling.tensor([1, 2]) * np.int64(2)).dtype is kindling.int64
    assert (kindling.ones(2) * np.float64(2)).dtype is kindling.float32
    assert (np.float32(2) * kindling.ones(2, dtype=kindling.float64)).dtype is kindling.float64


def test_default_dtype():
    kindling.set_default_dtype(kindling.float64)
    assert kindling.get_default_dtype() is kindling.float64
    assert kindling.tensor(1.5).dtype is kindling.zeros(2).dtype is kindling.rand(2).dtype is kindling.float64
    assert (kindling.tensor([1, 2]) / 2).dtype is kindling.float64
    assert kindling.tensor(1j).dtype is kindling.complex128
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        kindling.set_default_dtype(kindling.int64)


def test_dtypes_pickle_as_themselves():
    import pickle

    for name in NAMES:
        kind = getattr(kindling, name)
        assert pickle.loads(pickle.dumps(kind)) is kind
