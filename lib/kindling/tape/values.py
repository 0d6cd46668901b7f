"""Numbers as short text, so that a tape keeps words and never a tensor."""

from typing import Any

CHARACTERS = 60
ITEMS = 6  # of each axis


def brief(array: Any) -> str:
    """The values of an array on one line; what is long ends in an ellipsis."""
    text = _items(array, [40])
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + "…"


def number(value: Any) -> str:
    """One element, four significant digits."""
    if isinstance(value, (bool, int, str)):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.4g}"
    return f"{float(value):.4g}"


def argument(value: Any) -> str:
    """A plain argument of an operator, as the user may have written it."""
    if isinstance(value, slice):
        ends = ["" if part is None else argument(part) for part in (value.start, value.stop, value.step)]
        return ":".join(ends if value.step is not None else ends[:2])
    if isinstance(value, (tuple, list)):
        end = ", …" if len(value) > 4 else "," if len(value) == 1 else ""
        return f"({', '.join(argument(item) for item in value[:4])}{end})"
    if isinstance(value, float):
        return number(value)
    text = value if isinstance(value, str) else repr(value) if isinstance(value, (int, type(None))) else "…"
    return text if len(text) <= 12 else text[:11] + "…"


def _items(array: Any, left: list[int]) -> str:
    """`left` is how many numbers may still be written, shared by all rows."""
    if array.ndim == 0:
        left[0] -= 1
        return number(array.item())
    parts = []
    for index in range(array.shape[0]):
        if index == ITEMS or left[0] <= 0:
            parts.append("…")
            break
        parts.append(_items(array[index, ...], left))
    return "[" + ", ".join(parts) + "]"
