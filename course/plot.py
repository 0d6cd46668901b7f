"""Plots that lessons show with one line. While a notebook is graded they draw nothing."""

import os
from collections.abc import Sequence

INK = "#808080"  # read on white and on black


def loss_curve(losses: Sequence[float]) -> None:
    """Draw the loss of every step, on the page's own background."""
    if os.environ.get("NBGRADER_EXECUTION"):
        return
    import matplotlib.pyplot as plt  # slow to load, and only plots need it

    figure, axes = plt.subplots(figsize=(6, 2.6), layout="constrained")
    figure.patch.set_alpha(0)
    axes.patch.set_alpha(0)
    axes.plot(losses, color="#5b8fd6", linewidth=1.2)
    axes.set_xlabel("step", color=INK)
    axes.set_ylabel("loss", color=INK)
    axes.set_ylim(bottom=0)
    axes.tick_params(colors=INK)
    for name, edge in axes.spines.items():
        edge.set_visible(name in ("left", "bottom"))
        edge.set_color(INK)
    plt.show()
