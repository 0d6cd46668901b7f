"""Messages between the grader and a session: length-prefixed frames of plain data, never pickle.

A frame is `length | count | length of JSON | length of each buffer | JSON | buffers`, all lengths little-endian 32 bit.
What arrives was written by a student for all we know: whatever is wrong with it raises `WireError`, nothing else.
"""

import json
import mmap
import socket
import struct
import time
from collections.abc import Callable

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


def send(sock: socket.socket, *bodies: bytes | memoryview) -> None:
    """Send frames, in one system call where they fit: so the other side is woken only once."""
    if max(map(len, bodies)) > MAX_FRAME:
        raise WireError("the message is too long")
    parts = [part for body in bodies for part in (LENGTH.pack(len(body)), body)]
    try:
        sent = sock.sendmsg(parts)
        for part in parts:
            if sent < len(part):
                sock.sendall(memoryview(part)[sent:])
            sent = max(0, sent - len(part))
    except OSError as error:
        raise WireError(f"the other side is gone: {error}") from None


def receive(sock: socket.socket, deadline: float | None = None) -> bytes:
    """Receive the body of one frame; `TimeoutError` after `deadline` (of `time.monotonic`), however slowly it drips."""
    return bytes(_receive(sock, lambda length: memoryview(bytearray(length)), deadline))


def _receive(sock: socket.socket, room: Callable[[int], memoryview], deadline: float | None) -> memoryview:
    head = memoryview(bytearray(LENGTH.size))
    _fill(sock, head, deadline)
    (length,) = LENGTH.unpack(head)
    if length > MAX_FRAME:
        raise WireError("the message is too long")
    body = room(length)
    _fill(sock, body, deadline)
    return body


def _fill(sock: socket.socket, room: memoryview, deadline: float | None) -> None:
    while room:
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        try:
            sock.settimeout(left)
            count = sock.recv_into(room)
        except TimeoutError:
            raise
        except OSError as error:
            raise WireError(f"the other side is gone: {error}") from None
        if not count:
            raise WireError("the other side is gone")
        room = room[count:]


class Passing:
    """Room for one frame that is only passed on: a process that is forked later finds nothing of it in its memory."""

    def __init__(self):
        self.room = mmap.mmap(-1, MAX_FRAME, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        if hasattr(mmap, "MADV_DONTFORK"):  # what Linux has, and with it every sandbox
            self.room.madvise(mmap.MADV_DONTFORK)

    def receive(self, sock: socket.socket, deadline: float | None = None) -> memoryview:
        """Receive the body of one frame; it is gone when the next one comes."""
        return _receive(sock, self._first, deadline)

    def keep(self, body: memoryview) -> memoryview:
        """The same bytes in this room."""
        room = self._first(len(body))
        room[:] = body
        return room

    def _first(self, length: int) -> memoryview:
        return memoryview(self.room)[:length]

    def clear(self) -> None:
        """Give the memory back."""
        if hasattr(mmap, "MADV_DONTNEED"):
            self.room.madvise(mmap.MADV_DONTNEED)
