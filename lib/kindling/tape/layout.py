"""Where each node of a tape goes, and the way each edge takes: layers from top to bottom, no library needed.

Nodes come in topological order, so a node's layer is one more than the highest layer it reads from. An edge that
spans several layers travels on a *rail*: a chain of placeholders that keeps a lane free between the boxes. All edges
of one source share its rail and branch off where they are needed, because one weight used at every step of a loop
would otherwise ask for as many lanes as there are steps. A leaf stands one layer above its first use. Between two
layers lines are free to bend, inside a layer they run straight down their lane: that is why no line ever runs through
a box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

GAP_X, GAP_Y, MARGIN, RAIL = 20.0, 44.0, 14.0, 10.0
ORDER_SWEEPS, PLACE_SWEEPS = 6, 8
Point = tuple[float, float]
SMALL = 3000  # boxes and placeholders; above it fewer sweeps do


@dataclass(frozen=True)
class Layout:
    """The centre `x`, the top `y` and the `layer` of each node, the lines to draw, and the size of the whole.

    The first lines belong to the edges, one each; the pieces of the rails follow. An edge on a rail starts where it
    branches off: `parent` names the line it branches from, and that one's parent, up to the source; -1 at the end.
    """

    x: list[float]
    y: list[float]
    layer: list[int]
    lines: list[list[Point]]
    parent: list[int]
    width: float
    height: float


@dataclass
class _Grid:
    """Boxes and placeholders as one list of items: boxes keep their numbers, placeholders follow."""

    sizes: list[tuple[float, float]]
    layer: list[int]
    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    rails: dict[int, list[int]]  # the placeholders of each source, downwards
    boxes: int
    place: list[int]  # of each item in its row
    fixed: bool  # the order of the top row is given


def layout(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    first: Sequence[int] = (),
    last: Sequence[int] = (),
) -> Layout:
    """Lay out boxes of the given (width, height); an edge leads from a lower to a higher number.

    The boxes `first`, which read nothing, have the top row to themselves, in this order; the boxes `last`, which
    nothing reads, the bottom row, in the order that crosses least.
    """
    grid = _grid(list(sizes), list(edges), first, last)
    small = len(grid.sizes) <= SMALL
    _order(grid, ORDER_SWEEPS if small else 2)
    x = _place(grid, PLACE_SWEEPS if small else 3)
    tops, bottoms = _rows_y(grid)
    left = min((x[i] - grid.sizes[i][0] / 2 for i in range(len(x))), default=0.0) - MARGIN
    x = [round(value - left, 1) for value in x]
    right = max((x[i] + grid.sizes[i][0] / 2 for i in range(len(x))), default=0.0) + MARGIN
    boxes = range(grid.boxes)
    y = [round(bottoms[grid.layer[i]] - grid.sizes[i][1], 1) for i in boxes]
    lines, parent = _lines(grid, list(edges), x, y, tops, bottoms)
    height = bottoms[-1] + MARGIN if bottoms else 0.0
    return Layout(x[: grid.boxes], y, grid.layer[: grid.boxes], lines, parent, round(right, 1), round(height, 1))


def layers(
    count: int, edges: Sequence[tuple[int, int]], first: Sequence[int] = (), last: Sequence[int] = ()
) -> list[int]:
    """The layer of each node: longest path from the top; what reads from nothing stands beside its first use."""
    inputs: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        inputs[target].append(source)
    found = [1 if first else 0] * count
    for node in first:
        found[node] = 0
    for node in range(count):
        if inputs[node]:
            found[node] = 1 + max(found[i] for i in inputs[node])
    first_use: dict[int, int] = {}
    for source, target in edges:
        if not inputs[source] and source not in first:
            first_use[source] = min(first_use.get(source, count), found[target] - 1)
    found = [first_use.get(node, layer) for node, layer in enumerate(found)]
    for node in last:
        found[node] = 1 + max((found[i] for i in range(count) if i not in last), default=-1)
    return found


def _grid(
    sizes: list[tuple[float, float]], edges: list[tuple[int, int]], first: Sequence[int], last: Sequence[int]
) -> _Grid:
    boxes = len(sizes)
    layer = layers(boxes, edges, first, last)
    rails: dict[int, list[int]] = {}
    links: dict[tuple[int, int], None] = {}
    for source, target in edges:
        rail = rails.setdefault(source, [])
        needed = layer[target] - layer[source] - 1
        while len(rail) < needed:
            layer.append(layer[source] + 1 + len(rail))
            sizes.append((RAIL, 0.0))
            links[rail[-1] if rail else source, len(sizes) - 1] = None
            rail.append(len(sizes) - 1)
        links[rail[needed - 1] if needed else source, target] = None
    above: list[list[int]] = [[] for _ in sizes]
    below: list[list[int]] = [[] for _ in sizes]
    for a, b in links:
        below[a].append(b)
        above[b].append(a)
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for item, number in enumerate(layer):
        rows[number].append(item)
    if first:
        rows[0] = list(first)
    return _Grid(sizes, layer, rows, above, below, rails, boxes, [0] * len(sizes), bool(first))


def _order(grid: _Grid, sweeps: int) -> None:
    """Order each row by the mean position of its neighbours in the row above, then below, and again."""
    at = [0.0] * len(grid.sizes)
    for row in grid.rows:
        _spread(row, at)
    for sweep in range(sweeps):
        down = sweep % 2 == 0
        near = grid.above if down else grid.below
        for row in grid.rows[grid.fixed :] if down else reversed(grid.rows[grid.fixed :]):
            wish = {i: sum(at[j] for j in near[i]) / len(near[i]) if near[i] else at[i] for i in row}
            row.sort(key=wish.__getitem__)
            _spread(row, at)
    for row in grid.rows:
        for place, item in enumerate(row):
            grid.place[item] = place


def _spread(row: list[int], at: list[float]) -> None:
    """Positions from 0 to 1, so that rows of different length compare."""
    for position, item in enumerate(row):
        at[item] = (position + 0.5) / len(row)


def _place(grid: _Grid, sweeps: int) -> list[float]:
    """Pull every item towards its neighbours in the row above, then below, and again; then straighten the rails."""
    x = [0.0] * len(grid.sizes)
    for sweep in range(sweeps):
        down = sweep % 2 == 0
        near = grid.above if down else grid.below
        for row in grid.rows if down else reversed(grid.rows):
            _place_row(grid, row, near, x)
        _straighten(grid, x)
    return x


def _place_row(grid: _Grid, row: list[int], near: list[list[int]], x: list[float]) -> None:
    wishes, weights, offsets, offset = [], [], [], 0.0
    for before, item in zip([None, *row], row, strict=False):
        if before is not None:
            offset += _apart(grid, before, item)
        offsets.append(offset)
        neighbours = near[item]
        pulls = [_pull(grid, item, j) for j in neighbours]
        wish = sum(p * x[j] for p, j in zip(pulls, neighbours, strict=True)) / sum(pulls) if pulls else x[item]
        wishes.append(wish - offset)
        weights.append(max(pulls, default=0.1))
    for item, start, offset in zip(row, _fit(wishes, weights), offsets, strict=True):
        x[item] = start + offset


def _apart(grid: _Grid, left: int, right: int) -> float:
    """How far the centres of two neighbours in a row must be from each other."""
    return (grid.sizes[left][0] + grid.sizes[right][0]) / 2 + GAP_X


def _pull(grid: _Grid, item: int, other: int) -> float:
    """Rails stay straight first, then chains of operators; leaves stand aside."""
    if item >= grid.boxes and other >= grid.boxes:
        return 8.0
    return 4.0 if grid.above[item] and grid.above[other] else 0.5


def _straighten(grid: _Grid, x: list[float]) -> None:
    """Give the items of each rail one x, for as long as their neighbours leave room for that."""
    for rail in grid.rails.values():
        piece: list[int] = []
        low, high = float("-inf"), float("inf")
        for item in rail:
            least, most = _room(grid, item, x)
            if max(low, least) > min(high, most):
                _align(piece, low, high, x)
                piece, low, high = [], float("-inf"), float("inf")
            piece.append(item)
            low, high = max(low, least), min(high, most)
        _align(piece, low, high, x)


def _room(grid: _Grid, item: int, x: list[float]) -> tuple[float, float]:
    """Between which x an item can move without touching its neighbours."""
    row, place = grid.rows[grid.layer[item]], grid.place[item]
    least = x[row[place - 1]] + _apart(grid, row[place - 1], item) if place else float("-inf")
    most = x[row[place + 1]] - _apart(grid, item, row[place + 1]) if place + 1 < len(row) else float("inf")
    return min(least, x[item]), max(most, x[item])  # rounding must not shut an item out of where it is


def _align(piece: list[int], low: float, high: float, x: list[float]) -> None:
    middle = sorted(x[item] for item in piece)[len(piece) // 2] if piece else 0.0
    for item in piece:
        x[item] = min(max(middle, low), high)


def _fit(wishes: list[float], weights: list[float]) -> list[float]:
    """The non-decreasing numbers nearest to `wishes` (least squares): neighbours that overtake are pooled."""
    pools: list[list[float]] = []  # mean, weight, count
    for wish, weight in zip(wishes, weights, strict=True):
        pools.append([wish, weight, 1])
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            mean, weight, count = pools.pop()
            last = pools[-1]
            last[0] = (last[0] * last[1] + mean * weight) / (last[1] + weight)
            last[1] += weight
            last[2] += count
    return [mean for mean, _, count in pools for _ in range(int(count))]


def _rows_y(grid: _Grid) -> tuple[list[float], list[float]]:
    tops, bottoms, y = [], [], MARGIN
    for row in grid.rows:
        tops.append(y)
        y += max((grid.sizes[i][1] for i in row), default=0.0)
        bottoms.append(y)
        y += GAP_Y
    return tops, bottoms


def _lines(
    grid: _Grid, edges: list[tuple[int, int]], x: list[float], y: list[float], tops: list[float], bottoms: list[float]
) -> tuple[list[list[Point]], list[int]]:
    """A line for each edge, then the pieces of the rails, cut where edges branch off."""
    lines: list[list[Point]] = []
    by_source: dict[int, dict[int, list[int]]] = {}
    for number, ((source, target), port) in enumerate(zip(edges, _ports(grid, edges, x), strict=True)):
        length, start = _leaves_rail(grid, source, target)
        lines.append([(x[start], bottoms[grid.layer[start]]), (port, tops[grid.layer[target]])])
        if y[target] > lines[-1][-1][1]:
            lines[-1].append((port, y[target]))  # a low box in a high row: straight down to its top
        if length:
            by_source.setdefault(source, {}).setdefault(length, []).append(number)
    parent = [-1] * len(edges)
    for source, branches in by_source.items():
        last, done, start = -1, 0, source
        for length in sorted(branches):
            piece = grid.rails[source][done:length]
            lines.append([(x[start], bottoms[grid.layer[start]])])
            lines[-1] += [(x[i], end[grid.layer[i]]) for i in piece for end in (tops, bottoms)]
            parent.append(last)
            last, done, start = len(lines) - 1, length, piece[-1]
            for number in branches[length]:
                parent[number] = last
    return lines, parent


def _leaves_rail(grid: _Grid, source: int, target: int) -> tuple[int, int]:
    """How far an edge follows the rail of its source, and the item at which it leaves it."""
    length = grid.layer[target] - grid.layer[source] - 1
    return length, grid.rails[source][length - 1] if length else source


def _ports(grid: _Grid, edges: list[tuple[int, int]], x: list[float]) -> list[float]:
    """Where each edge enters its target, from left to right as the edges come in."""
    entering: dict[int, list[tuple[float, int]]] = {}
    for number, (source, target) in enumerate(edges):
        entering.setdefault(target, []).append((x[_leaves_rail(grid, source, target)[1]], number))
    ports = [0.0] * len(edges)
    for target, arrivals in entering.items():
        arrivals.sort()
        half = grid.sizes[target][0] * 0.36
        step = min(24.0, 2 * half / len(arrivals))
        room = half - step * (len(arrivals) - 1) / 2
        offsets = [step * (place - (len(arrivals) - 1) / 2) for place in range(len(arrivals))]
        wishes = [
            min(max(x0 - offset, x[target] - room), x[target] + room)
            for (x0, _), offset in zip(arrivals, offsets, strict=True)
        ]
        for (_, number), start, offset in zip(arrivals, _fit(wishes, [1.0] * len(wishes)), offsets, strict=True):
            ports[number] = round(start + offset, 1)
    return ports
