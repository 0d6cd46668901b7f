"""Runs in any Python, without the library: are results named as the table on standard input says?"""

import importlib.util
import sys

spec = importlib.util.spec_from_file_location("bytecode", sys.argv[1])
bytecode = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bytecode)
seen = []


class Value:
    """Notes, for each operation on it, where its result goes."""

    def note(self):
        frame = sys._getframe(2)
        while True:
            names = bytecode.names(frame.f_code, frame.f_lasti)
            assert (names.get(0) == bytecode.RETURNED) == bytecode.returns(frame.f_code, frame.f_lasti)
            if names.get(0) != bytecode.RETURNED:
                break
            frame = frame.f_back
        seen.append("/".join(names[number] for number in sorted(names)) or "-")
        return Value()

    def __add__(self, other):
        return self.note()

    __mul__ = __radd__ = __iadd__ = __add__

    def m(self, *args, **options):
        return self.note()

    def two(self):
        self.note()
        return Value(), Value()

    @property
    def T(self):
        return self.note()


class Place:
    """Something with attributes."""


def f(a):
    return a * 2


def g(a):
    h = a * 2
    return h


def scope():
    """Fresh names for a line."""
    o = Place()
    o.sub = Place()
    return {"t": Value(), "o": o, "ls": [0, 0], "f": f, "g": g, "i": 1, "d": {}}


wrong = []
for line in filter(None, sys.stdin.read().splitlines()):
    code, wanted = (part.strip() for part in line.split("->"))
    names = scope()
    inside = f"def run({', '.join(names)}):\n    {code}\nrun({', '.join(names)})"
    for text in (code, inside):
        seen.clear()
        exec(text, scope())
        if seen != wanted.split():
            wrong.append((text, seen, wanted))
print(*wrong, sep="\n")
sys.exit(bool(wrong))
