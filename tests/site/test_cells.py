"""Cells without Jupyter: what a page sees of a run."""

import sys

import pytest

from course.site.cells import Cells


@pytest.fixture
def session(monkeypatch):
    """Cells and the outputs so far; the names under which they stand in for others are given back."""
    for name in ("__main__", "IPython", "IPython.display"):
        monkeypatch.setitem(sys.modules, name, sys.modules.get(name))
    seen = []
    cells = Cells(lambda number, output: seen.append((number, output)))
    return cells, seen


def test_values_names_and_prints(session):
    cells, seen = session
    assert cells.run(1, "x = 20\nprint('hi')\nx + 1")
    assert cells.run(2, "_ * 2")
    assert cells.run(3, "x;")
    assert cells.run(4, "")
    printed = "".join(output["text"] for number, output in seen if "stream" in output)
    assert printed == "hi\n"
    values = [(number, output["data"]["text/plain"]) for number, output in seen if "data" in output]
    assert values == [(1, "21"), (2, "42")]


def test_an_error_shows_the_readers_lines_only(session):
    cells, seen = session
    assert not cells.run(7, "def f():\n    return 1 / 0\nf()")
    ((number, output),) = seen
    assert number == 7
    assert output["error"].splitlines()[:2] == [
        "Traceback (most recent call last):",
        '  File "<cell 7>", line 3, in <module>',
    ]
    assert "return 1 / 0" in output["error"] and "cells.py" not in output["error"]
    assert not cells.run(8, "1 +")
    assert "SyntaxError" in seen[-1][1]["error"]
    assert not cells.run(9, "raise SystemExit(3)")


def test_rich_values_and_display(session):
    cells, seen = session
    cells.run(1, "class Rich:\n    def _repr_html_(self): return '<b>rich</b>'\nRich()")
    cells.run(2, "from IPython.display import display\ndisplay(3)\ndisplay({'text/html': '<i>'}, raw=True)")
    cells.run(
        3, "import kindling as torch\nfrom kindling import tape\nwith tape.record() as t:\n    y = torch.ones(2) * 2\nt"
    )
    assert seen[0][1]["data"]["text/html"] == "<b>rich</b>"
    assert [output["data"] for number, output in seen if number == 2] == [{"text/plain": "3"}, {"text/html": "<i>"}]
    assert "ktape" in seen[-1][1]["data"]["text/html"]


def test_a_check_shows_its_card(session):
    cells, seen = session
    assert cells.run(1, "from course.checks import check\ncheck('06.mul_rule')")
    ((_, output),) = seen
    assert "kindling-check" in output["data"]["text/html"]
