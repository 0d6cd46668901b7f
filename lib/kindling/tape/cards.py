"""Draws the things on a tape's picture: cards of nodes, boxes and frames of groups, lines.

The same marks everywhere: a strip of cells is a tensor, with a flag when it requires grad and filled when a module owns
it; a circle is an operator; a dashed slot has no gradient yet, a filled one has, be it 0. Small marks: a bookmark when
a rule keeps the result, a pencil when it was written in place, two sheets when it is a view, a cross when it failed.
Colour repeats what the marks say and never stands alone. `graph.js` draws the same, character for character.
"""

from collections.abc import Sequence
from html import escape
from math import floor
from typing import Any
from unicodedata import east_asian_width

from . import story
from .groups import Group, inside
from .layout import Point
from .values import cut

SYMBOLS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "^", "matmul": "@", "sum": "Σ", "exp": "e",
    "log": "ln", "transpose": "T", "max": "↑", "min": "↓", "where": "?", "index": "[]", "mean": "μ", "sqrt": "√",
}  # fmt: skip
CHARACTER = 7.3  # width of one, 12 px monospace
LONGEST = 22  # characters of a value on a card
STEP = 12  # widths are multiples of it, so that equal bodies of a loop look equal
MARK = 17  # width of a small mark
UNKNOWN = "value not kept"
KINDS = {"leaf": "leaf tensor", "parameter": "parameter", "constant": "constant tensor", "operator": "operator"}
MARKS = {
    "saved": "M1 1h9v12l-4.5 -4l-4.5 4z",
    "shared": "M1 1h8v8h-8zM4 9v4h8v-8h-3",
    "pencil": "M1 13l1 -4l7 -8l3 3l-7 8zM7.5 3.5l3 3",
    "failed": "M1 1l11 11M12 1l-11 11",
    "edited": "M6.5 0v13M1 3l11 7M12 3l-11 7",
    "differs": "M1 4.5h11M1 8.5h11M10 1l-7 12",
    "alone": "M6.5 0v8M6.5 11v2",
}

Data = dict[str, Any]


def kind(node: Data) -> str:
    """The node's kind, with parameters told from other leaves."""
    return "parameter" if node.get("parameter") else node["kind"]


def title(node: Data) -> str:
    """The first line of a card."""
    name = f" → {node['name']}" if node.get("name") and node["kind"] == "operator" else ""
    return clip(node.get("short", node["label"])) + name


def clip(text: str) -> str:
    """At most LONGEST characters; a list of numbers is cut between two of them."""
    if len(text) <= LONGEST:
        return text
    start = text[: LONGEST - 1]
    return cut(text, LONGEST) if "[" in start and ", " in start else start.rstrip(".…") + "…"


def columns(text: str) -> int:
    """How many characters' room a text takes; one of East Asia takes that of two."""
    return len(text) if text.isascii() else sum(1 + (east_asian_width(character) in "FW") for character in text)


def shape(node: Data) -> str:
    """The sizes as Python writes a list; nothing when unknown."""
    return "" if node["shape"] is None else str(list(node["shape"]))


def fixed_marks(node: Data) -> list[str]:
    """The small marks that a node has from the start; the bookmark comes and goes."""
    marks = {
        "failed": node.get("error"),
        "edited": node.get("edited"),
        "shared": node.get("view_of") is not None,
        "pencil": node.get("in_place"),
    }
    return [*node.get("marks", ()), *(mark for mark, wanted in marks.items() if wanted)]


def sizes(data: Data, told: list[story.Frame]) -> list[tuple[int, int]]:
    """Each card is as wide as the longest text it will ever hold."""
    nodes = data["nodes"]
    longest = [0] * len(nodes)
    kept = {node for frame in told for node in frame.saves}
    for frame in told:
        for node, grad in frame.grads.items():
            longest[node] = max(longest[node], len(grad_text(nodes[node], grad)) + 2)
        for node, value in frame.values.items():
            longest[node] = max(longest[node], len(value))
    found = []
    for node in nodes:
        least = 12 if node["kind"] == "leaf" else 0
        marks = MARK * (len(fixed_marks(node)) + (node["id"] in kept))
        value = max(min(LONGEST, len(node["value"] or UNKNOWN)), least) * CHARACTER + marks
        head = (columns(title(node)) + len(shape(node)) + 1) * CHARACTER + 44
        width = max(head, value + 20, min(LONGEST, longest[node["id"]]) * CHARACTER + 20, 84)
        found.append((_whole(width), 67 if node["requires_grad"] else 45))
    return found


def _whole(width: float) -> int:
    return -(-int(width + 1) // STEP) * STEP


def grad_text(node: Data, grad: str | None) -> str:
    """What stands in the slot: a leaf keeps its grad, through an operator it only passes."""
    if node["kind"] == "leaf":
        return "no grad yet" if grad is None else clip(f"grad {grad}")
    return "" if grad is None else clip(grad)


def static_words(node: Data) -> str:
    """What a node is, in words that hold at every step."""
    about = [KINDS[kind(node)], story.sized(node), *([node["dtype"]] if node["dtype"] else [])]
    also = {
        "failed": f"It failed: {node.get('error')}",
        "edited": "edited in a replay",
        "shared": "a view",
        "pencil": "written in place",
        "differs": "differs in the other recording",
        "alone": "only in this recording",
    }
    about += [also[mark] for mark in fixed_marks(node)]
    return f"{story.called(node)}: {', '.join(about)}."


def describe(node: Data, state: story.State) -> str:
    """A node in words, as the player says it."""
    number = node["id"]
    value = state.values.get(number, node["value"])
    words = static_words(node) + ("" if value is None else f" Value {value}.")
    if state.holds.get(number):
        words += " Kept for backward."
    grad = state.grads.get(number)
    if not node["requires_grad"]:
        return words + " Does not require grad: no gradient flows here."
    if grad is None:
        return words + (" No grad yet." if node["kind"] == "leaf" else " No gradient has come here.")
    return f"{words} Gradient {grad}."


def card(node: Data, box: Sequence[float], state: story.State, marks: str) -> str:
    """A node's card; `marks` are the classes of this moment."""
    x, y, width, height = box
    number, sort = node["id"], kind(node)
    value = state.values.get(number, node["value"])
    corner = 16 if sort == "operator" else 3
    name = f'<tspan class="s"> → {escape(node["name"])}</tspan>' if " → " in title(node) else ""
    body = escape(clip(_body(node, value)))
    bar = f'<path class="bar" d="M1 4V{height - 4:g}"/>' if sort == "parameter" else ""
    return (
        f'<g class="n {sort}{marks}" transform="translate({num(x)},{num(y)})" role="img" '
        f'aria-label="{escape(describe(node, state))}">'
        f'<rect class="b" width="{num(width)}" height="{num(height)}" rx="{corner}"/>{bar}{icon(sort, node["op"])}'
        f'<text class="t" x="32" y="19">{escape(clip(node.get("short", node["label"])))}{name}</text>'
        f'<text class="s" x="{width - 9:g}" y="19" text-anchor="end">{shape(node)}</text>'
        f'<text class="v{" none" if value is None else ""}" x="10" y="38">{body}</text>'
        f"{_marks(node, width, state)}{_slot(node, width, state)}</g>"
    )


def _body(node: Data, value: str | None) -> str:
    return value if value is not None else "failed" if node.get("error") else UNKNOWN


def _marks(node: Data, width: float, state: story.State) -> str:
    kept = state.holds.get(node["id"])
    shown = fixed_marks(node) + ([] if kept is None else ["saved" if kept else "saved freed"])
    drawn = ""
    for place, mark in enumerate(reversed(shown), 1):
        at = f"translate({width - 6 - MARK * place:g},27)"
        drawn += f'<path class="m {mark}" transform="{at}" d="{MARKS[mark.split()[0]]}"/>'
    return drawn


def _slot(node: Data, width: float, state: story.State) -> str:
    if not node["requires_grad"]:
        return ""
    text = escape(grad_text(node, state.grads.get(node["id"])))
    return (
        f'<rect class="g" x="7" y="45" width="{width - 14:g}" height="16" rx="{3 if node["kind"] == "leaf" else 8}"/>'
        f'<text class="g" x="{num(width / 2)}" y="57">{text}</text>'
    )


def icon(sort: str, op: str | None = None) -> str:
    """The picture of a kind of node, in the card's corner."""
    if sort == "operator":
        symbol = SYMBOLS.get(op or "", "ƒ")
        return f'<circle class="i" cx="17" cy="15" r="9"/><text class="o" x="17" y="19">{symbol}</text>'
    cells = '<path class="i" d="M8.5 13.5h17v7h-17zM14 13.5v7M20 13.5v7"/>'
    return cells + ("" if sort == "constant" else '<path class="flag" d="M8.5 14V5.5h9l-2.5 2.5 2.5 2.5h-9"/>')


def group_title(group: Group) -> str:
    """What a group is called; a loop with how often it runs."""
    if group.kind == "all":
        return ""
    return f"{group.label} × {group.count}" if group.count else group.label


def title_width(group: Group) -> int:
    """The room a group's title takes on its frame."""
    text = group_title(group)
    return round(columns(text) * CHARACTER) + 38 if text else 0


def group_size(group: Group, groups: list[Group], data: Data) -> tuple[int, int]:
    """The size of a closed group."""
    leaves = group_leaves(group, groups, data)
    longest = max(columns(group_title(group)) + 3, len(group_about(group, groups, data)), 24 if leaves else 0)
    return _whole(longest * CHARACTER + 36), 67 if leaves else 45


def group_leaves(group: Group, groups: list[Group], data: Data) -> list[int]:
    """The leaves in a group."""
    return [node for node in inside(group, groups) if data["nodes"][node]["kind"] == "leaf"]


def group_about(group: Group, groups: list[Group], data: Data) -> str:
    """What is in a group, counted."""
    kinds = [data["nodes"][node]["kind"] for node in inside(group, groups)]
    operators = kinds.count("operator")
    tensors = len(kinds) - operators
    return ", ".join(story.counted(n, what) for n, what in ((operators, "operator"), (tensors, "tensor")) if n)


def box(group: Group, about: str, text: str, rect: Sequence[float], marks: str) -> str:
    """A closed group: a pile of cards; `text` is what its slot says, if it has one."""
    x, y, width, height = rect
    slot = ""
    if text:
        slot = (
            f'<rect class="g" x="7" y="45" width="{width - 14:g}" height="16" rx="3"/>'
            f'<text class="g" x="{num(width / 2)}" y="57">{text}</text>'
        )
    words = escape(f"{group_title(group)}: {about}{', ' + text if text else ''}. A closed group.")
    return (
        f'<g class="n group{marks}" transform="translate({num(x)},{num(y)})" role="img" aria-label="{words}">'
        f'<path class="pile" d="M{width:g} 5h4V{height - 5:g}h-4"/>'
        f'<rect class="b" width="{num(width)}" height="{num(height)}" rx="6"/>'
        f'<path class="i" d="M9.5 8.5h13v13h-13zM12 15h8M16 11v8"/>'
        f'<text class="t" x="30" y="19">{escape(group_title(group))}</text>'
        f'<text class="s" x="10" y="38"> {about} </text>{slot}</g>'
    )


def slot_text(leaves: list[int], data: Data, state: story.State) -> str:
    """How many leaves of a closed group have a gradient; arrows may leave it before one has."""
    got = sum(state.grads.get(leaf) is not None for leaf in leaves)
    owned = all(data["nodes"][leaf].get("parameter") for leaf in leaves)
    none = f"{'parameters' if owned else 'leaves'}: no grad yet" if leaves else ""
    return f"{got} of {len(leaves)} with a grad" if got else none


def frame(group: Group, rect: Sequence[float], marks: str) -> str:
    """The ground of an open group."""
    x, y, width, height = map(num, rect)
    return f'<rect class="f {group.kind}{marks}" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'


def frame_title(group: Group, rect: Sequence[float], marks: str) -> str:
    """The name of an open group, and the sign that closes it."""
    text = escape(group_title(group))
    wide = title_width(group)
    return (
        f'<g class="ft{marks}" transform="translate({num(rect[0])},{num(rect[1])})" role="img" '
        f'aria-label="{text}. An open group."><rect class="b" x="3" y="3" width="{wide - 6:g}" height="19" rx="5"/>'
        f'<path class="i" d="M8.5 6.5h12v12h-12zM11 12.5h7"/><text class="t" x="26" y="17">{text}</text></g>'
    )


def num(value: float) -> str:
    """A coordinate, rounded and written as a browser writes it."""
    rounded = floor(value * 100 + 0.5) / 100
    return str(int(rounded)) if rounded == int(rounded) else str(rounded)


def curve(line: Sequence[Point]) -> list[tuple[Point, Point, Point, Point]]:
    """The line as cubic pieces that leave and arrive upright and stay between the heights of their ends."""
    pieces = []
    for (x0, y0), (x1, y1) in zip(line, line[1:], strict=False):
        middle = (y0 + y1) / 2
        pieces.append(((x0, y0), (x0, middle), (x1, middle), (x1, y1)))
    return pieces


def path(points: Sequence[Point]) -> str:
    """The line as SVG writes it."""
    drawn = f"M{num(points[0][0])} {num(points[0][1])}"
    for start, one, two, end in curve(points):
        if start[0] == end[0]:
            drawn += f"V{num(end[1])}"
        else:
            drawn += f"C{num(one[0])} {num(one[1])} {num(two[0])} {num(two[1])} {num(end[0])} {num(end[1])}"
    return drawn


def line(points: Sequence[Point], arrives: bool, leaves: bool, marks: str) -> str:
    """A line with its heads: down where it arrives, up where it leaves; the style shows the one that applies."""
    (x0, y0), (x1, y1) = points[0], points[-1]
    heads = f'<path class="h" d="M{num(x1 - 4)} {num(y1 - 7)}l4 6l4 -6"/>' if arrives else ""
    heads += f'<path class="u" d="M{num(x0 - 4)} {num(y0 + 7)}l4 -6l4 6"/>' if leaves else ""
    return f'<g class="e{marks}"><path d="{path(points)}"/>{heads}</g>'
