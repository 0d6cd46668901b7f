"""The picture as PNG, by matplotlib: for places that strip SVG and scripts."""

import io
import re
from typing import Any

from . import cards, drawing, story, style
from .levels import Level

PIXELS = 6000  # the longer side is never more
FONT = ["DejaVu Sans Mono", "monospace"]
Data = dict[str, Any]


def png(data: Data, scale: float = 2.0, dark: bool = False) -> bytes:
    """The state after the last step, drawn from the same places as the SVG."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("to_png() draws with matplotlib, which is not installed: pip install matplotlib") from error
    made = drawing.scene(data)
    width, height = max(made.placed.width, 60), max(made.placed.height, 30)
    figure = Figure(figsize=(width / 100, height / 100), dpi=100 * min(scale, PIXELS / max(width, height)))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.axis("off")
    _Painter(axes, made, int(dark)).paint()
    file = io.BytesIO()
    figure.savefig(file, format="png", facecolor=style.PALETTE["paper"][int(dark)], metadata={"Software": None})
    return file.getvalue()


class _Painter:
    """Draws a scene on matplotlib's axes; sizes of text are in pixels of the picture."""

    def __init__(self, axes: Any, made: drawing.Scene, column: int) -> None:
        self.axes, self.made, self.column = axes, made, column
        self.state = story.final(made.told, made.data["nodes"])

    def paint(self) -> None:
        for number, (x, y, width, height) in sorted(self.made.placed.frames.items()):
            self.box(x, y, width, height, 8, "group-fill", "group", dashed=self.made.groups[number].kind == "loop")
        for (number, key), points in self.made.placed.lines.items():
            level = self.made.levels[number]
            edges = level.lines[key].edges if key >= 0 else level.carried[-1 - key]
            back = bool(self.state.passed & set(edges)) or self.leads_back(level, key)
            self.line(points, back)
            line = level.lines[key] if key >= 0 else None
            if line and line.end >= 0 and drawing.is_card(self.made, level, line.end):
                self.head(points[-1], -6, False)
            if line and back and line.start >= 0 and drawing.is_card(self.made, level, line.start):
                self.head(points[0], 6, back)
        for number, (x, y, _, _) in self.made.placed.frames.items():
            self.text(x + 10, y + 17, f"− {cards.group_title(self.made.groups[number])}", "soft", 11, bold=True)
        for item, rect in self.made.placed.boxes.items():
            if item >= 0:
                self.card(self.made.data["nodes"][item], rect)
            else:
                self.group(item, rect)

    def leads_back(self, level: Level, key: int) -> bool:
        """Whether a rail leads to a line that a gradient took."""
        if key < 0 or level.lines[key].edges:
            return False
        children = [i for i, line in enumerate(level.lines) if line.parent == key]
        return any(self.state.passed & set(level.lines[i].edges) or self.leads_back(level, i) for i in children)

    def colour(self, name: str) -> str:
        return style.PALETTE[name][self.column]

    def text(self, x: float, y: float, words: str, colour: str, size: float = 12, bold: bool = False, at: str = "left"):
        self.axes.text(
            x, y, words.replace("$", r"\$"), color=self.colour(colour), fontsize=size * 0.72, family=FONT, ha=at,
            va="baseline", fontweight="bold" if bold else "normal",
        )  # fmt: skip

    def box(
        self, x: float, y: float, width: float, height: float, corner: float, fill: str, edge: str, dashed: bool = False
    ) -> None:
        from matplotlib.patches import FancyBboxPatch

        shape = f"round,pad=0,rounding_size={min(corner, height / 2)}"
        self.axes.add_patch(
            FancyBboxPatch(
                (x, y), width, height, boxstyle=shape, facecolor=self.colour(fill), edgecolor=self.colour(edge),
                linewidth=1.1, linestyle=(0, (4, 2)) if dashed else "solid",
            )
        )  # fmt: skip

    def line(self, points: list, back: bool) -> None:
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        corners, codes = [points[0]], [Path.MOVETO]
        for _, one, two, end in cards.curve(points):
            corners += [one, two, end]
            codes += [Path.CURVE4] * 3
        edge = self.colour("grad" if back else "edge")
        self.axes.add_patch(PathPatch(Path(corners, codes), facecolor="none", edgecolor=edge, linewidth=1.1))

    def head(self, tip: Any, by: float, back: bool) -> None:
        """Of an arrow: down where it arrives, up where a gradient went back."""
        x, y = tip
        colour = self.colour("grad" if back else "edge")
        self.axes.plot([x - 4, x, x + 4], [y + by, y - by / 6, y + by], color=colour, lw=1.1)

    def svg_path(self, text: str, x: float, y: float, colour: str) -> None:
        """A small mark, from its SVG path of absolute and relative straight pieces."""
        for piece in re.findall(r"M[^M]*", text):
            corners = _corners(piece)
            self.axes.plot([x + a for a, _ in corners], [y + b for _, b in corners], color=self.colour(colour), lw=1)

    def card(self, node: Data, rect: Any) -> None:
        x, y, width, height = rect
        kind = cards.kind(node)
        name = {"leaf": "leaf", "parameter": "leaf", "constant": "constant", "operator": "op"}[kind]
        self.box(x, y, width, height, 16 if kind == "operator" else 3, f"{name}-fill", name, kind == "constant")
        if kind == "parameter":
            self.axes.plot([x + 2, x + 2], [y + 4, y + height - 4], color=self.colour("leaf"), lw=3.5)
        sign = {"operator": cards.SYMBOLS.get(node["op"] or "", "ƒ"), "constant": "▭"}.get(kind, "⚑")
        self.text(x + 17, y + 19, sign, name, 13, bold=True, at="center")
        self.text(x + 32, y + 19, cards.title(node), "ink", bold=True)
        self.text(x + width - 9, y + 19, cards.shape(node), "soft", 11, at="right")
        value = self.state.values.get(node["id"], node["value"])
        self.text(x + 10, y + 38, "value not kept" if value is None else cards.clip(value), "ink")
        for place, mark in enumerate(cards.fixed_marks(node), 1):
            bad = mark in ("failed", "edited", "differs", "alone")
            self.svg_path(cards.MARKS[mark], x + width - 6 - 17 * place, y + 27, "bad" if bad else "soft")
        if node["requires_grad"]:
            grad = self.state.grads.get(node["id"])
            self.slot(rect, cards.grad_text(node, grad), grad is not None, 8 if kind == "operator" else 3)

    def slot(self, rect: Any, words: str, got: bool, corner: float) -> None:
        x, y, width, _ = rect
        colour = "bad" if "≠" in words else "grad"
        fill, edge = (f"{colour}-fill", colour) if got else ("paper", "constant")
        self.box(x + 7, y + 45, width - 14, 16, corner, fill, edge, dashed=not got)
        self.text(x + width / 2, y + 57, words, colour if got else "soft", 11, bold=got, at="center")

    def group(self, item: int, rect: Any) -> None:
        x, y, width, height = rect
        group = self.made.groups[-item]
        self.box(x + 4, y + 5, width, height - 10, 6, "group-fill", "group")
        self.box(x, y, width, height, 6, "group-fill", "group")
        self.text(x + 10, y + 19, f"+ {cards.group_title(group)}", "ink", bold=True)
        self.text(x + 10, y + 38, cards.group_about(group, self.made.groups, self.made.data), "soft", 11)
        leaves = cards.group_leaves(group, self.made.groups, self.made.data)
        if leaves:
            got = any(self.state.grads.get(leaf) is not None for leaf in leaves)
            self.slot(rect, cards.slot_text(leaves, self.made.data, self.state), got, 3)


def _corners(piece: str) -> list[tuple[float, float]]:
    """The corners of a path of M, H, V, h, v, l and z."""
    found: list[tuple[float, float]] = []
    x = y = 0.0
    for command, rest in re.findall(r"([MHVhvlz])([^MHVhvlz]*)", piece):
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", rest)]
        if command == "z":
            found.append(found[0])
        elif command in "Hh":
            x = numbers[0] + (x if command == "h" else 0)
        elif command in "Vv":
            y = numbers[0] + (y if command == "v" else 0)
        else:
            x, y = numbers[0] + (x if command == "l" else 0), numbers[1] + (y if command == "l" else 0)
        if command != "z":
            found.append((x, y))
    return found
