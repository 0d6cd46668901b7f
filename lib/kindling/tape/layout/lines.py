"""The way each edge takes, from the bottom of its source to the top of its target."""

from .grid import Edges, Grid
from .place import pool

Point = tuple[float, float]
INSIDE = 10.0  # lines keep this far from a box's corners
BESIDE = 6.0  # and so far, at most, they may pass beside it: less than the gap to the next
APART = 16.0  # lines into one box


def route(
    grid: Grid, edges: Edges, x: list[float], y: list[float], tops: list[float], bottoms: list[float]
) -> tuple[list[list[Point]], list[int]]:
    """A line for each edge, then the pieces of the rails, cut where edges branch off; and each line's parent."""
    layer, half, rails = grid.layer, grid.half, grid.rails
    leaves = _leaves(grid, x)
    branches: dict[int, dict[int, list[int]]] = {}
    starts = []
    for number, (source, target) in enumerate(edges):
        length = layer[target] - layer[source] - 1
        if length:
            starts.append(rails[source][length - 1])
            branches.setdefault(source, {}).setdefault(length, []).append(number)
        else:
            starts.append(source)
    ports = _ports(grid, edges, starts, leaves, x)
    lines: list[list[Point]] = []
    for (_, target), start, port in zip(edges, starts, ports, strict=True):
        x0, bottom, top, row_top = leaves[start], bottoms[layer[start]], y[target], tops[layer[target]]
        if top > row_top and port != x0:  # a low box in a high row
            enters = port + (x0 - port) * (top - row_top) / (top - bottom)
            if abs(enters - x[target]) > half[target] + BESIDE or top - row_top > row_top - bottom:
                lines.append([(x0, bottom), (port, row_top), (port, top)])
                continue
        lines.append([(x0, bottom), (port, top)])
    parent = [-1] * len(edges)
    for source, numbers in branches.items():
        _rail(grid, source, numbers, leaves, (tops, bottoms), lines, parent)
    return lines, parent


def _rail(
    grid: Grid,
    source: int,
    branches: dict[int, list[int]],
    x: list[float],
    rows: tuple[list[float], list[float]],
    lines: list[list[Point]],
    parent: list[int],
) -> None:
    tops, bottoms = rows
    last, done, start = -1, 0, source
    for length in sorted(branches):
        line = [(x[start], bottoms[grid.layer[start]])]
        for item in grid.rails[source][done:length]:
            number = grid.layer[item]
            line += [(x[item], tops[number]), (x[item], bottoms[number])]
        start = item
        lines.append(line)
        parent.append(last)
        last, done = len(lines) - 1, length
        for number in branches[length]:
            parent[number] = last


def _leaves(grid: Grid, x: list[float]) -> list[float]:
    """Where the line of each item starts: under it, as near as its sides allow to the middle of those it leads to."""
    found = x[:]
    for item in range(grid.boxes):
        users = grid.below[item]
        if users:
            room = max(grid.half[item] - INSIDE, 0.0)
            wishes = sorted([x[i] for i in users])
            middle = (wishes[len(wishes) // 2] + wishes[(len(wishes) - 1) // 2]) / 2
            found[item] = round(min(max(middle, x[item] - room), x[item] + room), 1)
    return found


def _ports(grid: Grid, edges: Edges, starts: list[int], leaves: list[float], x: list[float]) -> list[float]:
    """Where each edge enters its target, from left to right as the edges come in."""
    entering: list[list[tuple[float, int]]] = [[] for _ in range(grid.boxes)]
    for number, (_, target) in enumerate(edges):
        entering[target].append((leaves[starts[number]], number))
    ports = [0.0] * len(edges)
    for target, arrivals in enumerate(entering):
        middle, room = x[target], max(grid.half[target] - INSIDE, 0.0)
        if len(arrivals) == 1:
            ports[arrivals[0][1]] = round(min(max(arrivals[0][0], middle - room), middle + room), 1)
        elif arrivals:
            arrivals.sort()
            step = min(APART, 2 * room / len(arrivals))
            offset = -step * (len(arrivals) - 1) / 2
            room += offset
            wishes = []
            for x0, _ in arrivals:
                wishes.append(min(max(x0 - offset, middle - room), middle + room))
                offset += step
            offset = -step * (len(arrivals) - 1) / 2
            for (_, number), start in zip(arrivals, pool(wishes), strict=True):
                ports[number] = round(start + offset, 1)
                offset += step
    return ports
