"""What a tape keeps of an array while the program runs, and the words made of it when somebody looks."""

from functools import lru_cache
from math import inf, isfinite
from typing import Any, NamedTuple

from .. import backend, devices, dtypes

CHARACTERS = 60
ITEMS = 6  # of each axis
WHOLE = 40  # so many numbers are written; of an array that has more, statistics too
SAMPLE = 500  # an array of so many numbers is kept whole; of a larger one so many, for its statistics
BINS = 10


class Sample(NamedTuple):
    """What is kept of a large array: its first corner for the text, numbers spread over it for statistics."""

    shape: tuple
    dtype: Any
    corner: Any
    spread: Any = None
    whole: bool = False  # the spread holds every number
    device: str | None = None  # where that is not where the samples are


def taken(array: Any) -> Any:
    """A copy of a small array, the corner of a large one."""
    if array.size <= SAMPLE:
        return array.copy()
    return Sample(array.shape, array.dtype, array[_corner_of(array.shape)].copy())


@lru_cache(maxsize=1024)
def _corner_of(shape: tuple) -> tuple:
    """The index of as much of an array as can be written; a program has few shapes, and uses each often."""
    index, count = [], 1
    for size in reversed(shape):
        index.append(slice(0, ITEMS + 1 if count < WHOLE else 1))
        count *= min(size, ITEMS + 1)
    return tuple(reversed(index))


def surveyed(array: Any) -> Any:
    """The same, with numbers spread over a large array."""
    if array.size <= SAMPLE:
        return array.copy()
    by_steps = type(array) is backend.ndarray and not array.flags.c_contiguous  # reshape would copy all of it
    step = -(-array.size // SAMPLE)
    spread = (array.flat if by_steps else array.reshape(-1))[::step].copy()
    return Sample(array.shape, array.dtype, array[_corner_of(array.shape)].copy(), spread)


def described(kept: Any) -> dict[str, Any]:
    """Shape, type, device and value of what was kept; with statistics when it is large."""
    if kept is None:
        return {"shape": None, "dtype": None, "device": None, "value": None}
    inner = kept.corner if isinstance(kept, Sample) else kept
    device = getattr(kept, "device", None) if isinstance(kept, Sample) else None
    found = {"shape": list(kept.shape), "dtype": type_name(kept), "device": device or str(devices.of_array(inner))}
    found["value"] = brief(kept)
    stats = _statistics(kept)
    return {**found, "stats": stats} if stats else found


def type_name(kept: Any) -> str:
    """The name of its dtype."""
    return kept.dtype if isinstance(kept.dtype, str) else dtypes.of_array(kept).name  # PyTorch's come as words


def _statistics(kept: Any) -> dict[str, Any] | None:
    """Least, greatest, mean and histogram of a large array; None for a small or complex one."""
    spread, whole = (kept.spread, kept.whole) if isinstance(kept, Sample) else (kept, True)
    if spread is None or spread.size <= WHOLE or spread.dtype.kind == "c":
        return None
    numbers = [float(x) for x in spread.reshape(-1).tolist()]
    good = [x for x in numbers if isfinite(x)]
    low, high = min(good, default=0.0), max(good, default=0.0)
    found: dict[str, Any] = {"min": low, "max": high, "mean": sum(good) / len(good) if good else 0.0}
    bad = sum(x != x for x in numbers)
    if bad:
        found["nan"] = bad
    if len(good) + bad < len(numbers):  # infinite ones
        found["min"], found["max"] = (-inf if -inf in numbers else low), (inf if inf in numbers else high)
    width = (high - low) / BINS or 1.0
    counts = [0] * BINS
    for x in good:
        counts[min(int((x - low) / width), BINS - 1)] += 1
    found = {key: _short(value) for key, value in found.items()} | {"histogram": counts}
    return found if whole else {**found, "sampled": True}


def _short(value: Any) -> Any:
    """Plain JSON knows no infinity."""
    return value if isinstance(value, int) else float(f"{value:.6g}") if isfinite(value) else str(value)


def brief(kept: Any) -> str:
    """The values of an array on one line; of what is long the end is an ellipsis, behind a whole number."""
    array = kept.corner if isinstance(kept, Sample) else kept
    text = _items(array, [WHOLE])
    return text if len(text) <= CHARACTERS else cut(text, CHARACTERS)


def cut(text: str, length: int) -> str:
    """Lists of numbers with so many characters at most, cut behind a whole number, every bracket closed."""
    end = text.rindex(", ", 0, length - 1)
    while (before := text.rfind(", ", 0, end)) > 0 and end + 3 + _depth(text[:end]) > length:
        end = before
    return text[: end + 2] + "…" + "]" * _depth(text[:end])


def _depth(text: str) -> int:
    return text.count("[") - text.count("]")


def number(value: Any) -> str:
    """One element, four significant digits."""
    if isinstance(value, (bool, int, str)):
        return str(value)
    if isinstance(value, complex):
        return f"{value:.4g}"
    return f"{float(value) + 0.0:.4g}"  # no -0


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
    if type(value).__name__.lower().endswith("dtype"):
        return getattr(value, "name", None) or str(value).removeprefix("torch.")
    if hasattr(value, "ndim"):  # indices, as an array
        return brief(value) if value.size <= 4 else "…"
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
