"""Puts the levels into each other: an open group makes room for its inside, and nothing else loses its place.

Every x beyond an open box moves right by what the box grew, every y below it moves down, both without a jump; so the
picture stays in order, nothing comes to overlap and no line comes to cross a box. `player.js` does the same at a click.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import floor

from .levels import WHOLE, Level, Line

TITLE = 24  # height of a frame's title
GAP = 16  # least distance of two lines that cross a border
JOG = 8  # a bend between a border and a card that is narrower stands upright instead
Grown = list[tuple[float, float, float]]  # from, to, by how much
Point = tuple[float, float]
Rect = tuple[float, float, float, float]  # left, top, width, height


@dataclass
class Arranged:
    """Where everything visible stands. A line's key is its level and number; a port's number is below 0."""

    width: float = 0
    height: float = 0
    boxes: dict[int, Rect] = field(default_factory=dict)  # nodes and, below 0, closed groups
    frames: dict[int, Rect] = field(default_factory=dict)  # open groups by number
    lines: dict[tuple[int, int], list[Point]] = field(default_factory=dict)


def grown(spans: Iterable[tuple[float, float, float]]) -> Grown:
    """What to add where, so that every span (from, to, need) gets at least the length it needs."""
    found: Grown = []
    for low, high, need in sorted(spans, key=lambda span: (span[1] - span[0] - span[2], span)):
        lack = need - (moved(found, high) - moved(found, low))
        if lack > 0:
            found.append((low, high, lack))
    return found


def moved(by: Grown, at: float) -> float:
    """Where a place comes to lie."""
    return at + sum(more * min(1.0, max(0.0, (at - low) / (high - low))) for low, high, more in by)


def arrange(levels: list[Level], titles: list[int], opened: set[int]) -> Arranged:
    """Place the whole with these groups open; `titles` are the widths of their titles."""
    made = Arranged()
    stretched: dict[int, tuple[Grown, Grown, float, float]] = {}
    for number in range(len(levels) - 1, -1, -1):
        if number in opened:
            stretched[number] = _inner(levels[number], titles[number], stretched)
    made.width, made.height = stretched[0][2:]
    _Placing(levels, titles, stretched, made).level(0, 0, 0)
    return made


def _inner(level: Level, title: int, stretched: dict) -> tuple[Grown, Grown, float, float]:
    """How a level grows by the groups that are open in it, and the size of its frame."""
    wide, high = [], []
    for item, (x, y, width, height) in zip(level.items, level.boxes[len(level.ins) :], strict=False):
        if -item in stretched and item < 0:
            _, _, wants, tall = stretched[-item]
            wide.append((x, x + width, wants))
            high.append((y, y + height, tall))
    x, y = grown(wide), grown(high)
    width = max(moved(x, level.width), title + GAP * (len(level.ins) + 1))
    height = moved(y, level.height)
    if title:
        height += TITLE
    return x, y, width, height


class _Placing:
    """Walks the open groups and writes down where their things are."""

    def __init__(self, levels: list[Level], titles: list[int], stretched: dict, made: Arranged) -> None:
        self.levels, self.titles, self.stretched, self.made = levels, titles, stretched, made

    def level(self, number: int, left: float, top: float) -> None:
        """A level whose frame has this corner."""
        level = self.levels[number]
        by_x, by_y, width, height = self.stretched[number]
        title = self.titles[number]
        x0 = left + (width - moved(by_x, level.width)) / 2
        y0 = top + (TITLE if title else 0)
        rects = [self._box(level, place, by_x, by_y, x0, y0) for place in range(len(level.boxes))]
        frame = left, top, width, height
        self._at_border(number, frame, rects)
        for key, line in enumerate(level.lines):
            whole = line.points
            bends = by_x or by_y or 0 <= line.start < len(level.ins)
            if bends and line.end >= 0 and line.tails == 1 and whole[-1][1] > line.row:
                whole = [*whole[:-1], (whole[-1][0], line.row), whole[-1]]  # upright within the row
            points = [(x0 + moved(by_x, x), y0 + moved(by_y, y)) for x, y in whole]
            self.made.lines[number, key] = [_tenths(p) for p in self._ends(level, line, points, rects)]
        for port in range(len(level.tops)):
            x = self._beside_title(number, frame, port)
            self.made.lines[number, -1 - port] = [_tenths((x, top)), _tenths((x, rects[port][1]))]
        if title:
            self.made.frames[number] = (*_tenths((left, top)), *_tenths((width, height)))
        for item, (x, y, width, height) in zip(level.items, rects[len(level.ins) :], strict=False):
            if item < 0 and -item in self.stretched:
                self.level(-item, x, y)
            else:
                self.made.boxes[item] = (*_tenths((x, y)), width, height)

    def _box(self, level: Level, place: int, by_x: Grown, by_y: Grown, x0: float, y0: float) -> Rect:
        """A box keeps its size, or has that of its frame; it stands in the middle of its room, at the bottom."""
        x, y, width, height = level.boxes[place]
        item = self._item(level, place)
        low, high = moved(by_x, x), moved(by_x, x + width)
        wide, tall = self.stretched[-item][2:] if item < 0 and -item in self.stretched else (width, height)
        start = min(max(moved(by_x, x + width / 2) - wide / 2, low), high - wide)
        return x0 + start, y0 + moved(by_y, y + height) - tall, wide, tall

    def _item(self, level: Level, place: int) -> int:
        place -= len(level.ins)
        return level.items[place] if 0 <= place < len(level.items) else 0

    def _ends(self, level: Level, line: Line, points: list[Point], rects: list[Rect]) -> list[Point]:
        """Both ends of a line stay at their boxes."""
        if line.start >= 0:
            x = self._leaves(rects[line.start], line.leaves)
            points[: line.heads] = [(x, y) for _, y in points[: line.heads]]
        if line.end >= 0:
            rect = rects[line.end]
            x = self._enters(level, line.end, rect, line.enters)
            tails = line.tails + len(points) - len(line.points)
            points[-tails:] = [(x, y) for _, y in points[-tails:]]
            if tails > 1:
                points[-1] = x, rect[1]
            elif rect[1] > points[-1][1]:
                points.append((x, rect[1]))
        if len(points) == 2 and abs(points[0][0] - points[1][0]) <= JOG:
            if 0 <= line.start < len(level.ins):
                points[1] = points[0][0], points[1][1]
            elif line.start >= 0 and line.end >= len(level.ins) + len(level.items):
                points[0] = points[1][0], points[0][1]
        return _straight(points)

    def _leaves(self, rect: Rect, along: int) -> float:
        return rect[0] + rect[2] * along / WHOLE

    def _enters(self, level: Level, place: int, rect: Rect, along: int) -> float:
        item = self._item(level, place)
        if item < 0 and -item in self.stretched:
            return self._beside_title(-item, rect, self.levels[-item].tops.index(along))
        return rect[0] + rect[2] * along / WHOLE

    def _beside_title(self, number: int, rect: Rect, port: int) -> float:
        """Where a line enters a frame: where it entered the closed box, but never through the title."""
        along = self.levels[number].tops[port]
        return rect[0] + max(rect[2] * along / WHOLE, self.titles[number] + GAP * (port + 0.5))

    def _at_border(self, number: int, frame: Rect, rects: list[Rect]) -> None:
        """The ports of a frame are where lines cross its border, below its title and at its bottom."""
        level = self.levels[number]
        for port in range(len(level.tops)):
            rects[port] = self._beside_title(number, frame, port) - rects[port][2] / 2, *rects[port][1:]
        for port, along in enumerate(level.bottoms, len(level.ins) + len(level.items)):
            rects[port] = frame[0] + frame[2] * along / WHOLE - rects[port][2] / 2, *rects[port][1:]


def _straight(points: list[Point]) -> list[Point]:
    """Nearly upright pieces stand upright: places along boxes are rounded."""
    for i in range(1, len(points)):
        if abs(points[i][0] - points[i - 1][0]) <= 1:
            points[i] = points[i - 1][0], points[i][1]
    return points


def _tenths(point: Point) -> Point:
    """Rounded as a browser rounds."""
    return floor(point[0] * 10 + 0.5) / 10, floor(point[1] * 10 + 0.5) / 10
