"""Two recordings side by side, under one slider, with what differs marked and told."""

import copy
import json
import os
from collections.abc import Hashable, Iterator
from difflib import SequenceMatcher
from html import escape
from typing import Any

from . import drawing, page, story, style

MOST = 40  # differences that are told one by one

Data = dict[str, Any]


class Comparison:
    """What `compare()` found: put it on the last line of a cell; `differences` are its sentences."""

    def __init__(self, one: Data, other: Data, names: tuple[str, str] = ("the first", "the second")) -> None:
        self.names = names
        self.tapes = copy.deepcopy(one), copy.deepcopy(other)
        self.told = tuple(story.frames(data) for data in self.tapes)
        self.pairs = list(_matched(*([_kind(node) for node in data["nodes"]] for data in self.tapes)))
        self.differences = list(self._differences())

    def to_html(self) -> str:
        """A fragment for any page; it fetches nothing."""
        timeline = self._timeline()
        phases = [self.told[0][a].phase if a else self.told[1][b].phase for a, b in timeline]
        halves = "".join(
            f"<div><p><b>{escape(name)}</b></p>{page.figure(drawing.scene(data, told), half=True)}</div>"
            for name, data, told in zip(self.names, self.tapes, self.told, strict=True)
        )
        found = "".join(f"<li>{escape(line)}</li>" for line in self.differences or ["Nothing differs."])
        return (
            f'<div class="ktape" data-ktape="pair" role="group" aria-label="Two recordings side by side">'
            f"<style>{style.sheet()}</style>{page.bar(phases)}"
            f'<ul class="differences" tabindex="0" aria-label="What differs">{found}</ul>'
            f'<div class="two">{halves}</div>'
            f'<script type="application/json">{json.dumps({"steps": timeline, "nodes": self.pairs})}</script>'
            f"{page.running('PAIRS', 'startPair')}</div>"
        )

    def to_text(self) -> str:
        """What differs, a line for each."""
        return "\n".join(self.differences or ["Nothing differs."])

    __repr__ = to_text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What notebooks show; while a notebook is graded, text only."""
        if os.environ.get("NBGRADER_EXECUTION"):
            return {"text/plain": self.to_text()}
        return {"text/html": self.to_html(), "text/plain": self.to_text()}

    def _differences(self) -> Iterator[str]:
        """Sentences; on the way, the nodes that differ get their marks."""
        states = [story.final(told, data["nodes"]) for told, data in zip(self.told, self.tapes, strict=True)]
        lines = []
        for a, b in self.pairs:
            pair = self.tapes[0]["nodes"][a], self.tapes[1]["nodes"][b]
            found = list(self._between(pair, states))
            if found:
                for node in pair:
                    node["marks"] = ["differs"]
                lines.append(f"{story.called(pair[0])}: {'; '.join(found)}.")
        for side, data in enumerate(self.tapes):
            matched = {pair[side] for pair in self.pairs}
            for node in data["nodes"]:
                if node["id"] not in matched:
                    node["marks"] = ["alone"]
                    lines.append(f"{story.called(node)}{_line(node)} is only in {self.names[side]}.")
        yield from lines[:MOST]
        if len(lines) > MOST:
            yield f"And {len(lines) - MOST:,} more."

    def _between(self, pair: tuple[Data, Data], states: list[story.State]) -> Iterator[str]:
        """What two nodes that belong together have unlike."""
        facts = []
        for node, state in zip(pair, states, strict=True):
            grad = state.grads.get(node["id"])
            none = "no grad yet" if node["kind"] == "leaf" else "none has come"
            facts.append(
                {
                    "shape": story.sized(node).removeprefix("shape "),
                    "dtype": str(node["dtype"]),
                    "value": str(state.values.get(node["id"], node["value"])),
                    "gradient": (grad or none) if node["requires_grad"] else "none flows here",
                }
            )
        for term, here in facts[0].items():
            there = facts[1][term]
            if here != there:
                yield f"{term} {here} in {self.names[0]}, {there} in {self.names[1]}"
        rules = [node.get("formula", {}) for node in pair]
        for name in rules[0]:
            if rules[0][name] != rules[1].get(name, rules[0][name]):
                yield f"rule for {name} {rules[0][name]} in {self.names[0]}, {rules[1][name]} in {self.names[1]}"

    def _timeline(self) -> list[tuple[int, int]]:
        """For each stop of the slider the step of either; one waits while the other does what it alone does."""
        same = dict(self.pairs)
        keys = []
        for side, told in enumerate(self.told):
            name = same if side == 0 else {b: b for b in same.values()}
            keys.append([(frame.phase, name.get(frame.node, (side, frame.node))) for frame in told])
        stops, a, b = [(0, 0)], 0, 0
        for next_a, next_b in [*_matched(*keys), (len(keys[0]), len(keys[1]))]:
            while a + 1 < next_a:
                a += 1
                stops.append((a, b))
            while b + 1 < next_b:
                b += 1
                stops.append((a, b))
            if next_a < len(keys[0]) and (next_a, next_b) != (0, 0):
                a, b = next_a, next_b
                stops.append((a, b))
        return stops


def compare(one: Any, other: Any, names: tuple[str, str] = ("the first", "the second")) -> Comparison:
    """Two tapes side by side: which nodes, values and gradients differ.

    >>> import kindling as torch
    >>> from kindling import tape
    >>> w = torch.tensor(3.0, requires_grad=True)
    >>> def run(x):
    ...     with tape.record() as t:
    ...         y = w * x
    ...     return t
    >>> compare(run(torch.tensor(2.0)), run(torch.tensor(5.0)))
    x: value 2 in the first, 5 in the second.
    mul (y): value 6 in the first, 15 in the second.
    """
    return Comparison(one.to_json(), other.to_json(), names)


def _kind(node: Data) -> Hashable:
    """Equal for nodes that may be the same one in either recording."""
    line = node["source"]["text"].strip() if node["source"] else None
    return (node["label"], line) if node["kind"] == "operator" else (node["kind"], story.called(node))


def _matched(one: list, other: list) -> Iterator[tuple[int, int]]:
    """Places that belong together, in order."""
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        yield from ((block.a + i, block.b + i) for i in range(block.size))


def _line(node: Data) -> str:
    return f" (line {node['source']['line']})" if node["source"] else ""
