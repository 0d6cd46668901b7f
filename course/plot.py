"""Plots that lessons show with one line. While a notebook is graded they draw nothing."""

import io
import os
import re
from collections.abc import Sequence

INK = "#123456"  # stands for the page's own colour
LINE = "#4a86d8"


class LossCurve:
    """The loss of every step: a picture where matplotlib is, else a sentence."""

    def __init__(self, losses: Sequence[float]):
        self.losses = list(losses)

    def __repr__(self) -> str:
        if not self.losses:
            return "No loss was recorded."
        first, last = self.losses[0], self.losses[-1]
        return f"The loss over {len(self.losses)} steps: {first:.3g} at the first, {last:.3g} at the last."

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        words = repr(self)
        try:
            html = f'<div role="img" aria-label="{words}" style="max-width:600px">{self.svg()}</div>'
        except ModuleNotFoundError:  # no matplotlib: in a page, say
            return {"text/plain": words}
        return {"text/html": html, "text/plain": words}

    def svg(self) -> str:
        """The picture, without a background and in the colour of the text around it."""
        import matplotlib  # slow to load, and only plots need it
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6, 2.6), layout="constrained")
        axes = figure.subplots()
        axes.plot(self.losses, color=LINE, linewidth=1.4)
        axes.set_xlabel("step", color=INK)
        axes.set_ylabel("loss", color=INK)
        axes.set_ylim(bottom=0)
        axes.tick_params(colors=INK)
        for name, edge in axes.spines.items():
            edge.set_visible(name in ("left", "bottom"))
            edge.set_color(INK)
        file = io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "kindling"}):
            nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))  # no time, no addresses
            figure.savefig(file, format="svg", transparent=True, metadata=nothing)
        text = re.sub(r"<style.*?</style>", "", file.getvalue())  # it would hold for the whole page
        return text[text.index("<svg") :].replace(INK, "currentColor")


def loss_curve(losses: Sequence[float]) -> LossCurve | None:
    """Show the loss of every step, on the last line of a cell."""
    return None if os.environ.get("NBGRADER_EXECUTION") else LossCurve(losses)
