"""Plots: a picture with words in a notebook, nothing while it is graded."""

import re
import sys

import pytest

from course.plot import loss_curve


def test_a_picture_with_words():
    pytest.importorskip("matplotlib")
    shown = loss_curve([2.0, 1.0, 0.25])._repr_mimebundle_()
    assert shown["text/plain"] == "The loss over 3 steps: 2 at the first, 0.25 at the last."
    html = shown["text/html"]
    assert f'aria-label="{shown["text/plain"]}"' in html and "<path" in html and "currentColor" in html
    assert "#123456" not in html and "<style" not in html
    assert all(link.startswith("#") for link in re.findall(r'href="(.*?)"', html))  # fetches nothing
    assert loss_curve([2.0, 1.0, 0.25])._repr_mimebundle_() == shown


def test_words_where_matplotlib_is_not(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert set(loss_curve([2.0, 1.0])._repr_mimebundle_()) == {"text/plain"}
    assert repr(loss_curve([])) == "No loss was recorded."


def test_silent_while_graded(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert loss_curve([2.0, 1.0]) is None
