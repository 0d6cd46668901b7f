"""Random streams: PyTorch's Mersenne Twister, word for word.

A float32 takes the low 24 bits of one word, a float64 the low 53 bits of two words, the high one first.
"""

import os
from typing import Any

import numpy


class Stream:
    """One Mersenne Twister, seeded as PyTorch seeds it."""

    def __init__(self, seed: int):
        self.seed = seed & (2**64 - 1)
        self._twister = numpy.random.MT19937()
        self._twister._legacy_seeding(self.seed & 0xFFFFFFFF)

    def words(self, count: int) -> Any:
        """The next `count` 32-bit words."""
        return self._twister.random_raw(count)

    def uniform(self, shape: tuple, dtype: Any) -> Any:
        """Floats in [0, 1) of `dtype`."""
        count = int(numpy.prod(shape, dtype=int))
        if dtype.name == "float64":
            words = self.words(2 * count).reshape(-1, 2)
            bits = (words[:, 0] << numpy.uint64(32) | words[:, 1]) & numpy.uint64(2**53 - 1)
            return (bits * 2.0**-53).reshape(shape)
        digits = {"float16": 11, "bfloat16": 8}.get(dtype.name, 24)
        bits = self.words(count) & numpy.uint64(2**digits - 1)
        return (bits.astype("float32") * numpy.float32(2.0**-digits)).astype(dtype).reshape(shape)

    def get_state(self) -> Any:
        state = self._twister.state["state"]
        whole = numpy.concatenate([state["key"].astype("uint64"), numpy.array([state["pos"], self.seed], "uint64")])
        return whole.view("uint8")

    def set_state(self, state: Any) -> None:
        whole = numpy.ascontiguousarray(state).view("uint64")
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {"key": whole[:624].astype("uint32"), "pos": int(whole[624])},
        }
        self.seed = int(whole[625])


def system_seed() -> int:
    """A seed that nobody chose."""
    return int.from_bytes(os.urandom(6), "little")
