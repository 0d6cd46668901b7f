"""Listens to the engine and notes facts: what ran on what, where in the code, copies of small arrays, corners of large.

Words are made of them in :mod:`.telling`, when somebody looks. Here every moment counts: recording may cost at most as
much again as the program itself. No tensor and no node is kept: nodes are told apart by their sequence numbers, tensors
by weak references. So a graph lives no longer for being recorded.

What the program computes with gets a *place*, a number; a *reference* is a place and the number of one of its results.
A fact is a tuple, its first item the name of the method of `telling.Telling` that is given the rest.
"""

import sys
import weakref
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from .. import random
from ..engine import Observer, Tensor, mode, observers, version_of
from ..engine.backward import collect
from . import pytorch
from .source import held_as, here, name_of, users_frame
from .tape import Tape
from .values import surveyed, taken

MAX_NODES = 5_000
MAX_STEPS = 20_000
WHOLE = 1_000_000  # numbers of a leaf or constant that is kept whole, for replays
WHOLE_BYTES = 64_000_000  # of all together
GRAD = -1  # in a reference: not a result, but the gradient of a leaf
PLAIN = (int, float, bool, complex, str, bytes, type(None), slice, range)


class record(Observer):
    """Record what runs inside a `with`, or in a function that is decorated with it.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> x = torch.tensor(3.0, requires_grad=True)
    >>> with tape.record() as t:
    ...     y = x * 2
    >>> t.nodes[1]["label"], t.nodes[1]["value"]
    ('mul(·, 2)', '6')
    """

    hooks_of = "the program"

    def __init__(self) -> None:
        self.tape = Tape([])
        self.facts = self.tape.facts
        self._nodes: dict[int, int] = {}  # a node's sequence number: its place
        self._leaves: dict[int, tuple[weakref.ref, tuple]] = {}  # place: the leaf, and the mark of its last known grad
        self._grads: dict[int, int] = {}  # id of a gradient: the place of its leaf
        self._known: dict[int, tuple[weakref.ref, tuple]] = {}  # id of a tensor without node: it, its reference
        self._memory: dict[int, tuple[weakref.ref, int, int]] = {}  # id of an array: its tensor, its reference
        self._lives: dict[weakref.ref, int] = {}  # to a node: its place
        self._parameters: dict[int, tuple[weakref.ref, str]] = {}
        self._roots: dict[int, tuple[weakref.ref, str, dict[int, str]]] = {}  # the outermost modules that were called
        self._searched: set[tuple] = set()  # where in the code no name was found
        self._running: list[int] = []  # calls of modules, by number
        self._where: Callable[[], tuple] = partial(here, self._running)
        self._listener: Any = None  # to real PyTorch, where that is loaded
        self._captures: dict = {}  # what this backward is asked for
        self._asked: set[int] | None = None  # sequence numbers of the nodes between its roots and that; None: all
        self._paths: dict[int, str] = {}  # of the modules inside the outermost that runs, by id
        self._calls = self._places = self._steps = self._run = self._kept = 0
        self._counts = self.tape.counts
        self._inside = self._walking = 0  # > 0: what runs was called by a custom function, or by backward
        self._before = self._broke = None  # errors: what was being handled when this backward began, what a rule raised
        self._adding: int | None = None  # a leaf whose sum is known once the engine has added
        self._unsure = False  # gradients may have changed without an event
        self._target: tuple | None = None  # what is being written in place
        self._refused: tuple | None = None  # the error that was raised last, and the fact of it

    def __call__(self, function: Callable) -> Callable:
        """Record every call of a function; ``function.tape`` is the last call's tape."""

        @wraps(function)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            recorder = type(self)()
            recorded.tape = recorder.tape
            with recorder:
                return function(*args, **kwargs)

        recorded.tape = None
        return recorded

    def __enter__(self) -> Tape:
        observers.append(self)
        torch = pytorch.loaded()
        if torch is not None:
            self._listener = pytorch.Listener(torch, self)
            self._listener.start()
        return self.tape

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        observers.remove(self)
        if self._listener is not None:
            self._listener.stop()
        self._catch_up(all_leaves=True)
        if self._refused is not None and error is not None and id(error) == self._refused[0]:
            self.facts.append(self._refused[1])
        self._lives.clear()

    # What the engine tells of the program.

    def forward(self, op: Any, inputs: tuple, params: dict, outputs: tuple, node: Any) -> None:
        if node is None:
            self._counts["untracked"] += not self._walking
            if self._inside:  # inside somebody's own operator, whose rules know of it
                return
        if self._adding is not None or self._unsure:
            self._catch_up()
        if self._places >= MAX_NODES:
            self._counts["nodes"] += 1
            return
        read = self._read(inputs, (None,) * len(inputs) if node is None else node.edges)
        place, first, where = self._places, outputs[0], self._where()
        self._places = place + 1
        plain = self._plain(op, inputs) if None in read else ()
        if op.family == "function":
            looks = version = 0
            results = tuple([surveyed(t._array) if isinstance(t, Tensor) else None for t in outputs])
        else:
            looks, version = first._view is not None, 0 if first._storage is None else first._storage.version
            results = tuple([surveyed(t._array) for t in outputs])
        if node is None:
            fact = ("untracked", place, op, read, plain, params, results, where, looks, version, mode.grad)
            for number, t in enumerate(outputs):
                self._know(t, place, number)
        else:
            self._steps += 1
            self._nodes[node.sequence] = place
            self._lives[weakref.ref(node, self._gone)] = place
            saved = self._saved_by_function(node, inputs, outputs) if op.family == "function" else node.plan
            fact = ("operator", place, op, read, plain, params, results, where, looks, version, node.sequence, saved,
                    type(node).__name__, self._inside > 0)  # fmt: skip
        self.facts.append(fact)

    def refused(self, op: Any, inputs: tuple, params: dict, error: Exception) -> None:
        if self._inside <= (op.family == "function") and not self._full():
            self._catch_up()
            edges = [t._edge if isinstance(t, Tensor) else None for t in inputs]
            plain = [x if isinstance(x, PLAIN) else None for x in inputs]
            fact = ("failed", self._new_place(), op, self._read(inputs, edges), plain, params)
            call = self._running[-1] if self._running else None
            self._refused = id(error), (*fact, self._where(), pytorch.words(error), call)

    def enter(self, called: Any) -> None:
        if not hasattr(called, "named_modules"):
            if not self._inside:
                self.facts.append(("function", random.get_rng_state()._array))
            self._inside += 1
        elif not self._inside:
            variable = ""
            if not self._running:
                variable, self._paths = self._names_of(called)
            self._calls += 1
            self._running.append(self._calls)
            path = self._paths.get(id(called), type(called).__name__)
            self.facts.append(("enter", self._calls, path, type(called).__name__, variable))

    def leave(self, called: Any) -> None:
        if not hasattr(called, "named_modules"):
            self._inside = max(self._inside - 1, 0)
        elif not self._inside and self._running:
            self.facts.append(("leave", self._running.pop()))

    def writing(self, tensor: Tensor, before: Tensor) -> None:
        if self._inside > self._walking:
            return
        self._catch_up()
        base = None if tensor._view is None else self._reference(tensor._view.base)
        self._target = self._reference(tensor), base, mode.grad
        self.facts.append(("writing", *self._target))
        if self._target[0] is not None and before._edge is None:
            self._know(before, *self._target[0])

    def written(self, tensor: Tensor) -> None:
        if self._inside > self._walking:
            return
        self._catch_up()
        (target, base, graded), self._target = self._target or (None, None, False), None
        if target is None:
            target = self._reference(tensor, known_only=True)
            if target is not None and target[1] == GRAD:
                self._notice(tensor, self._where())
            elif target is not None:
                shared = self._same_memory(tensor)
                self._step("assigned", target, self._whole(tensor._array), shared, self._where())
                if shared is None:
                    self._memory[id(tensor._array)] = weakref.ref(tensor), *target
            return
        owner = tensor if tensor._view is None else tensor._view.base
        edge = owner._edge
        if edge is not None and not edge[0].is_leaf and edge[0].sequence not in self._nodes:
            self._spliced(edge[0], base, owner, target)
            return
        made = None if edge is None or edge[0].is_leaf else (self._nodes.get(edge[0].sequence), edge[1])
        if id(tensor) in self._grads:
            self._notice(tensor, self._where())
        where = self._where() if self._walking else None  # in a hook no operator has told of it
        self._step("written", target, made, surveyed(tensor._array), version_of(tensor), graded, where)
        if base is not None and made is None:
            self._step("shown", base, surveyed(owner._array), where)
        shared = self._memory.get(id(owner._array))
        if shared is not None and made is None and shared[1:] not in (target, base):
            self._shown_too(owner, where)

    def _shown_too(self, owner: Tensor, where: tuple | None) -> None:
        """What ``.data`` or `detach` was taken of has changed too."""
        shared = self._same_memory(owner)
        if shared is None:
            return
        leaf = self._leaves.get(shared[0], (_nobody,))[0]()
        if shared[1] != GRAD:
            self._step("shown", shared[:2], surveyed(owner._array), where)
        elif leaf is not None and leaf._grad is not None:
            self._notice(leaf._grad, where or self._where())

    def _spliced(self, node: Any, base: tuple | None, owner: Tensor, target: tuple) -> None:
        """Written through a view: the base has a new node, which no operator has told of."""
        if self._full():
            return
        read = [None if edge is None else self._edge_reference(edge) for edge in node.edges]
        place = self._new_place()
        self._nodes[node.sequence] = place
        array = surveyed(owner._array)
        fact = ("spliced", place, node.op, [read[0] or base, read[1]], array, self._where(), version_of(owner))
        self.facts.append((*fact, node.sequence, node.plan, target))

    def given_grad(self, tensor: Tensor) -> None:
        if self._inside > self._walking:
            return
        self._settle()
        target = self._reference(tensor, known_only=True)
        leaf = None if target is None else self._leaves.get(target[0])
        if leaf is not None and _mark(tensor) != leaf[1]:
            self._notice(tensor, self._where())

    # What it tells of backward.

    def backward_start(self, roots: list, retain_graph: bool, create_graph: bool, captures: dict | None) -> None:
        self._catch_up(all_leaves=True)
        self._run += 1
        starts = [(self._edge_reference(edge), self._whole(g._array)) for edge, g in roots]
        wanted = captures and [self._edge_reference((*key, None, None)) for key in captures]
        self._captures, self._asked = captures or {}, _between(roots, captures)
        self.facts.append(("start", self._run, starts, retain_graph, create_graph, wanted))
        self._inside += 1
        self._walking += 1
        self._before = _raised()

    def backward(self, node: Any, grads: tuple) -> None:
        if self._adding is not None:
            self._settle(over=True)
        place = self._nodes.get(node.sequence)
        if place is None or not (self._asked is None or node.sequence in self._asked):
            return
        given = tuple([None if g is None else taken(g._array) for g in grads])
        before, lost = None, False
        if node.is_leaf and self._is_lost(node):
            lost = self._leaves.pop(place, None) is not None
        elif node.is_leaf:
            grad = node.variable._grad
            before = None if grad is None else taken(grad._array)
            self._adding = place
        hooks = node.hooks
        hooked = hooks is not None and bool(hooks.tensor or hooks.pre or hooks.post or hooks.accumulated)
        self._step("arrives", place, given, before, hooked and self.hooks_of, lost)

    def _is_lost(self, leaf: Any) -> bool:
        """Whether the program has let go of a leaf by now: its gradient is nobody's."""
        return leaf.variable is None

    def returned(self, node: Any, found: list) -> None:
        places, place = self._nodes, self._nodes.get(node.sequence)
        if place is None or self._steps >= MAX_STEPS:
            return
        given = []
        for (to, number, shape, _), g in found:
            if self._asked is not None and to.sequence not in self._asked:
                continue
            array = getattr(g, "_array", g)
            share = places.get(to.sequence), number, taken(array)
            given.append(share if array.shape == shape else (*share, shape))  # the engine sums it to that shape
        self.facts.append(("passes", place, given))

    def failed(self, node: Any) -> None:
        self._broke = _raised()
        self.facts.append(("broke", self._nodes.get(node.sequence), pytorch.words(sys.exc_info()[1])))

    def backward_end(self) -> None:
        self._settle(over=True)
        self._inside -= 1
        self._walking -= 1
        self._unsure = True  # backward(inputs=...) stores what it found only now
        error = _raised()
        self.facts.append(("end", error not in (None, self._before, self._broke)))
        found, self._captures, self._asked = list(self._captures.values()), {}, None
        if found and not self._inside and not self._full():
            place = self._new_place()
            results = tuple([None if g is None else surveyed(g._array) for g in found])
            self.facts.append(("captured", place, results))
            for number, g in enumerate(found):
                if g is not None and g._edge is None:
                    self._know(g, place, number)

    # Gradients of leaves.

    def _catch_up(self, all_leaves: bool = False) -> None:
        """Before anything new: finish the last sum, notice what happened to gradients without an event."""
        if self._adding is not None:
            self._settle()
        if (self._unsure or all_leaves) and not self._inside:
            self._unsure = False
            for ref, known in list(self._leaves.values()):
                leaf = ref()
                if leaf is not None and _mark(leaf) != known:
                    self._notice(leaf)

    def _notice(self, tensor: Tensor, where: tuple | None = None) -> None:
        """The program itself, or (no `where`) ``backward(inputs=...)``, has changed a leaf's gradient.

        `tensor` is the leaf, or its gradient.
        """
        place = self._grads.get(id(tensor))
        leaf = self._leaves[place][0]() if place is not None else tensor
        if leaf is None or (place is not None and leaf._grad is not tensor):
            return
        if place is None:
            place = next(p for p, (ref, _) in self._leaves.items() if ref() is leaf)
        grad = leaf._grad
        source = None if grad is None else self._reference(grad, known_only=True) if grad is not tensor else False
        self._remember(place, leaf)
        whole = None if grad is None else self._whole(grad._array)
        self._step("cleared", place, whole, source, where)

    def _settle(self, over: bool = False) -> None:
        """Note the sum, once the engine has added; when it is `over` without one, the gradient was only handed out."""
        place = self._adding
        leaf = self._leaves[place][0]() if place in self._leaves else None
        if leaf is not None and _mark(leaf) != self._leaves[place][1]:
            self._remember(place, leaf)
            self.facts.append(("sum", place, None if leaf._grad is None else taken(leaf._grad._array)))
            self._adding = None
        elif over:
            self._adding = None

    def _remember(self, place: int, leaf: Tensor) -> None:
        self._leaves[place] = self._leaves[place][0] if place in self._leaves else weakref.ref(leaf), _mark(leaf)
        grad = leaf._grad
        if grad is not None:
            self._grads[id(grad)] = place
            self._memory[id(grad._array)] = weakref.ref(grad), place, GRAD

    # What has a place.

    def _read(self, inputs: tuple, edges: Any) -> list[tuple | None]:
        """A reference for each tensor; None for a plain number."""
        found: list[tuple | None] = []
        nodes = self._nodes
        for value, edge in zip(inputs, edges, strict=True):
            if edge is not None:
                place = nodes.get(edge[0].sequence)
                found.append((place, edge[1]) if place is not None else self._edge_reference(edge))
            else:
                found.append(self._reference(value) if isinstance(value, Tensor) else None)
        return found

    def _edge_reference(self, edge: tuple) -> tuple:
        """The reference of an edge; what is behind it and not known yet was made before the recording."""
        node = edge[0]
        if node.sequence not in self._nodes:
            if node.is_leaf:
                self._leaf(node)
            else:
                self.graft(*edge)
        return self._nodes.get(node.sequence), edge[1]

    def _reference(self, tensor: Tensor, known_only: bool = False) -> tuple | None:
        """The reference of a tensor; one that is seen for the first time gets a place, unless `known_only`."""
        edge = tensor._edge
        if edge is not None:
            known = edge[0].sequence in self._nodes or not known_only
            return self._edge_reference(edge) if known else None
        found = self._known.get(id(tensor))
        if found is not None and found[0]() is tensor:
            return found[1]
        place = self._grads.get(id(tensor))
        if place is not None:
            leaf = self._leaves[place][0]()
            if leaf is not None and leaf._grad is tensor:
                return place, GRAD
        return None if known_only or self._full() else self._constant(tensor)

    def _constant(self, tensor: Tensor) -> tuple:
        shared = self._same_memory(tensor)
        place = self._new_place()
        whole = surveyed(tensor._array) if shared else self._whole(tensor._array)
        self.facts.append(("constant", place, self._name(tensor, deep=shared is None), whole, shared))
        self._know(tensor, place, 0)
        if shared is None:
            self._memory[id(tensor._array)] = weakref.ref(tensor), place, 0
        return place, 0

    def _same_memory(self, tensor: Tensor) -> tuple | None:
        """The reference of another tensor on the same array, and whether their writes are counted together."""
        found = self._memory.get(id(tensor._array))
        other = None if found is None else found[0]()
        if other is None or other._array is not tensor._array:
            return None
        return found[1], found[2], tensor._storage is not None and other._storage is tensor._storage

    def _leaf(self, node: Any) -> None:
        if self._full():
            return
        leaf = node.variable
        known = None if leaf is None else self._memory.get(id(leaf._array))
        if known is not None and known[1] in self._leaves and known[0]() is leaf:  # it was frozen in between
            self._nodes[node.sequence] = known[1]
            return
        place = self._nodes[node.sequence] = self._new_place()
        if leaf is None:
            self.facts.append(("leaf", place, node.sequence, None, None, None, None, None))
            return
        grad = None if leaf._grad is None else self._whole(leaf._grad._array)
        shared = self._same_memory(leaf)  # with what was taken out of the graph and seen first
        name, whole = self._name(leaf, leaf=True), self._whole(leaf._array)
        self.facts.append(("leaf", place, node.sequence, name, whole, grad, type(leaf), shared))
        self._remember(place, leaf)
        self._memory[id(leaf._array)] = weakref.ref(leaf), place, 0

    def graft(self, root: Any, number: int, shape: Any, dtype: Any) -> None:
        """Note the skeleton behind a node that was made before the recording."""
        behind = [node for node in collect([root]) if node.sequence not in self._nodes][: MAX_NODES - self._places]
        facts = {(root, number): (shape, dtype)}
        for node in behind:
            facts.update({(edge[0], edge[1]): edge[2:] for edge in node.edges if edge is not None})
        for node in reversed(behind):
            if node.is_leaf:
                self._leaf(node)
                continue
            shape, dtype = facts.get((node, 0), (None, None))
            op, read = getattr(node, "op", None), [e and (self._nodes.get(e[0].sequence), e[1]) for e in node.edges]
            place = self._nodes[node.sequence] = self._new_place()
            self.facts.append(("skeleton", place, op, node.name(), read, node.params, shape, dtype))

    def _know(self, tensor: Any, place: int, number: int) -> None:
        if isinstance(tensor, Tensor):
            self._known[id(tensor)] = weakref.ref(tensor), (place, number)

    def _whole(self, array: Any) -> Any:
        """A whole copy while there is room: a replay needs it."""
        size = array.nbytes
        if array.size > WHOLE or self._kept + size > WHOLE_BYTES:
            return surveyed(array)
        self._kept += size
        return array.copy()

    def _plain(self, op: Any, inputs: tuple) -> list:
        """The inputs that are no tensors; of what only a custom function takes, numbers and words."""
        found = [None if isinstance(x, Tensor) else x for x in inputs]
        return [x if isinstance(x, PLAIN) else ... for x in found] if op.family == "function" else found

    def _saved_by_function(self, node: Any, inputs: tuple, outputs: tuple) -> list[tuple]:
        """What a custom function keeps: for each tensor, which input or output it is, its shape, type and bytes."""
        found = []
        for t in node.saved or ():
            if isinstance(t, Tensor):
                number = next((i for i, x in enumerate(inputs) if x is t), None)
                out = next((i for i, x in enumerate(outputs) if getattr(x, "_array", None) is t._array), None)
                array = t._array
                found.append((number, out, array.shape, array.dtype, array.nbytes))
        return found

    # Names and places in the code.

    def _name(self, tensor: Tensor, deep: bool = True, leaf: bool = False) -> str | None:
        known = self._parameters.get(id(tensor))
        if known is not None and known[0]() is tensor:
            return known[1]
        frame = users_frame()
        if frame is None:
            return None
        here = id(frame.f_code), frame.f_lasti
        if here in self._searched and not leaf:  # what is no parameter may come by thousands
            return None
        name = name_of(tensor, frame, deep)
        if name is None:
            self._searched.add(here)
        return name

    def _names_of(self, module: Any) -> tuple[str, dict[int, str]]:
        """What holds the module, and the path of each one inside; their parameters' names are noted on the way."""
        known = self._roots.get(id(module))
        if known is not None and known[0]() is module:
            return known[1:]
        variable = held_as(module, users_frame())
        paths, parameters = {}, {}
        for path, part in module.named_modules():
            paths[id(part)] = path
            prefix = ".".join(filter(None, (variable, path)))
            for name, parameter in part.named_parameters(prefix, recurse=False):
                parameters.setdefault(id(parameter), (weakref.ref(parameter), name))
        self._parameters |= parameters
        self._roots[id(module)] = weakref.ref(module), variable, paths
        return variable, paths

    # Limits.

    def _new_place(self) -> int:
        self._places += 1
        return self._places - 1

    def _full(self) -> bool:
        full = self._places >= MAX_NODES
        if full:
            self._counts["nodes"] += 1
        return full

    def _step(self, *fact: Any) -> None:
        self._steps += 1
        if self._steps <= MAX_STEPS:
            self.facts.append(fact)
        else:
            self._counts["steps"] += 1

    def _gone(self, life: weakref.ref) -> None:
        """A node has gone."""
        self.facts.append(("gone", self._lives.pop(life)))


def _raised() -> int | None:
    """Which error is being handled; it is not kept, for it keeps what its frames hold."""
    error = sys.exc_info()[1]
    return None if error is None else id(error)


def _between(roots: list, captures: dict | None) -> set[int] | None:
    """The sequence numbers of the nodes on the ways from the roots to what is asked for; None when nothing is."""
    if captures is None:
        return None
    found = {node.sequence for node, _ in captures}
    for node in reversed(collect([edge[0] for edge, _ in roots])):
        if any(edge is not None and edge[0].sequence in found for edge in node.edges):
            found.add(node.sequence)
    return found


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
    reference = recorder._reference(tensor)
    recorder.facts.append(("last", reference, name_of(tensor, users_frame()), surveyed(tensor._array)))
    return recorder.tape


def _nobody() -> None:
    """In place of a weak reference."""


def _mark(leaf: Tensor) -> tuple:
    """Changes when the leaf's gradient does."""
    grad = leaf._grad
    return (0, 0) if grad is None else (id(grad), version_of(grad))
