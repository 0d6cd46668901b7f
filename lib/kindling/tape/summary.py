"""A model as a table: each module with what comes out of it and what it learns."""

from html import escape
from math import prod
from typing import Any, NamedTuple

from .. import random
from .recorder import record
from .tape import Tape

HEADS = ("module", "type", "output", "parameters", "trainable")
STYLE = "border-collapse:collapse;font:14px system-ui,sans-serif"
CELL = "text-align:{};padding:3px 10px;border-bottom:1px solid #8884"


class Row(NamedTuple):
    """One module; parameters are its own, not those of the modules in it."""

    path: str
    type: str
    output: str
    parameters: int
    trainable: int


class Summary:
    """What `summary` found: put it on the last line of a cell. `tape` is the run, to draw it."""

    def __init__(self, rows: list[Row], tape: Tape) -> None:
        self.rows, self.tape = rows, tape

    @property
    def parameters(self) -> int:
        """Numbers in all parameters; what several modules share counts once."""
        return sum(row.parameters for row in self.rows)

    @property
    def trainable(self) -> int:
        """Those of them that require grad."""
        return sum(row.trainable for row in self.rows)

    def _cells(self) -> list[tuple[str, ...]]:
        rows = [(r.path, r.type, r.output, f"{r.parameters:,}", f"{r.trainable:,}") for r in self.rows]
        return [*rows, ("in all", "", "", f"{self.parameters:,}", f"{self.trainable:,}")]

    def __repr__(self) -> str:
        rows = [HEADS, *self._cells()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
        lines = []
        for row in rows:
            sides = (
                cell.rjust(w) if i > 2 else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  ".join(sides).rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """The same as a table for notebooks."""
        sides = ("left", "left", "left", "right", "right")
        head = "".join(
            f'<th scope="col" style="{CELL.format(side)}">{name}</th>' for name, side in zip(HEADS, sides, strict=True)
        )
        body = ""
        for row in self._cells():
            cells = zip(row, sides, strict=True)
            body += "<tr>" + "".join(f'<td style="{CELL.format(s)}">{escape(cell)}</td>' for cell, s in cells) + "</tr>"
        return f'<table style="{STYLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def summary(model: Any, *inputs: Any) -> Summary:
    """Run `model` once on `inputs`, in evaluation mode, and list its modules.

    The model stays as it is: mode, gradients and the random stream are put back.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1))
    >>> tape.summary(model, torch.ones(5, 3))
    module  type        output  parameters  trainable
            Sequential  [5, 1]           0          0
    0       Linear      [5, 4]          16         16
    1       ReLU        [5, 4]           0          0
    2       Linear      [5, 1]           5          5
    in all                              21         21
    """
    outputs: dict[int, list[str]] = {}
    handles, modes = [], [(module, module.training) for module in model.modules()]
    for module, _ in modes:
        handles.append(
            module.register_forward_hook(lambda m, _, out: outputs.setdefault(id(m), []).append(_shapes(out)))
        )
    model.eval()
    try:
        with random.fork_rng(), record() as tape:
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    counted: set[int] = set()
    return Summary([_row(path, module, outputs, counted) for path, module in model.named_modules()], tape)


def _row(path: str, module: Any, outputs: dict[int, list[str]], counted: set[int]) -> Row:
    own = [p for p in module.parameters(recurse=False) if id(p) not in counted]
    counted |= {id(p) for p in own}
    shapes = outputs.get(id(module), [])
    output = "not called" if not shapes else shapes[-1] + (f" × {len(shapes)}" if len(shapes) > 1 else "")
    sizes = [(prod(p.shape), p.requires_grad) for p in own]
    return Row(path, type(module).__name__, output, sum(n for n, _ in sizes), sum(n for n, learns in sizes if learns))


def _shapes(out: Any) -> str:
    """The shape of an output, or of each of several."""
    if isinstance(out, dict):
        out = tuple(out.values())
    if isinstance(out, (tuple, list)):
        return ", ".join(_shapes(item) for item in out)
    return str(list(out.shape)) if hasattr(out, "shape") else type(out).__name__
