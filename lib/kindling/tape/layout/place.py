"""Coordinates: every item as near to its neighbours as the order in its row allows, and long lines straight."""

from .grid import Grid

GAP_X = 20.0
RAIL_PULL, OPERATOR_PULL, LEAF_PULL = 3.0, 2.0, 0.25  # rails follow each other first; leaves stand aside
FIRM = 1000.0
INFINITE = float("inf")


def place(grid: Grid, settle: bool) -> list[float]:
    """The centre of each item. All rows follow the one above, then the one below; what should stand in a column is
    straightened; then, to `settle`, the rest moves up to it."""
    half = grid.half
    x = [0.0] * len(half)
    pull = [OPERATOR_PULL if above else LEAF_PULL for above in grid.above[: grid.boxes]]
    pull += [RAIL_PULL] * (len(half) - grid.boxes)
    for row in grid.rows:
        _pack(row, x, half)
    for row in grid.rows:
        _place_row(row, grid.above, x, half, pull, pull)
    for row in reversed(grid.rows):
        _place_row(row, grid.below, x, half, pull, pull)
    columns = _columns(grid)
    _straighten(grid, columns, x)
    if settle:
        _settle(grid, columns, x)
    return x


def _pack(row: list[int], x: list[float], half: list[float]) -> None:
    """Side by side, the middle at 0."""
    edge = -sum([half[item] for item in row]) - GAP_X * (len(row) - 1) / 2
    for item in row:
        x[item] = edge + half[item]
        edge += 2 * half[item] + GAP_X


def _place_row(
    row: list[int], near: list[list[int]], x: list[float], half: list[float], pull: list[float], firm: list[float]
) -> None:
    """Each item at the mean of those near it, by their pull; those that would overlap are pooled and take the mean of
    their wishes, by how firm they are: the least squares."""
    means, weights, sizes, offsets = [], [], [], []
    offset = edge = 0.0
    for item in row:
        width = half[item]
        offset += edge + width
        edge = width + GAP_X
        offsets.append(offset)
        others = near[item]
        if len(others) == 1:
            other = others[0]
            wish, weight = x[other] - offset, firm[item] * pull[other]
        elif others:
            total = wish = weight = 0.0
            for other in others:
                p = pull[other]
                total += p
                wish += p * x[other]
                if p > weight:
                    weight = p
            wish, weight = wish / total - offset, weight * firm[item]
        else:
            wish, weight = x[item] - offset, LEAF_PULL * LEAF_PULL
        size = 1
        while means and means[-1] >= wish:
            before = weights.pop()
            wish = (means.pop() * before + wish * weight) / (before + weight)
            weight += before
            size += sizes.pop()
        means.append(wish)
        weights.append(weight)
        sizes.append(size)
    spread = [mean for mean, size in zip(means, sizes, strict=True) for _ in range(size)]
    for item, mean, offset in zip(row, spread, offsets, strict=True):
        x[item] = mean + offset


def _columns(grid: Grid) -> list[list[int]]:
    """What should stand in one column: a rail; operators that each read one operator, the one before, and no other
    reads that."""
    below, above, boxes = grid.below, grid.above, grid.boxes
    follows: dict[int, int] = {}
    for item in range(boxes):
        read = above[item]
        if len(read) > 1:
            read = [i for i in read if above[i]]
        if len(read) == 1:
            before = read[0]
            if before < boxes and len(below[before]) == 1 and any(above[i] for i in above[before]):
                follows[before] = item
    columns = list(grid.rails.values())
    inner = set(follows.values())
    for item in follows:
        if item not in inner:
            run = [item]
            while item in follows:
                item = follows[item]
                run.append(item)
            columns.append(run)
    return columns


def _straighten(grid: Grid, columns: list[list[int]], x: list[float]) -> None:
    """Give the items of each column one x, in as few pieces as their neighbours in the rows leave room for."""
    half, rows, layer, where = grid.half, grid.rows, grid.layer, grid.place()
    for column in columns:
        piece: list[int] = []
        low, high = -INFINITE, INFINITE
        for item in column:
            row, at, here = rows[layer[item]], where[item], x[item]
            least, most = -INFINITE, INFINITE
            if at:
                other = row[at - 1]
                least = x[other] + half[other] + half[item] + GAP_X
                if least > here:  # by rounding
                    least = here
            at += 1
            if at < len(row):
                other = row[at]
                most = x[other] - half[other] - half[item] - GAP_X
                if most < here:
                    most = here
            if least > high or most < low:
                _align(grid, piece, low, high, x)
                piece, low, high = [item], least, most
            else:
                piece.append(item)
                if least > low:
                    low = least
                if most < high:
                    high = most
        _align(grid, piece, low, high, x)


def _align(grid: Grid, piece: list[int], low: float, high: float, x: list[float]) -> None:
    """In the middle of the operators that the piece is tied to: there its lines are shortest."""
    above, below = grid.above, grid.below
    ends, leaves = [], []
    before = -1
    for number, item in enumerate(piece, 1):
        for i in above[item]:
            if i != before:
                (ends if above[i] else leaves).append(x[i])
        after = piece[number] if number < len(piece) else -1
        ends += [x[i] for i in below[item] if i != after]
        before = item
    ends = sorted(ends or leaves)
    middle = ends[len(ends) // 2]
    middle = low if middle < low else high if middle > high else middle
    for item in piece:
        x[item] = middle


def _settle(grid: Grid, columns: list[list[int]], x: list[float]) -> None:
    """Move what stands in no column to the mean of all its neighbours."""
    near = [a + b for a, b in zip(grid.above, grid.below, strict=True)]
    pull, firm = [1.0] * len(x), [1.0] * len(x)
    for column in columns:
        for item in column:
            near[item], firm[item] = [item], FIRM
    for row in grid.rows:
        if any(firm[item] < FIRM for item in row):
            _place_row(row, near, x, grid.half, pull, firm)


def pool(wishes: list[float]) -> list[float]:
    """The non-decreasing numbers nearest to `wishes` (least squares): neighbours that overtake are pooled."""
    means: list[float] = []
    counts: list[int] = []
    for wish in wishes:
        count = 1
        while means and means[-1] >= wish:
            other = counts.pop()
            wish = (means.pop() * other + wish * count) / (other + count)
            count += other
        means.append(wish)
        counts.append(count)
    return [mean for mean, count in zip(means, counts, strict=True) for _ in range(count)]
