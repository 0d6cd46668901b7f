"""The way each edge takes, from the bottom of its source to the top of its target."""

from collections.abc import Sequence

from .grid import Edges, Grid, Tensor
from .place import pool

Point = tuple[float, float]
INSIDE = 10.0  # lines keep this far from a box's corners
BESIDE = 6.0  # and pass, at most, so far beside a box: less than the gap to the next
APART = 16.0  # lines into one box


def route(
    grid: Grid,
    edges: Edges,
    results: Sequence[int],
    x: list[float],
    y: list[float],
    tops: list[float],
    bottoms: list[float],
) -> tuple[list[list[Point]], list[int]]:
    """A line for each edge, then the pieces of the rails, cut where edges branch off; and each line's parent."""
    layer, half = grid.layer, grid.half
    begins, origins = _begins(grid, x, bottoms), _origins(grid, edges, results, x, bottoms)
    branches: dict[Tensor, list[tuple[int, int]]] = {tensor: [] for tensor in grid.rails}
    starts: list[Point] = []
    for number, ((source, target), result) in enumerate(zip(edges, results, strict=True)):
        length = layer[target] - layer[source] - 1
        if length:
            branches[source, result].append((length, number))
            starts.append(begins[grid.rails[source, result][length - 1]])
        else:
            starts.append(origins.get((source, result)) or begins[source])
    lines: list[list[Point]] = []
    for (_, target), begin, port in zip(edges, starts, _ports(grid, edges, starts, x), strict=True):
        top, row_top = y[target], tops[layer[target]]
        if top > row_top and port != begin[0]:  # a low box in a high row
            deep, high = top - row_top, row_top - begin[1]
            enters = port + (begin[0] - port) * deep / (deep + high)
            if deep > high or abs(enters - x[target]) > half[target] + BESIDE:
                lines.append([begin, (port, row_top), (port, top)])
                continue
        lines.append([begin, (port, top)])
    parent = [-1] * len(edges)
    for tensor, found in branches.items():
        origin = origins.get(tensor) or begins[tensor[0]]
        _rail(grid, grid.rails[tensor], origin, sorted(found), begins, tops, lines, parent)
    return lines, parent


def _rail(
    grid: Grid,
    rail: list[int],
    origin: Point,
    branches: list[tuple[int, int]],
    begins: list[Point],
    tops: list[float],
    lines: list[list[Point]],
    parent: list[int],
) -> None:
    """One piece from each place where edges branch off to the next; `branches` are places and edges, downwards."""
    last, done = -1, 0
    for length, number in branches:
        if length > done:
            line = [origin]
            for item in rail[done:length]:
                origin = begins[item]
                line += [(origin[0], tops[grid.layer[item]]), origin]
            lines.append(line)
            parent.append(last)
            last, done = len(lines) - 1, length
        parent[number] = last


def _begins(grid: Grid, x: list[float], bottoms: list[float]) -> list[Point]:
    """Where the lines of each item start: under it, as near as its sides allow to the middle of those it leads to."""
    found = [(here, bottoms[layer]) for here, layer in zip(x, grid.layer, strict=True)]
    for item in range(grid.boxes):
        users = grid.below[item]
        if users:
            if len(users) == 1:
                middle = x[users[0]]
            else:
                wishes = sorted([x[i] for i in users])
                middle = (wishes[len(wishes) // 2] + wishes[(len(wishes) - 1) // 2]) / 2
            here, room = x[item], max(grid.half[item] - INSIDE, 0.0)
            middle = here - room if middle < here - room else here + room if middle > here + room else middle
            found[item] = round(middle, 1), found[item][1]
    return found


def _origins(
    grid: Grid, edges: Edges, results: Sequence[int], x: list[float], bottoms: list[float]
) -> dict[Tensor, Point]:
    """Where each tensor leaves a box that has several: in the order of the places they lead to."""
    if not any(results):
        return {}
    leads: dict[int, dict[int, list[float]]] = {}
    for (source, target), result in zip(edges, results, strict=True):
        rail = grid.rails.get((source, result)) if grid.layer[target] - grid.layer[source] > 1 else None
        leads.setdefault(source, {}).setdefault(result, []).append(x[rail[0] if rail else target])
    found = {}
    for source, tensors in leads.items():
        if len(tensors) > 1:
            wishes = sorted((sum(ends) / len(ends), result) for result, ends in tensors.items())
            room = max(grid.half[source] - INSIDE, 0.0)
            for (_, result), place in zip(wishes, _side_by_side([w for w, _ in wishes], x[source], room), strict=True):
                found[source, result] = place, bottoms[grid.layer[source]]
    return found


def _ports(grid: Grid, edges: Edges, starts: list[Point], x: list[float]) -> list[float]:
    """Where each edge enters its target, from left to right as the edges come in."""
    ports = [start[0] for start in starts]  # straight down
    entering: list[list[int]] = [[] for _ in range(grid.boxes)]
    for number, (_, target) in enumerate(edges):
        entering[target].append(number)
    for target, arrivals in enumerate(entering):
        middle, room = x[target], max(grid.half[target] - INSIDE, 0.0)
        if len(arrivals) == 1:
            port = ports[arrivals[0]]
            if abs(port - middle) > room:
                ports[arrivals[0]] = round(middle - room if port < middle else middle + room, 1)
        elif arrivals:
            arrivals.sort(key=ports.__getitem__)
            places = _side_by_side([ports[number] for number in arrivals], middle, room)
            for number, place in zip(arrivals, places, strict=True):
                ports[number] = place
    return ports


def _side_by_side(wishes: list[float], middle: float, room: float) -> list[float]:
    """The places nearest to the wishes, in their order, apart from each other and within the room round the middle."""
    step = min(APART, 2 * room / len(wishes))
    offset = step * (len(wishes) - 1) / 2
    offsets = [step * place - offset for place in range(len(wishes))]
    low, high = middle - room + offset, middle + room - offset
    moved = [min(max(wish - away, low), high) for wish, away in zip(wishes, offsets, strict=True)]
    return [round(place + away, 1) for place, away in zip(pool(moved), offsets, strict=True)]
