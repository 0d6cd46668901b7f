"""The document around a tape's picture: controls, source, inspector, tables, and the script that moves them."""

import base64
import json
import re
import zlib
from html import escape
from typing import Any

from . import cards, drawing, facts, story, style
from .drawing import BACK, Scene
from .listing import Listing, listing

PHASES = ("start", "forward", "backward", "accumulate", "written")
KINDS = ("leaf", "parameter", "constant", "operator")
SCRIPTS = ("graph.js", "inspector.js", "panes.js", "zoom.js", "stage.js", "player.js")
COLUMNS = 400  # of the memory curve
Data = dict[str, Any]


def html(data: Data) -> str:
    """The picture and its player as one HTML fragment."""
    made = drawing.scene(data)
    return figure(made).removesuffix("</figure>") + running("FIGURES", "start") + "</figure>"


def running(which: str, start: str) -> str:
    """The script, which starts all such figures of the page that nobody has started."""
    return f"<script>(()=>{{{script()}document.querySelectorAll({which}).forEach({start})}})()</script>"


def figure(made: Scene, half: bool = False) -> str:
    """The fragment without its script; `half` of a pair, it has no style and its pair starts it."""
    data, told = made.data, made.told
    summary = escape(story.summary(data))
    source = listing(data)
    question = f'<p class="ask"><b>Find out:</b> {escape(data["question"])}</p>' if data.get("question") else ""
    tables = _table(story.STEP_HEADS, story.step_rows(data, told)) if len(told) > 1 else ""
    tables += _table(story.NODE_HEADS, story.node_rows(data, story.final(told, data["nodes"])))
    packed = json.dumps(pack(made, source), separators=(",", ":"), ensure_ascii=False).encode()
    empty = "" if data["nodes"] else " empty"
    look = "" if half else f"<style>{style.sheet()}</style>"
    return (
        f'<figure class="ktape{empty}" data-ktape="{"half" if half else 2}" data-start="{first_step(data, told)}" '
        f'aria-label="{summary}">{look}{question}{bar([frame.phase for frame in told], _memory(told))}'
        f'<p class="say" aria-live="polite">{escape(told[-1].say)}</p>{_tabs()}'
        f'<div class="panes"><div class="pane graph" role="group" aria-label="Graph">{_tools()}'
        f'<div class="view">{_svg(made)}</div></div>'
        f'<div class="side"><div class="pane source" role="group" aria-label="Code">{source.html}</div>'
        '<div class="pane details" role="group" aria-label="Details">'
        f'<div class="info" tabindex="-1"><p>{summary}.</p></div></div></div></div>'
        f"{_key(data, made)}<details><summary>The same as text</summary>"
        f'<div class="rows" tabindex="0" role="group" aria-label="Steps and nodes">{tables}</div></details>'
        f'<script type="text/plain">{base64.b64encode(zlib.compress(packed, 9)).decode()}</script></figure>'
    )


def script() -> str:
    """The player, without its comments and indents; it defines `start` and `FIGURES` and starts nothing."""
    text = "".join(map(style.file, SCRIPTS))
    text = re.sub(r"^\s*(/\*.*\*/|//.*)$|(?<=[;{]) // .*$", "", text, flags=re.M)
    text = re.sub(r" (=>|===|&&|\|\||\?\?|[=?:]) |(?<=\{) | (?=\})", r"\1", text)  # no text that is shown holds one
    text = "\n".join(line if re.search(r"[`']|/\[", line) else _tight(line) for line in text.split("\n"))
    return re.sub(r"(?<=[;,{(])\n\s*|\n\s*(?=\n)|(?<=\n)\s+", "", text)


def _tight(line: str) -> str:
    """A line of script without the spaces that it does not need; its strings stay."""
    return re.sub(r'("[^"]*")| ?([,;:?+*<>=|&(){}]+) ?', lambda found: found[1] or found[2], line)


def _svg(made: Scene) -> str:
    width, height = drawing.size(made)
    # hosts shrink every svg to the page's width, which makes the text unreadable
    return (
        f'<svg class="kt" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="group" '
        f'aria-label="Graph" style="width:{width}px!important;height:{height}px!important">'
        f"{drawing.shapes(made, made.told)}</svg>"
    )


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def bar(phases: list[str], memory: str = "") -> str:
    """Buttons, slider, and below it which steps go forward and which back, and the memory; the script shows it."""
    last = len(phases) - 1
    stops, start = [], 0
    for i in range(1, last + 1):
        if i == last or _colour(phases[i + 1]) != _colour(phases[i]):
            stops.append(f"{_colour(phases[i])} {100 * start / last:.4g}% {100 * i / last:.4g}%")
            start = i
    hatch = "repeating-linear-gradient(90deg,var(--kt-write) 0 4px,transparent 4px 7px)"  # below what is transparent
    ground = f"linear-gradient(90deg,{','.join(stops)})" + (f",{hatch}" if "written" in phases else "")
    strip = f'<span class="strip" style="background:{ground}"></span>' if stops else ""
    return (
        '<div class="bar" hidden><button type="button" data-go="-1">‹ Back</button>'
        '<button type="button" data-go="1">Next ›</button><button type="button" class="play">Play</button>'
        f'<span class="slide"><input type="range" min="0" max="{last}" value="{last}" aria-label="Step">{strip}'
        f'{memory}{_colours(phases, bool(memory)) if stops else ""}</span><span class="count"></span></div>'
    )


def _colour(phase: str) -> str:
    return "var(--kt-grad)" if phase in BACK else "transparent" if phase == "written" else "var(--kt-op)"


def _colours(phases: list[str], memory: bool) -> str:
    """What the colours below the slider mean."""
    said = '<b class="to">forward</b>' if "forward" in phases else ""
    said += '<b class="back">backward</b>' if set(BACK) & set(phases) else ""
    said += '<b class="wrote">written</b>' if "written" in phases else ""
    said += '<b class="now">kept for backward</b>' if memory else ""
    return f'<span class="scale" aria-hidden="true">{said}</span>'


def _memory(told: list[story.Frame]) -> str:
    """What is kept for backward over time, as a filled curve; the sentence of each step says the same."""
    most = max((frame.kept or 0 for frame in told), default=0)
    if not most:
        return ""
    last, kept, path = len(told) - 1, 0, "M0 100"
    for number, frame in enumerate(told):
        before, kept = kept, frame.kept if frame.kept is not None else kept
        if kept != before and (last <= COLUMNS or number * COLUMNS // last != (number - 1) * COLUMNS // last):
            path += f"H{number}V{100 - 96 * kept / most:.0f}"
    return (
        f'<span class="kept" aria-hidden="true"><svg class="kt" viewBox="0 0 {last} 100" preserveAspectRatio="none">'
        f'<path d="{path}H{last}V100z"/></svg><i></i></span>'
    )


def _tabs() -> str:
    names = (("graph", "Graph"), ("source", "Code"), ("details", "Details"))
    buttons = "".join(
        f'<button type="button" data-tab="{tab}" aria-pressed="{str(tab == "graph").lower()}">{name}</button>'
        for tab, name in names
    )
    return f'<div class="tabs" role="group" aria-label="Show" hidden>{buttons}</div>'


def _tools() -> str:
    return (
        '<div class="tools" hidden><input type="search" placeholder="Name or module" '
        'aria-label="Find in the graph"><button type="button" class="next">Find</button><span class="found" '
        'aria-live="polite"></span>'
        '<button type="button" data-zoom="out" aria-label="Smaller">−</button>'
        '<button type="button" data-zoom="in" aria-label="Larger">+</button>'
        '<button type="button" data-zoom="fit">Fit</button>'
        '<button type="button" data-open="all">Open all</button>'
        '<button type="button" data-open="none">Close all</button></div>'
    )


def key(data: Data | None = None) -> list[tuple[str, str]]:
    """The marks, each as SVG in a field of 34 x 26, and what they mean; those that a tape has, or all."""
    slot = '<rect class="b" x="4" y="5" width="28" height="21" rx="3"/>'
    slot += '<rect class="g" x="7" y="12" width="22" height="11"/>'
    mark = '<g class="n {0}">{1}</g>'.format
    small = '<path class="m {0}" transform="translate(12,9)" d="{1}"/>'.format
    nodes = data["nodes"] if data else []
    kinds = {cards.kind(node) for node in nodes}
    marks = {name for node in nodes for name in cards.fixed_marks(node)}
    steps = data["steps"] if data else []
    wrote = any(step["phase"] == "forward" and nodes[step["node"]]["kind"] != "operator" for step in steps)
    saved = any(saved.get("of") is not None for node in nodes for saved in node.get("saved", ()))
    rows = [
        (mark("leaf", cards.icon("leaf")), "leaf tensor: keeps its grad", not data or "leaf" in kinds),
        (mark("parameter", cards.icon("parameter")), "parameter: a leaf that a module owns", "parameter" in kinds),
        (mark("constant", cards.icon("constant")), "constant tensor", not data or "constant" in kinds),
        (mark("operator", cards.icon("operator", "mul")), "operator", True),
        (mark("leaf", slot), "no grad yet", True),
        (mark("leaf got", slot + '<text class="g" x="18" y="21">0</text>'), "has a gradient (may be 0)", True),
        ('<g class="e"><path d="M18 8V25M14 19l4 6l4 -6"/></g>', "data flows forward", True),
        ('<g class="e back"><path d="M18 8V25M14 14l4 -6l4 6"/></g>', "a gradient went back", True),
        (mark("leaf on wrote", slot[:-2] + "/>"), "written by the program or an optimizer", wrote),
        (small("saved", cards.MARKS["saved"]), "kept for backward", saved),
        (small("saved freed", cards.MARKS["saved"]), "was kept, free again", saved),
        (small("shared", cards.MARKS["shared"]), "a view: shares memory", "shared" in marks),
        (small("pencil", cards.MARKS["pencil"]), "written in place", "pencil" in marks),
        (small("failed", cards.MARKS["failed"]), "failed", "failed" in marks),
        (small("edited", cards.MARKS["edited"]), "edited in a replay", "edited" in marks),
        (small("differs", cards.MARKS["differs"]), "differs in the other", "differs" in marks),
        (small("alone", cards.MARKS["alone"]), "only here", "alone" in marks),
    ]
    return [(drawn, words) for drawn, words, wanted in rows if wanted]


def _key(data: Data, made: Scene) -> str:
    icon = '<svg class="kt" width="28" height="22" viewBox="4 4 28 22" aria-hidden="true">{}</svg>'.format
    marks = "".join(f"<li>{icon(mark)}{words}</li>" for mark, words in key(data))
    if len(made.groups) > 1:
        box = '<path d="M11.5 9.5h12v12h-12zM14 15.5h7M17.5 12v7"/>'
        marks += f'<li>{icon(f"""<g class="ft"><g class="i">{box}</g></g>""")}a group: click to open or close</li>'
    if len(made.told) > 1:
        marks += "<li>thick border: the step's; dashed ring: what you chose</li>"
    if any("numeric" in step for step in data["steps"]):
        marks += "<li>12 ≈ 12: the gradient, and the same measured with small nudges</li><li>12 ≠ 9: they differ</li>"
    return f'<ul class="key">{marks}</ul>'


def first_step(data: Data, told: list[story.Frame]) -> int:
    """The step the player opens at: the end, or, when there is a question, just before the first backward."""
    if data.get("question"):
        for number, frame in enumerate(told):
            if frame.phase in BACK:
                return number - 1
    return len(told) - 1


class _Texts:
    """Every text once; the script gets places in this list."""

    def __init__(self) -> None:
        self.all: dict[str, int] = {}

    def __call__(self, text: str | None) -> int:
        return -1 if text is None else self.all.setdefault(text, len(self.all))


def pack(made: Scene, source: Listing) -> Data:
    """All that the script needs, short: every text once, the rest as lists of numbers."""
    texts, data = _Texts(), made.data
    told = facts.Facts(data, source)
    nodes = [
        [
            KINDS.index(cards.kind(node)), texts(node["label"]), texts(node.get("name")),
            texts(cards.SYMBOLS.get(node["op"] or "", "ƒ")), texts(node["value"]), int(node["requires_grad"]),
            source.rows_of[node["id"]] or 0, texts(cards.shape(node)), texts(cards.static_words(node)),
            [texts(mark) for mark in cards.fixed_marks(node)],
            [[texts(term), texts(words), *more] for term, words, *more in told.of(node)],
            [texts(mark) for mark in node.get("marks", ())],
            texts(node.get("short")), texts(told.module(node)[0] or None),
        ]
        for node in data["nodes"]
    ]  # fmt: skip
    edges = [[e["from"], e["to"], texts(told.input_name(e)), texts(told.formula(e))] for e in data["edges"]]
    geometry: dict[str, int] = {}
    packed = [_level(level, geometry) for level in made.levels]
    groups = [
        [group.parent, texts(group.kind), texts(cards.group_title(group)), wide,
         texts(cards.group_about(group, made.groups, data)), texts(group.path)]
        for group, wide in zip(made.groups, made.titles, strict=True)
    ]  # fmt: skip
    wrote = [None, *source.steps]
    frames = [_frame(frame, data, texts, row) for frame, row in zip(made.told, wrote, strict=True)]
    return {
        "n": nodes, "e": edges, "g": groups, "l": packed, "y": [json.loads(one) for one in geometry],
        "f": frames, "o": sorted(made.open), "t": list(texts.all),
    }  # fmt: skip


def _level(level: Any, geometry: dict[str, int]) -> list:
    """What a level holds; its measures are shared with levels that look the same."""
    lines = [
        [
            x.start,
            x.end,
            x.leaves,
            x.enters,
            x.heads,
            x.tails,
            x.row,
            x.parent,
            [c for point in x.points for c in point],
        ]
        for x in level.lines
    ]
    shape = [level.width, level.height, level.boxes, lines, len(level.ins), len(level.outs), level.tops, level.bottoms]
    place = geometry.setdefault(json.dumps(shape, separators=(",", ":")), len(geometry))
    carried = [line.edges for line in level.lines if line.end >= 0]
    return [place, level.items, carried, level.carried]


def _frame(frame: story.Frame, data: Data, texts: _Texts, row: list[int] | None) -> list:
    """One step; lists that are empty at its end are left out."""
    said = [texts(part) for part in re.split(_parts(frame, data), frame.say) if part]
    packed: list = [PHASES.index(frame.phase), said, frame.node, frame.shows]
    packed.append([part for node, grad in frame.grads.items() for part in (node, texts(grad))])
    packed.append([part for node, value in frame.values.items() for part in (node, texts(value))])
    packed += [frame.carries, int(frame.new_run), -1 if frame.kept is None else frame.kept, frame.saves, frame.frees]
    packed.append([part for edge, words in frame.passes for part in (edge, texts(words))])
    packed.append(row or 0)
    while len(packed) > 3 and packed[-1] in ([], 0, -1):
        packed.pop()
    return packed


def _parts(frame: story.Frame, data: Data) -> str:
    """What splits a sentence into texts that are there anyhow and phrases that come again."""
    known = [*frame.grads.values(), *frame.values.values(), *(words for _, words in frame.passes)]
    if frame.node >= 0:
        node = data["nodes"][frame.node]
        known += [node["value"], node["label"], node.get("name")]
    found = sorted({text for text in known if text and len(text) > 2}, key=len, reverse=True)
    return f"({'|'.join(map(re.escape, found))})" if found else "(?!)"
