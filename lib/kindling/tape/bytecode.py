"""Where a call's result goes, read from the bytecode after it: ``y = w * x`` names it y, ``return w * x`` hands it on.

Nothing runs here and no variable is looked at, so that naming a result costs nothing while a program is recorded.
"""

import dis
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import Any

RETURNED = "return"  # the frame hands the result to its caller: the name is found there
MOST = 60  # instructions that are followed
_IGNORED = {"NOP", "RESUME", "CACHE", "EXTENDED_ARG", "PRECALL", "KW_NAMES", "NOT_TAKEN", "TO_BOOL"}
_STORES = {"STORE_FAST", "STORE_NAME", "STORE_GLOBAL", "STORE_DEREF"}
_RETURNS = [number for name, number in dis.opmap.items() if name in ("RETURN_VALUE", "INSTRUMENTED_RETURN_VALUE")]


class _Result:
    """On the simulated stack: the result, or one of several."""

    def __init__(self, number: int | None = None):
        self.number = number


def returns(code: CodeType, at: int) -> bool:
    """Whether the instruction after the one at `at` returns what it made."""
    raw = code.co_code  # with zeros where the interpreter caches
    at += 2
    while at < len(raw) and raw[at] == 0:
        at += 2
    return at < len(raw) and raw[at] in _RETURNS


def names(code: CodeType, at: int, ran_next: int = -1) -> dict[int, str]:
    """The variables that take what the instruction at `at` makes: by number for several results, else under 0.

    `ran_next`: where the next operator ran. Where that is the storing of an item itself, a tensor's item was written,
    and the result is not it.

    >>> def f(x):
    ...     y = abs(x)
    >>> call = max(i.offset for i in dis.get_instructions(f) if i.opname == "CALL")
    >>> names(f.__code__, call)
    {0: 'y'}
    """
    listed = _instructions(code)
    place = bisect_right(listed, at, key=lambda i: i.offset) - 1  # up to 3.12 a frame stands behind a call's caches
    if place < 0 or listed[place].opname.startswith(("STORE_", "DELETE_", "UNPACK_", "POP_")):
        return {}
    stack: list[Any] = [_Result()]
    found: dict[int, str] = {}
    for _ in range(MOST):
        place += 1
        if place >= len(listed) or not any(isinstance(item, _Result) for item in stack):
            break
        instruction = listed[place]
        if instruction.opname == "STORE_SUBSCR" and instruction.offset == ran_next:
            break
        if instruction.opname == "JUMP_FORWARD":
            place = bisect_right(listed, instruction.argval, key=lambda i: i.offset) - 2
        elif not all(_step(stack, found, instruction, *part) for part in _parts(instruction)):
            break
    return found


@lru_cache(maxsize=32)  # reading a long cell again for each of its lines would take minutes
def _instructions(code: CodeType) -> list[dis.Instruction]:
    return list(dis.get_instructions(code))


def _parts(instruction: dis.Instruction) -> Iterator[tuple[str, Any, str]]:
    """An instruction that does two things, as two; its name without what only says how fast it is."""
    name = instruction.opname.replace("INSTRUMENTED_", "").replace("_BORROW", "").replace("_CHECK", "")
    if isinstance(instruction.argval, tuple) and name.count("_FAST") == 2:
        middle = name.index("_FAST") + len("_FAST")
        first, second = instruction.argval
        yield name[:middle], first, first
        yield name[middle + 1 :], second, second
    else:
        yield name, instruction.argval, instruction.argrepr


def _step(stack: list, found: dict[int, str], instruction: Any, name: str, argument: Any, shown: str) -> bool:
    """Do to the stack what the instruction does; False when it cannot be followed, or is of no interest any more."""
    if name in _IGNORED:
        return True
    if name in _STORES:
        _give(found, stack.pop() if stack else None, str(argument))
    elif name == "STORE_ATTR" and len(stack) > 1:
        owner, value = stack.pop(), stack.pop()
        _give(found, value, owner and not isinstance(owner, _Result) and f"{owner}.{argument}")
    elif name == "STORE_SUBSCR" and len(stack) > 2:
        key, owner, value = stack.pop(), stack.pop(), stack.pop()
        known = all(part and not isinstance(part, _Result) for part in (key, owner))
        _give(found, value, known and f"{owner}[{key}]")
    elif name == "UNPACK_SEQUENCE" and stack and isinstance(stack[-1], _Result):
        stack.pop()
        stack += [_Result(number) for number in reversed(range(argument))]
    elif name in ("COPY", "SWAP"):
        stack[:0] = [None] * (argument - len(stack))  # what lies below the result
        if name == "COPY":
            stack.append(stack[-argument])
        else:
            stack[-argument], stack[-1] = stack[-1], stack[-argument]
    elif name == "RETURN_VALUE":
        _give(found, stack.pop() if stack else None, RETURNED)
        return False
    else:
        return _other(stack, instruction, name, argument, shown)
    return True


def _give(found: dict[int, str], value: Any, name: Any) -> None:
    if isinstance(value, _Result) and name:
        found.setdefault(value.number or 0, name)


def _other(stack: list, instruction: Any, name: str, argument: Any, shown: str) -> bool:
    """Loads, and whatever takes some values and makes one of them."""
    if name.startswith("LOAD_") and name not in ("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"):
        if name == "LOAD_GLOBAL" and shown.startswith("NULL + "):
            stack.append(None)
        stack.append(repr(argument) if name in ("LOAD_CONST", "LOAD_SMALL_INT") else str(argument))
        if shown.endswith(" + NULL"):
            stack.append(None)
        return True
    if "JUMP" in name or name in ("FOR_ITER", "SEND", "YIELD_VALUE", "END_FOR", "GET_ITER"):
        return False
    if name == "CALL":
        effect, takes = -1 - argument, 2 + argument  # in 3.11 PRECALL claims a part of it
    else:
        effect = dis.stack_effect(instruction.opcode, instruction.arg, jump=False)
        takes = max(1 - effect, 0) if name not in ("LOAD_ATTR", "LOAD_METHOD") else 1
    taken = stack[len(stack) - takes :] if takes else []
    if len(taken) < takes or any(isinstance(item, _Result) for item in taken):
        return False
    del stack[len(stack) - takes :]
    text = f"{taken[0]}.{argument}" if name == "LOAD_ATTR" and effect == 0 and taken[0] else None
    stack += [text] * (effect + takes)
    return True
