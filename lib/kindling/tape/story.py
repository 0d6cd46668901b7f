"""The steps of a tape told as sentences and as changes to the picture: one source for player, picture and text."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

DRAWN_NODES = 400  # more are folded to a summary: the first and the last KEPT, and one card for the rest
KEPT = 60
DRAWN_STEPS = 2400
TEXT_ROWS = 60
SHORT = 24  # characters of a gradient inside a sentence

Data = dict[str, Any]


@dataclass
class Frame:
    """One step: what to say, which node acts, and what changes from here on."""

    phase: str
    say: str
    node: int = -1
    shows: list[int] = field(default_factory=list)
    grads: dict[int, str | None] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    carries: list[int] = field(default_factory=list)  # edges in use
    new_run: bool = False  # gradients that only passed through are forgotten
    kept: int | None = None  # bytes kept for backward, when that was recorded


@dataclass
class State:
    """The picture after some frames."""

    shown: set[int] = field(default_factory=set)
    grads: dict[int, str | None] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)  # edges a gradient came back along


def frames(data: Data) -> list[Frame]:
    """The start and one frame for each step."""
    nodes, steps = data["nodes"], data["steps"]
    inputs: dict[int, list[int]] = {}
    for number, edge in enumerate(data["edges"]):
        inputs.setdefault(edge["to"], []).append(number)
    told = [_start(data)]
    run = 0
    for step in steps:
        node = nodes[step["node"]]
        frame = _frame(step, node)
        frame.carries = _carries(step, node, inputs.get(node["id"], []), data)
        if frame.phase == "backward" and frame.carries and not node.get("left_out"):
            frame.say += _passes(step, frame.carries, data)
        frame.kept = step.get("kept")
        if frame.kept is not None:
            frame.say += f" Kept for backward: {_count(frame.kept, 'byte')}."
        frame.new_run = step.get("run", run) != run
        run = step.get("run", run)
        told.append(frame)
    return told if len(told) <= DRAWN_STEPS else _squeeze(told)


def final(told: list[Frame], nodes: list[Data]) -> State:
    """The picture after the last frame. `player.js` does the same, frame by frame."""
    state = State()
    for frame in told:
        state.shown.update(frame.shows)
        if frame.new_run:
            state.passed.clear()
            state.grads = {n: g for n, g in state.grads.items() if nodes[n]["kind"] != "operator"}
        state.grads.update(frame.grads)
        state.values.update(frame.values)
        if frame.phase == "backward":
            state.passed.update(frame.carries)
    return state


def called(node: Data) -> str:
    """What a sentence calls this node."""
    name = node.get("name")
    if node["kind"] != "operator":
        return name or node["label"]
    return f"{node['label']} ({name})" if name else node["label"]


def sized(node: Data) -> str:
    """Its shape in words."""
    shape = node["shape"]
    if shape is None:
        return "shape not known"
    return "a single number" if not shape else "shape " + " × ".join(map(str, shape))


def _start(data: Data) -> Frame:
    made = {step["node"] for step in data["steps"] if step["phase"] == "forward"}
    shows = [n["id"] for n in data["nodes"] if n["kind"] != "operator" or n["id"] not in made]
    grads = {n["id"]: n["grad"] for n in data["nodes"] if n.get("grad") is not None}
    if not data["nodes"]:
        return Frame("start", "Nothing was recorded: no operator ran on a tensor that requires grad.")
    if made:
        return Frame(
            "start", "Before the first step: the tensors are there, no operator has run.", shows=shows, grads=grads
        )
    return Frame("start", "The graph behind this tensor, as it was recorded earlier.", shows=shows, grads=grads)


def _frame(step: Data, node: Data) -> Frame:
    who, phase, grad = called(node), step["phase"], step["grad"]
    frame = Frame(phase, "", node["id"])
    if node.get("left_out"):
        did = "run" if phase == "forward" else "pass their gradients back"
        frame.say, frame.shows = f"The {node['left_out']:,} nodes left out of the picture {did}.", [node["id"]]
        frame.grads = {} if phase == "forward" else {node["id"]: "…"}
    elif phase == "forward" and node["kind"] != "operator":
        _written(frame, who, step)
    elif phase == "forward":
        result = node.get("name") or "Its result"
        frame.say, frame.shows = f"{node['label']} makes a node. {result} is {node['value']}.", [node["id"]]
    elif phase == "backward":
        frame.say, frame.grads = _arrives(who, node, grad), {node["id"]: grad}
    else:
        frame.say, frame.grads = _adds(who, step), {node["id"]: grad}
    if node["kind"] == "leaf" and phase == "backward":
        frame.grads = {}
    if step.get("numeric") is not None:
        _beside(frame, step)
    return frame


def _beside(frame: Frame, step: Data) -> None:
    """The measured gradient beside the one that arrived."""
    arrived, measured = step.get("incoming", step["grad"]), step["numeric"]
    same = agree(arrived, measured)
    frame.say += f" Measured with small nudges, it is {measured}{'' if same else ': a rule on the way here is wrong'}."
    if frame.grads.get(frame.node) == arrived:
        frame.grads = {frame.node: f"{arrived} {'≈' if same else '≠'} {measured}"}


def agree(one: str | None, other: str | None) -> bool:
    """Whether two texts hold nearly the same numbers."""
    a, b = (re.findall(r"-?[\d.]+(?:e[-+]?\d+)?|nan|inf", text or "") for text in (one, other))
    near = (abs(float(x) - float(y)) <= 0.01 * max(1, abs(float(y))) for x, y in zip(a, b, strict=False))
    return len(a) == len(b) and all(near)


def _passes(step: Data, carries: list[int], data: Data) -> str:
    """What a node hands on: for single numbers as arriving gradient × local gradient."""
    nodes, edges = data["nodes"], data["edges"]
    given = step.get("passes", ())
    if not given:
        targets = dict.fromkeys(called(nodes[edges[e]["from"]]) for e in carries)
        return f" It passes a gradient on to {_list(targets)}."
    shares = [f"{_product(step['grad'], share['grad'])} on to {called(nodes[share['to']])}" for share in given]
    return f" It passes {_list(shares)}."


def _product(arrived: str, given: str) -> str:
    """`12 × 2 = 24`, where both are single numbers and nothing is divided by 0."""
    try:
        g, grad = float(arrived), float(given)
        local = f"{grad / g:.4g}"
    except (ValueError, ZeroDivisionError):
        return given if len(given) <= SHORT else "a gradient"
    return f"{arrived} × {local} = {given}" if agree(f"{g * float(local):.4g}", given) else given


def _written(frame: Frame, who: str, step: Data) -> None:
    """The program itself wrote to a leaf or a constant, or to the gradient of one."""
    frame.phase = "written"
    if "value" in step:
        frame.values = {frame.node: step["value"]}
        frame.say = f"{who} is written in place: its value is now {step['value']}."
    else:
        frame.grads = {frame.node: step["grad"]}
        now = "cleared: it has none again" if step["grad"] is None else f"set to {step['grad']}"
        frame.say = f"The grad of {who} is {now}."


def _arrives(who: str, node: Data, grad: str | None) -> str:
    if grad is None:
        return f"No gradient arrives at {who}."
    if node["kind"] == "leaf":
        return f"{grad} arrives at {who} and is handed out; its own grad stays as it was."
    return f"Gradient {grad} arrives at {who}."


def _adds(who: str, step: Data) -> str:
    if step.get("before") is None:
        return f"{who} had no grad yet. {step.get('incoming')} arrives and becomes its grad."
    return f"{who} had grad {step['before']}. {step.get('incoming')} arrives and is added: grad is now {step['grad']}."


def _carries(step: Data, node: Data, inputs: list[int], data: Data) -> list[int]:
    """The edges in use: all inputs forward, those that want a gradient backward."""
    if step["phase"] == "forward":
        return inputs if node["kind"] == "operator" else []
    if step["phase"] == "accumulate" or step["grad"] is None:
        return []
    return [e for e in inputs if data["nodes"][data["edges"][e]["from"]]["requires_grad"]]


def _squeeze(told: list[Frame]) -> list[Frame]:
    """Too many steps for a slider: those in the middle become one frame that has all their effects."""
    head, middle, tail = told[: DRAWN_STEPS // 2], told[DRAWN_STEPS // 2 : -DRAWN_STEPS // 2], told[-DRAWN_STEPS // 2 :]
    one = Frame("backward", f"{len(middle):,} steps that are not shown one by one.")
    for frame in middle:
        if frame.new_run:
            one.new_run, one.carries = True, []
        one.shows += frame.shows
        one.grads.update(frame.grads)
        one.values.update(frame.values)
        one.carries += frame.carries if frame.phase == "backward" else []
    return [*head, one, *tail]


def fold(data: Data, limit: int = DRAWN_NODES, keep: int = KEPT) -> Data:
    """The same tape small enough to draw: the nodes in the middle become one card that counts them."""
    nodes = data["nodes"]
    if len(nodes) <= limit:
        return data
    first, last = keep, len(nodes) - keep
    middle = nodes[first:last]
    counts = Counter(n["op"] or n["kind"] for n in middle).most_common(3)
    gap = {
        **dict.fromkeys(("op", "source", "shape", "dtype"), None),
        "id": first,
        "kind": "operator",
        "requires_grad": True,
    }
    gap |= {"label": f"{len(middle):,} nodes left out", "left_out": len(middle)}
    gap["value"] = ", ".join(f"{number:,} {name}" for name, number in counts)
    place = [min(i, first) if i < last else i - last + first + 1 for i in range(len(nodes))]
    kept = [*nodes[:first], gap, *({**n, "id": place[n["id"]]} for n in nodes[last:])]
    edges: dict[tuple, Data] = {}
    for edge in data["edges"]:
        moved = {**edge, "from": place[edge["from"]], "to": place[edge["to"]]}
        if moved["from"] != moved["to"]:
            key = (moved["from"], moved["to"], first in (moved["from"], moved["to"]) or moved["input"])
            edges.setdefault(key, moved)
    return {**data, "nodes": kept, "edges": list(edges.values()), "steps": _fold_steps(data["steps"], place, first)}


def _fold_steps(steps: list[Data], place: list[int], gap: int) -> list[Data]:
    told: list[Data] = []
    for step in steps:
        moved = {**step, "node": place[step["node"]]}
        if "passes" in step:
            moved["passes"] = [{**share, "to": place[share["to"]]} for share in step["passes"]]
        if moved["node"] == gap:
            moved |= {"phase": "forward" if step["phase"] == "forward" else "backward", "merged": 1, "grad": "…"}
            last = told[-1] if told else {}
            if last.get("node") == gap and last["phase"] == moved["phase"] and last.get("run") == moved.get("run"):
                last["merged"] += 1
                continue
        told.append(moved)
    return told


def summary(data: Data) -> str:
    """The tape in one line."""
    nodes = data["nodes"]
    forward = sum(s["phase"] == "forward" and nodes[s["node"]]["kind"] == "operator" for s in data["steps"])
    runs = len({step["run"] for step in data["steps"] if "run" in step})
    line = f"Tape of {_count(len(nodes), 'node')}: {_count(forward, 'forward step')}"
    if runs:
        line += f", {_count(runs, 'backward run')}"
    return line + "".join(f"; {note}" for note in notes(data))


def notes(data: Data) -> list[str]:
    """What the picture does not show."""
    found = []
    if data.get("untracked"):
        found.append(f"{_count(data['untracked'], 'operator')} ran without leaving a node")
    if data.get("left_out"):
        more = " and ".join(_count(number, what[:-1]) for what, number in data["left_out"].items() if number)
        found.append(f"the recording was full, {more} more are left out")
    return found


STEP_HEADS = ("step", "phase", "line", "what happens")
NODE_HEADS = ("node", "what", "shape", "value", "gradient", "computed from")


def step_rows(data: Data, told: list[Frame]) -> list[tuple[str, ...]]:
    """A row for each step: its number, phase, the user's line, what happens."""
    rows = []
    for number, frame in enumerate(told):
        source = data["nodes"][frame.node]["source"] if frame.node >= 0 else None
        line = f"{source['line']}: {source['text'].strip()}" if source and frame.phase == "forward" else ""
        rows.append((str(number), frame.phase, line, frame.say))
    return _shorten(rows)


def node_rows(data: Data, state: State) -> list[tuple[str, ...]]:
    """A row for each node as it is in the end."""
    reads: dict[int, list[str]] = {}
    for edge in data["edges"]:
        reads.setdefault(edge["to"], []).append(f"#{edge['from']}")
    rows = []
    for node in data["nodes"]:
        number, grad = node["id"], state.grads.get(node["id"])
        value = state.values.get(number, node["value"])
        words = grad or {"leaf": "no grad yet", "constant": "none: a constant", "operator": ""}[node["kind"]]
        shape = "" if node["shape"] is None else str(node["shape"])
        rows.append((f"#{number}", called(node), shape, value or "not kept", words, ", ".join(reads.get(number, []))))
    return _shorten(rows)


def _shorten(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Long tables lose their middle."""
    if len(rows) <= TEXT_ROWS:
        return rows
    half = TEXT_ROWS // 2
    gap = (f"… {len(rows) - TEXT_ROWS:,} more …", *[""] * (len(rows[0]) - 1))
    return [*rows[:half], gap, *rows[-half:]]


def text(data: Data) -> str:
    """The whole tape as text: one line of summary, the steps, the nodes."""
    told = frames(data)
    lines = [summary(data)]
    if data.get("question"):
        lines.append(f"Question: {data['question']}")
    if data["steps"] or not data["nodes"]:
        lines += ["", *_columns([STEP_HEADS, *step_rows(data, told)])]
    if data["nodes"]:
        lines += ["", *_columns([NODE_HEADS, *node_rows(data, final(told, data["nodes"]))])]
    return "\n".join(lines)


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    plain = [row for row in rows if any(row[1:])]
    widths = [max(len(row[column]) for row in plain) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _list(names: Iterable[str]) -> str:
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
