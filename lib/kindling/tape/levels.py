"""Each group's inside as a small graph of its own, laid out with ports for the tensors that come in and go out.

A tensor that comes from outside enters through one port in the top row, however many read it; one that is used outside
leaves through one port in the bottom row. In the graph around it the group is one box. `stretch.py` puts the levels
into each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .groups import Group
from .layout import Layout, layout

PORT = (10.0, 0.0)
WHOLE = 1000  # places along a box's edge are counted in thousandths of its width
Data = dict[str, Any]
Tensor = tuple[int, int]  # node, and which of its results
Box = tuple[int, int, int, int]  # left, top, width, height


@dataclass
class Line:
    """A way for some of the tape's edges; -1 for `start` or `end` where it leaves or joins a rail."""

    start: int
    end: int
    leaves: int  # where along the lower edge of its start, in thousandths
    enters: int  # where along the upper edge of its end
    points: list[tuple[int, int]]
    heads: int = 0  # so many first points lie within its start's row, and move with the box
    tails: int = 0
    row: int = 0  # the top of its end's row
    parent: int = -1  # the line it branches from
    edges: list[int] = field(default_factory=list)


@dataclass
class Level:
    """The places are numbered: `ins`, then `items`, then `outs`."""

    items: list[int]
    ins: list[Tensor] = field(default_factory=list)
    outs: list[Tensor] = field(default_factory=list)
    carried: list[list[int]] = field(default_factory=list)  # the tape's edges through each port, ins first
    tops: list[int] = field(default_factory=list)  # where each of `ins` crosses the group's border
    bottoms: list[int] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    width: int = 0
    height: int = 0


Link = tuple[Any, Any, Tensor, int]  # from item or port, to item or port, what flows, a number to tell arrows apart


def levels(data: Data, groups: list[Group], sizes: dict[int, tuple[float, float]]) -> list[Level]:
    """One level for each group; `sizes` are those of nodes and, below 0, of closed groups."""
    links = _links(data, groups)
    made: list[Level] = []
    known: dict[Any, Layout] = {}  # equal bodies of a loop are laid out once
    for group, found in zip(groups, links, strict=True):
        level = Level(list(group.items))
        if group.number:
            _ports(level, found, made[group.parent], -group.number, links[group.parent])
        _lay_out(level, found, sizes, known)
        made.append(level)
    return made


def _links(data: Data, groups: list[Group]) -> list[dict[Link, list[int]]]:
    """For each group: what flows between its items and ports, with the tape's edges that this stands for."""
    home = {item: group.number for group in groups for item in group.items if item >= 0}
    links: list[dict[Link, list[int]]] = [{} for _ in groups]
    for number, edge in enumerate(data["edges"]):
        tensor = edge["from"], edge.get("output", 0)
        up, down = _way(groups, home[edge["from"]]), _way(groups, home[edge["to"]])
        while len(up) > 1 and len(down) > 1 and up[-2] == down[-2]:
            up.pop()
            down.pop()
        source: Any = edge["from"]
        for group in up[:-1]:
            links[group].setdefault((source, "out", tensor, 0), []).append(number)
            source = -group
        target: Any = edge["to"]
        arrow = edge["input"]
        for group in down[:-1]:
            links[group].setdefault(("in", target, tensor, arrow), []).append(number)
            target, arrow = -group, 0
        links[up[-1]].setdefault((source, target, tensor, arrow), []).append(number)
    return links


def _way(groups: list[Group], group: int) -> list[int]:
    """The group and those around it, outwards."""
    found = [group]
    while groups[found[-1]].parent >= 0:
        found.append(groups[found[-1]].parent)
    return found


def _ports(level: Level, links: dict, around: Level, item: int, links_around: dict) -> None:
    """Ports in the order in which their lines come to the closed box, and leave it, in the level around."""
    into: dict[Tensor, Line] = {}
    out: dict[Tensor, int] = {}
    for (source, target, tensor, _), line in zip(links_around, around.lines, strict=False):
        if target == item:
            into[tensor] = line
        if source == item:
            while line.parent >= 0:
                line = around.lines[line.parent]
            out[tensor] = line.leaves
    level.ins = sorted(into, key=lambda tensor: into[tensor].enters)
    for before, after in zip(level.ins, level.ins[1:], strict=False):
        into[after].enters = max(into[after].enters, into[before].enters + 1)
    level.tops = [into[tensor].enters for tensor in level.ins]
    level.outs = sorted(out, key=out.__getitem__)
    level.bottoms = [out[tensor] for tensor in level.outs]
    carried: dict[Any, list[int]] = {}
    for (source, target, tensor, _), edges in links.items():
        for end in {source, target} & {"in", "out"}:
            carried.setdefault((end, tensor), []).extend(edges)
    level.carried = [carried[key] for key in [*(("in", t) for t in level.ins), *(("out", t) for t in level.outs)]]


def _lay_out(
    level: Level, links: dict[Link, list[int]], sizes: dict[int, tuple[float, float]], known: dict[Any, Layout]
) -> None:
    place: dict[Any, int] = {("in", tensor): number for number, tensor in enumerate(level.ins)}
    place |= {item: len(level.ins) + number for number, item in enumerate(level.items)}
    bottom = len(place)
    place |= {("out", tensor): bottom + number for number, tensor in enumerate(level.outs)}
    ends = [
        (place[("in", tensor) if source == "in" else source], place[("out", tensor) if target == "out" else target])
        for source, target, tensor, _ in links
    ]
    boxes = [PORT] * len(level.ins) + [sizes[item] for item in level.items] + [PORT] * len(level.outs)
    results: dict[int, dict[Tensor, int]] = {}  # by place, its tensors in the order in which they are used
    for (_, _, tensor, _), (start, _) in zip(links, ends, strict=True):
        results.setdefault(start, {}).setdefault(tensor, len(results[start]))
    which = [results[start][tensor] for (_, _, tensor, _), (start, _) in zip(links, ends, strict=True)]
    shape = tuple(boxes), tuple(ends), tuple(which), bottom
    if shape not in known:
        known[shape] = layout(boxes, ends, range(len(level.ins)), range(bottom, len(boxes)), which)
    drawn = known[shape]
    level.width, level.height = round(drawn.width), round(drawn.height)
    for x, y, (width, height) in zip(drawn.x, drawn.y, boxes, strict=True):
        level.boxes.append((round(x - width / 2), round(y), round(width), round(height)))
    level.lines = list(_lines(level, drawn, ends, list(links.values())))


def _lines(level: Level, drawn: Layout, ends: list[tuple[int, int]], edges: list[list[int]]) -> Iterator[Line]:
    tops, bottoms = _rows(level, drawn)
    begins = _begins(drawn, ends)
    for number, points in enumerate(drawn.lines):
        whole = [(round(x), round(y)) for x, y in points]
        start = begins[number] if drawn.parent[number] < 0 else -1
        end = ends[number][1] if number < len(ends) else -1
        line = Line(start, end, WHOLE // 2, WHOLE // 2, whole, parent=drawn.parent[number])
        if number < len(ends):
            line.edges = edges[number]
        if start >= 0:
            line.leaves = _along(level.boxes[start], whole[0][0])
            line.heads = sum(1 for _, y in whole if y <= bottoms[drawn.layer[start]])
        if end >= 0:
            line.enters = _along(level.boxes[end], whole[-1][0])
            line.row = tops[drawn.layer[end]]
            line.tails = sum(1 for _, y in whole if y >= line.row)
        yield line


def _begins(drawn: Layout, ends: list[tuple[int, int]]) -> dict[int, int]:
    """The place from which each line without a parent starts."""
    begins: dict[int, int] = {}
    for number, (source, _) in enumerate(ends):
        line = number
        while drawn.parent[line] >= 0:
            line = drawn.parent[line]
        begins[line] = source
    return begins


def _rows(level: Level, drawn: Layout) -> tuple[dict[int, int], dict[int, int]]:
    """Where the row of each layer begins and ends."""
    tops: dict[int, int] = {}
    bottoms: dict[int, int] = {}
    for layer, (_, y, _, height) in zip(drawn.layer, level.boxes, strict=True):
        tops[layer] = min(tops.get(layer, y), y)
        bottoms[layer] = max(bottoms.get(layer, 0), y + height)
    return tops, bottoms


def _along(box: Box, x: int) -> int:
    return round(WHOLE * (x - box[0]) / box[2])
