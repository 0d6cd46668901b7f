"""Listens to the engine and writes down what happens, in words: no tensor and no node is kept.

Nodes are told apart by their sequence numbers, tensors by weak references. So a graph lives no longer for being
recorded, and recording computes nothing that the program computes with.
"""

import weakref
from collections.abc import Iterable
from typing import Any

from .. import dtypes
from ..engine import Observer, Tensor, observers, user_frame, version_of
from ..engine.backward import collect
from . import values
from .source import name_of, named_results, source
from .tape import Tape

MAX_NODES = 5_000
MAX_STEPS = 20_000


class record(Observer):
    """Record what runs inside a `with`: every operator that leaves a node, and every backward.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with tape.record() as t:
    ...     y = x * 2
    >>> t.nodes[1]["label"], t.nodes[1]["value"]
    ('mul(·, 2)', '6')
    """

    def __init__(self, memory: bool = False) -> None:
        """With `memory` the tape also notes how many bytes the nodes keep for backward."""
        self.tape = Tape()
        self._keepers: weakref.WeakSet | None = weakref.WeakSet() if memory else None
        self._ids: dict[int, int] = {}  # a node's sequence number: its place on the tape
        self._leaves: dict[int, tuple[weakref.ref, tuple]] = {}  # place: the leaf, and the mark of its last known grad
        self._constants: dict[int, tuple[weakref.ref, int]] = {}  # id of a tensor: the tensor, its place
        self._unnamed: dict[int, tuple[weakref.ref, dict]] = {}  # results that no variable was seen to hold yet
        self._adding: tuple[dict, int] | None = None  # a step whose sum is known once the engine has added
        self._run, self._walking = 0, False

    def __enter__(self) -> Tape:
        observers.append(self)
        return self.tape

    def __exit__(self, *_: object) -> None:
        observers.remove(self)
        self._catch_up()

    # What the engine tells.

    def forward(self, op: Any, inputs: tuple, outputs: tuple, node: Any) -> None:
        if node is None:  # perhaps inside somebody's own operator, where names are others
            self._settle()
            if not self._walking:
                self.tape.extra["untracked"] = self.tape.extra.get("untracked", 0) + 1
            return
        frame = self._catch_up()
        self._see(frame, [edge for edge in node.edges if edge is not None])
        if self._full():
            return
        read = self._inputs(inputs, node.edges, frame)
        made = self._add("operator", outputs[0]._array, label(op, inputs, node.params), op=op.name)
        made["source"] = source(frame)
        results = [made]
        if len(outputs) > 1:
            made["outputs"] = [_facts(t._array) for t in outputs]
            results += made["outputs"][1:]
        self._ids[node.sequence] = made["id"]
        self._unnamed |= {id(t): (weakref.ref(t), facts) for t, facts in zip(outputs, results, strict=True)}
        self._connect(read, made)
        self._step("forward", made["id"], None)
        if self._keepers is not None:
            self._keepers.add(node)

    def written(self, tensor: Tensor) -> None:
        self._catch_up()
        node = tensor._edge[0] if tensor._edge is not None else None
        place = self._constants.get(id(tensor), (None, None))[1] if node is None else self._ids.get(node.sequence)
        if place is None:
            return
        if node is not None and not node.is_leaf:
            self._unnamed[id(tensor)] = weakref.ref(tensor), self.tape.nodes[place]
        else:
            self._step("forward", place, None)["value"] = values.brief(tensor._array)

    def backward_start(self, roots: list) -> None:
        frame = self._catch_up()
        self._run, self._walking = self._run + 1, True
        self._see(frame, [(root, 0, None, None) for root in roots])

    def backward(self, node: Any, grads: tuple) -> None:
        self._settle()
        place = self._ids.get(node.sequence)
        if place is None:
            return
        text = ", ".join(values.brief(g._array) for g in grads if g is not None) or None
        if not node.is_leaf:
            self._step("backward", place, text)["run"] = self._run
        elif node.variable is not None:
            before = node.variable._grad
            step = self._step("accumulate", place, text)
            step |= {
                "before": None if before is None else values.brief(before._array),
                "incoming": text,
                "run": self._run,
            }
            self._adding = step, place

    def returned(self, node: Any, found: list) -> None:
        place, steps = self._ids.get(node.sequence), self.tape.steps
        if steps and steps[-1]["phase"] == "backward" and steps[-1]["node"] == place:
            given = ((self._ids.get(edge[0].sequence), getattr(grad, "_array", grad)) for edge, grad in found)
            steps[-1]["passes"] = [{"to": to, "grad": values.brief(grad)} for to, grad in given if to is not None]

    def backward_end(self) -> None:
        self._settle()
        self._walking = False

    # What it makes of it.

    def _catch_up(self) -> Any:
        """Before anything new: finish the last sum, find names of results, notice what the program did to gradients."""
        self._settle()
        frame = user_frame()
        if self._unnamed:
            for name, tensor in named_results(frame):
                ref, facts = self._unnamed.get(id(tensor), (None, {}))
                if ref is not None and ref() is tensor:
                    facts["name"] = name
                    del self._unnamed[id(tensor)]
        for place, (ref, known) in list(self._leaves.items()):
            leaf = ref()
            if leaf is not None and _mark(leaf) != known:
                self._leaves[place] = ref, _mark(leaf)
                self._step("forward", place, _grad_text(leaf))
        return frame

    def _settle(self) -> None:
        """The engine has added by now: write the sum, or that the gradient was only handed out."""
        if self._keepers is not None and self.tape.steps:
            self.tape.steps[-1].setdefault("kept", _bytes_kept(self._keepers))
        if self._adding is None:
            return
        (step, place), self._adding = self._adding, None
        ref, known = self._leaves[place]
        leaf = ref()
        if leaf is None or _mark(leaf) == known:
            step["phase"] = "backward"
            del step["before"], step["incoming"]
        else:
            step["grad"] = _grad_text(leaf)
            self._leaves[place] = ref, _mark(leaf)

    def _see(self, frame: Any, edges: list[tuple]) -> None:
        """Make sure that the nodes at the end of these edges are on the tape, with all that is behind them."""
        for node, number, shape, dtype in edges:
            if node.is_leaf and node.sequence not in self._ids:
                self._leaf(node, frame)
            elif node.sequence not in self._ids:
                self.graft(node, number, shape, dtype, frame)

    def graft(self, root: Any, number: int, shape: Any, dtype: Any, frame: Any) -> None:
        """Add the skeleton behind a node that was made before the recording."""
        behind = [node for node in collect([root]) if node.sequence not in self._ids][
            : MAX_NODES - len(self.tape.nodes)
        ]
        facts = {(root, number): (shape, dtype)}
        for node in behind:
            facts.update({(edge[0], edge[1]): edge[2:] for edge in node.edges if edge is not None})
        for node in reversed(behind):
            if node.is_leaf:
                self._leaf(node, frame)
                continue
            shape, dtype = facts.get((node, 0), (None, None))
            op = getattr(node, "op", None)
            name = op.name if op is not None else node.name().removesuffix("Backward").lower()
            made = self._add("operator", None, label(op, (), node.params) if op is not None else name, op=name)
            made |= {"shape": None if shape is None else list(shape), "dtype": None if dtype is None else str(dtype)}
            made["before"] = True
            self._ids[node.sequence] = made["id"]
            self._connect([edge and (self._ids.get(edge[0].sequence), edge[1]) for edge in node.edges], made)

    def _inputs(self, inputs: tuple, edges: tuple, frame: Any) -> list[tuple | None]:
        """For each input its node on the tape and which of its outputs it is; None for a plain number."""
        found = []
        for value, edge in zip(inputs, edges, strict=True):
            if edge is not None:
                found.append((self._ids.get(edge[0].sequence), edge[1]))
            else:
                found.append((self._constant(value, frame), 0) if isinstance(value, Tensor) else None)
        return found

    def _leaf(self, node: Any, frame: Any) -> None:
        leaf = node.variable
        if self._full():
            return
        name = None if leaf is None else name_of(leaf, frame)
        made = self._add("leaf", None if leaf is None else leaf._array, name or "leaf", name)
        self._ids[node.sequence] = made["id"]
        if leaf is not None:
            self._leaves[made["id"]] = weakref.ref(leaf), _mark(leaf)
            if leaf._grad is not None:
                made["grad"] = _grad_text(leaf)

    def _constant(self, tensor: Tensor, frame: Any) -> int | None:
        ref, place = self._constants.get(id(tensor), (None, 0))
        if ref is not None and ref() is tensor:
            return place
        if self._full():
            return None
        name = name_of(tensor, frame)
        made = self._add("constant", tensor._array, name or "constant", name, requires_grad=False)
        self._constants[id(tensor)] = weakref.ref(tensor), made["id"]
        return made["id"]

    def _add(
        self,
        kind: str,
        array: Any,
        label: str,
        name: str | None = None,
        op: str | None = None,
        requires_grad: bool = True,
    ) -> dict:
        node = {"id": len(self.tape.nodes), "kind": kind, "label": label, "op": op, "source": None, **_facts(array)}
        node["requires_grad"] = requires_grad
        if name:
            node["name"] = name
        self.tape.nodes.append(node)
        return node

    def _connect(self, read: list[tuple | None], node: dict) -> None:
        for number, place in enumerate(read):
            if place is None or place[0] is None:
                continue
            self.tape.edges.append({"from": place[0], "to": node["id"], "input": number})
            if place[1]:
                self.tape.edges[-1]["output"] = place[1]

    def _step(self, phase: str, node: int, grad: str | None) -> dict:
        step = {"phase": phase, "node": node, "grad": grad}
        if len(self.tape.steps) < MAX_STEPS:
            self.tape.steps.append(step)
        else:
            self._leave_out("steps")
        return step

    def _full(self) -> bool:
        full = len(self.tape.nodes) >= MAX_NODES
        if full:
            self._leave_out("nodes")
        return full

    def _leave_out(self, what: str) -> None:
        self.tape.extra.setdefault("left_out", {"nodes": 0, "steps": 0})[what] += 1


def draw(tensor: Tensor) -> Tape:
    """The graph behind a tensor, also after backward has freed what it had saved.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> y = (x * 2).exp()
    >>> y.backward()
    >>> [node["label"] for node in tape.draw(y).nodes]
    ['x', 'mul', 'exp']
    """
    recorder = record()
    edge = tensor._edge
    frame = user_frame()
    if edge is None:
        recorder._constant(tensor, frame)
    else:
        recorder._see(frame, [edge])
        last = recorder.tape.nodes[-1]
        last |= _facts(tensor._array) if last["kind"] == "operator" else {}
        name = name_of(tensor, frame)
        if name and last["kind"] == "operator":
            last["name"] = name
    return recorder.tape


def label(op: Any, inputs: tuple, params: dict) -> str:
    """The operator with its plain arguments; a dot stands for a tensor."""
    plain = [values.argument(x) for x in inputs if not isinstance(x, Tensor)]
    given = [f"{k}={values.argument(v)}" for k, v in params.items() if k not in op.defaults or op.defaults[k] is not v]
    if not plain:
        return f"{op.name}({', '.join(given)})" if given else op.name
    shown = ["·" if isinstance(x, Tensor) else values.argument(x) for x in inputs]
    return f"{op.name}({', '.join([*shown, *given])})"


def _facts(array: Any) -> dict[str, Any]:
    if array is None:
        return {"shape": None, "dtype": None, "value": None}
    return {"shape": list(array.shape), "dtype": dtypes.of_array(array).name, "value": values.brief(array)}


def _bytes_kept(nodes: Iterable) -> int:
    """The memory of all arrays that the nodes have saved; what several nodes share counts once."""
    sizes = {}
    for node in nodes:
        for saved in node.saved or ():
            array = getattr(saved, "_array", saved)
            base = getattr(array, "base", None)
            memory = array if base is None else base
            if hasattr(memory, "nbytes"):
                sizes[id(memory)] = memory.nbytes
    return sum(sizes.values())


def _mark(leaf: Tensor) -> tuple:
    """Changes when the leaf's gradient does."""
    grad = leaf._grad
    return (0, 0) if grad is None else (id(grad), version_of(grad))


def _grad_text(leaf: Tensor) -> str | None:
    return None if leaf._grad is None else values.brief(leaf._grad._array)
