"""Plots of tensors: their numbers, where they lie in memory, how their shapes meet."""

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import Any

from .picture import COLOURS, INK, PALE, Plot, array, bare, shown

MOST = 200  # cells that are drawn one by one


def tensor_grid(target: Any, yours: Any) -> Plot | None:
    """Show what was wanted, what came, and where they differ.

    >>> tensor_grid([1, 2, 3], [1, 2, 4])
    1 of 3 numbers differs. At [2]: 3 is wanted, 4 came.
    """
    wanted, came = array(target), array(yours)
    if wanted.shape != came.shape:
        words = f"The shapes differ: {tuple(wanted.shape)} is wanted, {tuple(came.shape)} came."
        return shown(words, lambda figure: _grids(figure, {"wanted": wanted, "yours": came}, None), 7)
    differ = ~((abs(wanted - came) <= 1e-5 * (1 + abs(wanted))) | (wanted == came))
    places = [place for place in product(*map(range, wanted.shape)) if differ[place]]
    words = f"{len(places)} of {wanted.size} numbers differ{'s' if len(places) == 1 else ''}."
    words += "".join(f" At {list(p)}: {wanted[p]:.4g} is wanted, {came[p]:.4g} came." for p in places[:3])
    grids = {"wanted": wanted, "yours": came, "yours − wanted": came - wanted}
    return shown(words, lambda figure: _grids(figure, grids, differ), 7)


def _rows(values: Any) -> Any:
    """As a table: one row for a line of numbers; more than two dimensions stand below each other."""
    return values.reshape(-1, values.shape[-1]) if values.ndim and values.shape[-1] else values.reshape(1, -1)


def _grids(figure: Any, grids: dict[str, Any], differ: Any) -> None:
    for axes, (name, values) in zip(figure.subplots(1, len(grids)), grids.items(), strict=True):
        bare(axes, f"{name} {tuple(values.shape)}")
        table = _rows(values)
        marks = _rows(differ) if differ is not None else None
        if table.size > MOST:
            axes.imshow(table.astype(float), cmap="coolwarm", interpolation="nearest")
            continue
        for (i, j), value in _cells(table):
            other = marks is not None and bool(marks[i, j])
            _cell(axes, j, -i, f"{value:.3g}", COLOURS[1] if other else PALE, heavy=other)
        axes.autoscale_view()


def _cells(table: Any) -> Iterable[tuple[tuple[int, int], Any]]:
    return (((i, j), table[i, j].item()) for i in range(table.shape[0]) for j in range(table.shape[1]))


def _cell(axes: Any, x: float, y: float, text: str, colour: str, heavy: bool = False, dotted: bool = False) -> None:
    """One cell; a heavy one has a thick frame and bold figures, a dotted one is not there in memory."""
    from matplotlib.patches import Rectangle

    style = {"linewidth": 2 if heavy else 0.8, "linestyle": ":" if dotted else "-"}
    axes.add_patch(
        Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colour + ("40" if heavy else "18"), edgecolor=colour, **style)
    )
    size = 9 if len(text) < 5 else 45 / len(text)
    axes.text(x, y, text, ha="center", va="center", color=INK, fontsize=size, fontweight="bold" if heavy else None)


def strides(tensor: Any) -> Plot | None:
    """Show a tensor above the strip of memory that it reads: which place each of its numbers is taken from.

    For up to two dimensions. Places that it does not read are pale.
    """
    shape, steps = tuple(tensor.shape), tuple(tensor.stride())
    if len(shape) > 2 or not prod(shape):
        raise ValueError(f"strides draws tensors of one or two dimensions with numbers in them, not of shape {shape}")
    base = tensor if tensor._base is None else tensor._base
    start = (tensor.data_ptr() - base.data_ptr()) // tensor.element_size()
    places = {at: start + sum(i * s for i, s in zip(at, steps, strict=True)) for at in product(*map(range, shape))}
    length = max(base.numel(), max(places.values()) + 1)
    if length > MOST:
        raise ValueError(f"strides draws at most {MOST} places of memory, and this tensor lies in {length}")
    moves = "; ".join(f"one step along dim {d} jumps {s}" for d, s in enumerate(steps))
    words = f"A tensor of shape {shape} with stride {steps}: {moves or 'a single number'}."
    words += f" It reads {len(set(places.values()))} of the {length} places in memory, from place {start} on."
    values = {at: array(tensor)[at].item() for at in places}
    wide = max(length, 6)
    return shown(words, lambda figure: _strip(figure, shape, steps, places, values, length), min(9, 0.45 * wide + 1), 3)


def _strip(figure: Any, shape: tuple, steps: tuple, places: dict, values: dict, length: int) -> None:
    axes = bare(figure.subplots(), f"shape {shape}, stride {steps}")
    rows, columns = (1, *shape)[-2:] if shape else (1, 1)
    left, read = (length - columns) / 2, {}
    for at, place in places.items():
        i, j = (0, 0, *at)[-2:]
        colour = COLOURS[i % len(COLOURS)]
        read[place] = f"{values[at]:.3g}", colour
        if j == 0:
            _arrow(axes, left - 0.5, rows - 1 - i + 2.4, place, colour)
        _cell(axes, left + j, rows - 1 - i + 2.4, f"{values[at]:.3g}", colour)
    for place in range(length):
        text, colour = read.get(place, ("", PALE))
        _cell(axes, place, 0, text, colour, dotted=place not in read)
        axes.text(place, -0.85, str(place), ha="center", va="center", color=INK, fontsize=7)
    axes.text(-0.8, 0, "memory", ha="right", va="center", color=INK, fontsize=9)
    axes.text(left + columns - 0.2, (rows - 1) / 2 + 2.4, "tensor", va="center", color=INK, fontsize=9)
    axes.set_xlim(-3, length + 0.6)
    axes.set_ylim(-1.3, rows + 2.2)


def _arrow(axes: Any, x: float, y: float, place: int, colour: str) -> None:
    """From the first number of a row, to the left and down beside the tensor, to its place in memory."""
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    beside = min(x - 0.4 - 0.35 * (y - 2.4), place)
    way = Path([(x, y), (beside, y), (beside, 1.3), (place, 1.3), (place, 0.55)], [1, 3, 3, 3, 3])
    axes.add_patch(FancyArrowPatch(path=way, arrowstyle="-|>", mutation_scale=8, color=colour, linewidth=1.2))


def broadcasting(*shapes: Any) -> Plot | None:
    """Show how shapes (or the shapes of tensors) meet: aligned at the right, 1s stretched, or where they clash.

    >>> broadcasting((3, 1), (4,))
    (3, 1) and (4,) meet as (3, 4): dim -1 of (3, 1) is stretched to 4, dim -2 of (4,) is new and is stretched to 3.
    >>> broadcasting((3, 2), (3,))
    (3, 2) and (3,) do not meet: dim -1 has sizes 2 and 3, and neither is 1.
    """
    found = [tuple(getattr(s, "shape", s)) for s in shapes]
    rank = max(map(len, found), default=0)
    sizes = [[s[len(s) - k] if k <= len(s) else None for s in found] for k in range(rank, 0, -1)]
    result = [_meet(column) for column in sizes]
    names = " and ".join(map(str, found))
    if None in result:
        place = max(i for i, size in enumerate(result) if size is None)
        clash = " and ".join(str(size) for size in dict.fromkeys(sizes[place]) if size not in (None, 1))
        words = f"{names} do not meet: dim {place - rank} has sizes {clash}, and neither is 1."
    else:
        told = ", ".join(_stretches(found, result))
        words = f"{names} meet as {tuple(result)}{': ' + told if told else ''}."
    return shown(words, lambda figure: _aligned(figure, found, sizes, result), 1.1 * rank + 3, 0.55 * len(found) + 1.3)


def _meet(sizes: Sequence[int | None]) -> int | None:
    """The size of a dimension of the result; None when they clash."""
    real = {size for size in sizes if size not in (None, 1)}
    return None if len(real) > 1 else next(iter(real), 1)


def _stretches(shapes: list[tuple], result: list) -> Iterable[str]:
    for shape in shapes:
        for k in range(1, len(result) + 1):
            size = shape[-k] if k <= len(shape) else None
            if size is None:
                yield f"dim -{k} of {shape} is new" + (f" and is stretched to {result[-k]}" if result[-k] != 1 else "")
            elif size != result[-k]:
                yield f"dim -{k} of {shape} is stretched to {result[-k]}"


def _aligned(figure: Any, shapes: list[tuple], sizes: list[list], result: list) -> None:
    axes = bare(figure.subplots())
    for row, shape in enumerate(shapes):
        axes.text(-0.8, -row, str(shape), ha="right", va="center", color=INK, fontsize=10)
        for place, column in enumerate(sizes):
            size, stretched = column[row], column[row] in (None, 1) and result[place] != 1
            text = "" if size is None else str(size)
            text = f"{text or '·'}→{result[place]}" if stretched and result[place] is not None else text
            clash = result[place] is None and size not in (None, 1)
            colour = COLOURS[1] if clash else COLOURS[0] if stretched else PALE
            _cell(axes, place, -row, text, colour, heavy=clash, dotted=size is None)
    low = -len(shapes) - 0.3
    axes.plot([-0.5, len(result) - 0.5], [low + 0.65] * 2, color=INK, linewidth=1)
    axes.text(-0.8, low, "result", ha="right", va="center", color=INK, fontsize=10)
    for place, size in enumerate(result):
        _cell(
            axes, place, low, "×" if size is None else str(size), COLOURS[1] if size is None else COLOURS[2], heavy=True
        )
    axes.set_xlim(-3.2, len(result))
    axes.set_ylim(low - 0.7, 0.7)
