"""Measures the gradients on a tape: replays the recording with one number moved at a time.

No rule is asked, so the numbers found here can be laid beside what rules gave.
"""

from contextlib import suppress
from math import prod
from typing import Any

from .. import backend
from ..engine import ERRORS, Tensor
from . import values
from .replay import Reference, Replay, lacking
from .tape import Tape

WIDTH = 1e-3  # of a step to either side
DIGITS = 6  # behind the point; more would be noise
MOST_NUMBERS = 64  # of one tensor; larger ones are not measured
MOST_FACTS = 1_000_000  # gone through in all


class _Reached(Exception):
    """The backward that is measured would begin now."""


class _Moved(Replay):
    """Runs up to the start of one backward, in float64, and moves one number of one result on the way."""

    def __init__(self, facts: list[tuple], run: int, moved: Reference = (-1, 0), number: int = 0, by: float = 0.0):
        super().__init__(facts)
        self.wanted, self.moved, self.number, self.by = run, moved, number, by
        begins = next(i for i, fact in enumerate(facts) if fact[0] == "start" and fact[1] == run)
        writes = [i for i, fact in enumerate(facts[:begins]) if fact[0] in ("written", "assigned") and fact[1] == moved]
        self.last_write = writes[-1] if writes else None  # a leaf is moved once the program has written it
        self.total = 0.0

    def result(self) -> float:
        """What the backward starts from: its roots, each weighed with its first gradient."""
        with suppress(_Reached):
            self.run()
        return self.total

    def numbers(self, kept: Any) -> Any:
        return kept.astype("float64") if kept.dtype.kind == "f" else kept.copy()

    def told(self, reference: Reference, array: Any) -> Any:
        return moved(array, self.number, self.by) if reference == self.moved and self.last_write is None else None

    def _move_written(self, number: int) -> None:
        if number == self.last_write:
            leaf: Tensor = self.tensors[self.moved]
            leaf._array[...] = moved(leaf._array, self.number, self.by)

    def _written(self, number: int, *rest: Any) -> None:
        super()._written(number, *rest)
        self._move_written(number)

    def _assigned(self, number: int, *rest: Any) -> None:
        super()._assigned(number, *rest)
        self._move_written(number)

    def _start(self, number: int, run: int, starts: list, *rest: Any) -> None:
        if run == self.wanted:
            self.total = sum(float((self.tensor(ref)._array * self.numbers(g)).sum()) for ref, g in starts)
            raise _Reached
        super()._start(number, run, starts, *rest)


def measure(tape: Tape, most: int = MOST_FACTS) -> Tape:
    """Show, beside each gradient on the tape, the same one measured.

    The recording is replayed twice for every number, leaves first, until `most` of its facts were gone through: about
    ten seconds. Returns the tape itself.

    Raises:
        RuntimeError: the recording lacks something that a replay needs; the sentence says what.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with tape.record() as t:
    ...     (x * x).backward()
    >>> [step["numeric"] for step in t.measure().steps if "numeric" in step]
    ['1', '6']
    """
    why = lacking(tape)
    if why:
        raise RuntimeError(f"this recording cannot be measured: {why}")
    places = {node: reference for reference, node in tape.ids().items() if reference[1] == 0}
    found: dict[tuple[int, int], str | None] = {}
    for phase in ("accumulate", "backward"):
        for step in (step for step in tape.steps if step["phase"] == phase):
            node, run = tape.nodes[step["node"]], step["run"]
            key = node["id"], run
            cost = 2 * prod(node["shape"] or ()) * len(tape.facts)
            if key not in found and cost <= most:
                most -= cost
                found[key] = _measured(tape, node, run, places[node["id"]])
            if found.get(key) is not None:
                step["numeric"] = found[key]
    return tape


def _measured(tape: Tape, node: dict[str, Any], run: int, place: Reference) -> str | None:
    """The gradient of one node as text, or None where it cannot be measured."""
    shape, in_backward = node["shape"], place in _made_in_backward(tape)
    if shape is None or prod(shape) > MOST_NUMBERS or in_backward or "float" not in node["dtype"]:
        return None
    try:
        slopes = [_slope(tape, run, place, number) for number in range(prod(shape))]
    except ERRORS:
        return None
    return values.brief(backend.as_array(slopes).reshape(shape))


def _made_in_backward(tape: Tape) -> set[Reference]:
    return {(fact[1], 0) for fact in tape.facts if fact[0] == "spliced" or (fact[0] == "operator" and fact[13])}


def _slope(tape: Tape, run: int, place: Reference, number: int) -> float:
    """How fast what the backward starts from grows with one number of one result."""
    up, down = (_Moved(tape.facts, run, place, number, by).result() for by in (WIDTH, -WIDTH))
    return round((up - down) / (2 * WIDTH), DIGITS)


def moved(array: Any, number: int, by: float) -> Any:
    """A copy in which one number is larger by so much."""
    flat = array.reshape(-1).copy()
    flat[number] += by
    return flat.reshape(array.shape)


Tape.measure = measure
