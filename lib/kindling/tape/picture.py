"""Makes assets/tape.svg, the moving picture of the viewer that the README shows: python -m kindling.tape.picture FILE

It is drawn from a real recording by the code that draws in notebooks. Readers who ask their system for less motion, and
viewers that do not move, see the last step.
"""

import linecache
import sys
import textwrap
from html import escape
from pathlib import Path

from . import cards, drawing, page, story, style
from .recorder import record
from .tape import Tape

EXAMPLE = """\
import kindling as torch
w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
x, target = torch.tensor(3.0), torch.tensor(10.0)

y = w * x + b
loss = (y - target) ** 2
loss.backward()
"""
SECONDS = 2.0  # for each step
SIDE, EDGE, CODE_TOP = 400, 20, 150
STYLE = """
.panel{fill:var(--kt-paper);stroke:var(--kt-rule)}
.kt .say{font:15px system-ui,sans-serif}.kt .head{font-weight:700;fill:var(--kt-op)}.kt .back.head{fill:var(--kt-grad)}
.kt .no{fill:var(--kt-soft)}.kt .say.no{font-size:13px}.code{fill:var(--kt-constant-fill)}
.track{stroke:var(--kt-rule);stroke-width:4;stroke-linecap:round}.knob{fill:var(--kt-op)}.back.knob{fill:var(--kt-grad)}
.now{fill:var(--kt-op-fill);stroke:var(--kt-op)}
"""


def example() -> Tape:
    """Record the example as if it stood in a notebook's cell."""
    name = "<the picture's cell>"
    linecache.cache[name] = len(EXAMPLE), None, EXAMPLE.splitlines(keepends=True), name
    scope: dict = {}
    with record() as tape:
        exec(compile(EXAMPLE, name, "exec"), scope)
    return tape


def picture(tape: Tape) -> str:
    """The steps of a tape as one SVG that shows them in turn."""
    data = tape.to_json()
    made = drawing.scene(data)
    told, placed = made.told, made.placed
    width, height = placed.width + SIDE + 3 * EDGE, placed.height + 2 * EDGE
    frames = []
    for number, frame in enumerate(told):
        inside = drawing.shapes(made, told[: number + 1], frame)
        side = _side(data, told, number)
        frames.append(
            f'<g class="f f{number}"><g transform="translate({EDGE},{EDGE})">{inside}</g>'
            f'<g transform="translate({placed.width + 2 * EDGE:g},{EDGE})">{side}</g></g>'
        )
    words, css = escape(story.text(data)), style.standalone(STYLE + _film(told))
    return (
        f'<svg class="kt" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="The tape viewer steps through a small graph, forward and back">'
        f"<title>The tape viewer</title><desc>{words}</desc><style>{css}</style>"
        f'<rect class="panel" x="1" y="1" width="{width - 2:g}" height="{height - 2:g}" rx="10"/>'
        f'<g transform="translate({placed.width + 2 * EDGE:g},{EDGE})">{_key()}</g>{"".join(frames)}</svg>\n'
    )


def _film(told: list[story.Frame]) -> str:
    """Each frame is visible in its turn; the last one stays twice as long."""
    turns = len(told) + 1
    length = f"{turns * SECONDS:g}s"
    css = (
        f".f{{visibility:hidden}}.f{len(told) - 1}{{visibility:visible}}@media (prefers-reduced-motion:no-preference){{"
    )
    for number in range(len(told)):
        start, last = 100 * number / turns, number == len(told) - 1
        end = 100 if last else 100 * (number + 1) / turns
        hide_after = "" if last else f"{end:.3f}%{{visibility:hidden}}"
        hide_before = "0%{visibility:hidden}" if number else ""
        css += f"@keyframes k{number}{{{hide_before}{start:.3f}%{{visibility:visible}}{hide_after}}}"
        css += f".f{number}{{animation:k{number} {length} step-end infinite}}"
    return css + "}"


def _side(data: drawing.Data, told: list[story.Frame], number: int) -> str:
    """What stands beside the graph: the slider, the sentence and the code with its line."""
    frame, last = told[number], len(told) - 1
    back = " back" if frame.phase in drawing.BACK else ""
    head = {"start": "", "forward": " ↓ forward", "backward": " ↑ backward", "accumulate": " + grad added"}.get(
        frame.phase, ""
    )
    knob = 8 + (SIDE - 98) * number / last
    parts = [
        f'<path class="track" d="M8 16H{SIDE - 90}"/><circle class="knob{back}" cx="{knob:g}" cy="16" r="8"/>'
        f'<text class="s" x="{SIDE - 8}" y="20" text-anchor="end">{number} of {last}</text>',
        f'<text class="say head{back}" x="0" y="60">Step {number}{head}</text>',
    ]
    parts += [
        f'<text class="say" x="0" y="{84 + 21 * i}">{escape(line)}</text>'
        for i, line in enumerate(textwrap.wrap(frame.say, 50))
    ]
    return "".join(parts) + _code(data["nodes"][frame.node]["source"] if frame.node >= 0 else None)


def _key() -> str:
    """What the marks mean, in two columns below the code."""
    top = CODE_TOP + len(EXAMPLE.splitlines()) * 20 + 34
    parts = []
    for i, (mark, words) in enumerate(page.key()):
        label = f'<text class="say no" x="36" y="20">{words}</text>'
        parts.append(f'<g transform="translate({218 * (i % 2)},{top + 28 * (i // 2)})">{mark}{label}</g>')
    return "".join(parts)


def _code(source: dict | None) -> str:
    lines = EXAMPLE.splitlines()
    parts = [f'<rect class="code" x="0" y="{CODE_TOP}" width="{SIDE}" height="{len(lines) * 20 + 14}" rx="6"/>']
    for number, line in enumerate(lines, 1):
        y = CODE_TOP + 2 + 20 * number
        if source and source["line"] == number and "columns" in source:
            start, end = source["columns"]
            wide = f"{(end - start) * cards.CHARACTER + 4:g}"
            x = 34 + start * (cards.CHARACTER - 0.075) - 2
            parts.append(f'<rect class="now" x="{x:g}" y="{y - 13}" width="{wide}" height="18" rx="4"/>')
        parts.append(f'<text class="no" x="24" y="{y}" text-anchor="end">{number}</text>')
        parts.append(f'<text x="34" y="{y}" xml:space="preserve">{escape(line)}</text>')
    return "".join(parts)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(example()), encoding="utf-8")
