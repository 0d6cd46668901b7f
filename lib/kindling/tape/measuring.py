"""Measures the gradients on a tape: runs the function again with one number moved at a time.

No rule is asked, so the numbers found here can be laid beside what rules gave.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from .. import backend
from ..engine import Tensor
from . import values
from .recorder import record
from .tape import Tape

WIDTH = 1e-3  # of a step to either side
DIGITS = 6  # behind the point; more would be noise
MOST_NUMBERS = 64  # of one tensor; larger ones are not measured


class _Moved(record):
    """Runs a function again; on the way, one number of one operator's result is moved."""

    def __init__(self, place: int = -1, number: int = 0, by: float = 0.0) -> None:
        super().__init__()
        self.place, self.number, self.by = place, number, by

    def forward(self, op: Any, inputs: tuple, params: dict, outputs: tuple, node: Any) -> None:
        super().forward(op, inputs, params, outputs, node)
        if node is not None and self.tape.nodes[-1]["id"] == self.place:
            outputs[0]._array = moved(outputs[0]._array, self.number, self.by)


def measure(tape: Tape, function: Callable[[], Tensor]) -> Tape:
    """Show, beside each gradient on the tape, the same one measured: `function` runs the recorded calculation again.

    It is run twice for every number, so keep it small. The leaves are made outside of it, and it returns a single
    number. Returns the tape itself.
    """
    first = _Moved()
    with first as again:
        function()
    if [(n["kind"], n["op"]) for n in again.nodes] != [(n["kind"], n["op"]) for n in tape.nodes]:
        raise ValueError("measure must be given the very calculation that the tape recorded, run once and no more")
    told = again.ids()
    leaves = {told[place, 0]: ref() for place, (ref, _) in first._leaves.items() if ref() is not None}
    arrays = [leaf._array for leaf in leaves.values()]
    found: dict[int, str | None] = {}
    try:
        for leaf in leaves.values():  # float64 has the digits that measuring needs
            leaf._array = leaf._array.astype("float64")
        for step in tape.steps:
            if step["phase"] in ("backward", "accumulate"):
                if step["node"] not in found:
                    found[step["node"]] = _measured(tape.nodes[step["node"]], function, leaves)
                if found[step["node"]] is not None:
                    step["numeric"] = found[step["node"]]
    finally:
        for leaf, array in zip(leaves.values(), arrays, strict=True):
            leaf._array = array
    return tape


def _measured(node: dict[str, Any], function: Callable[[], Tensor], leaves: dict[int, Tensor]) -> str | None:
    """The gradient of one node as text, or None where it cannot be measured."""
    place, shape = node["id"], node["shape"]
    if shape is None or prod(shape) > MOST_NUMBERS or (node["kind"] == "leaf" and place not in leaves):
        return None
    slopes = [_slope(function, place, number, leaves.get(place)) for number in range(prod(shape))]
    return values.brief(backend.as_array(slopes).reshape(shape))


def _slope(function: Callable[[], Tensor], place: int, number: int, leaf: Tensor | None) -> float:
    """How fast the result grows with one number of one leaf, or of one operator's result."""
    up, down = (_run(function, place, number, leaf, by) for by in (WIDTH, -WIDTH))
    return round((up - down) / (2 * WIDTH), DIGITS)


def _run(function: Callable[[], Tensor], place: int, number: int, leaf: Tensor | None, by: float) -> float:
    if leaf is None:
        with _Moved(place, number, by):
            return float(function()._array)
    before, leaf._array = leaf._array, moved(leaf._array, number, by)
    try:
        return float(function()._array)
    finally:
        leaf._array = before


def moved(array: Any, number: int, by: float) -> Any:
    """A copy in which one number is larger by so much."""
    flat = array.reshape(-1).copy()
    flat[number] += by
    return flat.reshape(array.shape)
