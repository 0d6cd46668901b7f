"""Plots that lessons show with one line, in the page's own colours, each with words for those who cannot see it.

>>> from course import plots
>>> plots.loss_curve([2.0, 0.5])
The loss over 2 steps: 2 at the first, 0.5 at the last.

In a notebook the same line shows the picture; while a notebook is graded it shows nothing. They take the tensors of
whichever library a notebook has imported, PyTorch's too.
"""

from .memory import broadcasting, strides, tensor_grid
from .training import decision_boundary, histograms, loss_curve, optimizer_path

__all__ = [
    "broadcasting",
    "decision_boundary",
    "histograms",
    "loss_curve",
    "optimizer_path",
    "strides",
    "tensor_grid",
]
