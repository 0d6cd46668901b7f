"""The corpus as drawn flat, beside graphviz dot with the same boxes and gaps: crossings, length of lines, bends.

How we count. Both pictures are taken as straight pieces between the points that the layouts give (dot: every third
control point of `splines=polyline`). A crossing is a place where two pieces of different lines pass through each
other. The length is that of all lines; dot draws every edge alone, while ours share a rail, and a shared piece counts
once, because it is one line on the paper. A bend is a point where a line changes its direction by more than a degree;
leaving a rail in another direction is one too.
"""

import shutil
import subprocess
from functools import cache
from itertools import pairwise
from math import atan2, degrees, dist

import pytest

from kindling.tape import cards, story
from kindling.tape.layout import GAP_X, GAP_Y, layout
from kindling.tape.layout.lines import Point
from tests.tape import graphs
from tests.tape.test_layout import boxes_of, points_on

LENGTH, BENDS = 1.15, 1.2  # times dot's, at most
Line = list[Point]
Graph = tuple[list[tuple[float, float]], list[tuple[int, int]]]

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz dot is not installed")


@cache
def graph_of(name: str) -> Graph:
    """Every node with the size of its card, and every edge."""
    data = graphs.ALL[name]().to_json()
    return cards.sizes(data, story.frames(data)), [(edge["from"], edge["to"]) for edge in data["edges"]]


def lines_of_dot(graph: Graph) -> list[Line]:
    sizes, edges = graph
    inch = 72
    text = [
        f"digraph {{ rankdir=TB nodesep={GAP_X / inch} ranksep={GAP_Y / inch} splines=polyline",
        'node [shape=box fixedsize=true label=""] edge [arrowhead=none]',
        *(f"{i} [width={width / inch} height={height / inch}]" for i, (width, height) in enumerate(sizes)),
        *(f"{a} -> {b}" for a, b in edges),
        "}",
    ]
    drawn = subprocess.run(["dot", "-Tplain"], input="\n".join(text), capture_output=True, text=True, check=True)
    lines = []
    for words in map(str.split, drawn.stdout.splitlines()):
        if words[0] == "edge":
            numbers = [float(word) * inch for word in words[4 : 4 + 2 * int(words[3])]]
            lines.append([(x, -y) for x, y in zip(numbers[::6], numbers[1::6], strict=True)])
    return lines


def length(lines: list[Line]) -> float:
    return sum(dist(a, b) for line in lines for a, b in pairwise(line))


def directions(line: Line) -> list[float]:
    return [degrees(atan2(b[0] - a[0], b[1] - a[1])) for a, b in pairwise(line) if dist(a, b) > 0.5]


def bends(lines: list[Line], parents: list[int] | None = None) -> int:
    found = 0
    for number, line in enumerate(lines):
        ways = directions(line)
        if parents and parents[number] >= 0:
            ways = directions(lines[parents[number]])[-1:] + ways
        found += sum(abs(a - b) > 1 for a, b in pairwise(ways))
    return found


def side(piece: tuple[Point, Point], point: Point) -> int:
    """On which side of a piece a point lies; 0 within a third of a pixel of it."""
    (x0, y0), (x1, y1) = piece
    away = ((x1 - x0) * (point[1] - y0) - (y1 - y0) * (point[0] - x0)) / (dist(*piece) + 1e-9)
    return 0 if abs(away) < 0.3 else 1 if away > 0 else -1


def crossings(lines: list[Line]) -> int:
    pieces = [
        (sorted(piece, key=lambda point: point[1]), number)
        for number, line in enumerate(lines)
        for piece in pairwise(line)
    ]
    pieces.sort(key=lambda piece: piece[0][0][1])
    found = 0
    beside: list = []  # the pieces that reach down to where the next begins
    for piece, line in pieces:
        beside = [other for other in beside if other[0][1][1] > piece[0][1]]
        found += sum(
            line != number
            and side(piece, other[0]) * side(piece, other[1]) < 0
            and side(other, piece[0]) * side(other, piece[1]) < 0
            for other, number in beside
        )
        beside.append((piece, line))
    return found


@needs_dot
@pytest.mark.parametrize("name", graphs.ALL)
def test_at_least_as_good_as_dot(name: str) -> None:
    graph = graph_of(name)
    ours, dot = layout(*graph), lines_of_dot(graph)
    found = {
        "crossings": (crossings(ours.lines), crossings(dot)),
        "length": (length(ours.lines), length(dot)),
        "bends": (bends(ours.lines, ours.parent), bends(dot)),
    }
    print(name, *(f"{what} {a:.0f}/{b:.0f}" for what, (a, b) in found.items()))
    assert found["crossings"][0] <= found["crossings"][1]
    assert found["length"][0] <= LENGTH * found["length"][1]
    assert found["bends"][0] <= BENDS * found["bends"][1]


@pytest.mark.parametrize("name", graphs.ALL)
def test_no_line_runs_through_a_card_and_no_cards_touch(name: str) -> None:
    """The only words on the picture stand on the cards, so no words overlap either."""
    sizes, _ = graph = graph_of(name)
    ours = layout(*graph)
    rows: dict[int, list[tuple[float, float, float, float]]] = {}
    for box, layer in zip(boxes_of(ours, sizes), ours.layer, strict=True):
        rows.setdefault(layer, []).append(box)
    for boxes in rows.values():
        boxes.sort()
        assert all(left[2] + GAP_X <= right[0] + 0.2 for left, right in pairwise(boxes))
    spans = [(min(box[1] for box in boxes), max(box[3] for box in boxes), boxes) for boxes in rows.values()]
    spans.sort()
    assert all(above[1] < below[0] for above, below in pairwise(spans))
    for line in ours.lines:
        for x, y in points_on(line, 8):
            for top, bottom, boxes in spans:
                if top < y < bottom:
                    assert not any(x0 + 0.1 < x < x1 - 0.1 and y0 + 0.1 < y < y1 - 0.1 for x0, y0, x1, y1 in boxes)


def test_one_step_of_an_lstm_is_drawn_without_a_crossing() -> None:
    """Read in the order of its inputs it has one: the walk from the inputs finds the way out."""
    sums = [(0, 3), (1, 3), (2, 3), (4, 7), (5, 7), (6, 7), (3, 8), (7, 8)]
    gates = [(8, 9), (8, 10), (8, 11), (8, 12), (10, 13), (9, 15), (11, 16), (12, 19)]
    memory = [(13, 14), (4, 14), (15, 17), (16, 17), (14, 18), (17, 18), (18, 20), (19, 21), (20, 21)]
    edges = [*sums, *gates, *memory, (21, 22), (18, 22)]
    assert crossings(layout([(100, 60)] * 23, edges).lines) == 0


@pytest.mark.parametrize(
    ("lines", "number"),
    [
        ([[(0, 0), (10, 10)], [(10, 0), (0, 10)]], 1),
        ([[(0, 0), (10, 10)], [(0, 0), (0, 10)]], 0),  # they start together
        ([[(0, 0), (10, 10)], [(10, 0), (5, 5)]], 0),  # one ends at the other
        ([[(0, 0), (0, 30)], [(-5, 0), (5, 10), (-5, 20)]], 2),
    ],
)
def test_crossings_are_counted(lines: list[Line], number: int) -> None:
    assert crossings(lines) == number


def test_bends_are_counted() -> None:
    lines = [[(0, 0), (0, 10), (5, 20)], [(0, 10), (-5, 20)], [(0, 0), (0, 5), (0, 10)]]
    assert bends(lines) == 1
    assert bends(lines, [2, 2, -1]) == 2
