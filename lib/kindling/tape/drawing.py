"""Draws a tape: one SVG with the state after the last step, its groups open as far as there is room to see."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from . import cards, story, style
from .groups import Group, inside, opened, tree
from .levels import Level, levels
from .stretch import Arranged, arrange

BACK = ("backward", "accumulate")

Data = dict[str, Any]


@dataclass
class Scene:
    """A tape ready to be drawn."""

    data: Data
    told: list[story.Frame]
    groups: list[Group]
    levels: list[Level]
    titles: list[int]
    open: set[int]
    placed: Arranged


def scene(data: Data, told: list[story.Frame] | None = None, open: set[int] | None = None) -> Scene:
    """Group, lay out and place a tape; `open` are the numbers of the open groups."""
    told = story.frames(data) if told is None else told
    groups = tree(data)
    _shorten(data["nodes"], groups)
    size: dict[int, tuple[float, float]] = dict(enumerate(cards.sizes(data, told)))
    size |= {-group.number: cards.group_size(group, groups, data) for group in groups[1:]}
    made = levels(data, groups, size)
    titles = [cards.title_width(group) for group in groups]
    open = opened(groups) if open is None else open | {0}
    return Scene(data, told, groups, made, titles, open, arrange(made, titles, open))


def _shorten(nodes: list[Data], groups: list[Group]) -> None:
    """Names on cards leave out what the frame around them says: `model.fc1.weight` is `weight` in the frame of fc1."""
    around = [""] * len(groups)
    for group in groups:
        around[group.number] = group.path or (around[group.parent] if group.number else "")
        if group.kind == "module" and not group.path:
            around[group.number] = group.label.partition(":")[0]
        prefix = f".{around[group.number]}."
        for item in group.items:
            if item >= 0 and nodes[item]["kind"] != "operator" and len(prefix) > 2:
                before, found, short = f".{nodes[item]['label']}".partition(prefix)
                if found:
                    nodes[item]["short"] = short


def picture(data: Data) -> str:
    """The state after the last step as an SVG file that needs nothing else."""
    made = scene(data)
    summary, words = escape(story.summary(data)), escape(story.text(data))
    head = f"<title>{summary}</title><desc>{words}</desc><style>{style.standalone()}</style>"
    head += '<rect class="paper" width="100%" height="100%"/>'
    width, height = size(made)
    return (
        f'<svg class="kt" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{summary}">{head}{shapes(made, made.told)}</svg>'
    )


def size(made: Scene) -> tuple[str, str]:
    """Width and height of the picture."""
    return cards.num(max(made.placed.width, 60)), cards.num(max(made.placed.height, 30))


def shapes(made: Scene, told: list[story.Frame], active: story.Frame | None = None) -> str:
    """Everything as it is after the frames told so far; what the `active` one touches stands out."""
    state = story.final(told, made.data["nodes"])
    seen = {group.number: any(n in state.shown for n in inside(group, made.groups)) for group in made.groups}
    acts = active.node if active else -1
    drawn = [
        cards.frame(made.groups[number], rect, _marks(off=not seen[number]))
        for number, rect in sorted(made.placed.frames.items())
    ]
    drawn += _lines(made, state, active)
    drawn += [
        cards.frame_title(made.groups[number], rect, _marks(off=not seen[number]))
        for number, rect in sorted(made.placed.frames.items())
    ]
    for item, rect in made.placed.boxes.items():
        if item >= 0:
            drawn.append(_card(made, item, rect, state, active if item == acts else None))
            continue
        group = made.groups[-item]
        leaves = cards.group_leaves(group, made.groups, made.data)
        nodes = set(inside(group, made.groups))
        marks = _marks(
            off=not seen[group.number],
            got=any(state.grads.get(leaf) is not None for leaf in leaves),
            on=acts in nodes,
            **{"pass": bool(active) and acts in nodes and active.phase in BACK},
            wrote=bool(active) and acts in nodes and active.phase == "written",
        )
        about = cards.group_about(group, made.groups, made.data)
        drawn.append(cards.box(group, about, cards.slot_text(leaves, made.data, state), rect, marks))
    return "".join(drawn)


def _card(made: Scene, node: int, rect: Any, state: story.State, active: story.Frame | None) -> str:
    marks = _marks(
        off=node not in state.shown,
        got=state.grads.get(node) is not None,
        wrong="≠" in (state.grads.get(node) or ""),
        on=active is not None,
        **{"pass": active is not None and active.phase in BACK},
        wrote=active is not None and active.phase == "written",
    )
    facts = made.data["nodes"][node]
    extra = "".join(f" {mark}" for mark in facts.get("marks", ()))
    return cards.card(facts, rect, state, marks + extra)


def _marks(**marks: bool) -> str:
    return "".join(f" {name}" for name, wanted in marks.items() if wanted)


def _lines(made: Scene, state: story.State, active: story.Frame | None) -> Iterable[str]:
    """The visible lines: a line is there when one of the edges it stands for is."""
    there = {e for e, edge in enumerate(made.data["edges"]) if {edge["from"], edge["to"]} <= state.shown}
    on = set(active.carries if active else ())
    for number in sorted(made.open):
        level = made.levels[number]
        lit = [_with_rails(level, edges) for edges in (there, state.passed, on)]
        for (owner, key), points in made.placed.lines.items():
            if owner != number:
                continue
            if key >= 0:
                line = level.lines[key]
                marks = _marks(off=key not in lit[0], back=key in lit[1], on=key in lit[2])
                arrives = line.end >= 0 and is_card(made, level, line.end)
                leaves = line.start >= 0 and is_card(made, level, line.start)
            else:
                carried = set(level.carried[-1 - key])
                marks = _marks(off=not carried & there, back=bool(carried & state.passed), on=bool(carried & on))
                arrives = leaves = False
            yield cards.line(points, arrives, leaves, marks)


def _with_rails(level: Level, edges: set[int]) -> set[int]:
    """The lines of a level that stand for one of these edges, and the pieces of rail that lead to them."""
    found: set[int] = set()
    for number, line in enumerate(level.lines):
        if any(edge in edges for edge in line.edges):
            while number >= 0 and number not in found:
                found.add(number)
                number = level.lines[number].parent
    return found


def is_card(made: Scene, level: Level, place: int) -> bool:
    """Whether a place is a card that is seen, not a port or an open group's border."""
    place -= len(level.ins)
    return 0 <= place < len(level.items) and not (level.items[place] < 0 and -level.items[place] in made.open)
