"""Plots of training: how the loss fell, what the optimiser did, what a model has learned."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .picture import COLOURS, INK, LINES, MARKS, PALE, Plot, array, plain, shown

FINE = 120  # points along each side of an area


def loss_curve(losses: Sequence[float] | Mapping[str, Sequence[float]], log: bool = False) -> Plot | None:
    """Show the loss of every step; for several runs, a mapping of name to losses.

    >>> loss_curve({"SGD": [4, 2], "Adam": [4, 1]})
    The loss over 2 steps. SGD: 4 at the first, 2 at the last. Adam: 4 at the first, 1 at the last.
    """
    runs = dict(losses) if isinstance(losses, Mapping) else {"": losses}
    runs = {name: [float(loss) for loss in run] for name, run in runs.items() if len(run)}
    if not runs:
        return shown("No loss was recorded.", None)
    steps = max(map(len, runs.values()))
    told = {name: f"{run[0]:.3g} at the first, {run[-1]:.3g} at the last." for name, run in runs.items()}
    words = f"The loss over {steps} step{'' if steps == 1 else 's'}"
    if list(runs) == [""]:
        return shown(f"{words}: {told['']}", lambda figure: _losses(figure, runs, log))
    each = " ".join(f"{name}: {text}" for name, text in told.items())
    return shown(f"{words}. {each}", lambda figure: _losses(figure, runs, log))


def _losses(figure: Any, runs: dict[str, list[float]], log: bool) -> None:
    axes = plain(figure.subplots(), "step", "loss")
    axes.xaxis.get_major_locator().set_params(integer=True)
    for number, (name, run) in enumerate(runs.items()):
        style = {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)]}
        axes.plot(run, linewidth=1.4, label=name, marker="o" if len(run) == 1 else None, **style)
    if log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=min(0, *(min(run) for run in runs.values())))
    if len(runs) > 1:
        axes.legend(frameon=False, labelcolor=INK)


def decision_boundary(model: Callable[[Any], Any], x: Any, y: Any) -> Plot | None:
    """Show which class a model gives to every point of a plane, and the points it should know.

    `model` takes an (n, 2) tensor and gives a score for each of them (above 0: class 1) or one for each class.
    `x` is the (n, 2) tensor of points, `y` their n classes.
    """
    import numpy

    points, classes = array(x), array(y).ravel().astype(int)
    low, high = points.min(0), points.max(0)
    edge = 0.15 * (high - low) + 1e-6
    across, up = (numpy.linspace(low[i] - edge[i], high[i] + edge[i], FINE) for i in (0, 1))
    plane = numpy.stack(numpy.meshgrid(across, up), -1).reshape(-1, 2)
    found = _classes(model(_like(x, plane))).reshape(FINE, FINE)
    right = int((_classes(model(x)) == classes).sum())
    words = f"The plane as the model divides it: {right} of {len(classes)} points are on their own side."
    return shown(words, lambda figure: _boundary(figure, across, up, found, points, classes), 5, 4)


def _classes(scores: Any) -> Any:
    scores = array(scores)
    scores = scores.reshape(len(scores), -1)
    return scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(int)


def _like(tensor: Any, values: Any) -> Any:
    """The values as a tensor of the same library and type."""
    return tensor.new_tensor(values.tolist()) if hasattr(tensor, "new_tensor") else values


def _boundary(figure: Any, across: Any, up: Any, found: Any, points: Any, classes: Any) -> None:
    axes = plain(figure.subplots(), "x[:, 0]", "x[:, 1]")
    kinds = sorted({*classes.tolist(), *found.ravel().tolist()})
    for kind in kinds:
        colour, mark = COLOURS[kind % len(COLOURS)], MARKS[kind % len(MARKS)]
        area = (found == kind).astype(float)
        if 0 < area.mean() < 1:
            axes.contour(across, up, area, levels=[0.5], colors=[INK], linewidths=1)
        axes.contourf(across, up, area, levels=[0.5, 1.5], colors=[colour], alpha=0.25)
        mine = points[classes == kind]
        axes.scatter(mine[:, 0], mine[:, 1], s=18, marker=mark, color=colour, edgecolor=INK, linewidth=0.5)
        axes.plot([], [], mark, color=colour, label=f"class {kind}")
    figure.legend(frameon=False, labelcolor=INK, loc="outside right upper")


def histograms(tensors: Any, of: str = "values") -> Plot | None:
    """Show how the numbers of several tensors are spread: a mapping of name to tensor, or a module.

    Of a module, the parameters; with ``of="grads"`` their gradients.

    >>> histograms({"small": [0.0, 0.1, 0.2], "large": [0.0, 10.0, 20.0]})
    How the numbers are spread. small: 3 around 0.1, from 0 to 0.2. large: 3 around 10, from 0 to 20.
    """
    if of not in ("values", "grads"):
        raise ValueError(f'histograms: of must be "values" or "grads", not {of!r}')
    pairs = tensors.items() if isinstance(tensors, Mapping) else tensors.named_parameters()
    found = {name: t.grad if of == "grads" else t for name, t in pairs}
    numbers = {name: None if t is None else array(t).ravel() for name, t in found.items()}
    told = [f"{name}: {_spread(row)}." for name, row in numbers.items()]
    height = max(1.6, 1.5 * -(-len(numbers) // 3))
    return shown(
        " ".join(["How the numbers are spread.", *told]), lambda figure: _histograms(figure, numbers), 7, height
    )


def _spread(row: Any) -> str:
    if row is None:
        return "no grad yet"
    row = row[row - row == 0]  # no nan, no infinity
    return f"{len(row)} around {row.mean():.3g}, from {row.min():.3g} to {row.max():.3g}" if len(row) else "none"


def _histograms(figure: Any, numbers: dict[str, Any]) -> None:
    columns = min(3, max(1, len(numbers)))
    rows = -(-len(numbers) // columns) or 1
    every = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (name, row) in zip(every, numbers.items(), strict=False):
        plain(axes, title=name).set_yticks([])
        axes.spines["left"].set_visible(False)
        if row is None:  # must not look like many zeros
            axes.set_xticks([])
            axes.text(0.5, 0.5, "no grad yet", ha="center", color=INK, style="italic", transform=axes.transAxes)
        else:
            axes.hist(row[row - row == 0], bins=min(30, max(5, len(row) // 4)), color=COLOURS[0])
    for axes in every[len(numbers) :]:
        axes.set_axis_off()


def optimizer_path(function: Callable[[Any, Any], Any], paths: Any) -> Plot | None:
    """Show the way that an optimiser took over the contour lines of a function of two numbers.

    `paths` is a list of (x, y), or a mapping of name to such a list; `function` takes x and y, numbers or arrays.

    >>> optimizer_path(lambda x, y: x**2 + y**2, {"SGD": [(2, 0), (1, 0)]})
    The way over the function's contour lines. SGD: from (2, 0) at 4 to (1, 0) at 1 in 1 step.
    """
    named = paths if isinstance(paths, Mapping) else {"": paths}
    ways = {name: array([[float(p[0]), float(p[1])] for p in way]) for name, way in named.items() if len(way)}
    first = next((p[0] for way in named.values() for p in way), 0.0)
    told = ["The way over the function's contour lines."]
    for name, way in ways.items():
        ends = [f"({p[0]:.3g}, {p[1]:.3g}) at {float(function(*_numbers(first, p))):.3g}" for p in (way[0], way[-1])]
        count = len(way) - 1
        start = f"{name}: from" if name else "From"
        told.append(f"{start} {ends[0]} to {ends[1]} in {count} step{'' if count == 1 else 's'}.")
    return shown(" ".join(told), lambda figure: _path(figure, function, ways, first), 5.5, 4)


def _numbers(first: Any, values: Any) -> list[Any]:
    """The values as tensors if the path is made of tensors, so that the function may call the library."""
    return [_like(first, v) for v in values]


def _path(figure: Any, function: Callable, ways: dict[str, Any], first: Any) -> None:
    import numpy

    every = numpy.concatenate(list(ways.values())) if ways else numpy.zeros((1, 2))
    low, high = every.min(0), every.max(0)
    edge = 0.2 * (high - low).max() + 0.1
    across, up = (numpy.linspace(low[i] - edge, high[i] + edge, FINE) for i in (0, 1))
    heights = array(function(*_numbers(first, numpy.meshgrid(across, up)))) * numpy.ones((FINE, FINE))
    axes = plain(figure.subplots(), "x", "y")
    least, most = heights.min(), heights.max()
    levels = least + (most - least) * numpy.linspace(0, 1, 14)[1:] ** 2  # close together near the bottom
    if most > least:
        axes.contour(across, up, heights, levels=levels, colors=[PALE], linewidths=0.8)
    for number, (name, way) in enumerate(ways.items()):
        style = {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)]}
        mark = MARKS[number % len(MARKS)]
        axes.plot(way[:, 0], way[:, 1], marker=mark, markersize=3.5, linewidth=1.3, label=name, **style)
        axes.plot(*way[-1], marker="*", markersize=12, color=style["color"], markeredgecolor=INK)
    if len(ways) > 1:
        figure.legend(frameon=False, labelcolor=INK, loc="outside right upper")
