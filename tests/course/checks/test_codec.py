"""The codec: what goes in comes out with exact types, and hostile input raises nothing but what is promised."""

import contextlib
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course.checks import codec
from course.checks.codec import Limits, TensorData, decode, encode, parse

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
arrays = hnp.arrays(st.sampled_from(sorted(codec.DTYPES)), hnp.array_shapes(min_dims=0, min_side=0, max_side=3))
tensors = arrays.map(lambda a: TensorData(a, a.dtype.name)) | arrays.filter(lambda a: a.dtype == np.uint16).map(
    lambda a: TensorData(a, "bfloat16")
)
scalars = st.none() | st.booleans() | st.integers(-(2**64), 2**64) | st.floats() | text | st.binary(max_size=20)
plain = st.recursive(
    scalars | arrays | tensors,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(text, inner, max_size=4)
    ),
    max_leaves=8,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)
tags = st.sampled_from(["float", "bytes", "array", "tensor", "tuple", "dict", "buffer", "nonsense"])
tagged = st.recursive(
    json_values
    | st.fixed_dictionaries(
        {
            "dtype": st.sampled_from([*sorted(codec.DTYPES), "bfloat16", "object", "O", "V8", "datetime64[s]", ""]),
            "shape": st.lists(st.integers(-1, 3) | st.sampled_from([2**31, 2**62, True, 1.0, None]), max_size=4),
            "data": st.text("ABCwA=!é", max_size=12) | st.fixed_dictionaries({"buffer": st.integers(-1, 2)}),
        }
    ),
    lambda inner: st.dictionaries(tags, inner, max_size=2) | st.lists(inner, max_size=3),
    max_leaves=8,
)


def same(one, other) -> bool:
    """Equal to the last bit, with exactly equal types."""
    if type(one) is not type(other):
        return False
    if type(one) is TensorData:
        return one.dtype == other.dtype and same(one.array, other.array)
    if type(one) is np.ndarray:
        return (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict:
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return repr(one) == repr(other)


@given(plain)
def test_round_trip_as_text(value):
    assert same(decode(parse(json.dumps(encode(value), allow_nan=False))), value)


@given(plain)
def test_round_trip_with_buffers(value):
    buffers = []
    message = json.dumps(encode(value, buffers=buffers), allow_nan=False)
    assert same(decode(parse(message), buffers), value)


def test_the_bits_of_a_nan_survive():
    bits = np.array([0x7FC00001, 0xFFC12345], np.uint32).view(np.float32)
    assert decode(encode(bits)).tobytes() == bits.tobytes()


def test_order_and_byte_order_do_not_matter():
    swapped = np.arange(6, dtype=">f4").reshape(2, 3).T
    back = decode(encode(swapped))
    assert back.dtype == np.float32
    assert back.dtype.isnative
    assert np.array_equal(back, swapped)


def test_what_comes_back_is_writable_and_its_own():
    buffers = []
    message = encode(np.zeros(3), buffers=buffers)
    first, second = decode(message, buffers), decode(message, buffers)
    first[0] = 1
    assert second[0] == 0


@given(json_values | tagged, st.lists(st.binary(max_size=8), max_size=2))
def test_hostile_json_raises_only_what_is_promised(value, buffers):
    with contextlib.suppress(TypeError, ValueError):
        decode(value, buffers)


@given(st.text(max_size=40) | st.binary(max_size=40))
def test_hostile_text_raises_only_value_error(text):
    with contextlib.suppress(TypeError, ValueError):
        decode(parse(text))


class Subclass(np.ndarray):
    pass


class Number(float):
    pass


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Number(1.0),
        np.float64(1.0),
        np.zeros(2).view(Subclass),
        np.array([object()]),
        np.array(["text"]),
        np.zeros(2, [("a", "f4")]),
        np.array(["2020"], "datetime64[s]"),
        {1: 2},
        {"a": {None: 1}},
        {1, 2},
        range(3),
        TensorData(np.zeros(2, np.float32), "float64"),
        TensorData(np.zeros(2, np.float32), "bfloat16"),
        TensorData([1.0], "float32"),
    ],
)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(TypeError):
        encode(value)


ZERO = {"dtype": "float32", "shape": [1], "data": "AAAAAA=="}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"float": 1.0, "bytes": ""},
        {"float": "1e5"},
        {"float": 10**400},
        {"float": True},
        {"pickle": "gASVAAAAAAAAAAAu"},
        {"bytes": "not base64!"},
        {"bytes": "AAA"},
        {"bytes": {"buffer": 0}},
        {"bytes": {"buffer": True}},
        {"bytes": {"buffer": -1}},
        {"array": ZERO | {"dtype": "object"}},
        {"array": ZERO | {"dtype": "O"}},
        {"array": ZERO | {"dtype": "float64"}},
        {"array": ZERO | {"dtype": "bfloat16"}},
        {"array": ZERO | {"dtype": None}},
        {"array": ZERO | {"shape": [2]}},
        {"array": ZERO | {"shape": [-1]}},
        {"array": ZERO | {"shape": [1.0]}},
        {"array": ZERO | {"shape": [True]}},
        {"array": ZERO | {"shape": [1] * 33}},
        {"array": ZERO | {"shape": [0, 2**39, 2**39], "data": ""}},
        {"array": ZERO | {"extra": 1}},
        {"array": {"dtype": "bool", "shape": [1], "data": "Ag=="}},
        {"dict": []},
        {"dict": {1: 2}},
        {"tuple": {}},
        {"tensor": None},
        1.5,
        float("nan"),
        2**300,
        "\ud800",
        b"bytes",
    ],
)
def test_malformed_messages_are_refused(value):
    with pytest.raises((TypeError, ValueError)):
        decode(value)


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("direction", [encode, decode])
def test_limits(direction):
    with pytest.raises(ValueError, match="deeper"):
        direction(nested(10_000))
    with pytest.raises(ValueError, match="items"):
        direction([None] * 11, limits=Limits(items=10))
    with pytest.raises(ValueError, match="bytes"):
        direction("x" * 11, limits=Limits(bytes=10))


def test_deep_and_long_text_is_a_value_error():
    with pytest.raises(ValueError, match="deep"):
        parse("[" * 200_000)
    with pytest.raises(ValueError, match="long"):
        parse(" " * 100, limits=Limits(bytes=10))
    with pytest.raises(ValueError, match="NaN"):
        parse("NaN")
    with pytest.raises(ValueError):
        parse("1" * 10_000)


def test_one_buffer_named_often_counts_each_time():
    value = [{"bytes": {"buffer": 0}}] * 100
    with pytest.raises(ValueError, match="bytes"):
        decode(value, [bytes(1000)], limits=Limits(bytes=10_000))
