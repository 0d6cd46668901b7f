"""The other sandbox: somebody's own tests run here, far from the student's process, which they ask by the grader.

A name that the tests do not know themselves is the student's. Plain values come over as exact types; of anything else
there is only a handle, which answers questions and refuses to be compared.
"""

import builtins
import functools
import sys

import numpy as np
import numpy.testing

from grading.session.answers import SEEDS
from grading.session.cells import Notebook
from grading.session.values import ABILITIES, Decoder, Encoder, refuse_empty

NOT_A_VALUE = "this is an object of the answer's own, not a value: it cannot be compared or calculated with"
REFUSED = "eq ne lt le gt ge bool add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow"
REFUSED += " matmul rmatmul and rand or ror xor rxor neg pos abs invert int float complex index round array"


class AnswerEnded(BaseException):
    """The student's process ended or used up its time: not an exception that a test may take for an answer."""


class AnswerError(Exception):
    """An exception of a type that is the student's own."""


class Handle:  # something that stays in the student's process; so does its docstring
    __slots__ = ("_asker", "_number")

    def __init__(self, asker: "Asker", number: int):
        object.__setattr__(self, "_asker", asker)
        object.__setattr__(self, "_number", number)

    @property
    def __doc__(self):
        return self._asker.ask("getattr", self, "__doc__")

    def __getattr__(self, name: str):
        if name.startswith("__array") or name in ("_ipython_display_", "_repr_html_"):
            raise AttributeError(name)
        return self._asker.ask("getattr", self, name)

    def __setattr__(self, name: str, value):
        self._asker.ask("setattr", self, name, value)

    def __str__(self):
        return self._asker.exact(str, "str", self)

    def __repr__(self):
        return self._asker.exact(str, "repr", self)

    def __instancecheck__(self, thing):
        return isinstance(thing, Handle) and self._asker.exact(bool, "isinstance", thing, self)

    __hash__ = object.__hash__


def _refuse(self, *_):
    raise TypeError(NOT_A_VALUE)


for _name in REFUSED.split():
    setattr(Handle, f"__{_name}__", _refuse)


class Able:
    """What a handle can do as well, where the object behind it can."""

    def __call__(self, *args, **named):
        return self._asker.call(self, args, named)

    def __getitem__(self, key):
        return self._asker.ask("getitem", self, key)

    def __setitem__(self, key, value):
        self._asker.ask("setitem", self, key, value)

    def __contains__(self, item):
        return self._asker.exact(bool, "contains", self, item)

    def __len__(self):
        return self._asker.exact(int, "len", self)

    def __iter__(self):
        walker = self._asker.ask("iter", self)
        return walker if isinstance(walker, Handle) else iter(walker)

    def __next__(self):
        return self._asker.ask("next", self)

    def __enter__(self):
        return self._asker.ask("enter", self)

    def __exit__(self, *_):
        self._asker.ask("exit", self)


@functools.cache
def handle_kind(abilities: frozenset[str]) -> type[Handle]:
    """A class of handles that have these methods: `callable` and `hasattr` are then right."""
    made = {"__slots__": (), "__doc__": vars(Handle)["__doc__"], **{name: vars(Able)[name] for name in abilities}}
    return type("Handle", (Handle,), made)


COMPARING = {
    np: "allclose isclose array_equiv",
    np.testing: "assert_allclose assert_array_equal assert_equal assert_almost_equal assert_array_almost_equal",
}


def strict(compare):
    """A comparison of numpy's that takes nothing for equal to something."""

    @functools.wraps(compare)
    def compared(*args, **options):
        refuse_empty(*args[:2])
        return compare(*args, **options)

    return compared


class Asker:
    """Puts questions to the student's process; `send` takes a question there and brings the reply."""

    def __init__(self, send):
        self.send = send
        self.encode, self.decode = Encoder(self._number), Decoder(self._handle)

    def _number(self, value):
        """What cannot travel: a handle goes back by its number, something of a library by its name."""
        if isinstance(value, Handle) and value._asker is self:
            return value._number
        module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
        module = "builtins" if module is None and hasattr(builtins, name or "") else module
        if module in sys.modules and name and "<" not in name and module != "__main__":
            return f"{module}:{name}"
        raise TypeError(f"a {type(value).__name__} of the test's own cannot be handed to an answer")

    def _handle(self, body):
        number, abilities = body if type(body) is list and len(body) == 2 else (None, None)
        if type(number) is not int or type(abilities) is not list:
            raise TypeError("not a handle")
        return handle_kind(frozenset(name for name in ABILITIES if name in abilities))(self, number)

    def name(self, name: str):
        """What the student calls this; KeyError where there is no such name."""
        return self._result(self.send({"op": "name", "name": name}), ())

    def seed(self, module: str, args: tuple) -> None:
        self._result(self.send({"op": "seed", "of": module, "args": [self.encode(value) for value in args]}), ())

    def ask(self, op: str, of: Handle, *args):
        sent = [self.encode(value) for value in args]
        question = {"op": op, "of": self.encode(of), "args": sent, "named": {}}
        return self._result(self.send(question), args, walking=op == "next")

    def exact(self, kind: type, op: str, of: Handle, *args):
        """The same where only one type of answer makes sense."""
        found = self.ask(op, of, *args)
        if type(found) is not kind:
            raise TypeError(f"{op} gave no {kind.__name__}")
        return found

    def call(self, of: Handle, args: tuple, named: dict):
        sent = {"args": [self.encode(value) for value in args]}
        sent["named"] = {name: self.encode(value) for name, value in named.items()}
        return self._result(self.send({"op": "call", "of": self.encode(of), **sent}), args)

    def _result(self, reply, args: tuple, walking: bool = False):
        if type(reply) is not dict or "ended" in reply:
            raise AnswerEnded(str(reply.get("ended", "")) if type(reply) is dict else "")
        if type(reply.get("printed")) is str:
            sys.stdout.write(reply["printed"])
        for mine, theirs in zip(args, reply.get("after") or (), strict=False):
            if theirs is not None:
                replace(mine, self.decode(theirs))
        if "raised" in reply:
            error = _exception(reply["raised"], reply.get("message"))
            if isinstance(error, StopIteration) and not walking:  # it would end a walk of the test's own, unseen
                raise RuntimeError(f"raised StopIteration {error}")
            raise error
        return self.decode(reply.get("value"))


def replace(mine, theirs) -> None:
    """Let what was handed over hold here what the answer has made of it there."""
    if type(mine) is list and type(theirs) is list:
        mine[:] = theirs
    elif type(mine) in (dict, set) and type(theirs) is type(mine):
        mine.clear()
        mine.update(theirs)
    elif type(mine) is np.ndarray and isinstance(theirs, np.ndarray) and alike(mine, theirs):
        mine[...] = theirs


def alike(mine: np.ndarray, theirs: np.ndarray) -> bool:
    """Whether one array can take the values of the other as they are."""
    return mine.flags.writeable and (mine.shape, mine.dtype) == (theirs.shape, theirs.dtype)


def _exception(names, message) -> Exception:
    """The nearest exception that Python itself has; one of the student's own is told by its name."""
    text = message if type(message) is str else ""
    for name in names if type(names) is list else ():
        kind = getattr(builtins, name, None) if type(name) is str else None
        if isinstance(kind, type) and issubclass(kind, Exception) and kind is not Exception:
            try:
                return kind(text)
            except TypeError:
                continue
    return AnswerError(f"{names[0] if type(names) is list and names else 'exception'}: {text}")


class Names(dict):
    """The names of the tests; those of the student are asked for, each time anew."""

    def __init__(self, asker: Asker, theirs: frozenset[str]):
        super().__init__()
        self.asker, self.theirs = asker, theirs

    def __missing__(self, name: str):
        if name not in self.theirs:
            raise KeyError(name)  # an unknown name is never the student's: it may be one of the tests' own tools
        return self.asker.name(name)


class Umpire(Notebook):
    """Runs the cells of an assignment that are its author's, in names of their own."""

    def __init__(self, seed: int, tested: dict[str, list[str]], send):
        super().__init__(seed)
        self.asker, self.answers = Asker(send), tested["answers"]
        self.own = Names(self.asker, frozenset(self.answers + tested["lent"]))
        self.own.update(self.module.__dict__)
        for module, name in SEEDS.items():
            if module in sys.modules:
                self._share(sys.modules[module], name, module)
        for module, names in COMPARING.items():
            for name in names.split():
                setattr(module, name, strict(getattr(module, name)))

    @property
    def names(self) -> dict:
        return self.own

    def run(self, source: str, name: str) -> dict:
        for answer in self.answers:
            self.own.pop(answer, None)  # the answers' names are the student's, whatever a cell has bound them to
        return super().run(source, name)

    def _share(self, module, name: str, known_as: str) -> None:
        """A test that seeds a random stream means the student's."""
        original = getattr(module, name)

        def seed(*args):
            self.asker.seed(known_as, args)
            return original(*args)

        setattr(module, name, seed)
