"""Open groups make room: whatever is open, nothing overlaps, no line runs through a box, what is above stays above."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kindling.tape import cards, drawing
from kindling.tape.stretch import grown, moved
from tests.tape import graphs
from tests.tape.test_layout import points_on

Rect = tuple[float, float, float, float]


def node(number: int, kind: str = "operator", group: int | None = None) -> dict[str, Any]:
    made = {"id": number, "kind": kind, "label": f"n{number}" * (1 + number % 3), "op": "mul", "source": None}
    made |= {"shape": [2] * (number % 3), "dtype": "float32", "value": "1", "requires_grad": number % 4 > 0}
    return made | ({} if group is None else {"group": group})


@st.composite
def tapes(draw: st.DrawFn) -> dict[str, Any]:
    """Operators in nested calls of modules, reading from each other and from tensors of the program's."""
    count, tensors = draw(st.integers(1, 22)), draw(st.integers(1, 4))
    groups: list[dict[str, Any]] = []
    stack: list[int] = []
    nodes = [node(i, "leaf") for i in range(tensors)]
    edges = []
    for number in range(tensors, tensors + count):
        for _ in range(draw(st.integers(0, 2))):
            if stack and draw(st.booleans()):
                stack.pop()
        if draw(st.integers(0, 3)) == 0 and len(groups) < 8:
            parent = stack[-1] if stack else None
            groups.append({"id": len(groups), "parent": parent, "kind": "module", "label": f"g{len(groups)}"})
            stack.append(len(groups) - 1)
        nodes.append(node(number, "operator", stack[-1] if stack else None))
        sources = draw(st.lists(st.integers(0, number - 1), min_size=1, max_size=3))
        edges += [
            {"from": source, "to": number, "input": place, "output": draw(st.integers(0, 1))}
            for place, source in enumerate(sources)
        ]
    return {"nodes": nodes, "edges": edges, "steps": [], "groups": groups}


def rects(made: drawing.Scene) -> dict[Any, Rect]:
    """Cards, closed groups and the titles of open ones, as left, top, right, bottom."""
    found: dict[Any, Rect] = {
        item: (x, y, x + width, y + height) for item, (x, y, width, height) in made.placed.boxes.items()
    }
    for number, (x, y, _, _) in made.placed.frames.items():
        found[f"title {number}"] = (x, y + 3, x + made.titles[number], y + 22)
    return found


def apart(one: Rect, other: Rect) -> bool:
    return one[2] <= other[0] + 0.2 or other[2] <= one[0] + 0.2 or one[3] <= other[1] + 0.2 or other[3] <= one[1] + 0.2


@settings(max_examples=120)
@given(tapes(), st.sets(st.integers(1, 8)))
def test_whatever_is_open_nothing_overlaps_and_no_line_runs_through_a_box(data: dict, some: set[int]) -> None:
    made = drawing.scene(data)
    some = {number for number in some if number < len(made.groups)}
    made = drawing.scene(data, open=with_parents(made, some))
    boxes = rects(made)
    names = list(boxes)
    for i, one in enumerate(names):
        left, top, right, bottom = boxes[one]
        assert left >= 0 and top >= 0 and right <= made.placed.width + 0.2 and bottom <= made.placed.height + 0.2
        for other in names[:i]:
            assert apart(boxes[one], boxes[other]), (one, other)
    for key, line in made.placed.lines.items():
        for x, y in points_on(line):
            for name, (left, top, right, bottom) in boxes.items():
                inside = left + 0.3 < x < right - 0.3 and top + 0.3 < y < bottom - 0.3
                assert not inside, (key, name)


def with_parents(made: drawing.Scene, some: set[int]) -> set[int]:
    found = set(some)
    for number in some:
        while number >= 0:
            found.add(number)
            number = made.groups[number].parent
    return found


@given(tapes())
def test_frames_hold_their_own_and_nothing_else(data: dict) -> None:
    made = drawing.scene(data, open=set(range(50)))
    for number, (x, y, width, height) in made.placed.frames.items():
        own = set(drawing.inside(made.groups[number], made.groups))
        for item, (left, top, wide, tall) in made.placed.boxes.items():
            within = x <= left and y <= top and left + wide <= x + width + 0.2 and top + tall <= y + height + 0.2
            assert within == (item in own)


@given(tapes())
def test_opening_a_group_leaves_the_order_as_it_is(data: dict) -> None:
    """What stands left of something else, or above it, still does."""
    shut = drawing.scene(data, open=set())
    for group in shut.groups[1:]:
        if group.parent:
            continue
        wide = drawing.scene(data, open={group.number}).placed
        boxes = wide.boxes | {-number: rect for number, rect in wide.frames.items()}
        for one, (x, y, width, height) in shut.placed.boxes.items():
            for other, (left, top, _, _) in shut.placed.boxes.items():
                if x + width <= left:
                    assert boxes[one][0] + boxes[one][2] <= boxes[other][0] + 0.2
                if y + height <= top:
                    assert boxes[one][1] + boxes[one][3] <= boxes[other][1] + 0.2


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30), st.integers(0, 90)), max_size=6), st.data())
def test_the_map_never_turns_back_and_gives_every_span_its_room(parts: list, data: st.DataObject) -> None:
    spans = [(low, low + length, need) for low, length, need in parts]
    by = grown(spans)
    for low, high, need in spans:
        assert moved(by, high) - moved(by, low) >= need - 1e-6
    a, b = sorted((data.draw(st.integers(0, 90)), data.draw(st.integers(0, 90))))
    assert moved(by, b) - moved(by, a) >= b - a - 1e-6


@pytest.mark.parametrize("value, text", [(3.0, "3"), (2.5, "2.5"), (-0.125, "-0.12"), (12345.678, "12345.68")])
def test_coordinates_are_written_as_a_browser_writes_them(value: float, text: str) -> None:
    assert cards.num(value) == text


def test_frames_have_little_room_above_their_first_row_and_below_their_last() -> None:
    made = drawing.scene(graphs.two_layer_net().to_json())
    assert made.placed.frames
    for number, (_, top, _, height) in made.placed.frames.items():
        inside = [rect for item, rect in (made.placed.boxes | _negated(made.placed.frames)).items()
                  if item in made.groups[number].items]  # fmt: skip
        assert min(y for _, y, _, _ in inside) - top <= 52
        assert top + height - max(y + tall for _, y, _, tall in inside) <= 28


def _negated(frames: dict) -> dict:
    return {-number: rect for number, rect in frames.items()}
