"""Two recordings side by side: what differs is marked on both pictures and told; one slider moves both."""

import doctest
from typing import Any

import pytest

import kindling as torch
from kindling.tape import Tape, compare
from kindling.tape.compare import Comparison
from tests.tape import graphs
from tests.tape.conftest import LINE_FIT, run_cell

BRANCH = """\
x = torch.tensor(START, requires_grad=True)
y = x * 3
z = y ** 2 if y > 0 else y.exp()
z.backward()
"""


def test_the_example_is_true() -> None:
    module = __import__("sys").modules[Comparison.__module__]
    results = doctest.testmod(module)
    assert results.attempted and not results.failed


def marks(found: Comparison, side: int) -> dict[str, list[str]]:
    return {node["label"]: node["marks"] for node in found.tapes[side]["nodes"] if "marks" in node}


def test_two_inputs_of_one_function_take_two_branches() -> None:
    found = compare(run_cell(BRANCH, START=1.0)[0], run_cell(BRANCH, START=-1.0)[0], ("x = 1", "x = -1"))
    assert marks(found, 0) == {"x": ["differs"], "mul(·, 3)": ["differs"], "pow(·, 2)": ["alone"]}
    assert marks(found, 1) == {"x": ["differs"], "mul(·, 3)": ["differs"], "exp": ["alone"]}
    assert found.differences[0] == ("x: value 1 in x = 1, -1 in x = -1; gradient 18 in x = 1, 0.1494 in x = -1.")
    assert found.differences[-2:] == [
        "pow(·, 2) (z) (line 3) is only in x = 1.",
        "exp (z) (line 3) is only in x = -1.",
    ]


def test_with_and_without_no_grad() -> None:
    code = "w = torch.tensor(2.0, requires_grad=True)\nwith MODE():\n    a = w * 3\nloss = a * w\nloss.backward()\n"
    found = compare(run_cell(code, MODE=torch.enable_grad)[0], run_cell(code, MODE=torch.no_grad)[0])
    assert found.differences == [
        "w: gradient 12 in the first, 6 in the second.",
        "mul(·, 3) (a) (line 3) is only in the first.",
        "a (line 3) is only in the second.",
    ]


def test_equal_runs_do_not_differ() -> None:
    found = compare(run_cell(LINE_FIT)[0], run_cell(LINE_FIT)[0])
    assert found.to_text() == "Nothing differs." and not marks(found, 0)


def test_the_timeline_goes_through_every_step_of_both_in_order() -> None:
    found = compare(run_cell(BRANCH, START=1.0)[0], run_cell(BRANCH, START=-1.0)[0])
    stops = found._timeline()
    for side in (0, 1):
        steps = [stop[side] for stop in stops]
        assert steps == sorted(steps) and set(steps) == set(range(len(found.told[side])))


@pytest.mark.browser
def test_one_slider_moves_both_and_a_choice_is_shared(show: Any) -> None:
    found = compare(run_cell(BRANCH, START=1.0)[0], run_cell(BRANCH, START=-1.0)[0])
    page = show(found.to_html())
    page.wait_for_function("[...document.querySelectorAll('figure')].every((f) => f.ktape)")
    halves = page.locator("figure")
    assert page.locator(".bar:visible").count() == 1
    assert "pow" in halves.nth(0).locator(".view").text_content()
    page.get_by_role("slider", name="Step").press("Home")
    assert [half.locator(".view .n:not(.off)").count() for half in halves.all()] == [1, 1]
    page.get_by_role("button", name="Next").click()
    assert [half.locator(".view .n:not(.off)").count() for half in halves.all()] == [2, 2]
    halves.nth(0).locator('.n[aria-label^="x:"]').click()
    assert halves.nth(1).locator(".n.chosen").get_attribute("aria-label").startswith("x:")
    assert halves.nth(0).locator(".n.differs").count() == 2


def test_a_comparison_in_a_notebook_that_is_graded_is_text() -> None:
    found = compare(run_cell(LINE_FIT)[0], run_cell(LINE_FIT)[0])
    assert set(found._repr_mimebundle_()) == {"text/html", "text/plain"}


def test_tapes_from_files_compare_as_well() -> None:
    one = Tape.from_json(run_cell(LINE_FIT)[0].to_json())
    assert compare(one, one).differences == []


@pytest.mark.browser
def test_two_recordings_open_at_their_tops(show: Any) -> None:
    run = graphs.digits_mlp()
    page = show(compare(run, run).to_html(), viewport={"width": 390, "height": 900})
    page.wait_for_function("document.querySelector('[data-ktape=pair] > .bar .count').textContent")
    assert page.locator(".view").evaluate_all("all => all.map((e) => e.scrollTop)") == [0, 0]
