"""The layout promises: no line runs through a box, no two boxes overlap, arrows point down, long edges share a rail."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindling.tape.cards import curve
from kindling.tape.layout import Layout, layers, layout

Edges = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], Edges]:
    """Boxes of many sizes, edges from lower to higher numbers, the same pair possible twice."""
    count = draw(st.integers(1, 25))
    sizes = draw(
        st.lists(st.tuples(st.floats(20, 200), st.floats(20, 80)), min_size=count, max_size=count).map(
            lambda boxes: [(round(w), round(h)) for w, h in boxes]
        )
    )
    if count == 1:
        return sizes, []
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] != p[1])
    return sizes, [(min(p), max(p)) for p in draw(st.lists(pair, max_size=60))]


def points_on(line: list[tuple[float, float]], pieces: int = 20) -> list[tuple[float, float]]:
    """Points along the line exactly as it is drawn, curves included."""
    found = []
    for start, control1, control2, end in curve(line):
        for step in range(pieces + 1):
            t = step / pieces
            weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
            found.append(
                tuple(
                    sum(w * p[axis] for w, p in zip(weights, (start, control1, control2, end), strict=True))
                    for axis in (0, 1)
                )
            )
    return found


def boxes_of(drawn: Layout, sizes: list[tuple[float, float]]) -> list[tuple[float, float, float, float]]:
    return [(x - w / 2, y, x + w / 2, y + h) for x, y, (w, h) in zip(drawn.x, drawn.y, sizes, strict=True)]


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_no_line_runs_through_a_box_and_no_boxes_overlap(graph: tuple) -> None:
    sizes, edges = graph
    drawn = layout(sizes, edges)
    boxes = boxes_of(drawn, sizes)
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0 and top >= 0 and right <= drawn.width and bottom <= drawn.height
        for other in boxes[:i]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
    for line in drawn.lines:
        for x, y in points_on(line):
            for left, top, right, bottom in boxes:
                assert not (left + 0.1 < x < right - 0.1 and top + 0.1 < y < bottom - 0.1)


@pytest.mark.parametrize("seed", range(12))
def test_rails_stay_clear_of_boxes_in_large_graphs(seed: int) -> None:
    rng = random.Random(seed)
    count = 70
    sizes = [(rng.uniform(40, 200), 60.0) for _ in range(count)]
    edges = [(max(0, i - 1 - int(rng.expovariate(0.15))), i) for i in range(1, count) for _ in range(rng.randint(1, 3))]
    drawn = layout(sizes, edges)
    rows: dict[int, list[tuple[float, float, float, float]]] = {}
    for box, layer in zip(boxes_of(drawn, sizes), drawn.layer, strict=True):
        rows.setdefault(layer, []).append(box)
    for line in drawn.lines:
        for x, y in points_on(line, 4):
            for boxes in rows.values():
                if boxes[0][1] + 0.1 < y < boxes[0][3] - 0.1:
                    assert not any(left + 0.1 < x < right - 0.1 for left, _, right, _ in boxes)


@settings(deadline=None, max_examples=150)
@given(graphs())
def test_every_edge_leads_from_its_source_down_to_its_target(graph: tuple) -> None:
    sizes, edges = graph
    drawn = layout(sizes, edges)
    starts: dict[int, tuple[float, float]] = {}
    for number, (source, target) in enumerate(edges):
        way, line = list(drawn.lines[number]), drawn.parent[number]
        while line >= 0:
            assert drawn.lines[line][-1] == way[0]  # pieces join
            way = drawn.lines[line] + way[1:]
            line = drawn.parent[line]
        assert way[0][1] == drawn.y[source] + sizes[source][1]
        assert way[0] == starts.setdefault(source, way[0])  # all that leaves a tensor leaves at one point
        assert abs(way[0][0] - drawn.x[source]) <= sizes[source][0] / 2
        assert way[-1][1] == drawn.y[target]
        assert abs(way[-1][0] - drawn.x[target]) <= sizes[target][0] / 2
        assert all(a[1] <= b[1] for a, b in zip(way, way[1:], strict=False))


def test_a_layer_is_the_longest_path_and_leaves_stand_beside_their_first_use() -> None:
    chain = [(0, 1), (1, 2), (2, 3)]
    late_leaf = [*chain, (4, 5), (3, 5)]  # 4 is used by 5 only
    assert layers(6, late_leaf) == [0, 1, 2, 3, 3, 4]
    assert layers(6, [(0, 1), (4, 5)])[0:2] == [0, 1]


def test_a_leaf_used_twice_stands_beside_the_first_use() -> None:
    assert layers(4, [(0, 1), (0, 2), (1, 2), (2, 3), (0, 3)])[0] == 0


def test_what_reads_only_a_shared_weight_sinks_to_where_its_result_is_used() -> None:
    weight = [(0, 1), (0, 2), (0, 3)]
    states = [(4, 5), (1, 5), (5, 6), (6, 7), (2, 7), (7, 8), (8, 9), (3, 9)]
    found = layers(10, weight + states)
    assert [found[user] - found[result] for result, user in ((1, 5), (2, 7), (3, 9))] == [1, 1, 1]


def test_a_result_used_late_stays_where_it_is_made() -> None:
    assert layers(6, [(0, 1), (1, 2), (1, 3), (3, 4), (4, 5), (2, 5)])[2] == 2


def test_one_weight_used_at_every_step_costs_one_rail() -> None:
    steps = 100
    edges = [(0, 1)] + [pair for i in range(1, steps) for pair in ((i, i + 1), (0, i + 1))]
    drawn = layout([(60.0, 40.0)] * (steps + 1), edges)
    points = sum(len(line) for line in drawn.lines)
    assert points < 8 * steps  # one chain for each edge would need 100 * 100


def test_using_a_tensor_twice_in_one_operator_draws_two_arrows() -> None:
    drawn = layout([(80.0, 40.0)] * 2, [(0, 1), (0, 1)])
    assert drawn.lines[0][-1][0] != drawn.lines[1][-1][0]


def test_the_same_graph_gives_the_same_picture() -> None:
    edges = [(0, 2), (1, 2), (2, 3), (0, 3)]
    assert layout([(80.0, 40.0)] * 4, edges) == layout([(80.0, 40.0)] * 4, edges)


@settings(max_examples=60)
@given(graphs(), st.randoms(use_true_random=False))
def test_inputs_stand_in_the_top_row_and_outputs_in_the_bottom_row(graph: tuple, rng: random.Random) -> None:
    sizes, edges = graph
    first = [i for i in range(len(sizes)) if all(target != i for _, target in edges)]
    first = rng.sample(first, rng.randint(1, len(first)))
    last = [i for i in range(len(sizes)) if all(source != i for source, _ in edges) and i not in first][:2]
    drawn = layout(sizes, edges, first, last)
    assert {i for i, layer in enumerate(drawn.layer) if layer == 0} == set(first)
    assert [drawn.x[i] for i in first] == sorted(drawn.x[i] for i in first)
    if last:
        assert {i for i, layer in enumerate(drawn.layer) if layer == max(drawn.layer)} == set(last)
    assert all(drawn.layer[a] < drawn.layer[b] for a, b in edges)


@settings(max_examples=100)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_results_of_a_box_share_no_line(graph: tuple, rng: random.Random) -> None:
    sizes, edges = graph
    results = [rng.randint(0, 2) for _ in edges]
    drawn = layout(sizes, edges, results=results)
    carries: dict[int, tuple[int, int]] = {}
    leaves: dict[tuple[int, int], set[tuple[float, float]]] = {}
    for number, ((source, _), result) in enumerate(zip(edges, results, strict=True)):
        line = number
        while line >= 0:
            assert carries.setdefault(line, (source, result)) == (source, result)
            line, top = drawn.parent[line], line
        leaves.setdefault((source, result), set()).add(drawn.lines[top][0])
    for (source, _), places in leaves.items():
        assert len(places) == 1
        assert all(abs(x - drawn.x[source]) <= sizes[source][0] / 2 for x, _ in places)


def test_two_results_leave_their_box_side_by_side() -> None:
    drawn = layout([(90.0, 40.0)] * 3, [(0, 1), (0, 2)], results=[0, 1])
    assert drawn.lines[0][0][0] != drawn.lines[1][0][0]
