"""Plots that lessons show with one line. While a notebook is graded they draw nothing."""

import base64
import io
import os
from collections.abc import Sequence

INK = "#767676"  # read on white and on black
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
        try:
            png = base64.b64encode(self._png()).decode()
        except ModuleNotFoundError:  # in a page, say
            return {"text/plain": repr(self)}
        style = "max-width:100%;width:600px;background:none"
        html = f'<img alt="{self!r}" style="{style}" src="data:image/png;base64,{png}">'
        return {"text/html": html, "text/plain": repr(self)}

    def _png(self) -> bytes:
        from matplotlib.figure import Figure  # slow to load, and only plots need it

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
        picture = io.BytesIO()
        figure.savefig(picture, format="png", dpi=160, transparent=True)  # on the page's own background
        return picture.getvalue()


def loss_curve(losses: Sequence[float]) -> LossCurve | None:
    """Show the loss of every step, on the last line of a cell."""
    return None if os.environ.get("NBGRADER_EXECUTION") else LossCurve(losses)
