"""Runs a recording again, without the program: the same operators on the values that were kept, then the same backward.

With other values, gradients or rules at some nodes it answers "what if". The facts are gone through in their order; a
new recorder listens, so the answer is a tape like any other.
"""

import weakref
from contextlib import ExitStack
from typing import Any

from .. import backend, random
from ..engine import (
    ERRORS,
    Observer,
    Tensor,
    alias,
    edge_of,
    hooks_of,
    mode,
    observers,
    run,
    storage_of,
    tell,
    wrap,
)
from ..ops.create import require_grad
from ..ops.inplace import about_to_write, store
from .recorder import GRAD, record
from .rules import RuleError, Told, give
from .tape import Tape
from .values import Sample

Reference = tuple[int, int]
RUNS = ("operator", "untracked")
WRITES = ("written", "spliced")


class _Again(record):
    """Records a replay; what only the program could tell is taken from the first recording."""

    hooks_of = "a replay"

    def __init__(self) -> None:
        super().__init__()
        self.place_in_code: tuple = ()
        self.places_in_backward: list[tuple] = []
        self.names: dict[int, str | None] = {}
        self.heard: list[list[weakref.ref]] = []  # results of operators inside a backward
        self.lost: set[int] = set()  # leaves that the program had let go of by now, by their nodes' sequence numbers
        self._where = self._as_then

    def _as_then(self) -> tuple:
        return self.places_in_backward.pop(0) if self._walking and self.places_in_backward else self.place_in_code

    def _name(self, tensor: Tensor, *_: Any, **__: Any) -> str | None:
        return self.names.get(id(tensor))

    def _is_lost(self, leaf: Any) -> bool:
        return leaf.sequence in self.lost

    def _gone(self, life: Any) -> None:
        if self._walking:  # elsewhere nodes go when they went the first time
            super()._gone(life)

    def forward(self, op: Any, inputs: tuple, params: dict, outputs: tuple, node: Any) -> None:
        super().forward(op, inputs, params, outputs, node)
        if node is not None and self._walking:
            self.heard.append([weakref.ref(t) for t in outputs])


class _Editor(Observer):
    """Hears of each operator before the recorder does, and puts the value and the rule in that were told."""

    def __init__(self, replay: "Replay") -> None:
        self.replay = replay

    def forward(self, op: Any, inputs: tuple, params: dict, outputs: tuple, node: Any) -> None:
        replay = self.replay
        reference = replay.place, 0
        if replay.place is None or op.name != replay.op.name:
            return
        value = replay.told(reference, outputs[0]._array)
        if value is not None:
            if any(isinstance(x, Tensor) and backend.shares_memory(x._array, outputs[0]._array) for x in inputs):
                outputs[0]._array = value
            else:
                outputs[0]._array[...] = value  # what the node has saved of it changes too
        if node is not None and reference in replay.rules:
            give(node, replay.rules[reference], inputs, outputs, params)


class Replay:
    """One run through the facts of a tape, with what is told for references."""

    def __init__(
        self,
        facts: list[tuple],
        values: dict[Reference, Any] | None = None,
        grads: dict[Reference, Any] | None = None,
        rules: dict[Reference, Told] | None = None,
    ) -> None:
        self.facts, self.values, self.grads, self.rules = facts, values or {}, grads or {}, rules or {}
        self.again = _Again()
        self.tensors: dict[Reference, Tensor] = {}
        self.nodes: dict[int, int] = {}  # a place then: the sequence number of its node now
        self.leaves = sorted(((fact[2], fact) for fact in facts if fact[0] == "leaf"), key=lambda pair: pair[0])
        self.writers = _writers(facts)
        self.reading = {number: op for op, number in self.writers.values()}
        self.place: int | None = None  # of the operator that runs now
        self.op: Any = None
        self.target: Any = None  # what will be written in place
        self.before: Any = None  # what the writing operator reads in its stead
        self.captures: dict = {}
        self.constants = {fact[1]: fact[3] for fact in facts if fact[0] == "constant" and fact[4] is None}
        self.memory: dict[int, Tensor] = {}  # of constants whose memory a leaf shares: any tensor on it

    def run(self) -> Tape:
        """The tape of the replay."""
        editor = _Editor(self)
        with ExitStack() as stack:
            stack.enter_context(random.fork_rng())
            stack.callback(setattr, mode, "grad", mode.grad)
            observers.append(editor)
            stack.callback(observers.remove, editor)
            stack.enter_context(self.again)
            self.go()
        for reference in dict.fromkeys((*self.values, *self.grads, *self.rules)):
            found = self.again._reference(self.tensors[reference], known_only=True)
            told = self.rules.get(reference)
            self.again.facts.append(("edited", found, told if isinstance(told, dict) else {}))
        return self.again.tape

    def go(self) -> None:
        """Every fact in turn; of a backward only its start, the rest follows from it."""
        inside = 0
        for number, fact in enumerate(self.facts):
            kind = fact[0]
            if kind == "start":
                inside += 1
                if inside == 1:
                    self._start(number, *fact[1:])
            elif kind == "end":
                inside -= 1
            elif kind in RUNS:
                if inside:
                    self._heard(fact)
                elif kind == "untracked" or not fact[13]:
                    self._run(number, fact)
            elif not inside:
                getattr(self, "_" + kind, _nothing)(number, *fact[1:])

    def tensor(self, reference: Reference) -> Tensor:
        """What a reference meant, now."""
        place, number = reference
        return self.tensors[place, 0]._grad if number == GRAD else self.tensors[reference]

    def told(self, reference: Reference, array: Any) -> Any:
        """The value that was told for a result, in its type and shape; None when none was."""
        return fitted(self.values[reference], array) if reference in self.values else None

    def reads(self, reference: Reference, t: Tensor) -> Tensor:
        """What an operator is given for a reference."""
        return t

    def numbers(self, kept: Any) -> Any:
        """What was kept, to compute with."""
        return kept.copy()

    # Tensors.

    def _leaf(self, number: int, place: int, sequence: int, *_: Any) -> None:
        self._leaves_until(sequence)

    def _leaves_until(self, sequence: int) -> None:
        """Backward goes by age, so leaves are made in the order in which they were made then."""
        while self.leaves and self.leaves[0][0] <= sequence:
            _, (_, place, _, name, value, grad, kind, shared) = self.leaves.pop(0)
            t = self._made((place, 0), name, value)
            if shared is not None and shared[0] in self.constants:
                self._share(t, *shared)
            t.__class__ = kind
            require_grad(t)
            if grad is not None:
                t._grad = wrap(self.numbers(grad))

    def _constant(self, _: int, place: int, name: str | None, value: Any, shared: Reference | None) -> None:
        if shared is None:
            t = self._made((place, 0), name, value)
            if place in self.memory:
                t._array, t._storage = self.memory[place]._array, self.memory[place]._storage
            return
        t = self.tensor(shared[:2])
        t = self.tensors[place, 0] = alias(t) if shared[2] else wrap(t._array)
        self.again.names[id(t)] = name

    def _share(self, leaf: Tensor, place: int, _: int, counted: bool) -> None:
        """Put a leaf on the memory of a constant, which may have been made already or will be."""
        if (place, 0) in self.tensors:
            leaf._array = self.tensors[place, 0]._array
            leaf._storage = storage_of(self.tensors[place, 0]) if counted else None
        else:
            self.memory[place] = alias(leaf) if counted else wrap(leaf._array)

    def _made(self, reference: Reference, name: str | None, value: Any) -> Tensor:
        array = self.numbers(value)
        told = self.told(reference, array)
        t = self.tensors[reference] = wrap(array if told is None else told)
        self.again.names[id(t)] = name
        return t

    def _captured(self, _: int, place: int, results: tuple) -> None:
        """What `autograd.grad` returned."""
        for number, found in enumerate(self.captures.values()):
            if found is not None:
                self.tensors[place, number] = found

    # Operators.

    def _run(self, number: int, fact: tuple) -> None:
        place, op, read, plain, params = fact[1:6]
        if fact[0] == "operator":
            self._leaves_until(fact[10])
        mode.grad = fact[0] == "operator" or fact[10]
        plain = plain or (None,) * len(read)
        inputs = [x if r is None else self.reads(r, self.tensor(r)) for r, x in zip(read, plain, strict=True)]
        if number in self.reading and self.before is not None:
            inputs[0], self.before = self.reads(read[0], self.before), None
        self.place, self.op, self.again.place_in_code = place, op, fact[7]
        result = op.function.apply(*inputs) if op.family == "function" else op(*inputs, **params)
        self.place = None
        for i, t in enumerate(result if isinstance(result, tuple) else (result,)):
            self.tensors[place, i] = t
            if i == 0 and fact[0] == "operator":
                self.nodes[place] = t._edge[0].sequence

    def _heard(self, fact: tuple) -> None:
        """An operator of a backward that was recorded itself: it has run by now."""
        for i, ref in enumerate(self.again.heard.pop(0) if self.again.heard else ()):
            t = ref()
            if t is not None:
                self.tensors[fact[1], i] = t
                self.nodes[fact[1]] = t._edge[0].sequence if t._edge is not None else -1

    def _function(self, _: int, state: Any) -> None:
        random.set_rng_state(wrap(state))

    def _enter(self, _: int, *rest: Any) -> None:
        self.again.facts.append(("enter", *rest))

    def _leave(self, _: int, call: int) -> None:
        self.again.facts.append(("leave", call))

    def _gone(self, _: int, place: int) -> None:
        found = self.again._nodes.get(self.nodes.get(place))
        if found is not None:
            self.again.facts.append(("gone", found))

    # Writing.

    def _writing(self, number: int, target: Reference, base: Any, graded: bool) -> None:
        if number in self.writers:
            mode.grad, self.target = graded, self.tensor(target)
            self.before = about_to_write(self.writers[number][0], self.target)
            tell("writing", self.target, self.before)

    def _written(self, number: int, _: Any, made: Reference | None, *rest: Any) -> None:
        mode.grad = rest[2]
        t = self._store(number)
        if made is not None:
            self.tensors[made] = t
            self.nodes[made[0]] = t._edge[0].sequence

    def _spliced(self, number: int, place: int, op: Any, read: list, value: Any, where: tuple, *_: Any) -> None:
        mode.grad = True
        base = self._store(number)._view.base
        self.tensors[place, 0] = base
        self.nodes[place] = base._edge[0].sequence

    def _store(self, number: int) -> Tensor:
        """Write the last result into what was announced."""
        last = next(i for i in reversed(range(number)) if i in self.reading)
        store(self.target, self.tensors[self.facts[last][1], 0])
        return self.target

    def _assigned(self, _: int, target: Reference, value: Any, shared: tuple | None, where: tuple) -> None:
        self.again.place_in_code = where
        t = self.tensor(target)
        t._array = self.numbers(value) if shared is None else self.tensor(shared[:2])._array
        tell("written", t)

    def _cleared(self, _: int, place: int, whole: Any, source: Any, where: tuple | None) -> None:
        if source is False:  # its gradient was written in place, which was done
            return
        leaf = self.tensors[place, 0]
        leaf._grad = None if whole is None else self.tensor(source) if source else wrap(self.numbers(whole))
        if where is None:
            self.again._catch_up(all_leaves=True)
        else:
            self.again.place_in_code = where
            tell("given_grad", leaf)

    # Backward.

    def _start(self, number: int, _: int, starts: list, retain: bool, create: bool, wanted: list | None) -> None:
        if create and self.rules:
            raise NotImplementedError("replay(): another rule under create_graph=True is not supported")
        roots = [(edge_of(self.tensor(reference)), wrap(self.numbers(g))) for reference, g in starts]
        self.captures = {edge_of(self.tensor(reference))[:2]: None for reference in wanted or ()}
        for reference, told in self.grads.items():
            if reference in self.tensors:
                self._tell_gradient(edge_of(self.tensors[reference]), told)
        within = _until_end(self.facts, number)
        self.again.places_in_backward = [fact[7] for fact in within if fact[0] == "operator"]
        lost = [fact[1] for fact in within if fact[0] == "arrives" and fact[5]]
        self.again.lost.update(edge_of(self.tensors[place, 0])[0].sequence for place in lost)
        try:
            run(roots, retain, create, self.captures if wanted is not None else None)
        except RuleError:
            raise
        except ERRORS:
            if not any(fact[0] == "broke" for fact in within):
                raise

    def _tell_gradient(self, edge: tuple, told: Any) -> None:
        hooks_of(edge[0]).tensor.setdefault(edge[1], {})["told"] = lambda g: wrap(fitted(told, g._array))


def _nothing(*_: Any) -> None:
    """Facts that follow from others."""


def _writers(facts: list[tuple]) -> dict[int, tuple[Any, int]]:
    """For the number of each fact that announces writing: the operator that writes, and the number of its fact."""
    found, announced, last = {}, None, None
    for number, fact in enumerate(facts):
        if fact[0] == "writing":
            announced = number
        elif fact[0] in RUNS:
            last = number
        elif fact[0] in WRITES and announced is not None and last is not None:
            found[announced] = facts[last][2], last
            announced = None
    return found


def _until_end(facts: list[tuple], start: int) -> list[tuple]:
    """The facts of one backward."""
    depth = 0
    for number in range(start, len(facts)):
        depth += (facts[number][0] == "start") - (facts[number][0] == "end")
        if not depth:
            return facts[start:number]
    return facts[start:]


def fitted(told: Any, array: Any) -> Any:
    """A told value in the type and shape of what it replaces."""
    source = told._array if isinstance(told, Tensor) else backend.as_array(told)
    found = array.copy()
    if source.dtype.kind == "c" != found.dtype.kind:
        raise ValueError("a complex value does not fit a node of real numbers")
    try:
        found[...] = source
    except ValueError:
        raise ValueError(
            f"a value of shape {list(source.shape)} does not fit a node of shape {list(array.shape)}"
        ) from None
    return found


def lacking(tape: Tape) -> str | None:
    """Why the recording cannot be replayed, in a sentence; None when it can."""
    facts = tape.facts
    if not facts and tape.nodes:
        return "it was read from a file, and only a recording that was made here knows its operators"
    if tape.engine != "kindling":
        return "it is a run of PyTorch itself"
    if any(fact[0] == "skeleton" for fact in facts):
        return "a part of the graph was made before the recording began"
    if tape.counts["nodes"] or tape.counts["steps"]:
        return "the recording was full, and a part of the run is missing"
    for fact in facts:
        kind = fact[0]
        kept = {"leaf": fact[4:6], "constant": fact[3:4]}.get(kind, ())
        if kind == "failed":
            return "it ended with an error"
        if kind == "leaf" and fact[6] is None:
            return "a leaf was gone before it was seen"
        if (kind != "constant" or fact[4] is None) and any(isinstance(x, Sample) for x in kept):
            return f"{fact[3] if kind == 'leaf' else fact[2] or 'a constant'} was too large to be kept whole"
        if kind == "arrives" and fact[4]:
            hooks = "the program has hooks in a backward, and a replay does not run them"
            return hooks if fact[4] == record.hooks_of else "in this replay a gradient was told"
        if kind == "end" and fact[1]:
            return "something other than a rule raised in a backward, such as a hook of the program's"
        if kind == "operator" and fact[12].startswith("Packed"):
            return "saved tensors went through hooks"
        if kind in RUNS and any(x is ... for x in fact[4]):
            return f"{fact[2].name} was given something that is neither a tensor nor a number"
    return None


def replay(
    tape: Tape,
    values: dict[int, Any] | None = None,
    grads: dict[int, Any] | None = None,
    rules: dict[int, Told] | None = None,
) -> Tape:
    """Run the recording again, with something changed at some nodes: what if?

    Args:
        tape: the recording; nothing of the program runs, its variables stay as they are.
        values: by node, what its result is to be.
        grads: by node, the gradient that is to arrive there.
        rules: by node, a function of the arriving gradient and the node's inputs that gives the gradient of each input;
            or, by the input's name, an expression of what its rule sees: `g`, the inputs, `out`.

    Raises:
        RuntimeError: the recording lacks something that a replay needs; the sentence says what.
        ValueError: a value does not fit, there is no such node, or an expression cannot be read or computed.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with tape.record() as t:
    ...     y = x * 2
    ...     (y * y).backward()
    >>> t.replay(values={0: 5.0}).nodes[2]["value"]
    '100'
    >>> wrong = t.replay(rules={2: {"other": "g * 1"}}).measure()
    >>> wrong.steps[-1]["grad"], wrong.steps[-1]["numeric"]
    ('14', '24')
    """
    told = [values or {}, grads or {}, rules or {}]
    _check(tape)
    places = {node: reference for reference, node in tape.ids().items() if reference[1] == 0}
    for node in {node for edits in told for node in edits}:
        if node not in places:
            raise ValueError(f"there is no node {node} that could be changed; nodes are numbered from 0")
    return Replay(tape.facts, *({places[node]: edit for node, edit in edits.items()} for edits in told)).run()


def _check(tape: Tape) -> None:
    """Once for each tape: whether it can be replayed."""
    if tape.checked is None:
        tape.checked = lacking(tape) or _differs(tape, Replay(tape.facts).run()) or ""
    if tape.checked:
        raise RuntimeError(f"this recording cannot be replayed: {tape.checked}")


def _differs(tape: Tape, again: Tape) -> str | None:
    """Where a replay without changes is not the run, if anywhere."""
    for what in ("nodes", "edges", "steps", "groups"):
        for number, (then, now) in enumerate(zip(getattr(tape, what), getattr(again, what), strict=False)):
            now = {key: value for key, value in now.items() if key != "source"}
            if now != {key: then[key] for key in then if key not in ("source", "numeric")}:
                return f"run again without any change, {what[:-1]} {number} comes out differently"
        if len(getattr(tape, what)) != len(getattr(again, what)):
            return f"run again without any change, it has other {what}"
    return None


Tape.replay = replay
