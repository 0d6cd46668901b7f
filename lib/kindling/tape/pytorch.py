"""Records a run of real PyTorch into the same facts, through its public function mode and hooks.

PyTorch is not imported here: where the program has imported it, ``record()`` listens to it too. An operator on the tape
is a call of one of PyTorch's functions; the nodes of its autograd graph that the call made belong to it.
"""

import inspect
import sys
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

from . import values
from .source import LIBRARIES, name_of, users_frame
from .values import Sample

NAMES = {"true_divide": "div", "truediv": "div", "t": "transpose"}
SILENT = ("__get__", "__set__", "__delete__", "backward", "register_hook", "requires_grad_", "detach", "item", "tolist",
          "numpy", "__repr__", "__format__", "__bool__", "__len__", "dim", "size", "is_floating_point", "__setitem__",
          "retain_grad", "stride", "data_ptr", "element_size", "numel", "__float__", "__int__", "__hash__")  # fmt: skip


def loaded() -> Any:
    """The real PyTorch, when the program has imported it."""
    found = sys.modules.get("torch")
    return found if found is not None and hasattr(found, "_C") and hasattr(found, "overrides") else None


class Listener:
    """Turns what PyTorch tells into facts; `recorder` gives places and room."""

    def __init__(self, torch: Any, recorder: Any) -> None:
        self.torch, self.recorder, self.facts = torch, recorder, recorder.facts
        self.nodes: dict[tuple, tuple[int, int]] = {}  # a node of PyTorch's graph and an output: its reference
        self.tensors: dict[int, tuple[weakref.ref, int, int]] = {}  # tensors without node
        self.leaves: dict[int, tuple[weakref.ref, tuple, tuple]] = {}  # place: leaf, marks of its gradient and memory
        self.nameless: set[int] = set()  # leaves that had no name when they were made
        self.views: dict[int, tuple[weakref.ref, Any]] = {}  # id of a view: it, the operator that made it
        self.handles: list[Any] = []
        self.walking = False

    def start(self) -> None:
        """Listen from now on."""
        torch, listener = self.torch, self
        folder = str(torch.__file__).removesuffix("__init__.py")
        if folder not in LIBRARIES:
            LIBRARIES.append(folder)

        class Mode(torch.overrides.TorchFunctionMode):
            def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: Any = None) -> Any:
                return listener.called(func, args, kwargs or {})

        modules = torch.nn.modules.module
        self.handles.append(modules.register_module_forward_pre_hook(lambda module, _: self.recorder.enter(module)))
        leave = modules.register_module_forward_hook(lambda module, *_: self.recorder.leave(module), always_call=True)
        self.handles.append(leave)
        self.mode = Mode()
        self.mode.__enter__()

    def stop(self) -> None:
        """Listen no more."""
        self.mode.__exit__(None, None, None)
        for handle in self.handles:
            handle.remove()
        self.look_at_leaves()

    # Calls.

    def called(self, func: Callable, args: tuple, kwargs: dict) -> Any:
        """One of PyTorch's functions is called by the program."""
        name = self.torch.overrides.resolve_name(func) or getattr(func, "__name__", "")
        last = name.rpartition(".")[2]
        if last == "backward" or name == "torch.autograd.grad":
            return self.backward(func, args, kwargs)
        inputs = list(self.tensors_in((args, kwargs)))
        heard = last not in SILENT or last == "__setitem__"
        read = [self.reference(t) for t in inputs] if heard else []
        base = self.reference(inputs[0]._base) if heard and inputs and inputs[0]._is_view() else None
        try:
            result = func(*args, **kwargs)
        except Exception as error:
            self.refused(operator(last, func, args), args, error)
            raise
        if last == "__setitem__":
            self.spliced(args[0], [base or read[0], *read[1:2]])
        elif last not in SILENT:
            self.made(operator(last, func, args), args, kwargs, inputs, read, base, result)
        if inputs and (last == "__setitem__" or result is inputs[0]):
            self.written_too(inputs[0])
        self.look_at_leaves(self.recorder._where())
        return result

    def made(self, op: Any, args: tuple, kwargs: dict, inputs: list, read: list, base: Any, result: Any) -> None:
        outputs = [t for t in (result if isinstance(result, (tuple, list)) else (result,)) if self.is_tensor(t)]
        if not outputs or self.recorder._full():
            return
        first = outputs[0]
        given = [*self.flat(args), *(x for x in kwargs.values() if self.is_tensor(x))]
        refs = iter(read)
        read = [next(refs) if self.is_tensor(x) else None for x in given]
        plain = [None if self.is_tensor(x) else x for x in given]
        if is_leaf(first):
            self.untracked(op, read, plain, inputs, outputs)
            return
        where = self.recorder._where()
        place = self.operator(op, read, plain, kwargs, where, inputs, outputs)
        if inputs and inputs[0] is first and first._is_view():
            self.spliced(first, [base, (place, 0)])
        elif inputs and inputs[0] is first:
            self.facts.append(("written", read[0], (place, 0), self.survey(first), first._version, True))

    def operator(self, op: Any, read: list, plain: list, kwargs: dict, where: tuple, inputs: list,
                 outputs: list) -> int:  # fmt: skip
        place = self.recorder._new_place()
        first = outputs[0]
        looks = first._is_view() and bool(inputs) and inputs[0] is not first
        params = {key: x for key, x in kwargs.items() if not self.is_tensor(x)}
        results = tuple([self.survey(t) for t in outputs])
        inside = self.claim(place, outputs)
        saved = self.saved(inside, inputs, outputs)
        fact = ("operator", place, op, read, plain, params, results, where, looks, first._version)
        self.facts.append((*fact, 0, saved, "Node", False))
        if looks:
            self.views[id(first)] = weakref.ref(first), op
        self.recorder.tape.engine = "torch"
        return place

    def untracked(self, op: Any, read: list, plain: list, inputs: list, outputs: list) -> None:
        self.recorder._counts["untracked"] += 1
        if inputs and inputs[0] is outputs[0]:
            return  # written in place: noticed by its version
        place = self.recorder._new_place()
        results = tuple([self.survey(t) for t in outputs])
        where = self.recorder._where()
        self.facts.append(("untracked", place, op, read, plain, {}, results, where, False, 0, False))
        for number, t in enumerate(outputs):
            self.tensors[id(t)] = weakref.ref(t), place, number

    def refused(self, op: Any, args: tuple, error: Exception) -> None:
        flat = list(self.flat(args))
        read = [self.reference(x) if self.is_tensor(x) else None for x in flat]
        plain = [None if self.is_tensor(x) else x for x in flat]
        call = self.recorder._running[-1] if self.recorder._running else None
        fact = ("failed", self.recorder._new_place(), op, read, plain, {}, self.recorder._where(), words(error), call)
        self.recorder._refused = id(error), fact

    def spliced(self, target: Any, read: list) -> None:
        """Written through a view, or at an index: what the memory belongs to has a new node."""
        owner = target._base if target._is_view() else target
        if is_leaf(owner) or self.recorder._full():
            return
        place = self.recorder._new_place()
        op = SimpleNamespace(name="copy_slices", family="torch", inputs=("base", "values"), defaults={})
        self.claim(place, [owner])
        read = [read[0], read[1] if len(read) > 1 else None]
        fact = (
            "spliced",
            place,
            op,
            read,
            self.survey(owner),
            self.recorder._where(),
            owner._version,
            0,
            None,
            read[0],
        )
        self.facts.append(fact)

    # Backward.

    def backward(self, func: Callable, args: tuple, kwargs: dict) -> Any:
        self.look_at_leaves()
        roots = [t for t in self.tensors_in(args[:1]) if t.requires_grad]
        starts = [(self.reference(t), None) for t in roots]
        retain = bool(kwargs.get("retain_graph") or kwargs.get("create_graph"))
        self.recorder._run += 1
        began = len(self.facts)
        self.facts.append(("start", self.recorder._run, starts, retain, False, None))
        self.walking = True
        try:
            return func(*args, **kwargs)
        except Exception as error:
            latest = next((fact for fact in reversed(self.facts[began:]) if fact[0] in ("arrives", "passes")), None)
            if latest is not None and latest[0] == "arrives":
                self.facts.append(("broke", latest[1], words(error)))
            raise
        finally:
            self.walking = False
            self.facts.append(("end",))
            self.look_at_leaves()

    def claim(self, place: int, outputs: list) -> list:
        """The nodes that a call has made: they belong to its place, and tell of their gradients."""
        inside: list = []
        for number, t in enumerate(outputs):
            if not is_leaf(t):
                self.nodes[self.key(t.grad_fn), t.output_nr] = place, number
                if t.grad_fn not in inside:
                    t.grad_fn.register_prehook(partial(self.arrives, place))
                    inside.append(t.grad_fn)
        for node in inside:  # grows on the way
            for behind, number in node.next_functions:
                unknown = behind is not None and not hasattr(behind, "variable")
                if unknown and (self.key(behind), number) not in self.nodes and behind not in inside:
                    inside.append(behind)
        for node in inside:
            node.register_hook(partial(self.passes, place, self.ends(node)))
        return inside

    def ends(self, node: Any) -> list[tuple | None]:
        return [behind and self.nodes.get((self.key(behind), number)) for behind, number in node.next_functions]

    def arrives(self, place: int, grads: tuple) -> None:
        given = tuple([None if g is None else self.take(g) for g in grads])
        self.recorder._step("arrives", place, given, None, False)

    def passes(self, place: int, ends: list, given: tuple, _: tuple) -> None:
        found = [(*end, self.take(g)) for end, g in zip(ends, given, strict=False) if end is not None and g is not None]
        self.facts.append(("passes", place, found))

    def hook_leaf(self, leaf: Any, place: int) -> None:
        """Tell of what arrives at a leaf, and of its sum."""
        ref = self.leaves[place][0]

        def comes(grad: Any) -> None:
            before = None if ref() is None or ref().grad is None else self.take(ref().grad)
            self.recorder._step("arrives", place, (self.take(grad),), before, False)

        def added(t: Any) -> None:
            self.leaves[place] = ref, mark(t), memory(t)
            self.facts.append(("sum", place, self.take(t.grad)))

        self.handles += [leaf.register_hook(comes), leaf.register_post_accumulate_grad_hook(added)]

    def look_at_leaves(self, where: tuple = ()) -> None:
        """Notice what the program did to leaves and their gradients."""
        if self.walking:
            return
        for place, (ref, known, lay) in list(self.leaves.items()):
            leaf = ref()
            if leaf is None or (mark(leaf) == known and memory(leaf) == lay):
                continue
            self.leaves[place] = ref, mark(leaf), memory(leaf)
            if memory(leaf) != lay:
                self.recorder._step("shown", (place, 0), self.survey(leaf), where)
            if mark(leaf) != known:
                grad = None if leaf.grad is None else self.take(leaf.grad)
                self.recorder._step("cleared", place, grad, None, where)

    def written_too(self, t: Any) -> None:
        """A write to what ``.data`` or `detach` was taken of is not counted there."""
        if t.requires_grad or self.walking:
            return
        for place, (ref, known, lay) in list(self.leaves.items()):
            leaf = ref()
            if leaf is not None and memory(leaf) == lay and same_memory(leaf, t):
                self.recorder._step("shown", (place, 0), self.survey(leaf), self.recorder._where())
            elif leaf is not None and mark(leaf) == known and leaf.grad is not t and same_memory(leaf.grad, t):
                self.recorder._step("cleared", place, self.take(leaf.grad), None, self.recorder._where())

    # References.

    def reference(self, t: Any, known_only: bool = False) -> tuple[int, int] | None:
        """The place of a tensor, given now when it is seen for the first time."""
        if t.requires_grad and not made_without(t):
            found = self.nodes.get((("leaf", id(t)), 0) if t.is_leaf else (self.key(t.grad_fn), t.output_nr))
            if found is None and not known_only:
                found = self.leaf(t) if t.is_leaf else self.discovered(t)
            if found is not None and found[0] in self.nameless and self.name(t):
                self.nameless.remove(found[0])
                self.facts.append(("called", found[0], self.name(t)))
            return found
        known = self.tensors.get(id(t))
        if known is not None and known[0]() is t:
            return known[1:]
        if known_only or self.recorder._full():
            return None
        place = self.recorder._new_place()
        self.facts.append(("constant", place, self.name(t), self.survey(t), None))
        self.tensors[id(t)] = weakref.ref(t), place, 0
        return place, 0

    def leaf(self, t: Any) -> tuple[int, int]:
        place, name = self.recorder._new_place(), self.name(t)
        key = ("leaf", id(t)), 0
        self.nodes[key] = place, 0
        ref = weakref.ref(t, lambda _: self.nodes.pop(key, None))  # another one may get its id
        if not name:
            self.nameless.add(place)
        grad = None if t.grad is None else self.take(t.grad)
        self.facts.append(("leaf", place, 0, name, self.survey(t), grad, type(t), None))
        self.leaves[place] = ref, mark(t), memory(t)
        self.hook_leaf(t, place)
        return place, 0

    def discovered(self, t: Any) -> tuple[int, int]:
        """A result whose function the mode did not see: a custom one, or a view that was made again."""
        known = self.views.get(id(t))
        sibling = next((found for (key, _), found in self.nodes.items() if key == self.key(t.grad_fn)), None)
        if sibling is not None:  # another result of the same function
            self.nodes[self.key(t.grad_fn), t.output_nr] = sibling
            return sibling
        node, name = t.grad_fn, t.grad_fn.name().removesuffix("0").removesuffix("Backward").rpartition("::")[2]
        if known is not None and known[0]() is t:
            op, read = known[1], [self.reference(t._base)]
        else:
            op = SimpleNamespace(name=name, family="torch", inputs=(), defaults={})
            read = [self.behind(*edge) for edge in node.next_functions if edge[0] is not None]
        place = self.operator(op, read, [None] * len(read), {}, (), [], [t])
        variable = name_of(t, users_frame())
        if variable and known is None:
            self.facts.append(("called", place, variable))
        return place, 0

    def behind(self, node: Any, number: int) -> tuple[int, int] | None:
        """What an edge of PyTorch's graph leads to."""
        found = self.nodes.get((self.key(node), number))
        if found is None and hasattr(node, "variable"):
            found = self.leaf(node.variable)
        return found

    def key(self, node: Any) -> tuple:
        variable = getattr(node, "variable", None)
        return ("leaf", id(variable)) if variable is not None else ("node", node._sequence_nr())

    def name(self, t: Any) -> str | None:
        known = self.recorder._parameters.get(id(t))
        if known is not None and known[0]() is t:
            return known[1]
        return name_of(t, users_frame())

    def saved(self, inside: list, inputs: list, outputs: list) -> list[tuple]:
        """What the nodes of a call keep: which input or output it is, shape, type and bytes."""
        found, seen = [], set()
        for node in inside:
            for name in dir(node):
                t = getattr(node, name, None) if name.startswith("_saved_") else None
                if self.is_tensor(t) and (t.data_ptr(), tuple(t.shape)) not in seen:
                    seen.add((t.data_ptr(), tuple(t.shape)))
                    number = next((i for i, x in enumerate(inputs) if x.data_ptr() == t.data_ptr()), None)
                    out = next((i for i, x in enumerate(outputs) if x.data_ptr() == t.data_ptr()), None)
                    kind = str(t.dtype).removeprefix("torch.")
                    found.append((number, out, tuple(t.shape), kind, t.numel() * t.element_size()))
        return found

    # Values.

    def array(self, t: Any) -> Any:
        """A tensor's values for NumPy, which knows no bfloat16."""
        t = t.detach().resolve_conj().resolve_neg().cpu()
        return (t.float() if t.dtype is self.torch.bfloat16 else t).numpy()

    def take(self, t: Any) -> Any:
        with self.torch._C.DisableTorchFunction():
            return self.kept(values.taken(self.array(t)), t)

    def survey(self, t: Any) -> Any:
        with self.torch._C.DisableTorchFunction():
            return self.kept(values.surveyed(self.array(t)), t)

    def kept(self, found: Any, t: Any) -> Any:
        """With PyTorch's type and device where NumPy's are others."""
        kind, device = str(t.dtype).removeprefix("torch."), str(t.device)
        if kind != "bfloat16" and device == "cpu":
            return found
        if not isinstance(found, Sample):
            found = Sample(found.shape, found.dtype, found, found, True)
        return found._replace(dtype=kind, device=device)

    def is_tensor(self, x: Any) -> bool:
        return isinstance(x, self.torch.Tensor)

    def tensors_in(self, x: Any) -> Iterator[Any]:
        if isinstance(x, dict):
            x = list(x.values())
        if isinstance(x, (tuple, list)):
            for item in x:
                yield from self.tensors_in(item)
        elif self.is_tensor(x):
            yield x

    def flat(self, args: tuple) -> Iterator[Any]:
        """A call's arguments; the tensors of a list one by one."""
        for x in args:
            if isinstance(x, (tuple, list)) and any(self.is_tensor(item) for item in x):
                yield from x
            else:
                yield x


def operator(name: str, func: Callable, args: tuple) -> Any:
    """What the tape calls a function of PyTorch's."""
    plain = name.strip("_")
    if name.startswith("__") and plain[:1] in "ri" and plain[1:] in ("add", "sub", "mul", "truediv", "pow", "matmul"):
        plain = plain[1:]
    if plain == "getitem":
        index = args[1] if len(args) > 1 else None
        plain = "select" if isinstance(index, int) else "slice" if isinstance(index, slice) else "index"
    try:
        defaults = {p.name: p.default for p in inspect.signature(func).parameters.values()}
    except (ValueError, TypeError):  # most of PyTorch's functions are not written in Python
        defaults = {}
    return SimpleNamespace(name=NAMES.get(plain, plain), family="torch", inputs=(), defaults=defaults)


def words(error: BaseException | None) -> str:
    """The type and the first line of an error."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def is_leaf(t: Any) -> bool:
    """Whether no node has made it; PyTorch does not answer for a view that no_grad made, once it was written."""
    try:
        return t.is_leaf
    except RuntimeError:
        return True


def made_without(t: Any) -> bool:
    """Whether it is a view of what requires grad, made where no graph was."""
    return t._is_view() and t._base.requires_grad and is_leaf(t)


def memory(leaf: Any) -> tuple:
    """Changes when the leaf is written or gets other ``.data``."""
    return None if leaf.is_inference() else leaf._version, leaf.data_ptr()


def same_memory(one: Any, other: Any) -> bool:
    """Whether two tensors, of which the first may be None, lie in the same memory."""
    return one is not None and one.untyped_storage().data_ptr() == other.untyped_storage().data_ptr() != 0


def mark(leaf: Any) -> tuple:
    """Changes when the leaf's gradient does."""
    grad = leaf.grad
    return (0, 0) if grad is None else (id(grad), grad._version)
