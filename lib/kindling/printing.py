"""How a tensor prints: as PyTorch prints it."""

import math
from typing import Any

from . import devices, dtypes
from .engine import Tensor, edge_of

PRECISION, THRESHOLD, EDGE_ITEMS, LINE_WIDTH = 4, 1000, 3, 80


class Options:
    """What `set_printoptions` sets."""

    precision, threshold, edgeitems, linewidth = PRECISION, THRESHOLD, EDGE_ITEMS, LINE_WIDTH
    sci_mode: bool | None = None


options = Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors print: digits, from how many elements on to summarise, how many to show at the ends, line width.

    >>> torch.set_printoptions(precision=2)
    >>> torch.tensor([1 / 3])
    tensor([0.33])
    >>> torch.set_printoptions(profile="default")
    """
    if profile is not None:
        options.precision, options.edgeitems, options.linewidth, options.sci_mode = 4, 3, 80, None
        options.threshold = {"default": 1000, "short": 1000, "full": math.inf}[profile]
        if profile == "short":
            options.precision, options.edgeitems = 2, 2
    for name, value in (("precision", precision), ("threshold", threshold), ("edgeitems", edgeitems),
                        ("linewidth", linewidth)):  # fmt: skip
        if value is not None:
            setattr(options, name, value)
    if sci_mode is not None or profile is None:
        options.sci_mode = sci_mode


class _Format:
    """One width and one notation for all elements that are shown; zeros, infinities and nan have no say in it."""

    def __init__(self, values: list, is_float: bool):
        self.is_float, self.integral, self.scientific, self.width = is_float, True, False, 1
        if not is_float:
            self.width = max([1, *(len(str(v)) for v in values)])
            return
        counted = [v for v in values if v != 0 and math.isfinite(v)]
        if not counted:
            return
        low, high = min(map(abs, counted)), max(map(abs, counted))
        self.integral = all(v == math.ceil(v) for v in counted)
        self.scientific = high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4
        if options.sci_mode is not None:
            self.scientific = options.sci_mode
        self.width = max(len(self._text(v)) for v in counted)

    def _text(self, v: Any) -> str:
        if not self.is_float:
            return str(v)
        if self.scientific:
            return f"{v:.{options.precision}e}"
        if self.integral:
            return f"{v:.0f}" + ("." if math.isfinite(v) else "")
        return f"{v:.{options.precision}f}"

    def __call__(self, v: Any) -> str:
        return self._text(v).rjust(self.width)


class _ComplexFormat:
    """Two formats, side by side."""

    def __init__(self, values: list):
        self.real = _Format([v.real for v in values], True)
        self.imag = _Format([v.imag for v in values], True)
        self.width = self.real.width + self.imag.width + 1

    def __call__(self, v: complex) -> str:
        imag = self.imag(v.imag).lstrip()
        return f"{self.real(v.real)}{'' if imag[0] == '-' else '+'}{imag}j"


def _shown(array: Any, summarise: bool) -> Any:
    """The elements that will be printed, as nested lists with None where others are left out."""
    if array.ndim == 0:
        return array.item()
    n, edge = array.shape[0], options.edgeitems
    if summarise and n > 2 * edge:
        head = [_shown(array[i], summarise) for i in range(edge)]
        return [*head, None, *(_shown(array[i], summarise) for i in range(n - edge, n))]
    return [_shown(array[i], summarise) for i in range(n)]


def _leaves(nested: Any) -> list:
    if isinstance(nested, list):
        return [leaf for x in nested if x is not None for leaf in _leaves(x)]
    return [nested]


def _layout(nested: Any, form: Any, indent: int) -> str:
    if not isinstance(nested, list):
        return form(nested)
    if not any(isinstance(x, list) for x in nested):
        per_line = max(1, (options.linewidth - indent) // (form.width + 2))
        items = [" ..." if x is None else form(x) for x in nested]
        lines = [", ".join(items[i : i + per_line]) for i in range(0, len(items), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    depth = 1
    inner = next(x for x in nested if x is not None)
    while isinstance(inner, list) and inner and isinstance(inner[0], list):
        depth, inner = depth + 1, inner[0]
    parts = ["..." if x is None else _layout(x, form, indent + 1) for x in nested]
    return "[" + ("," + "\n" * depth + " " * (indent + 1)).join(parts) + "]"


def values_text(array: Any, indent: int) -> str:
    """The nested brackets of `array`."""
    if not array.size:
        return "[]"
    nested = _shown(array, array.size > options.threshold)
    kind = array.dtype.kind
    leaves = _leaves(nested)
    if kind == "c":
        form: Any = _ComplexFormat(leaves)
    else:
        form = _Format(leaves, kind in "fV")
    return _layout(nested, form, indent)


def tensor_text(t: Tensor) -> str:
    """What `repr(t)` returns."""
    prefix = "tensor(" if type(t).__name__ in ("Tensor", "Parameter") else f"{type(t).__name__}("
    array = t._array
    device = devices.of_array(array)
    if device.type != "cpu":
        array = array.get()
    suffixes = [] if device.type == "cpu" else [f"device='{device}'"]
    kind = dtypes.of_array(array)
    default = (dtypes.get_default_dtype(), dtypes.int64, dtypes.bool_, dtypes.get_default_dtype().to_complex())
    text = values_text(array, len(prefix))
    if not array.size:
        if array.ndim != 1:
            suffixes.append(f"size={tuple(array.shape)}")
        if kind is not dtypes.get_default_dtype():
            suffixes.append(f"dtype={kind!r}")
    elif kind not in default:
        suffixes.append(f"dtype={kind!r}")
    edge = edge_of(t)
    if edge is not None:
        leaf = edge[0].is_leaf
        suffixes.append("requires_grad=True" if leaf else f"grad_fn=<{edge[0].name().split('::')[-1]}>")
    return _with_suffixes(prefix + text, suffixes, len(prefix))


def _with_suffixes(text: str, suffixes: list[str], indent: int) -> str:
    """Append what follows the values, on a new line where the last one is full."""
    last = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if last + len(suffix) + 2 > options.linewidth:
            text, last = text + ",\n" + " " * indent + suffix, indent + len(suffix)
        else:
            text, last = text + ", " + suffix, last + len(suffix) + 2
    return text + ")"
