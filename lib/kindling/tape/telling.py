"""Makes of a recording's facts the plain data that a tape shows: nodes, edges, steps, groups, notes.

:class:`Telling` has a method for each kind of fact (see :mod:`.recorder`), which is given the rest of it.
"""

import inspect
from collections.abc import Callable
from functools import cached_property
from math import prod
from typing import Any

from .. import backend
from ..engine.backward import sum_to_shape
from . import bytecode, formula, values
from .source import KEPT, lines_around, source
from .values import Sample

GRAD = -1  # in a reference: the gradient of a leaf
Reference = tuple[int, int]
Data = dict[str, Any]
NARROW = {"bfloat16": 2}  # bytes, where a sample's own are others


class Telling:
    """One pass over the facts."""

    def __init__(self, facts: list[tuple]) -> None:
        self.facts = facts
        self.nodes: list[Data] = []
        self.edges: list[Data] = []
        self.steps: list[Data] = []
        self.groups: list[Data] = []
        self.ids: dict[Reference, int] = {}
        self.waiting: dict[Reference, Callable[[], Data]] = {}  # tensors that are drawn once an operator reads them
        self.named: dict[int, dict[int, str]] = name_results(facts)  # by place
        self.names: dict[Reference, str] = {}
        self.now: dict[Reference, Any] = {}  # the latest value
        self.read: dict[int, list[Reference | None]] = {}
        self.ops: dict[int, Any] = {}
        self.memory = Memory()
        self.calls: list[Data] = []  # the modules that are running
        self.called_as: dict[int, Data] = {}  # all that ran, by number
        self.run = 0
        self.arrived_at: dict[int, Data] = {}  # the latest step of each node's backward
        self.on_the_way: dict[Reference, list[Data]] = {}  # what rules gave and has not arrived yet
        self.retain = False
        self.latest: tuple = ()  # where the operator stood that ran last
        self.wrote: tuple[tuple, int] = ((), 0)  # the last write to a leaf or constant, and where in the code it was
        self.places: list[tuple] = []
        self.looked_up: dict[tuple, Data | None] = {}

    def told(self) -> "Telling":
        for fact in self.facts:
            getattr(self, fact[0])(*fact[1:])
        return self

    # Tensors that no recorded operator made.

    def leaf(self, place: int, _: int, name: str | None, value: Any, grad: Any, kind: type | None, __: Any) -> None:
        def make() -> Data:
            called = self.names.get((place, 0))
            node = self._node("leaf", called or "leaf", self.now.get((place, 0)), name=called)
            if kind is not None and any(base.__name__ == "Parameter" for base in kind.__mro__):
                node["parameter"] = True
            if self.now.get((place, GRAD)) is not None:
                node["grad"] = values.brief(self.now[place, GRAD])
            return node

        self.now[place, 0], self.now[place, GRAD] = value, grad
        self._wait((place, 0), name, make)
        self.memory.shares((place, 0), (place, 0), value)
        self.waiting[place, GRAD] = lambda: self._constant((place, GRAD), f"{name or 'leaf'}.grad")

    def constant(self, place: int, name: str | None, value: Any, shared: tuple | None) -> None:
        self.now[place, 0] = value
        self._wait((place, 0), name, lambda: self._constant((place, 0), name))
        self.memory.shares((place, 0), shared[:2] if shared else (place, 0), value)

    def untracked(self, place: int, op: Any, read: list, plain: list, params: dict, results: tuple, where: tuple,
                  looks: bool, *_: Any) -> None:  # fmt: skip
        self.latest = where
        for number, value in enumerate(results):
            reference = place, number
            self.now[reference] = value
            name = self.named.get(place, {}).get(number)
            self._wait(reference, name, lambda r=reference, n=name: self._constant(r, n, where))
            self.memory.shares(reference, read[0] if looks and read[0] else reference, value)

    def _wait(self, reference: Reference, name: str | None, make: Callable[[], Data]) -> None:
        self.waiting[reference] = make
        if name:
            self.names[reference] = name

    def _constant(self, reference: Reference, name: str | None, where: tuple = ()) -> Data:
        node = self._node("constant", name or "constant", self.now.get(reference), where, name, requires_grad=False)
        return node

    def _touch(self, reference: Reference | None) -> int | None:
        """The id of what is referred to; it is drawn now, if it was not yet."""
        if reference is None or reference[0] is None:
            return None
        if reference not in self.ids and reference in self.waiting:
            self.ids[reference] = self.waiting[reference]()["id"]
        found = self.ids.get(reference)
        return self.ids.get((reference[0], 0)) if found is None and reference[1] != GRAD else found

    # Operators.

    def operator(self, place: int, op: Any, read: list, plain: list, params: dict, results: tuple, where: tuple,
                 looks: bool, version: int, _: int, saved: Any, node_type: str, nested: bool) -> None:  # fmt: skip
        from_ids = [self._touch(reference) for reference in read]
        node = self._operator(place, op, read, from_ids, label(op, read, plain, params), results, where)
        names = {} if nested else self.named.get(place, {})
        if 0 in names:
            node["name"] = names[0]
        if len(results) > 1:
            node["outputs"] = [_short(value) for value in results]
            for number, name in names.items():
                node["outputs"][number]["name"] = name
        self.names |= {(place, number): name for number, name in names.items()}
        if version:
            node["version"] = version
        if looks and from_ids[0] is not None:
            node["view_of"] = from_ids[0]
        for number, value in enumerate(results):
            self.memory.shares((place, number), read[0] if looks and read[0] else (place, number), value)
        packed = node_type.startswith("Packed")
        keeps = [] if packed else self._saved(place, op, read, plain, params, results, saved)
        node["saved"] = [self._shown(place, entry) for entry in keeps]
        self.memory.hold(place, [entry[1:3] for entry in keeps])
        inputs = zip(node["inputs"], read, plain, strict=False)
        rules = formula.of(op, saved, [name for name, reference, given in inputs if reference is given is None])
        if rules:
            node["formula"] = rules
        self._step("forward", node["id"], None)

    def _operator(
        self, place: int, op: Any, read: list, from_ids: list, text: str, results: tuple, where: tuple
    ) -> Data:
        first = results[0] if results else None
        node = self._node("operator", text, first, where, op=op.name)
        node["inputs"] = input_names(op, len(read))
        self.ids |= {(place, number): node["id"] for number in range(max(len(results), 1))}
        self.read[place], self.ops[place] = read, op
        self.now |= {(place, number): value for number, value in enumerate(results)}
        for number, (reference, start) in enumerate(zip(read, from_ids, strict=True)):
            if start is not None:
                self.edges.append({"from": start, "to": node["id"], "input": number})
                if reference[1] > 0 and self.nodes[start]["kind"] == "operator":
                    self.edges[-1]["output"] = reference[1]
        if self.calls:
            node["group"] = self._group(self.calls[-1])
            if self.calls[-1]["path"]:
                node["module"] = self.calls[-1]["path"]
        return node

    def failed(self, place: int, op: Any, read: list, plain: list, params: dict, where: tuple, words: str,
               call: int | None) -> None:  # fmt: skip
        self.calls = [] if call is None else [self.called_as[call]]  # the error has ended them by now
        from_ids = [self._touch(reference) for reference in read]
        node = self._operator(place, op, read, from_ids, label(op, read, plain, params), (), where)
        node["error"] = words
        self._step("forward", node["id"], None)

    def skeleton(self, place: int, op: Any, node_name: str, read: list, params: dict, shape: Any, dtype: Any) -> None:
        from_ids = [self._touch(reference) for reference in read]
        text = label(op, [1] * len(read), [], params) if op is not None else None
        op = op or _Nameless(node_name)
        node = self._operator(place, op, read, from_ids, text or op.name, (), ())
        node |= {"shape": None if shape is None else list(shape), "dtype": None if dtype is None else str(dtype)}
        node["before"] = True

    def called(self, place: int, name: str) -> None:
        """What the program calls a result whose making was not seen."""
        self.names[place, 0] = name
        if (place, 0) in self.ids:
            node = self.nodes[self.ids[place, 0]]
            node |= {"name": name, "label": node["label"] if node["kind"] == "operator" else name}

    def last(self, reference: Reference, name: str | None, value: Any) -> None:
        """What was asked to be drawn."""
        node = self.nodes[self._touch(reference)]
        if node["kind"] == "operator":
            node |= values.described(value) | ({"name": name} if name else {})

    # Writing in place.

    def writing(self, *_: Any) -> None:
        """An operator will write; its fact and that of the writing follow."""
        self.latest = ()

    def written(self, target: Reference, made: Reference | None, value: Any, version: int, _: bool,
                where: tuple | None = None) -> None:  # fmt: skip
        if made is None or made not in self.ids:
            self.shown(target, value, where)
            return
        node = self.nodes[self.ids[made]]
        node |= {"in_place": True, "version": version}
        name = self.names.get(target)
        if name and "name" not in node:
            node["name"] = self.names[made] = name
        self.memory.rewrite(made, target, self.ops[made[0]])

    def shown(self, target: Reference, value: Any, where: tuple | None = None) -> None:
        """The program wrote to what no operator on the tape made; ``w.data -= 1`` and ``w[0] += 1`` write twice."""
        self.now[target] = value
        if target not in self.ids or target[1] == GRAD:
            return
        where = self.latest if where is None else where
        found = self._source(where) or {}
        at, wrote = where[0][1] if where else 0, (target, values.brief(value), found.get("line"))
        if self.wrote[1] == at or self.wrote[0] != wrote:
            step = self._step("forward", self.ids[target], None, where)
            step["value"] = wrote[1]
        self.wrote = wrote, at

    def assigned(self, target: Reference, value: Any, _: Any, where: tuple) -> None:
        self.shown(target, value, where)

    def spliced(self, place: int, op: Any, read: list, value: Any, where: tuple, version: int, _: int, __: Any,
                target: Reference) -> None:  # fmt: skip
        from_ids = [self._touch(reference) for reference in read]
        node = self._operator(place, op, read, from_ids, op.name, (value,), where)
        node |= {"in_place": True, "version": version, "saved": []}
        name = self.names.get(read[0]) if read[0] else None
        if name:
            node["name"] = self.names[place, 0] = name
        self.memory.shares((place, 0), read[0] or (place, 0), value)
        if read[1] in self.ids:
            writer = self.nodes[self.ids[read[1]]]
            writer["in_place"] = True
        self._step("forward", node["id"], None)

    # Modules and functions.

    def enter(self, call: int, path: str, kind: str, variable: str) -> None:
        name = path.rpartition(".")[2] if path else "" if self.calls else variable
        parent = self.calls[-1] if self.calls else None
        self.calls.append({"path": path, "type": kind, "name": name, "parent": parent})
        self.called_as[call] = self.calls[-1]

    def leave(self, _: int) -> None:
        self.calls.pop()

    def function(self, _: Any) -> None:
        """A custom function starts; its own fact follows."""

    def _group(self, call: Data) -> int:
        """The id of the group of a call, made when the first operator runs in it."""
        if "id" not in call:
            parent = None if call["parent"] is None else self._group(call["parent"])
            call["id"] = len(self.groups)
            text = f"{call['name']}: {call['type']}" if call["name"] else call["type"]
            group = {"id": call["id"], "parent": parent, "kind": "module", "label": text}
            self.groups.append({**group, "type": call["type"], "path": call["path"]})
        return call["id"]

    # Backward.

    def start(self, run: int, starts: list, retain: bool, *_: Any) -> None:
        self.run, self.retain, self.arrived_at, self.on_the_way = run, retain, {}, {}
        for reference, __ in starts:
            self._touch(reference)

    def arrives(self, place: int, given: tuple, before: Any, hooked: str | bool, lost: bool = False) -> None:
        node = self._touch((place, 0))
        if node is None:
            return
        text = ", ".join(values.brief(g) for g in given if g is not None) or None
        step = self._step("backward", node, text)
        step["run"] = self.run
        step |= {"lost": True} if lost else {}
        step |= {"hooked": True} if hooked == "the program" else {}
        if self.nodes[node]["kind"] == "operator":
            step["passes"] = []
        self.arrived_at[node] = step
        for number, g in enumerate(given):
            shares = self.on_the_way.pop((place, number), ())
            if g is not None and len(shares) == 1 and shares[0].get("sum", "") is None:
                shares[0]["sum"] = values.brief(g)
        self.arrived = given
        self.before = before

    def sum(self, place: int, value: Any) -> None:
        """A leaf has added what arrived."""
        step = self.arrived_at.get(self.ids.get((place, 0), -1))
        if step is not None:  # the recording may be full
            self._adds(step, self.before, self.arrived[0] if value is None else value)
        self._new_grad(place, value)

    def _adds(self, step: Data, before: Any, value: Any) -> None:
        step |= {"phase": "accumulate", "before": None if before is None else values.brief(before)}
        step |= {"incoming": step["grad"], "grad": values.brief(value)}

    def passes(self, place: int, given: list) -> None:
        node = self.ids.get((place, 0))
        step = self.arrived_at.get(node)
        if step is None or place not in self.read:
            return
        names, numbers = self.nodes[node]["inputs"], iter(enumerate(self.read[place]))
        step["passes"] = []
        for to, output, grad, *shape in given:
            number = next((i for i, reference in numbers if reference == (to, output)), None)
            found = {"to": self._touch((to, output)), "grad": values.brief(grad)}
            if shape:
                found["sum"] = _summed(grad, shape[0])
            if number is not None and number < len(names):
                found["input"] = names[number]
            text = formula.with_numbers(self.arrived, grad)
            if text:
                found["rule"] = text
            if found["to"] is not None:
                step["passes"].append(found)
                self.on_the_way.setdefault((to, output), []).append(found)
        if not self.retain:
            self._freed(place)

    def _freed(self, place: int) -> None:
        before = self.memory.kept
        self.memory.release(place)
        if before > self.memory.kept:
            self.steps[-1]["freed"] = before - self.memory.kept
        self.steps[-1]["kept"] = self.memory.kept

    def end(self, *_: Any) -> None:
        """The run is over."""

    def broke(self, place: int | None, words: str) -> None:
        """A rule has raised."""
        node = self._touch(None if place is None else (place, 0))
        if node in self.arrived_at:
            self.arrived_at[node]["error"] = words

    def captured(self, place: int, results: tuple) -> None:
        """What `autograd.grad` returns."""
        for number, value in enumerate(results):
            self.now[place, number] = value
            self._wait((place, number), None, lambda r=(place, number): self._constant(r, None))

    def edited(self, reference: Reference, rules: dict[str, str]) -> None:
        """A replay was told another value, gradient or rule; of rules that are expressions, which."""
        node = self._touch(reference)
        if node is not None:
            self.nodes[node]["edited"] = True
            if rules:
                self.nodes[node]["formula"] = self.nodes[node].get("formula", {}) | rules

    def cleared(self, place: int, grad: Any, _: Any, where: tuple | None) -> None:
        """The program itself has changed the gradient of a leaf; without a line of it, ``backward(inputs=...)`` has."""
        before, step = self.now.get((place, GRAD)), self.arrived_at.get(self.ids.get((place, 0), -1))
        self._new_grad(place, grad)
        if where is None and grad is not None and step is not None and step["phase"] == "backward":
            self._adds(step, before, grad)
            return
        if (place, 0) in self.ids:
            self._step("forward", self.ids[place, 0], None if grad is None else values.brief(grad), where or ())

    def _new_grad(self, place: int, grad: Any) -> None:
        self.now[place, GRAD] = grad
        self.ids.pop((place, GRAD), None)

    def gone(self, place: int) -> None:
        """The program has let go of a node."""
        self.memory.release(place)
        if self.steps:
            self.steps[-1]["kept"] = self.memory.kept

    # What nodes keep.

    def _saved(self, place: int, op: Any, read: list, plain: list, params: dict, results: tuple, plan: Any) -> list:
        """What a node keeps for backward: name, key of its memory, bytes of that, reference, shape and type."""
        if isinstance(plan, list):
            return [self._saved_by_function(place, op, read, *entry) for entry in plan]
        found = []
        for name in plan.sources if plan is not None else ():
            if isinstance(name, str):
                value = params.get(name)
                if hasattr(value, "nbytes"):
                    found.append((name, (place, name), value.nbytes, None, value.shape, values.type_name(value)))
                continue
            reference = (place, -1 - name) if name < 0 else read[name]
            if reference is not None and reference in self.now and self.now[reference] is not None:
                kept = self.now[reference]
                text = input_names(op, len(read))[name] if name >= 0 else f"out{-1 - name or ''}"
                found.append((text, *self.memory.of(reference), reference, kept.shape, values.type_name(kept)))
        return found

    def _saved_by_function(self, place: int, op: Any, read: list, number: Any, out: Any, shape: tuple, dtype: Any,
                           size: int) -> tuple:  # fmt: skip
        reference = read[number] if number is not None else (place, out) if out is not None else None
        name = input_names(op, len(read))[number] if number is not None else "out" if out is not None else "saved"
        memory = self.memory.of(reference) if reference else ((place, name, shape), size)
        return name, *memory, reference, shape, str(dtype)

    def _shown(self, place: int, entry: tuple) -> Data:
        name, _, size, reference, shape, dtype = entry
        own = size if reference is None else _bytes(self.now[reference])
        return {"name": name, "shape": list(shape), "dtype": dtype, "bytes": own, "of": self._touch(reference)}

    # Nodes and steps.

    def _node(self, kind: str, text: str, value: Any, where: tuple = (), name: str | None = None,
              op: str | None = None, requires_grad: bool = True) -> Data:  # fmt: skip
        node = {"id": len(self.nodes), "kind": kind, "label": text, "op": op, "source": self._source(where)}
        node |= values.described(value)
        node["requires_grad"] = requires_grad
        if name:
            node["name"] = name
        self.nodes.append(node)
        return node

    def _step(self, phase: str, node: int, grad: str | None, where: tuple = ()) -> Data:
        step = {"phase": phase, "node": node, "grad": grad, "kept": self.memory.kept}
        source = self._source(where)
        self.steps.append(step | {"source": source} if source else step)
        return self.steps[-1]

    def _source(self, where: tuple) -> Data | None:
        if not where:
            return None
        code, at = where[0][:2]
        if (id(code), at) not in self.looked_up:
            self.looked_up[id(code), at] = source(code, at)
            self.places.append((code, at))
        found = self.looked_up[id(code), at]
        return found and dict(found)

    @cached_property
    def source_lines(self) -> Data:
        """The user's lines around what ran."""
        return lines_around(self.places)


class Memory:
    """How many bytes nodes keep for backward; what several keep counts once."""

    def __init__(self) -> None:
        self.keys: dict[Reference, Any] = {}  # what each result's memory is called, and its bytes
        self.sizes: dict[Any, int] = {}
        self.holders: dict[Any, int] = {}
        self.held: dict[int, list] = {}
        self.kept = 0

    def shares(self, reference: Reference, other: Reference, value: Any) -> None:
        """The result lies in memory of its own, or (a view) in that of another."""
        key = self.keys.get(other, other) if other != reference else reference
        self.keys[reference] = key
        if value is not None:
            self.sizes.setdefault(key, _bytes(value))

    def of(self, reference: Reference) -> tuple[Any, int]:
        """What the memory is called, and its bytes."""
        key = self.keys.get(reference, reference)
        return key, self.sizes.get(key, 0)

    def hold(self, place: int, entries: list[tuple[Any, int]]) -> None:
        """A node keeps these."""
        self.held[place] = entries
        for key, size in entries:
            self.holders[key] = self.holders.get(key, 0) + 1
            if self.holders[key] == 1:
                self.kept += size

    def release(self, place: int) -> None:
        """The node does not keep them any more."""
        for key, size in self.held.pop(place, ()):
            self.holders[key] -= 1
            if not self.holders[key]:
                self.kept -= size

    def rewrite(self, made: Reference, target: Reference, op: Any) -> None:
        """The result was written over the target; what it read there was copied before, if a rule asks for it."""
        entries = self.held.get(made[0], [])
        self.release(made[0])
        old, new = self.keys.get(target, target), self.keys.get(made, made)
        self.keys[made] = old
        moved = {old: ("copy", made[0])} if getattr(op, "saves_first", False) else {}
        moved[new] = old
        self.hold(made[0], [(moved.get(key, key), size) for key, size in entries])


class _Nameless:
    """A node from before the recording whose operator is not known."""

    family, inputs, defaults, variadic = "", (), {}, False

    def __init__(self, node_name: str) -> None:
        self.name = node_name.removesuffix("Backward").lower()


def _summed(grad: Any, shape: tuple) -> str | None:
    """What arrives where the engine sums a gradient to the shape of the input; of a large one it is seen there."""
    if isinstance(grad, Sample):
        return None
    return values.brief(sum_to_shape(backend.namespace_of(grad), grad, shape))


def label(op: Any, read: list, plain: list, params: dict) -> str:
    """The operator with its plain arguments; a dot stands for a tensor."""
    inputs = list(zip(read, plain, strict=False)) if None in read else []
    while inputs and inputs[-1] == (None, None):  # a tensor that may be left out, and was
        inputs.pop()
    shown = ["·" if value is not None else values.argument(x) for value, x in inputs]
    defaults = getattr(op, "defaults", {})
    given = [f"{k}={values.argument(v)}" for k, v in params.items() if k not in defaults or not _is(v, defaults[k])]
    if all(text == "·" for text in shown):
        shown = []
    return f"{op.name}({', '.join([*shown, *given])})" if shown or given else op.name


def _is(value: Any, default: Any) -> bool:
    """Whether an argument says no more than its default does; one number may stand for each dimension."""
    if isinstance(default, tuple) and isinstance(value, tuple):
        return set(value) == set(default)
    return value is default or (type(value) is type(default) and value == default)


def input_names(op: Any, count: int) -> list[str]:
    """What the declaration calls the inputs."""
    if getattr(op, "family", "") == "function":
        parameters = list(inspect.signature(op.function.forward).parameters)
        apart = op.function.setup_context is not op.function.__mro__[-2].setup_context
        names = parameters if apart else parameters[1:]
    else:
        names = list(getattr(op, "inputs", ()))
    if len(names) == 1 and count > 1:
        return [f"{names[0]}[{number}]" for number in range(count)]
    return [*names, *(f"input {number}" for number in range(len(names), count))][:count]


def name_results(facts: list[tuple]) -> dict[int, dict[int, str]]:
    """For each operator's place the names that its results got, by their numbers."""
    operators = [fact for fact in facts if fact[0] in ("operator", "untracked")]
    last_in_call: dict[int, int] = {}
    running: list[int] = []
    for fact in facts:
        if fact[0] == "enter":
            running.append(fact[1])
        elif fact[0] == "leave":
            running.pop()
        elif fact[0] in ("operator", "untracked"):
            last_in_call |= dict.fromkeys(running, fact[1])
        elif fact[0] == "failed":  # the calls that it ended gave nothing
            last_in_call |= dict.fromkeys(_around(facts, fact[8]), fact[1])
    found, cache = {}, {}
    for fact, following in zip(operators, [*operators[1:], None], strict=False):
        place, where = fact[1], fact[7]
        names: dict[int, str] = {}
        for level, (code, at, inner, call) in enumerate(where):
            if inner == KEPT:
                break
            if call and last_in_call.get(call) != place:
                break
            if not call and not level and following is not None and _same_call(where, following[7]):
                break
            after = following[7][0] if following and following[7] else (None, -1)
            key = id(code), at, after[1] if after[0] is code else -1
            if key not in cache:
                cache[key] = bytecode.names(code, at, key[2])
            names = cache[key]
            if names.get(0) != bytecode.RETURNED:
                break
        if names and names.get(0) != bytecode.RETURNED:
            found[place] = {n: name for n, name in names.items() if n < len(fact[6])}
    return found


def _around(facts: list[tuple], call: int | None) -> list[int]:
    """A call of a module, by its number, and those around it."""
    running: list[int] = []
    for fact in facts:
        if fact[0] == "enter":
            running.append(fact[1])
            if fact[1] == call:
                return running
        elif fact[0] == "leave":
            running.pop()
    return []


def _same_call(one: tuple, next_one: tuple) -> bool:
    """Whether two operators were called one after the other by one function of the library."""
    if not one or not next_one:
        return False
    return one[0][:2] == next_one[0][:2] and -1 < one[0][2] < next_one[0][2]


def _short(value: Any) -> Data:
    found = values.described(value)
    return {key: found[key] for key in ("shape", "dtype", "value")}


def _bytes(kept: Any) -> int:
    inner = kept.corner if isinstance(kept, Sample) else kept
    return prod(kept.shape) * (
        NARROW.get(kept.dtype, inner.itemsize) if isinstance(kept.dtype, str) else inner.itemsize
    )
