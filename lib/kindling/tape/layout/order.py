"""The order inside the rows: few crossings."""

from bisect import bisect_right, insort

from .grid import Grid

PATIENCE = 4  # sweeps without a gain before it stops


def order(grid: Grid, starts: int, sweeps: int, exchanges: int) -> int:
    """Try up to three starts, improve each, and keep the best; returns the crossings that are left."""
    best, recorded = -1, grid.rows[:]
    kept = recorded
    for from_results, turned in ((True, False), (False, False), (True, True))[:starts]:
        grid.rows[:] = _walk(grid, recorded, from_results, turned)
        found = _improve(grid, sweeps, exchanges)
        if best < 0 or found < best:
            best, kept = found, grid.rows[:]
        if not best:
            break
    grid.rows[:] = kept
    _flank(grid)
    return best


def _walk(grid: Grid, recorded: list[list[int]], from_results: bool, turned: bool) -> list[list[int]]:
    """From the results to what they read, in the order they read it: a tree comes out without a crossing. Or from the
    inputs to who uses them. Or `turned`, the last first."""
    near = grid.above if from_results else grid.below
    done = [False] * len(grid.half)
    rows: list[list[int]] = [[] for _ in recorded]
    layer = grid.layer
    for row in reversed(recorded) if from_results else recorded:
        for end in row:
            if done[end]:
                continue
            done[end] = True
            stack = [end]
            while stack:
                item = stack.pop()
                rows[layer[item]].append(item)
                for other in near[item] if turned else reversed(near[item]):
                    if not done[other]:
                        done[other] = True
                        stack.append(other)
    return recorded[: grid.fixed] + rows[grid.fixed :]


def _improve(grid: Grid, sweeps: int, exchanges: int) -> int:
    """Order each row by the mean position of its neighbours in the row below, then above, and again; keep the best,
    and let neighbours change places in it."""
    best, kept = crossings(grid), [row[:] for row in grid.rows]
    at = [0.0] * len(grid.half)
    for row in grid.rows:
        _spread(row, at)
    idle = 0
    for sweep in range(sweeps):
        if not best or idle >= PATIENCE:
            break
        _sweep(grid, sweep % 2 == 1, sweep % 4 > 1, at)
        found = crossings(grid)
        idle += 1
        if found < best:
            best, kept, idle = found, [row[:] for row in grid.rows], 0
    grid.rows[:] = kept
    while best and exchanges:
        gained = _exchange(grid)
        best, exchanges = best - gained, exchanges - 1 if gained else 0
    return best


def _sweep(grid: Grid, down: bool, turn: bool, at: list[float]) -> None:
    """`turn` those that wish for the same place: that leads out of dead ends."""
    near = grid.above if down else grid.below
    rows = grid.rows[grid.fixed :]
    for row in rows if down else reversed(rows):
        if len(row) > 1:
            for item in row:
                others = near[item]
                if len(others) == 1:
                    at[item] = at[others[0]]
                elif others:
                    at[item] = sum([at[j] for j in others]) / len(others)
            if turn:
                row.reverse()
            row.sort(key=at.__getitem__)
        _spread(row, at)


def _spread(row: list[int], at: list[float]) -> None:
    """Positions from 0 to 1, so that rows of different length compare."""
    step = 1 / (len(row) or 1)
    position = step / 2
    for item in row:
        at[item] = position
        position += step


def crossings(grid: Grid) -> int:
    """How often two links between neighbouring rows cross."""
    below, place, found = grid.below, grid.place(), 0
    for row in grid.rows:
        if len(row) < 2:
            continue
        ends: list[int] = []
        for item in row:
            others = below[item]
            if len(others) > 1:
                others = sorted([place[i] for i in others])
            elif others:
                others = [place[others[0]]]
            for end in others:
                if ends and end < ends[-1]:
                    found += len(ends) - bisect_right(ends, end)
                    insort(ends, end)
                else:
                    ends.append(end)
    return found


def _exchange(grid: Grid) -> int:
    """Let neighbours change places where that saves crossings; returns how many."""
    place, saved = grid.place(), 0
    for row in grid.rows[grid.fixed :]:
        for left in range(len(row) - 1):
            one, other = row[left], row[left + 1]
            gain = 0
            for near in (grid.above, grid.below):
                for i in near[one]:
                    for j in near[other]:
                        gain += (place[i] > place[j]) - (place[i] < place[j])
            if gain > 0:
                row[left], row[left + 1] = other, one
                place[one], place[other] = left + 1, left
                saved += gain
    return saved


def _flank(grid: Grid) -> None:
    """What one operator reads: leaves on both sides, operators in a straight line to it; of operators alike, those
    with two lines in the middle."""
    above, below = grid.above, grid.below
    for row in grid.rows[grid.fixed :]:
        start, before = 0, None
        for end, users in enumerate([*[below[item] for item in row], None]):
            if users == before:
                continue
            if end - start > 1 and len(before or ()) == 1:
                leaves = [item for item in row[start:end] if not above[item]]
                inner = [item for item in row[start:end] if above[item]]
                if inner and all(above[item] == above[inner[0]] for item in inner):
                    twice = [item for item in inner if item in grid.twice]
                    inner = _around(twice, [item for item in inner if item not in grid.twice])
                row[start:end] = _around(inner, leaves) if inner else leaves
            start, before = end, users


def _around(inner: list[int], outer: list[int]) -> list[int]:
    half = len(outer) // 2
    return outer[:half] + inner + outer[half:]
