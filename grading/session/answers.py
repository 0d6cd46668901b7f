"""Beside the student's code: does what a test asks for, one thing at a time, and says what came of it."""

import contextlib
import importlib
import operator
import sys

from grading.session.cells import Bounded, clean
from grading.session.values import ABILITIES, Decoder, Encoder

MUTABLE = (list, dict, set)
SEEDS = {"random": "seed", "numpy.random": "seed", "kindling": "manual_seed"}


class Answers:
    """The student's names and objects, as the other side may ask for them."""

    def __init__(self, names: dict):
        self.names, self.kept = names, {}
        self.encode, self.decode = Encoder(self._keep), Decoder(self._find)

    def _keep(self, value) -> list:
        self.kept[len(self.kept)] = value
        has = {name for kind in type(value).__mro__ for name in vars(kind)}
        return [len(self.kept) - 1, [name for name in ABILITIES if name in has]]

    def _find(self, number):
        """An object of this side by its number, or something of a library by its name."""
        if type(number) is int:
            return self.kept[number]
        module, _, name = number.partition(":")
        return operator.attrgetter(name)(importlib.import_module(module))

    def answer(self, ask: dict) -> dict:
        """The result, or the exception, and what was printed meanwhile."""
        out, arguments = Bounded(), []
        try:
            with contextlib.redirect_stdout(out):
                found = self._do(ask, arguments)
            reply = {"value": self.encode(found)}
        except BaseException as error:  # an exit of the student's is an exception to the test
            names = [clean(kind.__name__) for kind in type(error).__mro__]
            reply = {"raised": names, "message": message_of(error)}
        return {**reply, "printed": out.text(), "after": arguments and self._after(arguments)}

    def _do(self, ask: dict, arguments: list):
        op = ask["op"]
        if op == "name":
            return self.names[ask["name"]]
        if op == "seed":
            return getattr(sys.modules[ask["of"]], SEEDS[ask["of"]])(*map(self.decode, ask["args"]))
        of = self.decode(ask["of"])
        arguments += [self.decode(value) for value in ask["args"]]
        if op == "call":
            return of(*arguments, **{name: self.decode(value) for name, value in ask["named"].items()})
        return OPERATIONS[op](of, *arguments)

    def _after(self, arguments: list) -> list:
        """What lists, dicts and arrays hold after the call that they were given to."""
        kinds = (*MUTABLE, sys.modules["numpy"].ndarray)
        return [self.encode(value) if type(value) in kinds else None for value in arguments]


OPERATIONS = {
    "getattr": getattr,
    "setattr": setattr,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "contains": operator.contains,
    "len": len,
    "iter": iter,
    "next": next,
    "str": str,
    "repr": repr,
    "isinstance": isinstance,
    "enter": lambda of: of.__enter__(),
    "exit": lambda of: of.__exit__(None, None, None),
}


def message_of(error: BaseException) -> str:
    """The text of an exception, if it has one."""
    try:
        return clean(str(error)[:2000])
    except BaseException:
        return ""
