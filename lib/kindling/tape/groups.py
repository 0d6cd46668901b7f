"""What belongs together on a tape: calls of modules, equal bodies of a loop, and parts of what is too long to see.

Every group is an interval of recording time, so a graph whose groups are drawn as single boxes has no cycle. A tensor
that the program brought along lives in the smallest group that holds all its uses.

At first at most sixty things are seen, of a recording of 5,000 nodes too: that is why no canvas is needed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

MOST = 60  # things that are visible before anything is unfolded
PARTS = 20  # a run too long to see is cut into so many
SHELF = 30  # tensors that stand by themselves on one level; more share a shelf
SHORTEST = 4  # operators that are worth a loop
LISTED = 4  # equal bodies in a row of modules that no line of the user's loops over
PERIODS = 64  # different lengths of a body that are tried
LABEL = 34  # characters

Data = dict[str, Any]


@dataclass
class Group:
    """An item of `items` is a node, or, below 0, another group: -3 is the group with number 3."""

    number: int
    parent: int
    kind: str  # all, module, loop, body, part, shelf
    label: str
    count: int = 0  # bodies of a loop
    path: str = ""
    items: list[int] = field(default_factory=list)


@dataclass
class _Part:
    """A group before it has its number; `items` are operators' numbers and parts, in the order of time."""

    kind: str
    label: str
    items: list
    type: str = ""
    count: int = 0
    path: str = ""


def tree(data: Data) -> list[Group]:
    """The groups of a tape; the first is the whole, and every other comes after its parent."""
    root = _Part("all", "", _modules(data))
    uses = _uses(data)
    _thin(root, uses, {node["id"] for node in data["nodes"] if node["kind"] == "leaf"})
    _Loops(data).fold(root)
    found: list[Group] = []
    _settle(root, uses, data, found, -1)
    return found


def opened(groups: list[Group]) -> set[int]:
    """The groups that are open at first: from the outside in, the largest first, while no more than MOST is seen."""
    seen = len(groups[0].items)
    found = {0}
    level = [groups[0]]
    while level:
        sets = [together for group in level for together in _together(group, groups)]
        sets.sort(key=lambda together: (-sum(len(g.items) for g in together), together[0].number))
        level = []
        for together in sets:  # the rounds of a loop open all, or none: one alone would push the others far out
            cost = sum(len(g.items) for g in together)
            if seen + cost <= MOST:
                seen += cost
                found.update(g.number for g in together)
                level += together
    return found


def _together(group: Group, groups: list[Group]) -> list[list[Group]]:
    inside = [groups[-item] for item in group.items if item < 0]
    if group.kind == "loop":
        return [inside] if inside else []
    return [[one] for one in inside]


def inside(group: Group, groups: list[Group]) -> Iterator[int]:
    """All nodes of a group, those of its groups included."""
    for item in group.items:
        if item < 0:
            yield from inside(groups[-item], groups)
        else:
            yield item


def _modules(data: Data) -> list:
    """The operators in order, nested as the modules called each other."""
    facts = {group["id"]: group for group in data.get("groups", ())}
    root: list = []
    stack: list[tuple[Any, list]] = [(None, root)]
    for node in data["nodes"]:
        if node["kind"] != "operator":
            continue
        wanted = _chain(node.get("group"), facts)
        keep = 0
        while keep < len(wanted) and keep + 1 < len(stack) and stack[keep + 1][0] == wanted[keep]:
            keep += 1
        del stack[keep + 1 :]
        for number in wanted[keep:]:
            fact = facts[number]
            part = _Part("module", fact["label"], [], fact.get("type", ""), path=fact.get("path", ""))
            stack[-1][1].append(part)
            stack.append((number, part.items))
        stack[-1][1].append(node["id"])
    return root


def _chain(group: Any, facts: dict) -> list:
    found = []
    while group is not None and group in facts:
        found.append(group)
        group = facts[group].get("parent")
    return found[::-1]


def _uses(data: Data) -> dict[int, list[int]]:
    """Who reads each tensor that no recorded operator made."""
    uses: dict[int, list[int]] = {n["id"]: [] for n in data["nodes"] if n["kind"] != "operator"}
    for edge in data["edges"]:
        if edge["from"] in uses:
            uses[edge["from"]].append(edge["to"])
    return uses


def _operators(item: Any) -> Iterator[int]:
    if isinstance(item, int):
        yield item
    else:
        for each in item.items:
            yield from _operators(each)


def _thin(part: _Part, uses: dict[int, list[int]], leaves: set[int]) -> None:
    """A module of one operator without a leaf of its own, or one around another module only, needs no frame."""
    own = {users[0] for leaf, users in uses.items() if leaf in leaves and len(set(users)) == 1}
    items: list = []
    for item in part.items:
        if isinstance(item, _Part):
            _thin(item, uses, leaves)
            if len(item.items) == 1 and (isinstance(item.items[0], _Part) or item.items[0] not in own):
                item = item.items[0]
        items.append(item)
    part.items = items


class _Loops:
    """Finds runs of equal bodies: the same operators from the same lines, joined by the same edges inside.

    Other modules at the same line are no loop, unless they stand in a list that the program loops over.
    """

    def __init__(self, data: Data) -> None:
        self.nodes, self.lines = data["nodes"], data.get("source") or {}
        known = [line for file in self.lines.values() for line in file["lines"]]
        self.loops = not known or any(re.search(r"\b(for|while)\b", line) for line in known)
        self.kinds: dict[Any, int] = {}
        self.reads: dict[int, list[tuple[int, int]]] = {}
        for edge in data["edges"]:
            self.reads.setdefault(edge["to"], []).append((edge["from"], edge["input"]))

    def fold(self, part: _Part) -> None:
        """Contract every loop in a part, inner loops first."""
        for item in part.items:
            if isinstance(item, _Part):
                self.fold(item)
        while self._fold_shortest(part):
            pass

    def kind(self, item: Any) -> int:
        """Equal for items that may be the same piece of code run again."""
        if isinstance(item, int):
            seen = self.nodes[item]["op"], *self._place(item)
        else:
            seen = item.kind, item.type, item.count, tuple(self.kind(each) for each in item.items)
        return self.kinds.setdefault(seen, len(self.kinds))

    def _place(self, node: int) -> tuple:
        source = self.nodes[node]["source"] or {}
        return source.get("file"), source.get("line"), tuple(source.get("columns", ()))

    def _fold_shortest(self, part: _Part) -> bool:
        kinds = [self.kind(item) for item in part.items]
        last: dict[int, int] = {}
        periods = set()
        for place, kind in enumerate(kinds):
            periods.add(place - last.get(kind, place))
            last[kind] = place
        for period in sorted(periods - {0})[:PERIODS]:
            runs = list(self._runs(part, kinds, period))
            for start, count in reversed(runs):
                part.items[start : start + count * period] = [self._loop(part, start, period, count)]
            if runs:
                return True
        return False

    def _runs(self, part: _Part, kinds: list[int], period: int) -> Iterator[tuple[int, int]]:
        items, listed = part.items, part.type == "Sequential"
        start = 0
        while start + 2 * period <= len(kinds):
            count = 1
            first, inner = items[start : start + period], None
            while kinds[start : start + period] == kinds[start + count * period : start + (count + 1) * period]:
                inner = inner or self._edges(first)
                body = items[start + count * period : start + (count + 1) * period]
                if self._edges(body) != inner or not (listed or self._same_modules(first, body)):
                    break
                count += 1
            size = count * sum(1 for item in items[start : start + period] for _ in _operators(item))
            whole = period == 1 and isinstance(items[start], _Part) and items[start].kind == "loop"
            if count >= (LISTED if listed else 2) and size >= SHORTEST and not whole:
                yield start, count
                start += count * period
            else:
                start += 1

    def _same_modules(self, one: list, other: list) -> bool:
        """Whether the same modules made both, or those of one list at two places of it."""
        turns = set()
        for a, b in zip(self._paths(one), self._paths(other), strict=True):
            differ = [pair for pair in zip(a, b, strict=False) if pair[0] != pair[1]]
            if len(a) != len(b) or len(differ) > 1 or not all(part.isdigit() for pair in differ for part in pair):
                return False
            turns.update(differ)
        return not turns or (len(turns) == 1 and self.loops)

    def _paths(self, body: list) -> list[list[str]]:
        return [self.nodes[node].get("module", "").split(".") for item in body for node in _operators(item)]

    def _edges(self, body: list) -> list[tuple[int, int, int]]:
        """The edges inside a body, by places in it."""
        place = {node: i for i, node in enumerate(node for item in body for node in _operators(item))}
        return [(place[a], place[b], number) for b in place for a, number in self.reads.get(b, ()) if a in place]

    def _loop(self, part: _Part, start: int, period: int, count: int) -> _Part:
        items = part.items
        bodies = [items[start + i * period : start + (i + 1) * period] for i in range(count)]
        only = bodies[0][0] if period == 1 else None
        if isinstance(only, _Part):
            if all(body[0].label == only.label for body in bodies):
                for turn, body in enumerate(bodies, 1):
                    body[0].label += f", {turn} of {count}"
            return _Part("loop", only.type or only.label, [body[0] for body in bodies], count=count)
        label = self._within(part, bodies[0]) or self._label(bodies[0])
        if only is not None:
            return _Part("loop", label, [body[0] for body in bodies], count=count)
        turns = [_Part("body", f"{i + 1} of {count}", body) for i, body in enumerate(bodies)]
        return _Part("loop", label, list(turns), count=count)

    def _within(self, part: _Part, body: list) -> str:
        """What repeats inside one call of a module that the library wrote; the user's loop is not around that."""
        if part.kind != "module" or len({self._place(node) for node in _operators(part)}) > 1:
            return ""
        return clip(", ".join(dict.fromkeys(self.nodes[node]["op"] for item in body for node in _operators(item))))

    def _label(self, body: list) -> str:
        """The line that opens the loop, or the function that runs again, where they are known; else the lines."""
        sources = [s for item in body for node in _operators(item) if (s := self.nodes[node]["source"])]
        if not sources:
            return "repeated"
        first = min(sources, key=lambda s: (s["file"] != sources[0]["file"], s["line"]))
        head = self._head(first["file"], first["line"])
        if head:
            return clip(head)
        lines = sorted({s["line"] for s in sources if s["file"] == first["file"]})
        return f"line {lines[0]}" if len(lines) == 1 else f"lines {lines[0]} to {lines[-1]}"

    def _head(self, file: str, line: int) -> str:
        """What runs the line again: a loop in it or around it, else the function that it stands in."""
        known = self.lines.get(file)
        if not known or not 0 <= line - known["first"] < len(known["lines"]):
            return ""
        lines = known["lines"][: line - known["first"] + 1]
        if re.search(r"\bfor\b", lines[-1]):
            return lines[-1].strip()
        depth = _indent(lines[-1])
        for text in reversed(lines[:-1]):
            if text.strip() and _indent(text) < depth:
                depth = _indent(text)
                if re.match(r"\s*(async\s+)?(for|while)\b", text):
                    return text.strip().removesuffix(":")
                function = re.match(r"\s*(async\s+)?def\s+(\w+)", text)
                if function:
                    return f"{function[2]}()"
        return ""


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def clip(text: str) -> str:
    """At most LABEL characters."""
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


def _settle(part: _Part, uses: dict[int, list[int]], data: Data, found: list[Group], parent: int) -> int:
    """Give a part its number and the tensors that are used in it alone; those of one inner part go down with it."""
    group = Group(len(found), parent, part.kind, part.label, part.count, part.path)
    found.append(group)
    items = _fewer(part, uses, data)
    where = {node: place for place, item in enumerate(items) for node in _operators(item)}
    stay, below = _shares(items, uses, where)
    ahead: dict[int, list[int]] = {}
    for tensor in stay:
        ahead.setdefault(min((where[user] for user in uses[tensor]), default=0), []).append(tensor)
    if len(stay) > SHELF:
        ahead = {}
        found.append(Group(len(found), group.number, "shelf", f"{len(stay)} tensors", items=stay))
        group.items.append(-found[-1].number)
    for place, item in enumerate(items):
        group.items += ahead.get(place, ())
        deeper = {tensor: uses[tensor] for tensor in below.get(place, ())}
        group.items.append(item if isinstance(item, int) else -_settle(item, deeper, data, found, group.number))
    if not items:
        group.items += ahead.get(0, ())
    return group.number


def _shares(items: list, uses: dict[int, list[int]], where: dict[int, int]) -> tuple[list[int], dict[int, list[int]]]:
    """The tensors that stay on this level, and those that one part alone uses."""
    stay: list[int] = []
    below: dict[int, list[int]] = {}
    for tensor, users in uses.items():
        places = {where[user] for user in users}
        if len(places) == 1 and isinstance(items[min(places)], _Part):
            below.setdefault(min(places), []).append(tensor)
        else:
            stay.append(tensor)
    return stay, below


def _fewer(part: _Part, uses: dict[int, list[int]], data: Data) -> list:
    """The items of a part, in parts by source line, then in even ones, when there are too many to see."""
    items = part.items
    for shorter in (_by_line, _evenly):
        where = {node: place for place, item in enumerate(items) for node in _operators(item)}
        if len(items) + min(SHELF, len(_shares(items, uses, where)[0])) <= MOST:
            break
        items = shorter(items, data)
    return items


def _by_line(items: list, data: Data) -> list:
    """Operators in a row that one line made become one part, unless that line made them all."""
    runs: list[tuple[Any, list]] = []
    for item in items:
        source = data["nodes"][item]["source"] if isinstance(item, int) else None
        place = (source["file"], source["line"]) if source else None
        if place and runs and runs[-1][0] == place:
            runs[-1][1].append(item)
        else:
            runs.append((place, [item]))
    if len(runs) == 1:
        return items
    text = {place: data["nodes"][run[0]]["source"]["text"].strip() for place, run in runs if place}
    return [run[0] if len(run) == 1 else _Part("part", clip(text[place]), run) for place, run in runs]


def _evenly(items: list, data: Data) -> list:
    """Cut into PARTS."""
    size = max(2, -(-len(items) // PARTS))
    pieces: Iterable[list] = [items[i : i + size] for i in range(0, len(items), size)]
    return [
        _Part("part", f"{_first(piece) + 1:,} to {_last(piece) + 1:,}", piece) if len(piece) > 1 else piece[0]
        for piece in pieces
    ]


def _first(piece: list) -> int:
    return next(_operators(piece[0]))


def _last(piece: list) -> int:
    return list(_operators(piece[-1]))[-1]
