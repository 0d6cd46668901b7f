"""Groups: modules as recorded, loops as found, long runs cut; never too much to see, every node in one place."""

from typing import Any

import pytest
from hypothesis import given

from kindling.tape import groups
from kindling.tape.groups import Group, inside, opened, tree
from tests.tape import graphs
from tests.tape.test_stretch import tapes


def tape_of(lines: list[tuple[str, int]], reads: dict[int, list[int]], tensors: int = 1, **more: Any) -> dict[str, Any]:
    """A tape of `tensors` leaves and one operator for each (name, line)."""
    nodes: list[dict[str, Any]] = [
        {"id": i, "kind": "leaf", "label": f"w{i}", "op": None, "source": None} for i in range(tensors)
    ]
    for op, line in lines:
        source = {"file": "cell", "line": line, "text": f"x = {op}(x)"}
        nodes.append({"id": len(nodes), "kind": "operator", "label": op, "op": op, "source": source})
    edges = [{"from": a, "to": b, "input": n} for b, sources in reads.items() for n, a in enumerate(sources)]
    return {"nodes": nodes, "edges": edges, "steps": [], **more}


def chain(lines: list[tuple[str, int]]) -> dict[str, Any]:
    return tape_of(lines, {i + 1: [i] for i in range(len(lines))})


def outline(found: list[Group], group: Group | None = None) -> list:
    """Nodes as numbers, groups as [label, ...]."""
    group = group or found[0]
    return [
        [found[-item].label + (f" × {found[-item].count}" if found[-item].count else ""), *outline(found, found[-item])]
        if item < 0
        else item
        for item in group.items
    ]


def test_equal_bodies_become_a_loop_with_a_count() -> None:
    found = tree(chain([("mul", 1), *[("add", 3), ("tanh", 4)] * 3, ("sum", 6)]))
    assert outline(found) == [
        0,
        1,
        ["lines 3 to 4 × 3", ["1 of 3", 2, 3], ["2 of 3", 4, 5], ["3 of 3", 6, 7]],
        8,
    ]


@pytest.mark.parametrize(
    "text, label",
    [
        (
            [
                "def f(x):",
                "    for step in range(3):",
                "        x = add(x)",
                "        if x:",
                "            x = tanh(x)",
            ],
            "for step in range(3) × 3",
        ),
        (["", "def tree(x):", "    x = add(x)", "    if x:", "        return tanh(tree(x))"], "tree() × 3"),
        (["def f(x):", "    y = [", "    tanh(x) for x in", "        range(3)", "    ]"], "tanh(x) for x in × 3"),
        (["", "", "x = add(x)", "", "x = tanh(x)"], "lines 3 to 5 × 3"),
    ],
)
def test_a_loop_is_called_by_what_runs_it_again_when_the_source_is_known(text: list[str], label: str) -> None:
    data = chain([("add", 3), ("tanh", 5)] * 3) | {"source": {"cell": {"first": 1, "lines": text}}}
    assert outline(tree(data))[0][0] == label


def test_what_a_module_of_the_library_repeats_is_not_called_by_the_users_loop() -> None:
    data = graphs.lstm().to_json()
    assert {group.label for group in tree(data) if group.kind == "loop"} == {"LSTMCell", "slice"}


def test_a_loop_in_a_loop() -> None:
    body = [("mul", 2), *[("add", 4)] * 4]
    found = tree(chain(body * 2))
    assert outline(found)[0][0] == "lines 2 to 4 × 2"
    assert outline(found)[0][1] == ["1 of 2", 0, 1, ["line 4 × 4", 2, 3, 4, 5]]


def test_equal_lines_with_other_edges_are_no_loop() -> None:
    lines = [("add", 3), ("tanh", 4), ("exp", 5)] * 2
    reads = {i + 1: [i] for i in range(6)}
    assert len(tree(tape_of(lines, reads))) == 4
    reads[6] = [2]  # the second exp reads from outside its body
    assert all(group.kind == "all" for group in tree(tape_of(lines, reads)))


def test_two_calls_of_one_line_are_not_worth_a_loop() -> None:
    assert len(tree(chain([("add", 3), ("add", 3), ("sum", 4)]))) == 1


def modules() -> dict[str, Any]:
    """Two linear layers in a model: a parameter of each, one that both use, and an activation of one operator."""
    data = tape_of(
        [("linear", 2), ("relu", 3), ("linear", 2), ("sum", 9)], {3: [0, 2], 4: [3], 5: [4, 1, 2], 6: [5]}, tensors=3
    )
    data["groups"] = [
        {"id": 0, "parent": None, "kind": "module", "label": "model: Net", "type": "Net", "path": ""},
        {"id": 1, "parent": 0, "kind": "module", "label": "fc1: Linear", "type": "Linear", "path": "fc1"},
        {"id": 2, "parent": 0, "kind": "module", "label": "act: ReLU", "type": "ReLU", "path": "act"},
        {"id": 3, "parent": 0, "kind": "module", "label": "fc2: Linear", "type": "Linear", "path": "fc2"},
    ]
    for number, group in ((3, 1), (4, 2), (5, 3)):
        data["nodes"][number]["group"] = group
    return data


def test_a_tensor_lives_where_all_its_uses_are() -> None:
    found = tree(modules())
    assert outline(found) == [["model: Net", 2, ["fc1: Linear", 0, 3], 4, ["fc2: Linear", 1, 5]], 6]


def test_a_module_of_one_operator_needs_no_frame() -> None:
    assert [group.label for group in tree(modules())] == ["", "model: Net", "fc1: Linear", "fc2: Linear"]


@pytest.mark.parametrize(
    "lines",
    [
        [("add", i) for i in range(300)],
        [("add", i // 3) for i in range(300)],
        [(f"op{i}", 1) for i in range(5000)],
        [(f"op{i * i % 7}", i % 5) for i in range(1000)],
    ],
    ids=["many lines", "runs of lines", "one line", "tangled"],
)
def test_never_more_than_can_be_seen(lines: list) -> None:
    data = chain(lines)
    found = tree(data)
    assert all(len(group.items) <= groups.MOST for group in found)
    assert seen(found) <= groups.MOST
    assert sorted(inside(found[0], found)) == list(range(len(data["nodes"])))


def test_a_module_called_again_and_again_is_a_loop_of_numbered_turns() -> None:
    data = chain([("mul", 2), ("tanh", 3)] * 3)
    data["groups"] = [
        {"id": i, "parent": None, "kind": "module", "label": "cell: Cell", "type": "Cell", "path": ""} for i in range(3)
    ]
    for number in range(1, 7):
        data["nodes"][number]["group"] = (number - 1) // 2
    assert [group.label for group in tree(data)[1:]] == ["Cell"] + [f"cell: Cell, {turn} of 3" for turn in (1, 2, 3)]


def test_many_tensors_of_one_level_share_a_shelf() -> None:
    lines = [(f"op{i}", i) for i in range(2)]
    found = tree(tape_of(lines, {100: [*range(100)], 101: [*range(101)]}, tensors=100))
    assert [group.kind for group in found] == ["all", "shelf"] and found[1].label == "100 tensors"
    assert seen(found) <= groups.MOST


def seen(found: list[Group]) -> int:
    """How many things there are to see at first."""
    return sum(len(group.items) for group in found if group.number in opened(found))


@given(tapes())
def test_every_node_is_in_one_place_and_no_cycle_comes_about(data: dict) -> None:
    found = tree(data)
    assert sorted(inside(found[0], found)) == list(range(len(data["nodes"])))
    for group in found:
        place = {node: i for i, item in enumerate(group.items) for node in _nodes(item, found)}
        for edge in data["edges"]:
            if edge["from"] in place and edge["to"] in place:
                assert place[edge["from"]] <= place[edge["to"]]


def _nodes(item: int, found: list[Group]) -> list[int]:
    return list(inside(found[-item], found)) if item < 0 else [item]


@pytest.mark.parametrize("name", graphs.ALL)
def test_the_corpus_opens_with_at_most_sixty_things(name: str) -> None:
    found = tree(graphs.ALL[name]().to_json())
    assert 1 <= seen(found) <= groups.MOST


def layers(count: int, container: str, numbered: bool = True) -> dict[str, Any]:
    """Pairs of operators, each pair in modules of its own, all called from one line."""
    data = chain([("linear", 5), ("relu", 5)] * count)
    data["groups"] = [{"id": 0, "parent": None, "kind": "module", "label": "model", "type": container, "path": ""}]
    for number in range(1, 2 * count + 1):
        turn, place = divmod(number - 1, 2)
        path = f"layers.{turn}.{'fc' if place == 0 else 'act'}" if numbered else f"{number - 1}"
        data["nodes"][number] |= {"group": 0, "module": path}
    return data


@pytest.mark.parametrize(
    ("data", "loops"),
    [
        (layers(3, "Net"), True),
        (layers(2, "Net", numbered=False), False),
        (layers(3, "Sequential", numbered=False), False),
        (layers(4, "Sequential", numbered=False), True),
        (layers(3, "Net") | {"source": {"cell": {"first": 5, "lines": ["y = model(x)"]}}}, False),
        (layers(3, "Net") | {"source": {"cell": {"first": 4, "lines": ["for layer in layers:", "    f(x)"]}}}, True),
    ],
    ids=["a list of modules", "other modules", "three in a Sequential", "four", "no loop in the code", "a loop there"],
)
def test_other_modules_at_the_same_line_are_no_loop(data: dict, loops: bool) -> None:
    assert any(group.kind == "loop" for group in tree(data)) == loops


def test_rounds_of_a_loop_open_all_or_none() -> None:
    found = tree(graphs.lstm().to_json())
    rounds = [[-item for item in group.items] for group in found if group.kind == "loop"]
    assert rounds
    for some in rounds:
        assert len(opened(found) & set(some)) in (0, len(some))
