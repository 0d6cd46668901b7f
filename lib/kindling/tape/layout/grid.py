"""The rows: the layer of every box, and the placeholders that keep lanes free for edges over several layers."""

from collections.abc import Sequence
from dataclasses import dataclass

RAIL = 10.0  # width of a lane
Edges = Sequence[tuple[int, int]]
Tensor = tuple[int, int]  # a box, and which of its results


@dataclass(slots=True)
class Grid:
    """Boxes and placeholders as one list of items: boxes keep their numbers, placeholders follow."""

    half: list[float]  # half the width of each item
    layer: list[int]
    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    rails: dict[Tensor, list[int]]  # the placeholders of each tensor, downwards
    twice: set[int]  # boxes that read one source twice
    boxes: int
    fixed: bool  # the order of the top row is given

    def place(self) -> list[int]:
        """Of each item in its row."""
        found = [0] * len(self.half)
        for row in self.rows:
            for place, item in enumerate(row):
                found[item] = place
        return found


def layers(count: int, edges: Edges, first: Sequence[int] = (), last: Sequence[int] = ()) -> list[int]:
    """The layer of each node: as near to its users as it saves lines, else the longest path from the top."""
    inputs: list[list[int]] = [[] for _ in range(count)]
    outputs: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        inputs[target].append(source)
        outputs[source].append(target)
    found = [1 if first else 0] * count
    for node in first:
        found[node] = 0
    for node, read in enumerate(inputs):
        if read:
            found[node] = 1 + max([found[i] for i in read])
    if last:
        bottom = 1 + max((found[i] for i in set(range(count)).difference(last)), default=-1)
        for node in last:
            found[node] = bottom
    stay = set(first)
    for node in range(count - 1, -1, -1):
        if outputs[node] and node not in stay:
            found[node] = min([found[i] for i in outputs[node]]) - 1
    _rise(found, inputs, outputs, stay.union(last), 1 if first else 0)
    return found


def _rise(found: list[int], inputs: list[list[int]], outputs: list[list[int]], stay: set[int], top: int) -> None:
    """Move nodes up to what they read where that makes no line longer.

    All edges of a source share one rail, so it is as long as the way to its furthest user, and becomes shorter only
    when that one moves. Leaves hang above their first user and come along.
    """
    reach = [_furthest(found, used) for used in outputs]
    for node, read in enumerate(inputs):
        if not read or node in stay:
            continue
        highest = 1 + max([found[i] if inputs[i] or i in stay else top for i in read])
        lost = found[node] - highest
        if lost > 0:
            saved = 0
            for i in set(read):
                if found[node] == reach[i][-1]:
                    other = reach[i][0] if len(reach[i]) > 1 else highest if inputs[i] else found[node]
                    saved += found[node] - max(other, highest)
            if saved >= lost or not outputs[node]:
                found[node] = highest
                for i in read:
                    reach[i] = _furthest(found, outputs[i])
    for node, used in enumerate(outputs):
        if used and not inputs[node] and node not in stay:
            found[node] = min([found[i] for i in used]) - 1


def _furthest(found: list[int], used: list[int]) -> list[int]:
    """The layers of the last user and of the one before it."""
    if len(used) < 2:
        return [found[i] for i in used]
    return sorted([found[i] for i in set(used)])[-2:]


def make_grid(
    widths: list[float], edges: Edges, results: Sequence[int], first: Sequence[int] = (), last: Sequence[int] = ()
) -> Grid:
    """Rows of items. One weight used at every step would ask for a lane per step: all edges of a tensor share one."""
    boxes = len(widths)
    layer = layers(boxes, edges, first, last)
    half = [width / 2 for width in widths]
    above: list[list[int]] = [[] for _ in widths]
    below: list[list[int]] = [[] for _ in widths]
    rails: dict[Tensor, list[int]] = {}
    twice: set[int] = set()
    linked: set[tuple[int, int]] = set()
    for (source, target), result in zip(edges, results, strict=True):
        needed = layer[target] - layer[source] - 1
        start = source
        if needed:
            rail = rails.setdefault((source, result), [])
            while len(rail) < needed:
                item = len(half)
                layer.append(layer[source] + 1 + len(rail))
                half.append(RAIL / 2)
                from_ = rail[-1] if rail else source
                below[from_].append(item)
                above.append([from_])
                below.append([])
                rail.append(item)
            start = rail[needed - 1]
        if (start, target) in linked:
            twice.add(target)
        else:
            linked.add((start, target))
            above[target].append(start)
            below[start].append(target)
    rows: list[list[int]] = [[] for _ in range(max(layer, default=-1) + 1)]
    for item, number in enumerate(layer):
        rows[number].append(item)
    if first:
        rows[0] = list(first)
    return Grid(half, layer, rows, above, below, rails, twice, boxes, bool(first))
