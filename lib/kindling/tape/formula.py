"""What an operator's gradient rules say, in words: from their own source, or from the operator's docstring."""

import linecache
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

LONGEST = 60


def of(op: Any, plan: Any, absent: Iterable[str] = ()) -> dict[str, str]:
    """For each input that needs a gradient, the formula of its rule, without the factors that were not given.

    >>> import kindling as torch
    >>> of(torch.mul.op, torch.mul.op.plan((True, False)))
    {'input': 'g * other'}
    """
    if not hasattr(plan, "rules") or hasattr(plan, "told"):  # those of a custom function; those of a replay
        return getattr(plan, "told", {})
    found = {}
    for index, rule, _ in plan.rules:
        text = _body(rule) or _sentence(op.forward, list(op.rules.values()).index(rule), len(op.rules))
        if text:
            name = op.inputs[index] if index < len(op.inputs) else op.inputs[0]
            found[name] = text
    if plan.joint is not None and _sentence(op.forward):
        found |= dict.fromkeys(op.inputs, _sentence(op.forward))
    for factor in absent:
        found = {name: text.replace(f", times `{factor}`", "") for name, text in found.items()}
    return found


def with_numbers(arrived: tuple, given: Any) -> str | None:
    """``6 × 3 = 18``: arriving gradient × local gradient, where both are single numbers and nothing is divided by 0."""
    if len(arrived) != 1 or arrived[0] is None or arrived[0].shape or given.shape:
        return None
    g, grad = arrived[0].item(), given.item()
    if isinstance(g, complex) or not g or g - g != 0 or grad - grad != 0:
        return None
    local = f"{grad / g:.4g}"
    near = abs(float(f"{g * float(local):.4g}") - grad) <= 0.01 * max(1, abs(grad))
    return f"{g:.4g} × {local} = {grad:.4g}" if near else None


@cache
def _body(rule: Callable) -> str | None:
    """The expression of a rule that is a lambda on one line."""
    code = getattr(rule, "__code__", None)
    if code is None or code.co_name != "<lambda>":
        return None
    places = [p for p in code.co_positions() if p[0] is not None and p[3]]
    lines = {p[0] for p in places} | {p[1] for p in places}
    if len(lines) != 1:
        return None
    start, end = min(p[2] for p in places), max(p[3] for p in places)
    line = linecache.getline(code.co_filename, lines.pop()).encode()
    text = re.sub(r"\bxp\.", "", line[start:end].decode()).strip()
    private = re.search(r"\b_|\bxp\b|_shape\b|\bspread\b", text)  # a helper's name says nothing to a reader
    return text if 0 < len(text) <= LONGEST and not private else None


def _sentence(forward: Callable, number: int = 0, count: int = 1) -> str | None:
    """What the docstring says after ``Gradient:``, for rule `number` of `count`."""
    paragraphs = (" ".join(part.split()) for part in (forward.__doc__ or "").split("\n\n"))
    words = next((part for part in paragraphs if "Gradient" in part), "")
    found = re.search(r"Gradients?: (.+?)(?:\.\s|\.?$)", words)
    parts = re.split(r",? and |, ", found.group(1)) if found else []
    return parts[number] if len(parts) == count > 1 else found and found.group(1)
