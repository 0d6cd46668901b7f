"""The steps of a tape told as sentences and as changes to the picture: one source for player, picture and text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

TEXT_ROWS = 40
SHORT = 32  # characters of a gradient inside a sentence

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
    saves: list[int] = field(default_factory=list)  # nodes whose results are kept for a rule from here on
    frees: list[int] = field(default_factory=list)  # nodes whose results that rule no longer needs
    passes: list[tuple[int, str]] = field(default_factory=list)  # edges, and in words what goes back along them


@dataclass
class State:
    """The picture after some frames."""

    shown: set[int] = field(default_factory=set)
    grads: dict[int, str | None] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    passed: set[int] = field(default_factory=set)  # edges a gradient came back along
    holds: dict[int, int] = field(
        default_factory=dict
    )  # how many rules keep a node's result; 0 when none does any more


def frames(data: Data) -> list[Frame]:
    """The start and one frame for each step."""
    nodes, steps = data["nodes"], data["steps"]
    inputs: dict[int, list[int]] = {}
    for number, edge in enumerate(data["edges"]):
        inputs.setdefault(edge["to"], []).append(number)
    told = [_start(data)]
    shown = set(told[0].shows)
    run = 0
    for step in steps:
        node = nodes[step["node"]]
        frame = _frame(step, node)
        frame.carries = _carries(step, node, inputs.get(node["id"], []), data)
        seen = (data["edges"][edge]["from"] for edge in inputs.get(node["id"], ())), frame.shows, [node["id"]]
        frame.shows = list(dict.fromkeys(number for some in seen for number in some if number not in shown))
        shown.update(frame.shows)
        _saved(frame, step, node)
        if frame.phase == "backward" and frame.carries:
            frame.passes = _passes(step, frame.carries, data)
            frame.say += _handed_on(frame, step, data)
        frame.kept = step.get("kept")
        if frame.kept is not None:
            frame.say += f" Kept for backward: {counted(frame.kept, 'byte')}."
        frame.new_run = step.get("run", run) != run
        run = step.get("run", run)
        told.append(frame)
    return told


def _saved(frame: Frame, step: Data, node: Data) -> None:
    """Which results a rule keeps from its forward step to its backward."""
    kept = [saved["of"] for saved in node.get("saved", ()) if saved.get("of") is not None]
    if step["phase"] == "forward" and node["kind"] == "operator":
        frame.saves = kept
    elif step["phase"] == "backward" and step.get("freed", 1):
        frame.frees = kept


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
        for kept, by in ((frame.saves, 1), (frame.frees, -1)):
            for node in kept:
                state.holds[node] = max(0, state.holds.get(node, 0) + by)
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
    nodes = data["nodes"]
    forward = {step["node"] for step in data["steps"] if step["phase"] == "forward"}
    made = {number for number in forward if nodes[number]["kind"] == "operator"}
    used = {edge["from"] for edge in data["edges"] if edge["to"] in made}
    later = {number for number in used if _comes_later(nodes[number])}
    shows = [n["id"] for n in data["nodes"] if n["id"] not in made | later]
    grads = {n["id"]: n["grad"] for n in data["nodes"] if n.get("grad") is not None}
    if not data["nodes"]:
        return Frame("start", "Nothing was recorded: no operator ran on a tensor that requires grad.")
    if made:
        return Frame(
            "start", "Before the first step: the tensors are there, no operator has run.", shows=shows, grads=grads
        )
    return Frame("start", "The graph behind this tensor, as it was recorded earlier.", shows=shows, grads=grads)


def _comes_later(node: Data) -> bool:
    """Whether a tensor is seen only when it is first used: a constant that the recording made, or without a name."""
    return node["kind"] == "constant" and bool(node["source"] or not node.get("name"))


def _frame(step: Data, node: Data) -> Frame:
    who, phase, grad = called(node), step["phase"], step["grad"]
    frame = Frame(phase, "", node["id"])
    if phase == "forward" and node["kind"] != "operator":
        _written(frame, who, step)
    elif phase == "forward":
        frame.say, frame.shows = _made(node), [node["id"]]
    elif phase == "backward":
        frame.say, frame.grads = _arrives(who, node, step), {node["id"]: grad}
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
    near = (x == y or abs(float(x) - float(y)) <= 0.01 * max(1, abs(float(y))) for x, y in zip(a, b, strict=False))
    same_length = len(a) == len(b) or "…" in f"{one}{other}"  # what is cut may be cut earlier
    return same_length and all(near)


def _made(node: Data) -> str:
    if node.get("error"):
        return f"{node['label']} fails: {node['error'].rstrip('.')}."
    result = node.get("name") or "Its result"
    if node.get("value") is None:
        return f"{node['label']} makes a node."
    if node.get("in_place"):
        return f"{node['label']} writes in place, and makes a node. The memory now holds {node['value']}."
    view = " It shares its memory with what it was made from." if node.get("view_of") is not None else ""
    return f"{node['label']} makes a node. {result} is {node['value']}.{view}"


def _passes(step: Data, carries: list[int], data: Data) -> list[tuple[int, str]]:
    """What a node's rules hand on along its edges: for single numbers as arriving gradient × local gradient."""
    found, free = [], list(carries)
    for share in step.get("passes", ()):
        edge = next((e for e in free if data["edges"][e]["from"] == share["to"]), None)
        if edge is None:
            continue
        free.remove(edge)
        if "sum" in share:
            words = f"{share['sum'] or 'a gradient'}, summed to shape {data['nodes'][share['to']]['shape']}"
        else:
            words = share.get("rule") or _product(step["grad"], share["grad"])
        found.append((edge, words))
    return found


def _handed_on(frame: Frame, step: Data, data: Data) -> str:
    def target(number: int) -> str:
        edge = data["edges"][number]
        node = data["nodes"][edge["from"]]
        name = node["outputs"][edge["output"]].get("name") if edge.get("output") and "outputs" in node else None
        return called({**node, "name": name} if name else node)

    if not frame.passes:
        return f" It passes a gradient on to {_list(dict.fromkeys(map(target, frame.carries)))}."
    return f" It passes {_list(f'{_short(words)} on to {target(edge)}' for edge, words in frame.passes)}."


def _short(words: str) -> str:
    return words if len(words) <= SHORT else "a gradient"


def _product(arrived: str, given: str) -> str:
    """`12 × 2 = 24`, where both are single numbers and nothing is divided by 0."""
    try:
        g, grad = float(arrived), float(given)
        local = f"{grad / g:.4g}"
    except (ValueError, ZeroDivisionError):
        return given
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


def _arrives(who: str, node: Data, step: Data) -> str:
    grad = step["grad"]
    if grad is None:
        return f"No gradient arrives at {who}."
    if step.get("lost"):
        return f"{grad} arrives at {who}, but the program has let go of this tensor: its gradient is lost."
    if node["kind"] == "leaf":
        return f"{grad} arrives at {who} and is handed out; its own grad stays as it was."
    return f"Gradient {grad} arrives at {who}.{_hooked(step)}{_fails(step)}"


def _hooked(step: Data) -> str:
    return " The program has hooks here, which may change gradients." if step.get("hooked") else ""


def _fails(step: Data) -> str:
    return f" Its rule fails: {step['error'].rstrip('.')}." if step.get("error") else ""


def _adds(who: str, step: Data) -> str:
    if step.get("before") is None:
        return f"{who} had no grad yet. {step.get('incoming')} arrives and becomes its grad.{_hooked(step)}"
    return (
        f"{who} had grad {step['before']}. {step.get('incoming')} arrives and is added: grad is now {step['grad']}."
        f"{_hooked(step)}"
    )


def _carries(step: Data, node: Data, inputs: list[int], data: Data) -> list[int]:
    """The edges in use: all inputs forward, those that want a gradient backward."""
    if step["phase"] == "forward":
        return inputs if node["kind"] == "operator" else []
    if step["phase"] == "accumulate" or step["grad"] is None:
        return []
    wanting = [e for e in inputs if data["nodes"][data["edges"][e]["from"]]["requires_grad"]]
    return [edge for edge, _ in _passes(step, wanting, data)] if "passes" in step else wanting


def summary(data: Data) -> str:
    """The tape in one line."""
    nodes = data["nodes"]
    forward = sum(s["phase"] == "forward" and nodes[s["node"]]["kind"] == "operator" for s in data["steps"])
    runs = len({step["run"] for step in data["steps"] if "run" in step})
    line = f"Tape of {counted(len(nodes), 'node')}: {counted(forward, 'forward step')}"
    if runs:
        line += f", {counted(runs, 'backward run')}"
    return line + "".join(f"; {note}" for note in notes(data))


def notes(data: Data) -> list[str]:
    """What the picture does not show."""
    found = []
    if data.get("untracked"):
        found.append(f"{counted(data['untracked'], 'operator')} ran without leaving a node")
    if data.get("left_out"):
        more = " and ".join(counted(number, what[:-1]) for what, number in data["left_out"].items() if number)
        found.append(f"the recording was full, {more} more are left out")
    return found + [note.rstrip(".") for note in data.get("notes", ())]


STEP_HEADS = ("step", "phase", "line", "what happens")
NODE_HEADS = ("node", "what", "shape", "value", "gradient", "computed from")


def step_rows(data: Data, told: list[Frame]) -> list[tuple[str, ...]]:
    """A row for each step: its number, phase, the user's line, what happens."""
    rows = []
    for number, frame in enumerate(told):
        wrote = data["steps"][number - 1].get("source") if number else None
        source = wrote or (data["nodes"][frame.node]["source"] if frame.node >= 0 else None)
        line = f"{source['line']}: {source['text'].strip()}" if source else ""
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


def counted(number: int, what: str) -> str:
    """Such as "1 byte" or "2 bytes"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _list(names: Iterable[str]) -> str:
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
