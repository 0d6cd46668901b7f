"""Plots: a picture with true words in a notebook, nothing while it is graded, in colours that both schemes can show."""

import doctest
import importlib
import re
import sys

import pytest

from course import plots
from course.plots import memory, picture, training

TABLE = {
    "loss_curve": lambda torch: plots.loss_curve([2.0, 1.0, 0.25]),
    "loss_curves": lambda torch: plots.loss_curve({"SGD": [2.0, 1.0], "Adam": [2.0, 0.1]}, log=True),
    "decision_boundary": lambda torch: plots.decision_boundary(
        lambda x: x[:, 0] - x[:, 1], torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 3.0]]), torch.tensor([1, 0, 1])
    ),
    "three classes": lambda torch: plots.decision_boundary(
        lambda x: x @ torch.tensor([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [-2.0, -3.0]]),
        torch.tensor([0, 1, 2]),
    ),
    "histograms": lambda torch: plots.histograms(torch.nn.Linear(3, 4)),
    "no grads": lambda torch: plots.histograms(torch.nn.Linear(3, 4), of="grads"),
    "optimizer_path": lambda torch: plots.optimizer_path(
        lambda x, y: torch.sin(x) + y**2, [torch.tensor([2.0, 1.0]), torch.tensor([1.0, 0.5])]
    ),
    "tensor_grid": lambda torch: plots.tensor_grid(torch.eye(2), torch.ones(2, 2)),
    "other shape": lambda torch: plots.tensor_grid(torch.eye(2), torch.ones(3)),
    "strides": lambda torch: plots.strides(torch.arange(12).reshape(3, 4).t()[1:, ::2]),
    "broadcasting": lambda torch: plots.broadcasting(torch.ones(3, 1), (4,)),
    "clash": lambda torch: plots.broadcasting((3, 2), (3,)),
}
WORDS = {
    "decision_boundary": "The plane as the model divides it: 2 of 3 points are on their own side.",
    "three classes": "The plane as the model divides it: 3 of 3 points are on their own side.",
    "no grads": "How the numbers are spread. weight: no grad yet. bias: no grad yet.",
    "optimizer_path": "The way over the function's contour lines. From (2, 1) at 1.91 to (1, 0.5) at 1.09 in 1 step.",
    "tensor_grid": "2 of 4 numbers differ. At [0, 1]: 0 is wanted, 1 came. At [1, 0]: 0 is wanted, 1 came.",
    "other shape": "The shapes differ: (2, 2) is wanted, (3,) came.",
    "strides": "A tensor of shape (3, 2) with stride (1, 8): one step along dim 0 jumps 1; "
    "one step along dim 1 jumps 8. It reads 6 of the 12 places in memory, from place 1 on.",
    "clash": "(3, 2) and (3,) do not meet: dim -1 has sizes 2 and 3, and neither is 1.",
}
LIBRARIES = ["kindling", pytest.param("torch", marks=pytest.mark.oracle)]


@pytest.fixture(params=LIBRARIES)
def torch(request):
    return importlib.import_module(request.param)


@pytest.mark.parametrize("name", TABLE)
def test_a_picture_with_words(name, torch):
    pytest.importorskip("matplotlib")
    plot = TABLE[name](torch)
    shown = plot._repr_mimebundle_()
    assert shown["text/plain"] == WORDS.get(name, shown["text/plain"])
    html = shown["text/html"]
    assert "<path" in html and "currentColor" in html and '<div role="img" aria-label="' in html
    assert picture.INK not in html and "<style" not in html
    assert all(link.startswith("#") for link in re.findall(r'href="(.*?)"', html)), "it fetches nothing"
    assert TABLE["loss_curve"](torch)._repr_mimebundle_() == TABLE["loss_curve"](torch)._repr_mimebundle_()


@pytest.mark.parametrize("module", [plots, training, memory], ids=lambda module: module.__name__)
def test_examples_are_true(module):
    assert doctest.testmod(module).failed == 0


def test_words_where_matplotlib_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert set(plots.loss_curve([2.0, 1.0])._repr_mimebundle_()) == {"text/plain"}
    assert repr(plots.loss_curve([])) == "No loss was recorded."


@pytest.mark.parametrize("name", TABLE)
def test_silent_while_graded(name, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert TABLE[name](importlib.import_module("kindling")) is None


@pytest.mark.parametrize("colour", [*picture.COLOURS, picture.PALE])
@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
def test_colours_stand_out_in_light_and_dark(colour, paper):
    def luminance(text):
        parts = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(colour), luminance(paper)))
    assert (high + 0.05) / (low + 0.05) >= 3


@pytest.mark.parametrize(
    "bad", [lambda torch: torch.ones(2, 2, 2), lambda torch: torch.ones(0), lambda torch: torch.ones(300)]
)
def test_what_strides_cannot_draw(bad):
    with pytest.raises(ValueError, match="strides draws"):
        plots.strides(bad(importlib.import_module("kindling")))
