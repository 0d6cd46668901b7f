"""Messages survive the way there and back; rubbish of every kind is refused and never does harm."""

import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading import wire

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=12,
)
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["array", "tensor", "bytes", "float", "tuple", "dict", "dtype", "shape", "data", "buffer", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=16,
)


def same(a, b) -> bool:
    return repr(a) == repr(b)


@given(plain)
def test_there_and_back(value):
    assert same(wire.unpack(wire.pack(value)), value)


def test_arrays_travel_as_raw_bytes():
    array = np.arange(12.0).reshape(3, 4)
    body = wire.pack({"a": array, "b": b"\x00\xff"})
    assert array.tobytes() in body
    back = wire.unpack(body)
    assert type(back["a"]) is np.ndarray
    assert np.array_equal(back["a"], array)


@given(st.binary(max_size=400))
def test_rubbish_is_refused(body):
    try:
        wire.unpack(body)
    except wire.WireError:
        return


@given(json_like, st.lists(st.binary(max_size=40), max_size=3))
def test_any_json_is_plain_data_or_refused(value, buffers):
    text = json.dumps(value).encode()
    lengths = [len(text), *map(len, buffers)]
    body = struct.pack(f"<{1 + len(lengths)}I", len(buffers), *lengths) + text + b"".join(buffers)
    try:
        found = wire.unpack(body)
    except wire.WireError:
        return
    assert same(wire.unpack(wire.pack(found)), found)


@given(plain, st.integers(0, 400), st.integers(0, 255))
def test_a_changed_byte_does_no_harm(value, at, byte):
    body = bytearray(wire.pack(value))
    body[at % len(body)] = byte
    try:
        wire.unpack(bytes(body))
    except wire.WireError:
        return


@pytest.mark.parametrize(
    "body",
    [
        struct.pack("<I", 2**31),
        struct.pack("<II", 0, 2**31) + b"[]",
        struct.pack("<II", 0, 200_000) + b"[" * 200_000,
        struct.pack("<II", 0, 400_000) + b'{"tuple":[' * 40_000,
        struct.pack("<II", 0, 5000) + b"9" * 5000,
        struct.pack("<II", 0, 3) + b"NaN",
    ],
)
def test_bombs_are_refused(body):
    with pytest.raises(wire.WireError):
        wire.unpack(body)


def test_too_long_a_frame_is_not_waited_for():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack("<I", wire.MAX_FRAME + 1))
        with pytest.raises(wire.WireError):
            wire.receive(ours, time.monotonic() + 5)


def test_a_dripping_sender_runs_out_of_time():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stop = threading.Event()

        def drip():
            theirs.sendall(struct.pack("<I", 1000))
            while not stop.wait(0.02):
                theirs.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            wire.receive(ours, begun + 0.2)
        stop.set()
        thread.join()
        assert time.monotonic() - begun < 2


def test_a_closed_line_is_a_wire_error():
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(wire.WireError):
        wire.receive(ours)
