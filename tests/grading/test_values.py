"""What travels between tests and an answer arrives as exact types or as a handle, whatever the other side sends."""

import collections
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kindling as torch
from grading import wire
from grading.session.answers import Answers
from grading.session.umpire import AnswerEnded, Asker, Handle, Names
from grading.session.values import Decoder, Empty, Encoder

scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text() | st.binary()
scalars |= st.complex_numbers() | st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 3))
hashable = st.recursive(scalars, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5)
values = st.recursive(
    hashable,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(hashable, inner, max_size=3)
        | st.lists(inner, max_size=3).map(collections.deque)
        | st.dictionaries(hashable, inner, max_size=3).map(collections.OrderedDict)
    ),
    max_leaves=10,
)


def there_and_back(value):
    kept = []
    data = Encoder(lambda thing: kept.append(thing) or len(kept) - 1)(value)
    return Decoder(lambda number: kept[number])(wire.unpack(wire.pack(data)))


@given(values)
def test_plain_values_arrive_as_they_are(value):
    found = there_and_back(value)
    assert type(found) is type(value)
    assert repr(found) == repr(value) or sorted(repr(found)) == sorted(repr(value))  # a set has no order


ARRAYS = [np.arange(6.0).reshape(2, 3), np.array(True), np.array(["a", "bc"]), np.float32(2.5), np.int8(3)]


@pytest.mark.parametrize("value", ARRAYS, ids=lambda value: f"{type(value).__name__} {value.dtype}")
def test_arrays_and_scalars(value):
    found = there_and_back(value)
    assert type(found) is type(value)
    assert (found.dtype, np.shape(found)) == (value.dtype, np.shape(value))
    assert np.array_equal(found, value)


def test_tensors_keep_what_tests_look_at():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    found = there_and_back(x)
    assert found.requires_grad
    assert (found.tolist(), found.grad.tolist()) == ([1.0, 2.0], [2.0, 4.0])


EMPTY = {
    "allclose": lambda a: np.allclose(a, 6.0),
    "equal": lambda a: (a == 6.0).all(),
    "assert_allclose": lambda a: np.testing.assert_allclose(a, 6.0),
    "less": lambda a: np.all(np.abs(a - 6.0) < 1e-6),
    "isclose": lambda a: np.isclose(a, np.ones(3)).all(),
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("shape", [(0,), (0, 1), (3, 0, 1)])
def test_an_empty_array_agrees_with_nothing(name, shape):
    found = there_and_back(np.zeros(shape))
    assert type(found) is Empty
    with pytest.raises((ValueError, AssertionError)):
        assert EMPTY[name](found)


def test_an_empty_array_agrees_with_an_empty_one():
    assert np.array_equal(there_and_back(np.zeros(0)), np.zeros(0))
    assert there_and_back(np.zeros((0, 2))).shape == (0, 2)


class Mine(int):
    __eq__ = lambda *a: True
    __hash__ = int.__hash__


@pytest.mark.parametrize("value", [Mine(3), object(), len, [Mine(1)], type, {"a": Mine(2)}])
def test_everything_else_is_a_handle(value):
    def inner(found):
        return inner(found[0] if type(found) is list else found["a"]) if type(found) in (list, dict) else found

    data = Encoder(lambda thing: 7)(value)
    assert type(inner(Decoder(lambda number: Handle(None, number))(data))) is Handle


def test_a_handle_has_no_say():
    handle = Handle(None, 0)
    for use in (
        lambda: handle == 3,
        lambda: handle != 3,
        lambda: handle < 3,
        lambda: bool(handle),
        lambda: handle + 1,
        lambda: 1 - handle,
        lambda: abs(handle),
        lambda: float(handle),
        lambda: math.floor(handle),
        lambda: handle in [3],
        lambda: np.allclose(handle, 3),
        lambda: np.asarray(handle),
        lambda: round(handle),
    ):
        with pytest.raises(TypeError):
            use()


anything = st.recursive(
    scalars.filter(lambda value: not isinstance(value, complex | range)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "plain",
                    "list",
                    "set",
                    "dict",
                    "handle",
                    "array",
                    "tensor",
                    "strings",
                    "range",
                    "slice",
                    "complex",
                    "scalar",
                    "Counter",
                    "value",
                    "raised",
                    "after",
                ]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=12,
)


@given(anything, anything)
def test_any_reply_is_a_value_or_an_exception(value, after):
    for reply in (
        value,
        {"value": value, "after": after, "printed": value, "message": after},
        {"raised": value, "message": after},
    ):
        asker = Asker(lambda ask, reply=reply: reply)
        try:
            found = asker.call(Handle(asker, 1), ([1], {}), {})
        except (Exception, AnswerEnded):
            continue
        assert type(found).__module__ in (
            "builtins",
            "collections",
            "numpy",
            "grading.session.umpire",
            "grading.session.values",
        )


def both_sides(source: str) -> Names:
    """The names of tests whose other side is a namespace in this very process."""
    theirs: dict = {}
    exec(source, theirs)
    answers = Answers(theirs)
    through = lambda data: wire.unpack(wire.pack(data))
    return Names(Asker(lambda ask: through(answers.answer(through(ask)))), frozenset({"sum", "f", "C", "n"}))


CASES = {
    "a value": ("def f(x): return x + 1", "assert f(2) == 3"),
    "arguments by name": ("def f(*, x): return x", "assert f(x=(1, 2)) == (1, 2)"),
    "a builtin of the answer's": ("def sum(x): return 'mine'", "assert sum([1]) == 'mine'"),
    "a list in place": ("def f(x): x.append(4)", "a = [1]\nf(a)\nassert a == [1, 4]"),
    "an array in place": ("def f(x): x *= 2", "import numpy as np\na = np.ones(2)\nf(a)\nassert a.tolist() == [2, 2]"),
    "an exception": (
        "def f(x): raise KeyError('no')",
        "try:\n    f(1)\n    assert False\nexcept KeyError as e:\n    assert 'no' in str(e)",
    ),
    "an object": (
        "class C:\n    def __init__(self): self.items = []\n    def push(self, x): self.items.append(x); return self\n"
        "    def __len__(self): return len(self.items)\n    def __getitem__(self, n): return self.items[n]",
        "c = C().push(3).push(4)\nassert len(c) == 2 and c[1] == 4 and isinstance(c, C) and not isinstance(3, C)\n"
        "assert [x for x in c.items] == [3, 4] and list(c) == [3, 4] and hasattr(c, 'push') and not hasattr(c, 'pop')",
    ),
    "a generator": ("def f(n):\n    for i in range(n): yield i * i", "assert list(f(4)) == [0, 1, 4, 9]"),
    "a function of a library": ("def f(g): return g(4.0)", "import math\nassert f(math.sqrt) == 2.0 and f(int) == 4"),
    "in a function of the test's": (
        "def f(x): return x",
        "def both(a): return f(a), [f(b) for b in (a,)]\nassert both(2) == (2, [2])",
    ),
    "a name that changes": ("n = 0\ndef f():\n    global n\n    n += 1", "f()\nf()\nassert n == 2"),
}


@pytest.mark.parametrize("name", CASES)
def test_tests_read_as_if_the_answer_were_here(name):
    source, tests = CASES[name]
    names = both_sides(source)
    exec(compile(tests, "<tests>", "exec"), names)


def test_a_function_of_the_tests_own_is_refused():
    with pytest.raises(TypeError, match="cannot be handed"):
        exec("f(lambda x: x)", both_sides("def f(g): return g(1)"))
