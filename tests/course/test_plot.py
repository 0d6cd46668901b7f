"""Plots: a picture with words in a notebook, nothing while it is graded."""

import pytest

from course.plot import loss_curve


def test_a_picture_with_words():
    pytest.importorskip("matplotlib")
    shown = loss_curve([2.0, 1.0, 0.25])._repr_mimebundle_()
    assert shown["text/plain"] == "The loss over 3 steps: 2 at the first, 0.25 at the last."
    assert f'alt="{shown["text/plain"]}"' in shown["text/html"]
    assert "data:image/png;base64," in shown["text/html"]


def test_words_where_matplotlib_is_not(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    assert set(loss_curve([2.0, 1.0])._repr_mimebundle_()) == {"text/plain"}
    assert repr(loss_curve([])) == "No loss was recorded."


def test_silent_while_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert loss_curve([2.0, 1.0]) is None
