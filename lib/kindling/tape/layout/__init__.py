"""Where each node of a tape goes, and the way each edge takes: layers from top to bottom, no library needed.

Nodes come in topological order, so a node's layer is one more than the highest layer it reads from; nodes that read
only what is shared, and leaves, stand just above their first use (`grid.py`). An edge that spans several layers travels
on a *rail*: a chain of placeholders that keeps a lane free between the boxes. All edges of one tensor share its rail
and branch off where they are needed, because one weight used at every step of a loop would otherwise ask for as many
lanes as there are steps. Then the order in the rows (`order.py`), the coordinates (`place.py`), the lines (`lines.py`).
Between two layers lines are free to bend, inside a layer they run straight down their lane: that is why no line ever
runs through a box.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .grid import Grid, layers, make_grid
from .lines import Point, route
from .order import order
from .place import GAP_X, place

GAP_Y, MARGIN = 44.0, 14.0
PORT_GAP = 26.0  # between a frame's border, where its ports are, and the row next to it
# Items at most: starts, sweeps and exchanges for fewer crossings, and whether boxes settle beside the columns.
EFFORT = {100: (3, 12, 4, True), 700: (1, 12, 4, True), 2500: (1, 2, 1, True), float("inf"): (1, 2, 0, False)}


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


def layout(
    sizes: Sequence[tuple[float, float]],
    edges: Sequence[tuple[int, int]],
    first: Sequence[int] = (),
    last: Sequence[int] = (),
    results: Sequence[int] = (),
) -> Layout:
    """Lay out boxes of the given (width, height); an edge leads from a lower to a higher number.

    The boxes `first`, which read nothing, have the top row to themselves, in this order; the boxes `last`, which
    nothing reads, the bottom row, in the order that crosses least. `results` tells for each edge which result of its
    source it carries: each leaves its box at a place of its own, and has a rail of its own.
    """
    results = results or [0] * len(edges)
    grid = make_grid([width for width, _ in sizes], edges, results, first, last)
    starts, sweeps, exchanges, settle = next(effort for most, effort in EFFORT.items() if len(grid.half) <= most)
    order(grid, starts, sweeps, exchanges)
    x = place(grid, settle)
    tops, bottoms = _rows_y(grid, sizes, bool(first), bool(last))
    left = min([a - b for a, b in zip(x, grid.half, strict=True)], default=0.0) - MARGIN
    x = [round(value - left, 1) for value in x]
    right = max([a + b for a, b in zip(x, grid.half, strict=True)], default=0.0) + MARGIN
    y = [round(bottoms[grid.layer[i]] - height, 1) for i, (_, height) in enumerate(sizes)]
    lines, parent = route(grid, edges, results, x, y, tops, bottoms)
    height = bottoms[-1] + (0.0 if last else MARGIN) if bottoms else 0.0
    return Layout(x[: grid.boxes], y, grid.layer[: grid.boxes], lines, parent, round(right, 1), round(height, 1))


def _rows_y(
    grid: Grid, sizes: Sequence[tuple[float, float]], first: bool, last: bool
) -> tuple[list[float], list[float]]:
    tops: list[float] = []
    bottoms: list[float] = []
    y = 0.0 if first else MARGIN
    for number, row in enumerate(grid.rows):
        tops.append(y)
        y += max((sizes[i][1] for i in row if i < grid.boxes), default=0.0)
        bottoms.append(y)
        beside_ports = (first and number == 0) or (last and number == len(grid.rows) - 2)
        y += PORT_GAP if beside_ports else GAP_Y
    return tops, bottoms
