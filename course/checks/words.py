"""How values, calls and differences read in a sentence: short, one line, the same everywhere."""

import numpy as np

from course.checks.codec import BFLOAT16, TensorData

MOST_NUMBERS = 12
LONGEST = 80


def tidy(text: str, limit: int = 300) -> str:
    """One printable line of bounded length, whoever wrote the text."""
    line = " ".join("".join(ch if ch.isprintable() else " " for ch in text[: 2 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def numbers(value: TensorData | np.ndarray) -> np.ndarray:
    """The numbers of a tensor or array; bfloat16 as the float32 of the same value."""
    if type(value) is TensorData:
        if value.dtype == BFLOAT16:
            return (value.array.astype(np.uint32) << 16).view(np.float32)
        return value.array
    return value


def is_opaque(value) -> bool:
    """Whether this stands for something that is no plain data, see `observe.plain`."""
    return type(value) is dict and set(value) == {"object"} and type(value["object"]) is str


def kind_text(value) -> str:
    """What sort of thing a value is, in a learner's words."""
    if value is None:
        return "None"
    if is_opaque(value):
        return tidy(f"an object of type {value['object']}", LONGEST)
    names = {TensorData: "a tensor", np.ndarray: "an array", str: "text", bool: "True or False", int: "a whole number"}
    return names.get(type(value), f"a {type(value).__name__}")


def number_text(value, digits: int = 4) -> str:
    """One number, with a point when it is not a whole number's type."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, complex | np.complexfloating):
        return f"{value:.{digits}g}"
    text = f"{float(value):.{digits}g}"
    return text if set(text) & set(".en") else text + ".0"


def value_text(value, digits: int = 4) -> str:
    """A value in a few characters; a larger array by its shape."""
    if type(value) in (TensorData, np.ndarray):
        array = numbers(value)
        if array.size > MOST_NUMBERS:
            return f"{kind_text(value)} of shape {shape_text(array.shape)}"
        return _nested_text(array.tolist(), digits)
    if type(value) in (list, tuple):
        inner = ", ".join(value_text(item, digits) for item in value[:MOST_NUMBERS])
        more = ", …" if len(value) > MOST_NUMBERS else ""
        more = "," if type(value) is tuple and len(value) == 1 else more
        return tidy(f"[{inner}{more}]" if type(value) is list else f"({inner}{more})", 2 * LONGEST)
    if type(value) in (bool, int, float):
        return number_text(value, digits)
    if type(value) is str:
        return tidy(repr(value[:LONGEST]), LONGEST)
    if type(value) is dict and "object" not in value:
        return tidy("{" + ", ".join(f"{k}: {value_text(v, digits)}" for k, v in value.items()) + "}", 2 * LONGEST)
    return kind_text(value)


def _nested_text(value, digits: int) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_nested_text(item, digits) for item in value) + "]"
    return number_text(value, digits)


def shape_text(shape) -> str:
    """A shape as torch writes it for a learner: (3,) or ()."""
    return str(tuple(int(n) for n in shape))


def call_text(case: dict) -> str:
    """The call of a case, with its numbers while they are few."""
    full = f"{case['call']}({', '.join(f'{name}={value_text(value)}' for name, value in case['given'].items())})"
    return full if len(full) <= LONGEST else f"{case['call']}({', '.join(case['given'])})"
