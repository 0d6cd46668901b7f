"""A plot as notebooks and pages show it: a drawing in the page's colours, and a sentence that says the same."""

import io
import os
import re
from collections.abc import Callable
from html import escape
from typing import Any

INK = "#123456"  # stands for the page's own colour of text
PALE = "#7f7f7f"
# Each is told from white and from black by 3 : 1, and from the others without colour by line, mark or place.
COLOURS = ("#3f7fd4", "#cf6a00", "#2c9160", "#a860c8", "#c9504c")
LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKS = ("o", "s", "^", "D", "X")


class Plot:
    """A drawing, if there is one, and its words. `draw` is given matplotlib's figure when somebody looks."""

    def __init__(self, words: str, draw: Callable[[Any], None] | None, width: float = 6, height: float = 2.6):
        self.words, self.draw, self.width, self.height = words, draw, width, height

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        try:
            svg = self.svg() if self.draw else ""
        except ModuleNotFoundError:  # no matplotlib: in a page, say
            svg = ""
        if not svg:
            return {"text/plain": self.words}
        words, wide = escape(self.words, quote=True), round(self.width * 100)
        return {
            "text/html": f'<div role="img" aria-label="{words}" style="max-width:{wide}px">{svg}</div>',
            "text/plain": self.words,
        }

    def svg(self) -> str:
        """The drawing, without a background of its own, in the colour of the text around it."""
        import matplotlib  # slow to load, and only plots need it
        from matplotlib.figure import Figure

        figure, file = Figure(figsize=(self.width, self.height), layout="constrained"), io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kindling", "font.size": 10}):
            self.draw(figure)
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # no time, no addresses
            figure.savefig(file, format="svg", transparent=True, metadata=nothing)
        text = re.sub(r"<style.*?</style>", "", file.getvalue())  # it would hold for the whole page
        text = text[text.index("<svg") :].replace(INK, "currentColor")
        return re.sub(
            r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" width="100%" aria-hidden="true">', text
        )


def shown(words: str, draw: Callable[[Any], None] | None, width: float = 6, height: float = 2.6) -> Plot | None:
    """The plot, or nothing while a notebook is graded."""
    return None if os.environ.get("NBGRADER_EXECUTION") else Plot(words, draw, width, height)


def plain(axes: Any, x: str = "", y: str = "", title: str = "") -> Any:
    """Axes in the page's ink with two edges; returns them."""
    axes.set_xlabel(x, color=INK)
    axes.set_ylabel(y, color=INK)
    axes.set_title(title, color=INK, fontsize=10)
    axes.tick_params(colors=INK)
    for name, edge in axes.spines.items():
        edge.set_visible(name in ("left", "bottom"))
        edge.set_color(INK)
    return axes


def bare(axes: Any, title: str = "") -> Any:
    """Axes for cells and text, without scales, one unit as wide as high; returns them."""
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_title(title, color=INK, fontsize=10)
    return axes


def array(values: Any) -> Any:
    """The numbers of a tensor or a list as a NumPy array."""
    import numpy

    return numpy.asarray(values.detach().cpu().numpy() if hasattr(values, "detach") else values)
