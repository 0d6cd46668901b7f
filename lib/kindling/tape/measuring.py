"""Measures the gradients on a tape: replays the recording with one number moved at a time.

No rule is asked, so the numbers found here can be laid beside what rules gave.
"""

from contextlib import suppress
from math import prod
from typing import Any

from .. import backend
from ..dtypes import float64
from ..engine import ERRORS, Tensor, mode, wrap
from . import values
from .replay import Reference, Replay, lacking
from .tape import Tape

WIDTHS = 1e-3, 1e-5, 1e-7  # of a step to either side: shorter ones where a longer one does not see a straight line
BENT = 0.01  # so much may the slopes to both sides differ
DIGITS = 6  # behind the point; more would be noise
MOST_NUMBERS = 64  # of one tensor; larger ones are not measured
MOST_FACTS = 1_000_000  # gone through in all

Plain = dict[tuple[Any, int], Any]  # what the run computed without gradients


class _Reached(Exception):
    """The backward that is measured would begin now."""


class _Moved(Replay):
    """Runs up to the start of one backward, in float64, and moves one number of one result on the way.

    A rule follows only what leaves nodes, so everything else, such as what ran under `no_grad`, keeps the values of
    the run in which nothing moves.
    """

    def __init__(
        self, facts: list[tuple], run: int, plain: Plain, moved: Reference = (-1, 0), number: int = 0, by: float = 0.0
    ):
        super().__init__(facts)
        self.wanted, self.plain, self.moved, self.number, self.by = run, plain, moved, number, by
        looks = next((fact[8] for fact in facts if fact[0] == "operator" and (fact[1], 0) == moved), None)
        self.when_read = looks is not False  # a leaf and a view lie in memory that others see too
        self.written_through = bool(looks) and any(fact[0] == "spliced" for fact in facts)
        self.total = 0.0

    def result(self) -> float:
        """What the backward starts from: its roots, each weighed with its first gradient."""
        with suppress(_Reached):
            self.run()
        return self.total

    def numbers(self, kept: Any) -> Any:
        return kept.astype("float64") if kept.dtype.kind == "f" else kept.copy()

    def told(self, reference: Reference, array: Any) -> Any:
        return moved(array, self.number, self.by) if reference == self.moved and not self.when_read else None

    def reads(self, reference: Reference, t: Tensor) -> Tensor:
        if reference != self.moved or not self.when_read or not mode.grad:
            return t
        return t + wrap(moved(t._array * 0, self.number, self.by))

    def _keep_plain(self, key: tuple, t: Tensor | None) -> None:
        """Note what the first run computed; put it back where another one has computed something else."""
        if t is not None and t._edge is None:
            then = self.plain.setdefault(key, t._array)
            if then is t._array:
                self.plain[key] = then.copy()
            elif not (then == t._array).all():
                t._array = then.copy()

    def _run(self, number: int, fact: tuple) -> None:
        if self.written_through and fact[8] and self.moved in fact[3]:
            raise RuntimeError("what is written through a view of a moved view does not reach the base")
        params = {name: float64 if _is_float(value) else value for name, value in fact[5].items()}
        super()._run(number, (*fact[:5], params, *fact[6:]))
        for i in range(len(fact[6]) if fact[0] == "untracked" else 0):
            self._keep_plain((number, i), self.tensors[fact[1], i])

    def _captured(self, number: int, place: int, results: tuple) -> None:
        super()._captured(number, place, results)
        for i in range(len(results)):
            self._keep_plain((number, i), self.tensors.get((place, i)))

    def _start(self, number: int, run: int, starts: list, *rest: Any) -> None:
        if run == self.wanted:
            mode.grad = True
            roots = [(self.reads(ref, self.tensor(ref)), g) for ref, g in starts]
            self.total = sum(float((root._array * self.numbers(g)).sum()) for root, g in roots)
            raise _Reached
        super()._start(number, run, starts, *rest)
        for (place, i), t in self.tensors.items():
            if not i and t._grad is not None:
                self._keep_plain((number, place), t._grad)


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
    still: dict[int, tuple[float, Plain]] = {}
    for phase in ("accumulate", "backward"):
        for step in (step for step in tape.steps if step["phase"] == phase):
            node, run = tape.nodes[step["node"]], step["run"]
            key = node["id"], run
            cost = 2 * prod(node["shape"] or ()) * len(tape.facts)
            if key not in found and cost <= most:
                most -= cost
                found[key] = _measured(tape, node, run, places[node["id"]], still)
            if found.get(key) is not None:
                step["numeric"] = found[key]
    return tape


def _measured(tape: Tape, node: dict[str, Any], run: int, place: Reference, still: dict) -> str | None:
    """The gradient of one node as text, or None where it cannot be measured."""
    shape, in_backward = node["shape"], place in _made_in_backward(tape)
    several = sum("float" in output["dtype"] for output in node.get("outputs", ())) > 1  # whose gradients come together
    if shape is None or several or prod(shape) > MOST_NUMBERS or in_backward or "float" not in node["dtype"]:
        return None
    try:
        if run not in still:
            plain: Plain = {}
            still[run] = _Moved(tape.facts, run, plain).result(), plain
        slopes = [_slope(tape, run, place, number, *still[run]) for number in range(prod(shape))]
    except ERRORS:
        return None
    return None if None in slopes else values.brief(backend.as_array(slopes).reshape(shape))


def _made_in_backward(tape: Tape) -> set[Reference]:
    return {(fact[1], 0) for fact in tape.facts if fact[0] == "spliced" or (fact[0] == "operator" and fact[13])}


def _slope(tape: Tape, run: int, place: Reference, number: int, still: float, plain: Plain) -> float | None:
    """How fast what the backward starts from grows with one number of one result; None at a kink, or beside a hole."""
    for width in WIDTHS:
        up, down = (_Moved(tape.facts, run, plain, place, number, by).result() for by in (width, -width))
        right, left = (up - still) / width, (still - down) / width
        if abs(right - left) <= BENT * max(1, abs(right), abs(left)):
            return round((up - down) / (2 * width), DIGITS)
    return None


def _is_float(value: Any) -> bool:
    """Whether an argument is a dtype in which small nudges would get lost."""
    return getattr(value, "name", None) in ("float16", "bfloat16", "float32")


def moved(array: Any, number: int, by: float) -> Any:
    """A copy in which one number is larger by so much."""
    flat = array.reshape(-1).copy()
    flat[number] += by
    return flat.reshape(array.shape)


Tape.measure = measure
