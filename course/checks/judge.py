"""Watch an answer, then judge what was seen.

`observe_cases` runs beside the student's code and believes nothing is safe there; `judge` runs where trust is needed,
takes plain data only and never raises on it. In a notebook both run in one process, in the grader never.
"""

import ast
import contextlib
import importlib
import io
import types
from dataclasses import dataclass, field, replace

import numpy as np

from course.checks import codec, limit
from course.checks.codec import TensorData
from course.checks.observe import MAKERS, Answer, exception, plain, thaw
from course.checks.words import call_text, is_opaque, kind_text, numbers, shape_text, tidy, value_text

TOLERANCE = {"float16": 1e-2, "bfloat16": 2e-2, "float64": 1e-8, "complex128": 1e-8}
DEFAULT_TOLERANCE = 1e-5


@dataclass(frozen=True)
class Verdict:
    """What a check found. `sentence` is what a student reads, in the same words in every place.

    When not passed: `case` is the number of the smallest failing case (from 0), `call` that case in words, `name` what
    differed there, `expected` and `got` its two values as plain data, `misconception_id` the wrong model that explains
    all of it, and `lead` the sentence without the numbers. `calls` tells which functions are right so far.
    """

    passed: bool
    sentence: str
    case: int | None = None
    name: str | None = None
    expected: object = None
    got: object = None
    misconception_id: str | None = None
    call: str = ""
    lead: str = ""
    calls: dict[str, bool] = field(default_factory=dict)

    def _ipython_display_(self) -> None:
        """Show nothing: `check` has shown the verdict already."""


# -- the untrusted side ------------------------------------------------------------------------------------------------


def observe_cases(source: str, ns: dict, cases: list, seconds: float | None = None) -> list[dict]:
    """Run an exercise's `observe` on every case with the student's names; one plain observation for each case.

    An exception of the student's code is an observation too. After a case that used up its `seconds` the other cases of
    the same call are not tried.
    """
    library = _library(ns)
    observe = _compiled(source, library)
    answer, late, seen = Answer(ns), {}, []
    for case in cases:
        found = late.get(case["call"]) or _observe(observe, answer, thaw(case, library), seconds)
        if found.get("exception", {}).get("type") == limit.TimeUp.__name__:
            late[case["call"]] = found
        seen.append(found)
    return seen


def _library(ns: dict):
    """The student's `torch` when it is one of the two libraries, else kindling."""
    bound = ns.get("torch")
    if isinstance(bound, types.ModuleType) and bound.__name__ in ("kindling", "torch"):
        return bound
    return importlib.import_module("kindling")


def _compiled(source: str, library):
    scope = {**MAKERS, "np": np, "torch": library}
    exec(compile(source, "<check>", "exec"), scope)
    return scope[next(part.name for part in ast.parse(source).body if isinstance(part, ast.FunctionDef))]


def _observe(observe, answer, case, seconds) -> dict:
    quiet = io.StringIO()
    try:
        with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
            found = limit.limited(lambda: plain(observe(answer, case)), seconds)
        return codec.decode(codec.encode(found))
    except KeyboardInterrupt:
        raise  # the student pressed Stop
    except BaseException as error:
        return plain(exception(error))


# -- the trusted side --------------------------------------------------------------------------------------------------


def judge(expected, misconceptions, got, tolerance=None, cases=()) -> Verdict:
    """Compare what was seen with what is right, strictly; on a difference say what it tells.

    `misconceptions` are dicts with `id`, `sentence` and `observations`. One is named when it differs from what is right
    at the smallest failing case and agrees with what was seen in all cases of the same call.
    """
    got = got if type(got) is list and len(got) == len(expected) else [None] * len(expected)
    tolerance = tolerance or {}
    found = [_compare(right, seen, tolerance) for right, seen in zip(expected, got, strict=True)]
    calls = {}
    for case, found_here in zip(cases, found, strict=False):
        calls[case["call"]] = calls.get(case["call"], True) and found_here is None
    for index, found_here in enumerate(found):
        if found_here is not None:
            known = _explain(index, expected, misconceptions, got, tolerance, cases)
            return replace(_verdict(index, found_here, known, cases), calls=calls)
    count = len(expected)
    sentence = "Right: the one case agrees." if count == 1 else f"Right: all {count} cases agree."
    return Verdict(True, sentence, calls=calls)


def agrees(right: dict, seen, tolerance: dict) -> bool:
    """Whether what was seen in one case is what is right."""
    return _compare(right, seen, tolerance) is None


@dataclass(frozen=True)
class _Difference:
    """What differs first in one case. `told` ends a sentence that begins with the call."""

    name: str | None
    told: str
    expected: object = None
    got: object = None
    whole: str = ""  # a sentence of its own, when the numbers of the case would not help


def _verdict(index: int, found: _Difference, known: dict | None, cases) -> Verdict:
    case = cases[index] if cases else None
    call = call_text(case) if case else f"case {index + 1}"
    name = case["call"] if case else "The answer"
    told = found.whole.replace("{name}", name) if found.whole else f"For {call}, {found.told}"
    if known is None and found.got is None and found.expected is not None:
        told += " Is a return missing?"
    lead = known["sentence"] if known else ""
    sentence = f"{lead} {told}" if lead else told
    identity = known["id"] if known else None
    return Verdict(False, sentence, index, found.name, found.expected, found.got, identity, call, lead or told)


def _explain(index, expected, misconceptions, got, tolerance, cases) -> dict | None:
    together = [k for k in range(len(expected)) if not cases or cases[k]["call"] == cases[index]["call"]]
    for known in misconceptions:
        seen = known["observations"]
        if _compare(expected[index], seen[index], tolerance) is not None and all(
            _compare(seen[k], got[k], tolerance) is None for k in together
        ):
            return known
    return None


def _compare(right: dict, seen, tolerance: dict) -> _Difference | None:
    """The first thing in which an observation differs from the right one."""
    if type(seen) is not dict or not all(type(key) is str for key in seen):
        return _Difference(None, "", whole="{name} could not be observed.")
    if "exception" in seen and "exception" not in right:
        return _stopped(seen["exception"])
    if "returned" in seen and "returned" not in right:
        return _not_apart(list(right), seen["returned"])
    for name, value in right.items():
        if name not in seen:
            return _Difference(name, f"{name} is missing.", value)
        told = difference(value, seen[name], tolerance.get(name))
        if told:
            return _Difference(name, f"{name} {told}.", value, seen[name])
    extra = next((tidy(name, 40) for name in seen if name not in right), None)
    return None if extra is None else _Difference(extra, f"{extra} is one too many.")


def _stopped(error) -> _Difference:
    """The student's code raised."""
    error = error if type(error) is dict else {}
    kind, message, missing = (
        tidy(error[key]) if type(error.get(key)) is str else "" for key in ("type", "message", "missing")
    )
    if missing:
        whole = f"Python does not know {missing} yet: run the cell that defines it, then check again."
    elif kind == "NotImplementedError":
        whole = "{name} is not written yet: put your own lines where it says raise NotImplementedError()."
    elif kind == limit.TimeUp.__name__:
        whole = f"{{name}} did not finish within {message}. Is there a loop that never ends?"
    else:
        colon = ": " if message else ""
        whole = f"{{name}} stopped with {kind or 'an error'}{colon}{message}".rstrip(".") + "."
    return _Difference("exception", "", None, error, whole=whole)


def _not_apart(names: list[str], value) -> _Difference:
    """One thing came back where several were asked for."""
    what = f"{len(value)} values" if type(value) in (list, tuple) else kind_text(value)
    wanted = [name for name in names if not name.endswith(" after the call")]
    hint = " Is a return missing?" if value is None else " Write them all after return, with commas between them."
    hint = "" if type(value) in (list, tuple) else hint
    whole = f"{{name}} should return {len(wanted)} values, {' and '.join(wanted)}; it returned {what}.{hint}"
    return _Difference("returned", "", None, value, whole=whole)


def difference(right, seen, tolerance: float | None = None) -> str:
    """How a value differs from the right one, as the end of a sentence; empty when it does not. Types count."""
    kind = type(right)
    if kind is not type(seen) or is_opaque(right) is not is_opaque(seen):
        return f"should be {_with_kind(right)} and yours is {_with_kind(seen)}"
    if kind in (TensorData, np.ndarray):
        return _array_difference(right, seen, tolerance)
    if kind in (list, tuple):
        return _sequence_difference(right, seen, tolerance)
    if kind is dict:
        return _dict_difference(right, seen, tolerance)
    same = _close(right, seen, tolerance or DEFAULT_TOLERANCE) if kind is float else right == seen
    return "" if same else _two_values(right, seen)


def _with_kind(value) -> str:
    value_only, sort = value_text(value), kind_text(value)
    return sort if value_only.startswith(sort) else f"{value_only} ({sort})"


def _array_difference(right, seen, tolerance) -> str:
    wanted, found = numbers(right), numbers(seen)
    if wanted.shape != found.shape:
        return f"should have the shape {shape_text(wanted.shape)} and yours has the shape {shape_text(found.shape)}"
    dtype, other = (value.dtype if type(value) is TensorData else value.dtype.name for value in (right, seen))
    if dtype != other:
        return f"should be of type {dtype} and yours is of type {other}"
    if wanted.dtype.kind in "fc":
        same = _close(wanted, found, tolerance or TOLERANCE.get(dtype, DEFAULT_TOLERANCE))
    else:
        same = np.array_equal(wanted, found)
    if same:
        return ""
    if wanted.size <= 12:
        return _two_values(right, seen)
    return _first_element(wanted, found, tolerance)


def _first_element(wanted, found, tolerance) -> str:
    """Of a large array, the element that is furthest from right."""
    with np.errstate(all="ignore"):
        gap = np.nan_to_num(np.abs(wanted.astype(np.complex128) - found), nan=np.inf, posinf=np.inf)
    at = np.unravel_index(int(np.argmax(gap)), gap.shape)
    place = ", ".join(str(int(n)) for n in at)
    return f"at [{place}] {_two_values(wanted[at].item(), found[at].item())}"


def _sequence_difference(right, seen, tolerance) -> str:
    if len(right) != len(seen):
        return f"should have {len(right)} items and yours has {len(seen)}"
    for index, (one, other) in enumerate(zip(right, seen, strict=True)):
        told = difference(one, other, tolerance)
        if told:
            return f"at place {index} {told}"
    return ""


def _dict_difference(right, seen, tolerance) -> str:
    if set(right) != set(seen):
        return f"should have the names {value_text(sorted(right))} and yours has {value_text(sorted(seen))}"
    for name, value in right.items():
        told = difference(value, seen[name], tolerance)
        if told:
            return f"at {name} {told}"
    return ""


def _close(right, seen, tolerance: float) -> bool:
    if np.array_equal(right, seen):
        return True  # most often, and ten times as fast
    with np.errstate(all="ignore"):
        right, seen = (
            np.asarray(value, np.complex128 if np.iscomplexobj(value) else np.float64) for value in (right, seen)
        )
        return bool(np.allclose(seen, right, rtol=tolerance, atol=tolerance, equal_nan=True))


def _two_values(right, seen) -> str:
    """Both values, with as many digits as it takes to tell them apart."""
    for digits in (4, 5, 6, 7, 8, 9, 17):
        wanted, found = value_text(right, digits), value_text(seen, digits)
        if wanted != found:
            break
    return f"should be {wanted} and yours is {found}"
