"""Random streams: PyTorch's Mersenne Twister, word for word.

A float32 takes the low 24 bits of one word, a float64 the low 53 bits of two words, the high one first. Normal numbers
come from pairs of uniform ones (Box and Muller 1958): in blocks of 16 from 16 elements on, below that one by one in
double precision, the second of each pair kept for the next call.
"""

import os
from typing import Any

import numpy


class Stream:
    """One Mersenne Twister, seeded as PyTorch seeds it."""

    def __init__(self, seed: int):
        self.seed = seed & (2**64 - 1)
        self._kept_normal: float | None = None
        self._twister = numpy.random.MT19937()
        self._twister._legacy_seeding(self.seed & 0xFFFFFFFF)

    def words(self, count: int) -> Any:
        """The next `count` 32-bit words."""
        return self._twister.random_raw(count)

    def uniform(self, shape: tuple, dtype: Any) -> Any:
        """Floats in [0, 1) of `dtype`."""
        count = int(numpy.prod(shape, dtype=int))
        if dtype.name == "float64":
            return self.uniform53(count).reshape(shape)
        bits = self.words(count) & numpy.uint64(2**24 - 1)
        drawn = (bits.astype("float32") * numpy.float32(2.0**-24)).astype(dtype).reshape(shape)
        if dtype.itemsize == 2:
            drawn[drawn == 1] = 0  # what a small float rounds up to 1 is no longer below it
        return drawn

    def between(self, low: float, high: float, shape: tuple, dtype: Any) -> Any:
        """Floats in [low, high) of `dtype`; a float32 is rounded once, as PyTorch's fused multiply-add does."""
        drawn = self.uniform(shape, dtype)
        if dtype.name != "float32":
            return (drawn * (high - low) + low).astype(dtype)
        low, high = numpy.float32(low), numpy.float32(high)
        return (drawn.astype("float64") * float(high - low) + float(low)).astype(dtype)

    def uniform53(self, count: int) -> Any:
        """`count` floats in [0, 1) with 53 random bits."""
        words = self.words(2 * count).reshape(-1, 2)
        return ((words[:, 0] << numpy.uint64(32) | words[:, 1]) & numpy.uint64(2**53 - 1)) * 2.0**-53

    def normal(self, shape: tuple, dtype: Any) -> Any:
        """Normal numbers of mean 0 and deviation 1."""
        count = int(numpy.prod(shape, dtype=int))
        if count < 16:
            drawn = numpy.array([self._one_normal() for _ in range(count)])
        else:
            drawn = self._normal_blocks(count, dtype)
        return drawn.astype(dtype).reshape(shape)

    def _one_normal(self) -> float:
        if self._kept_normal is not None:
            kept, self._kept_normal = self._kept_normal, None
            return kept
        first, second = self.uniform53(2)
        radius, angle = numpy.sqrt(-2.0 * numpy.log1p(-second)), 2.0 * numpy.pi * first
        self._kept_normal = radius * numpy.sin(angle)
        return radius * numpy.cos(angle)

    def _normal_blocks(self, count: int, dtype: Any) -> Any:
        """Eight cosines, then their eight sines, block by block; a last block that is not full is drawn anew."""
        wide, full = numpy.dtype("float64" if dtype.name == "float64" else "float32"), count // 16 * 16
        small = dtype.itemsize == 2
        drawn = numpy.empty(count, wide)
        drawn[:full] = _box_muller(self.uniform((full,), wide).reshape(-1, 2, 8)).reshape(-1)
        if full < count:
            if not small:
                self.words((count - full) * wide.itemsize // 4)  # PyTorch draws these, and does not use them
            drawn[-16:] = _box_muller(self.uniform((16,), wide).reshape(-1, 2, 8)).reshape(-1)
        return drawn

    def integers(self, low: int, high: int, shape: tuple) -> Any:
        """Integers from `low` up to but not including `high`; a wide range takes two words each, the high one first."""
        count = int(numpy.prod(shape, dtype=int))
        width = high - low
        if width < 2**28:
            drawn = self.words(count) % numpy.uint64(width)
        else:
            words = self.words(2 * count).reshape(-1, 2)
            drawn = (words[:, 0] << numpy.uint64(32) | words[:, 1]) % numpy.uint64(width)
        return (drawn.astype("int64") + low).reshape(shape)

    def permutation(self, n: int) -> Any:
        """0 to n - 1 in a random order: each place in turn is swapped with one at or after it."""
        order = list(range(n))
        steps = (self.words(max(0, n - 1)) % numpy.arange(n, 1, -1, dtype="uint64")).tolist() if n > 1 else []
        for i, step in enumerate(steps):
            order[i], order[i + step] = order[i + step], order[i]
        return numpy.array(order, "int64")

    def get_state(self) -> Any:
        """Where the stream is now, as bytes."""
        state = self._twister.state["state"]
        kept = numpy.array([self._kept_normal if self._kept_normal is not None else numpy.nan]).view("uint64")
        place = numpy.array([state["pos"], self.seed], "uint64")
        return numpy.concatenate([state["key"].astype("uint64"), place, kept]).view("uint8")

    def set_state(self, state: Any) -> None:
        """Go back to where `get_state` was called."""
        whole = numpy.ascontiguousarray(state).view("uint64")
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {"key": whole[:624].astype("uint32"), "pos": int(whole[624])},
        }
        self.seed = int(whole[625])
        kept = float(whole[626:].view("float64")[0])
        self._kept_normal = None if kept != kept else kept


def _box_muller(pairs: Any) -> Any:
    """Normal numbers in place of uniform ones: [:, 0] gives the radius, [:, 1] the angle."""
    radius = numpy.sqrt(-2 * numpy.log(1 - pairs[:, 0]))
    angle = pairs.dtype.type(2 * numpy.pi) * pairs[:, 1]
    return numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle)], 1)


def system_seed() -> int:
    """A seed that nobody chose."""
    return int.from_bytes(os.urandom(6), "little")
