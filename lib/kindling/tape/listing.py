"""The user's lines beside a tape's picture, as a list whose rows the script can find again."""

from dataclasses import dataclass
from html import escape
from typing import Any

NEAR = 2  # lines around one that ran, in a file or a long cell
SHORT = 60  # a cell up to this length is shown whole

Data = dict[str, Any]
Row = tuple[str, int, str]  # file, number, text


@dataclass
class Listing:
    """The list as HTML; for each node, and each step that wrote, its row and the columns of its expression there."""

    html: str
    rows_of: list[list[int] | None]
    steps: list[list[int] | None]
    rows: list[Row]


def listing(data: Data) -> Listing:
    """The lines that ran, with those around them where the tape has them."""
    used: dict[str, dict[int, str]] = {}
    sources = [[one.get("source") for one in data[what]] for what in ("nodes", "steps")]
    for source in filter(None, (*sources[0], *sources[1])):
        used.setdefault(source["file"], {})[source["line"]] = source["text"]
    rows: list[Row] = []
    for file, lines in used.items():
        rows += [(file, number, text) for number, text in sorted(_around(lines, data, file).items())]
    margin = min((len(text) - len(text.lstrip()) for _, _, text in rows if text.strip()), default=0)
    place = {(file, line): number for number, (file, line, _) in enumerate(rows)}

    def row(source: Data | None) -> list[int] | None:
        columns = [max(0, column - margin) for column in source.get("columns", ())] if source else []
        return [place[source["file"], source["line"]], *columns] if source else None

    rows_of, steps = ([row(source) for source in some] for some in sources)
    ran = {found[0] for found in rows_of if found}
    return Listing(_html(rows, margin, ran, len(used) > 1), rows_of, steps, rows)


def _around(lines: dict[int, str], data: Data, file: str) -> dict[int, str]:
    known = (data.get("source") or {}).get(file)
    if not known:
        return lines
    every = {known["first"] + i: text for i, text in enumerate(known["lines"])}
    if len(every) > SHORT or file != "cell":
        near = {line + by for line in lines for by in range(-NEAR, NEAR + 1)}
        every = {number: text for number, text in every.items() if number in near}
    for number in (*sorted(every), *sorted(every, reverse=True)):  # blank lines only between others
        if not every.get(number, "x").strip() and not {number - 1, number + 1} <= every.keys():
            del every[number]
    return every | lines


def _html(rows: list[Row], margin: int, ran: set[int], named: bool) -> str:
    if not rows:
        return ""
    items, before = [], ("", 0)
    for number, (file, line, text) in enumerate(rows):
        if file != before[0] and named:
            items.append(f'<li class="file">{escape(file)}</li>')
        elif file == before[0] and line != before[1] + 1:
            items.append('<li class="file" aria-hidden="true">⋯</li>')
        idle = "" if number in ran else ' class="idle"'
        items.append(f"<li{idle}><span>{line}</span><code>{escape(text[margin:])}</code></li>")
        before = file, line
    return f'<ol class="code" aria-label="Your lines" tabindex="0">{"".join(items)}</ol>'
