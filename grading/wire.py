"""Messages between the grader and a session: length-prefixed frames of plain data, never pickle.

A frame is `length | count | length of JSON | length of each buffer | JSON | buffers`, all lengths little-endian 32 bit.
What arrives was written by a student for all we know: whatever is wrong with it raises `WireError`, nothing else.
"""

import json
import socket
import struct
import time

from course.checks import codec

MAX_FRAME = 80 * 2**20
MAX_BUFFERS = 10_000
LENGTH = struct.Struct("<I")


class WireError(Exception):
    """A message that is not one of ours, or a conversation that broke off."""


def pack(value) -> bytes:
    """Plain data as the body of one frame."""
    buffers: list[bytes] = []
    text = json.dumps(codec.encode(value, buffers=buffers)).encode("utf-8")
    lengths = [len(text), *(len(buffer) for buffer in buffers)]
    head = struct.pack(f"<{1 + len(lengths)}I", len(buffers), *lengths)
    return b"".join([head, text, *buffers])


def unpack(body: bytes):
    """The plain data in the body of a frame from anybody."""
    try:
        parts = _split(body)
        return codec.decode(codec.parse(parts[0].decode("utf-8")), parts[1:])
    except (TypeError, ValueError, struct.error) as error:
        raise WireError(f"not plain data: {error}") from None


def _split(body: bytes) -> list[bytes]:
    (count,) = LENGTH.unpack_from(body)
    if count > MAX_BUFFERS:
        raise ValueError("too many buffers")
    lengths = struct.unpack_from(f"<{count + 1}I", body, LENGTH.size)
    start = LENGTH.size * (count + 2)
    if start + sum(lengths) != len(body):
        raise ValueError("the lengths do not fit the frame")
    parts = []
    for length in lengths:
        parts.append(body[start : start + length])
        start += length
    return parts


def send(sock: socket.socket, body: bytes) -> None:
    """Send one frame."""
    if len(body) > MAX_FRAME:
        raise WireError("the message is too long")
    try:
        sock.sendall(LENGTH.pack(len(body)) + body)
    except OSError as error:
        raise WireError(f"the other side is gone: {error}") from None


def receive(sock: socket.socket, deadline: float | None = None) -> bytes:
    """Receive the body of one frame; `TimeoutError` after `deadline` (of `time.monotonic`), however slowly it drips."""
    (length,) = LENGTH.unpack(_exactly(sock, LENGTH.size, deadline))
    if length > MAX_FRAME:
        raise WireError("the message is too long")
    return _exactly(sock, length, deadline)


def _exactly(sock: socket.socket, count: int, deadline: float | None) -> bytes:
    chunks = []
    while count:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        try:
            sock.settimeout(left)
            chunk = sock.recv(min(count, 1 << 20))
        except TimeoutError:
            raise
        except OSError as error:
            raise WireError(f"the other side is gone: {error}") from None
        if not chunk:
            raise WireError("the other side is gone")
        chunks.append(chunk)
        count -= len(chunk)
    return b"".join(chunks)
