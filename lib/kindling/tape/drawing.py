"""Draws a tape: one SVG with the state after the last step, and around it, for pages, the player that steps through.

The same marks everywhere: a strip of cells is a tensor, with a flag when it requires grad; a circle is an operator; a
dashed slot has no gradient yet, a filled one has, be it 0. Colour repeats what the marks say and never stands alone.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from . import story
from .layout import Layout, Point, layout

# name: (light, dark); every pair of text and ground reaches WCAG AA, every line 3:1 (tests/tape/test_drawing.py)
PALETTE = {
    "paper": ("#ffffff", "#15181d"),
    "ink": ("#1b2027", "#e8ebf0"),
    "soft": ("#525b66", "#a9b2be"),
    "edge": ("#828b97", "#727c89"),
    "rule": ("#d5dae0", "#363d47"),
    "leaf": ("#0b5cab", "#7fbaff"),
    "leaf-fill": ("#eaf3fc", "#13263b"),
    "op": ("#5f41ad", "#bfa8ff"),
    "op-fill": ("#f4f0fc", "#231d37"),
    "constant": ("#626b76", "#98a2ae"),
    "constant-fill": ("#f5f6f8", "#1e2228"),
    "grad": ("#a63a00", "#ffae73"),
    "grad-fill": ("#fff0e2", "#3b2212"),
}
SYMBOLS = {
    "add": "+", "sub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "^", "matmul": "@", "sum": "Σ", "exp": "e",
    "log": "ln", "transpose": "T", "max": "↑", "min": "↓", "where": "?", "index": "[]",
}  # fmt: skip
CHARACTER = 7.3  # width of one, 12 px monospace
LONGEST = 22  # characters of a value on a card
KINDS = {"leaf": "leaf tensor", "constant": "constant tensor", "operator": "operator"}
BACK = ("backward", "accumulate")

Data = dict[str, Any]


def html(data: Data) -> str:
    """The picture and its player as one HTML fragment."""
    summary = escape(story.summary(data))
    data = story.fold(data)
    told = story.frames(data)
    placed, svg = _svg(data, told, summary)
    listing, rows_of = _listing(data)
    question = f'<p class="ask"><b>Find out:</b> {escape(data["question"])}</p>' if data.get("question") else ""
    tables = _table(story.STEP_HEADS, story.step_rows(data, told)) if len(told) > 1 else ""
    tables += _table(story.NODE_HEADS, story.node_rows(data, story.final(told, data["nodes"])))
    script = json.dumps(_for_player(data, told, placed, rows_of), separators=(",", ":"), ensure_ascii=False).replace(
        "<", "\\u003c"
    )
    return (
        f'<figure class="ktape" data-ktape="1" data-start="{_start(data, told)}" aria-label="{summary}">'
        f"<style>{_style()}</style>{question}{_bar(told)}"
        f'<div class="body"><div class="side"><p class="say" aria-live="polite">{escape(told[-1].say)}</p>'
        f'{_memory(told)}{listing}<p class="info" aria-live="polite">{summary}.</p></div>'
        f'<div class="view">{svg}</div></div>{_key(data)}'
        "<details><summary>The same as text</summary>"
        f'<div class="rows" tabindex="0" role="group" aria-label="Steps and nodes">{tables}</div></details>'
        f'<script type="application/json">{script}</script><script>{_file("player.js")}</script></figure>'
    )


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def picture(data: Data) -> str:
    """The state after the last step as an SVG file that needs nothing else."""
    summary, words = escape(story.summary(data)), escape(story.text(data))
    data = story.fold(data)
    told = story.frames(data)
    return _svg(
        data, told, summary, f"<title>{summary}</title><desc>{words}</desc><style>{standalone_style()}</style>"
    )[1]


def standalone_style(more: str = "") -> str:
    """The style of a file of its own: with plain colours, which every viewer of SVG knows, in light and dark."""
    css = _file("player.css").split("/* page")[0] + more
    light, dark = (_with_colours(css, column) for column in (0, 1))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def curve(line: Sequence[Point]) -> list[tuple[Point, Point, Point, Point]]:
    """The line as cubic pieces that leave and arrive upright and stay between the heights of their ends."""
    pieces = []
    for (x0, y0), (x1, y1) in zip(line, line[1:], strict=False):
        middle = (y0 + y1) / 2
        pieces.append(((x0, y0), (x0, middle), (x1, middle), (x1, y1)))
    return pieces


def describe(node: Data, value: str | None, grad: str | None) -> str:
    """A node in words, as the player says it."""
    return f"{_static(node)}{'' if value is None else f' Value {value}.'}{_grad_words(node, grad)}"


def _static(node: Data) -> str:
    if node.get("left_out"):
        return f"{node['label']}."
    about = [KINDS[node["kind"]], story.sized(node), *([node["dtype"]] if node["dtype"] else [])]
    return f"{story.called(node)}: {', '.join(about)}."


def _grad_words(node: Data, grad: str | None) -> str:
    if not node["requires_grad"]:
        return " Does not require grad: no gradient flows here."
    if grad is None:
        return " No grad yet." if node["kind"] == "leaf" else " No gradient has come here."
    return f" Gradient {grad}."


def graph(data: Data, told: list[story.Frame]) -> tuple[Layout, list[tuple[float, float]]]:
    """The layout of a tape, and the sizes of its cards."""
    sizes = _sizes(data, told)
    return layout(sizes, [(edge["from"], edge["to"]) for edge in data["edges"]]), sizes


def shapes(data: Data, told: list[story.Frame], placed: Layout, sizes: list, active: story.Frame | None = None) -> str:
    """Lines and cards as they are after the frames told so far; what the `active` one touches stands out."""
    state = story.final(told, data["nodes"])
    back, on = _with_rails(state.passed, placed), _with_rails(active.carries if active else [], placed)
    there = _with_rails(
        (e for e, edge in enumerate(data["edges"]) if {edge["from"], edge["to"]} <= state.shown), placed
    )
    drawn = []
    for number, points in enumerate(placed.lines):
        marks = _marks(off=number not in there, back=number in back, on=number in on)
        drawn.append(_line(points, number < len(data["edges"]), placed.parent[number] < 0, "e" + marks))
    for i, node in enumerate(data["nodes"]):
        acts = active is not None and active.node == i
        marks = _marks(
            off=i not in state.shown,
            got=state.grads.get(i) is not None,
            on=acts,
            **{"pass": acts and active.phase in BACK},
        )
        drawn.append(_card(node, sizes[i], placed.x[i], placed.y[i], state, f"n {node['kind']}{marks}"))
    return "".join(drawn)


def _marks(**marks: bool) -> str:
    return "".join(f" {name}" for name, wanted in marks.items() if wanted)


def _with_rails(lines: Iterable[int], placed: Layout) -> set[int]:
    """These lines and the pieces of rail that lead to them."""
    found = set()
    for line in lines:
        while line >= 0:
            found.add(line)
            line = placed.parent[line]
    return found


def _svg(data: Data, told: list[story.Frame], summary: str, head: str = "") -> tuple[Layout, str]:
    """The picture; with a `head` (title, style) it can stand alone."""
    placed, sizes = graph(data, told)
    width, height = max(placed.width, 60), max(placed.height, 30)
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    if head:
        size += f' xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{summary}"'
        head += '<rect class="paper" width="100%" height="100%"/>'
    else:  # hosts shrink every svg to the page's width, which makes the text unreadable
        size += f' role="group" aria-label="Graph" style="width:{width:g}px!important;height:{height:g}px!important"'
    return placed, f'<svg class="kt" {size}>{head}{shapes(data, told, placed, sizes)}</svg>'


def _sizes(data: Data, told: list[story.Frame]) -> list[tuple[float, float]]:
    """Each card is as wide as the longest text it will ever hold."""
    longest = [0] * len(data["nodes"])
    for frame in told:
        for node, grad in frame.grads.items():
            longest[node] = max(longest[node], len(_grad_text(data["nodes"][node], grad)) + 2)
        for node, value in frame.values.items():
            longest[node] = max(longest[node], len(value))
    sizes = []
    for node in data["nodes"]:
        least = 12 if node["kind"] == "leaf" else 0
        title = len(_title(node)) + len(_shape(node)) + 1
        body = max(min(LONGEST, max(longest[node["id"]], len(node["value"] or ""))), least)
        width = max(title * CHARACTER + 44, body * CHARACTER + 20, 84)
        sizes.append((round(width), 67.0 if node["requires_grad"] else 45.0))
    return sizes


def _title(node: Data) -> str:
    name = f" → {node['name']}" if node.get("name") and node["kind"] == "operator" else ""
    return _clip(node["label"]) + name


def _shape(node: Data) -> str:
    return "" if node["shape"] is None else str(node["shape"])


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _grad_text(node: Data, grad: str | None) -> str:
    """What stands in the slot: a leaf keeps its grad, through an operator it only passes."""
    if node["kind"] == "leaf":
        return "no grad yet" if grad is None else _clip(f"grad {grad}")
    return "" if grad is None else _clip(grad)


def _card(node: Data, size: tuple[float, float], x: float, y: float, state: story.State, marks: str) -> str:
    (width, height), kind, number = size, node["kind"], node["id"]
    grad, value = state.grads.get(number), state.values.get(number, node["value"])
    corner = {"leaf": 3, "constant": 3, "operator": 16}[kind]
    name = f'<tspan class="s"> → {escape(node["name"])}</tspan>' if " → " in _title(node) else ""
    body = "value not kept" if value is None else escape(_clip(value))
    slot = ""
    if node["requires_grad"]:
        text = escape(_grad_text(node, grad))
        middle = f"{width / 2:g}"
        slot = (
            f'<rect class="g" x="7" y="45" width="{width - 14:g}" height="16" rx="{3 if kind == "leaf" else 8}"/>'
            f'<text class="g" x="{middle}" y="57">{text}</text>'
        )
    words = escape(describe(node, value, grad))
    return (
        f'<g class="{marks}" transform="translate({x - width / 2:g},{y:g})" role="img" aria-label="{words}">'
        f'<rect class="b" width="{width:g}" height="{height:g}" rx="{corner}"/>{_icon(node)}'
        f'<text class="t" x="32" y="19">{escape(_clip(node["label"]))}{name}</text>'
        f'<text class="s" x="{width - 9:g}" y="19" text-anchor="end">{_shape(node)}</text>'
        f'<text class="v{" none" if value is None else ""}" x="10" y="38">{body}</text>{slot}</g>'
    )


def _icon(node: Data) -> str:
    if node["kind"] == "operator":
        symbol = "…" if node.get("left_out") else SYMBOLS.get(node["op"], "ƒ")
        return f'<circle class="i" cx="17" cy="15" r="9"/><text class="o" x="17" y="19">{symbol}</text>'
    cells = '<path class="i" d="M8.5 13.5h17v7h-17zM14 13.5v7M20 13.5v7"/>'
    return cells + ('<path class="flag" d="M8.5 14V5.5h9l-2.5 2.5 2.5 2.5h-9"/>' if node["kind"] == "leaf" else "")


def _line(points: list[Point], arrives: bool, leaves: bool, marks: str) -> str:
    """A line with its heads: down where it arrives, up where it leaves; the style shows the one that applies."""
    path = f"M{points[0][0]:g} {points[0][1]:g}"
    for start, one, two, end in curve(points):
        if start[0] == end[0]:
            path += f"V{end[1]:g}"
        else:
            path += f"C{one[0]:g} {one[1]:g} {two[0]:g} {two[1]:g} {end[0]:g} {end[1]:g}"
    (x0, y0), (x1, y1) = points[0], points[-1]
    heads = f'<path class="h" d="M{x1 - 4:g} {y1 - 7:g}l4 6l4 -6"/>' if arrives else ""
    heads += f'<path class="u" d="M{x0 - 4:g} {y0 + 7:g}l4 -6l4 6"/>' if leaves else ""
    return f'<g class="{marks}"><path d="{path}"/>{heads}</g>'


def _bar(told: list[story.Frame]) -> str:
    """Buttons, slider and a strip that shows which steps go forward and which back; hidden without the script."""
    last = len(told) - 1
    stops, start = [], 0
    for i in range(1, last + 1):
        colour = "var(--kt-grad)" if told[i].phase in BACK else "var(--kt-op)"
        if i == last or (told[i + 1].phase in BACK) != (told[i].phase in BACK):
            stops.append(f"{colour} {100 * start / last:.4g}% {100 * i / last:.4g}%")
            start = i
    strip = f'<span class="strip" style="background:linear-gradient(90deg,{",".join(stops)})"></span>' if stops else ""
    return (
        '<div class="bar" hidden><button type="button" data-go="-1">‹ Back</button>'
        '<button type="button" data-go="1">Next ›</button><button type="button" class="play">Play</button>'
        f'<span class="slide"><input type="range" min="0" max="{last}" value="{last}" aria-label="Step">{strip}</span>'
        '<span class="count"></span></div>'
    )


def key() -> list[tuple[str, str]]:
    """The marks, each as SVG in a field of 34 x 26, and what they mean."""
    slot = '<rect class="g" x="5" y="9" width="26" height="14" rx="3"/>'
    mark = '<g class="n {0}">{1}</g>'.format
    return [
        (mark("leaf", _icon({"kind": "leaf"})), "leaf tensor: keeps its grad"),
        (mark("constant", _icon({"kind": "constant"})), "constant tensor"),
        (mark("operator", _icon({"kind": "operator", "op": "mul"})), "operator"),
        (mark("leaf", slot), "no grad yet"),
        (mark("leaf got", slot + '<text class="g" x="18" y="20">0</text>'), "a gradient, be it 0"),
        ('<g class="e back"><path d="M18 8V25M14 14l4 -6l4 6"/></g>', "a gradient went back"),
    ]


def _key(data: Data) -> str:
    icon = '<svg class="kt" width="28" height="22" viewBox="4 4 28 22" aria-hidden="true">{}</svg>'.format
    marks = "".join(f"<li>{icon(mark)}{words}</li>" for mark, words in key())
    if any("numeric" in step for step in data["steps"]):
        marks += "<li>12 ≈ 12: the gradient, and the same measured with small nudges</li><li>12 ≠ 9: they differ</li>"
    return f'<ul class="key">{marks}</ul>'


def _memory(told: list[story.Frame]) -> str:
    """A bar for what is kept for backward; the sentence beside it says the same."""
    most = max((frame.kept or 0 for frame in told), default=0)
    if not most:
        return ""
    return (
        f'<p class="kept" aria-hidden="true" data-most="{most}"><span>kept for backward</span>'
        '<span class="tank"><i></i></span><b></b></p>'
    )


def _start(data: Data, told: list[story.Frame]) -> int:
    """The step the player opens at: the end, or, when there is a question, just before the first backward."""
    if data.get("question"):
        for number, frame in enumerate(told):
            if frame.phase in BACK:
                return number - 1
    return len(told) - 1


def _for_player(data: Data, told: list[story.Frame], placed: Layout, rows_of: list[list | None]) -> Data:
    """What the script needs, short."""
    nodes = [
        {
            "a": _static(n),
            "k": n["kind"][0],
            "r": int(n["requires_grad"]),
            "v": n["value"],
            "s": rows_of[n["id"]],
            "y": placed.layer[n["id"]],
            "x": placed.x[n["id"]],
        }
        for n in data["nodes"]
    ]
    frames = [[f.phase, f.say, f.node, f.shows, f.grads, f.values, f.carries, int(f.new_run), f.kept] for f in told]
    edges = [[edge["from"], edge["to"]] for edge in data["edges"]]
    return {"n": nodes, "e": edges, "p": placed.parent, "f": frames}


def _listing(data: Data) -> tuple[str, list[list | None]]:
    """The user's lines that ran, and for each node its row there with the columns of its expression."""
    lines: dict[tuple[str, int], str] = {}
    for node in data["nodes"]:
        if node["source"]:
            lines[node["source"]["file"], node["source"]["line"]] = node["source"]["text"]
    lines = dict(sorted(lines.items()))
    margin = min((len(text) - len(text.lstrip()) for text in lines.values()), default=0)
    rows = {place: number for number, place in enumerate(lines)}
    rows_of: list[list | None] = []
    for node in data["nodes"]:
        source = node["source"]
        columns = [max(0, column - margin) for column in source.get("columns", ())] if source else []
        rows_of.append([rows[source["file"], source["line"]], *columns] if source else None)
    code = "".join(
        f"<li><span>{line}</span><code>{escape(text[margin:])}</code></li>" for (_, line), text in lines.items()
    )
    return f'<ol class="code" aria-label="Your lines">{code}</ol>' if code else "", rows_of


def _style() -> str:
    """The style sheet with its colours; the page's own choice of light or dark wins over the system's."""
    light, dark = (";".join(f"--kt-{name}:{pair[i]}" for name, pair in PALETTE.items()) for i in (0, 1))
    return (
        f".ktape{{{light}}}@media (prefers-color-scheme:dark){{.ktape{{{dark}}}}}"
        f"[data-theme=light] .ktape,[data-jp-theme-light=true] .ktape{{{light}}}"
        f"[data-theme=dark] .ktape,[data-jp-theme-light=false] .ktape{{{dark}}}{_file('player.css')}"
    )


def _with_colours(css: str, column: int) -> str:
    for name, pair in PALETTE.items():
        css = css.replace(f"var(--kt-{name})", pair[column])
    return css


@cache
def _file(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
