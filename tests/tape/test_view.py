"""The graph in its window: what a page opens with, what Fit shows, dragging, and the signs that there is more."""

from typing import Any

import pytest

from kindling import tape
from tests.tape import graphs

pytestmark = pytest.mark.browser

WINDOW = """() => { const view = document.querySelector(".view"), at = (name) => getComputedStyle(view.parentElement)
    .getPropertyValue(name); return {wide: view.clientWidth, all: view.scrollWidth, left: view.scrollLeft,
    high: view.clientHeight, tall: view.scrollHeight, zoom: view.firstElementChild.getBoundingClientRect().width /
    document.querySelector("figure").ktape.placed().width, more: ["--l", "--t", "--r", "--b"].map(at)}; }"""


def in_view(page: Any, selector: str) -> bool:
    view, card = page.locator(".view").bounding_box(), page.locator(f".view {selector}").first.bounding_box()
    return (
        view["x"] <= card["x"]
        and card["x"] + card["width"] <= view["x"] + view["width"]
        and view["y"] <= card["y"]
        and card["y"] + card["height"] <= view["y"] + view["height"]
    )


@pytest.mark.parametrize("name", ["digits_mlp", "lenet", "gpt", "lstm"])
def test_a_page_opens_as_wide_as_its_window_and_says_that_more_is_below(show: Any, name: str) -> None:
    page = show(graphs.ALL[name]().to_html())
    page.wait_for_function("getComputedStyle(document.querySelector('.graph')).getPropertyValue('--b') === '14px'")
    found = page.evaluate(WINDOW)
    assert found["all"] == found["wide"] and 0.5 <= found["zoom"] <= 1.01
    assert found["more"] == ["0px", "0px", "0px", "14px"]


def test_what_would_be_too_small_stays_readable_and_shows_on_which_side_there_is_more(show: Any) -> None:
    page = show(graphs.gpt().to_html(), viewport={"width": 390, "height": 844})
    assert page.evaluate(WINDOW)["zoom"] == pytest.approx(0.8, abs=0.01)
    page.wait_for_function("getComputedStyle(document.querySelector('.graph')).getPropertyValue('--r') === '14px'")
    page.locator(".view").evaluate("e => e.scrollLeft = e.scrollWidth")
    page.wait_for_function("getComputedStyle(document.querySelector('.graph')).getPropertyValue('--r') === '0px'")


def test_fit_is_the_width_and_then_the_whole(show: Any) -> None:
    page = show(graphs.digits_mlp().to_html())
    fit = page.get_by_role("button", name="Fit")
    fit.click()
    found = page.evaluate(WINDOW)
    assert found["tall"] == found["high"] and found["zoom"] > 0.5
    fit.click()
    found = page.evaluate(WINDOW)
    assert found["all"] == found["wide"] and found["tall"] > found["high"]


@pytest.mark.parametrize(("name", "width"), [("tree", 1280), ("gpt", 390)])
def test_fit_of_what_is_too_wide_begins_at_the_steps_card(show: Any, name: str, width: int) -> None:
    page = show(graphs.ALL[name]().to_html(), viewport={"width": width, "height": 844})
    page.get_by_role("button", name="Open all").click()
    page.get_by_role("button", name="Fit").click()
    assert page.evaluate(WINDOW)["zoom"] == pytest.approx(0.5, abs=0.01)
    assert in_view(page, ".n.on")


def test_the_ground_can_be_dragged_and_nothing_gets_selected(show: Any) -> None:
    page = show(graphs.lstm().to_html())
    view = page.locator(".view")
    box = view.bounding_box()
    x, y = box["x"] + 30, box["y"] + 400
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y - 150, steps=4)
    page.mouse.move(x + 600, y - 600, steps=4)  # on past the edge
    page.mouse.up()
    assert view.evaluate("e => e.scrollTop") == pytest.approx(
        min(600, view.evaluate("e => e.scrollHeight - e.clientHeight")), abs=2
    )
    view.evaluate("e => e.scrollTop = 0")
    page.mouse.move(x, y - 300)
    page.mouse.down()
    page.mouse.move(x + 600, y + 50, steps=8)  # across the cards
    assert page.evaluate("getSelection().toString()") == ""
    page.mouse.up()


def test_a_step_brings_its_card_to_the_middle_when_it_was_not_to_be_seen(show: Any) -> None:
    page = show(graphs.tree().to_html())
    page.get_by_role("button", name="Open all").click()
    for step in (47, 20, 100):
        page.evaluate("(k) => document.querySelector('figure').ktape.go(k)", step)
        assert in_view(page, ".n.on"), step
    card, view = page.locator(".view .n.on").bounding_box(), page.locator(".view").bounding_box()
    assert 40 < card["y"] - view["y"] < view["height"] - 100


def test_the_arrow_keys_on_a_card_scroll_nothing(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html(), viewport={"width": 1280, "height": 500})
    page.locator('.n[aria-label^="pow"]').focus()
    before = page.evaluate("[scrollY, document.querySelector('.view').scrollTop]")
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(200)
    assert page.evaluate("[scrollY, document.querySelector('.view').scrollTop]") == before


def test_closing_all_keeps_the_window_and_shows_a_card_that_is_there(show: Any) -> None:
    page = show(graphs.two_layer_net().to_html())
    page.locator('.n[aria-label^="relu"]').click()
    before = page.locator(".view").bounding_box()["height"]
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".view").bounding_box()["height"] == before
    shown = page.locator(".info .name").inner_text()
    assert page.locator(".n.group .t", has_text=shown).count() == 1


def test_the_chosen_card_has_another_mark_than_the_steps(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    page.locator('.n[aria-label^="add"]').click()
    style = "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).strokeWidth]"
    assert page.locator(".n.chosen .b").evaluate(style) == ["dashed", "1.5px"]
    assert page.locator(".view .n.on .b").evaluate(style) == ["none", "3.5px"]


def test_a_written_value_has_a_look_of_its_own_and_the_line_that_wrote_it(show: Any) -> None:
    page = show(graphs.digits_mlp().to_html())
    assert page.locator(".code .now mark").inner_text() == "optimizer.step()"
    look = "e => [getComputedStyle(e).stroke, getComputedStyle(e).strokeDasharray]"
    assert page.locator(".view .n.on.wrote .b").evaluate(look) == ["rgb(156, 31, 138)", "7px, 3px"]
    assert page.locator(".say b").evaluate("e => getComputedStyle(e).color") == "rgb(156, 31, 138)"
    assert "transparent" in page.locator(".strip").get_attribute("style")
    assert "written by the program or an optimizer" in page.locator(".key").inner_text()
    assert "written" in page.locator(".scale").inner_text()
    page.evaluate("document.querySelector('figure').ktape.go(1)")
    assert page.locator(".view .n.wrote").count() == 0 and page.locator(".code mark").inner_text() == "self.fc1(x)"


def hits(page: Any, words: str, number: int) -> list[str]:
    """The first hits of a search, as they are told."""
    search = page.get_by_role("searchbox", name="Find in the graph")
    search.fill(words)
    found = []
    for _ in range(number):
        search.press("Enter")
        found.append(page.locator(".found").inner_text().partition(": ")[2])
    return found


def test_search_finds_exact_names_in_run_order_then_others_then_groups_with_their_path(show: Any) -> None:
    page = show(graphs.gpt().to_html())
    top = page.locator(".view").bounding_box()["y"]
    found = hits(page, "linear", 26)
    assert found[0] == "linear 1 of 25 in blocks.0.attention.query" and found[24] == "linear 25 of 25 in head"
    assert found[25] == "blocks.0.attention.query: Linear"
    assert page.locator(".view").bounding_box()["y"] == top, "a long hit has moved the graph"
    muls = sum(node["op"] == "mul" for node in graphs.gpt().nodes)
    found = hits(page, "mul", muls + 1)
    assert found[muls - 1].startswith(f"mul {muls} of {muls} in ") and found[muls].startswith("matmul 1 of ")
    assert "matmul 1 of " in page.locator(".info dd", has_text="step").first.inner_text()


def test_what_is_called_alike_is_told_apart_by_value_or_step(show: Any) -> None:
    page = show(graphs.tree().to_html())
    page.evaluate("document.querySelector('figure').ktape.select(0)")
    for label in ("embedding.weight", "embedding"):
        page.locator(f'.view .n[aria-label*="{label}"]').first.click()
        chips = page.locator(".info .go").all_inner_texts()
        assert len(set(chips)) == len(chips), chips
    page.locator('.view .n.constant[aria-label*="Value 1."]').first.click()
    assert page.locator(".info .name").inner_text() == "constant 1"


def test_details_tell_first_what_is_asked_first(show: Any) -> None:
    page = show(graphs.gpt().to_html())
    hits(page, "linear", 5)
    terms = page.locator(".info :is(dt, th:first-child)").all_inner_texts()
    assert terms == [
        "value", "gradient arriving", "keeps", "keeps", "passes on to", "made by", "in module", "ran at", "gradient at",
        "used by", "computed from", "shape", "is", "values",
    ]  # fmt: skip
    box = page.locator(".side").bounding_box()
    assert page.locator(".source").bounding_box()["height"] <= 0.41 * box["height"]


def test_a_group_whose_arrows_are_red_says_that_its_parameters_wait_for_their_grad(show: Any) -> None:
    page = show(graphs.gpt().to_html())
    page.get_by_role("button", name="Close all").click()
    page.evaluate("document.querySelector('figure').ktape.go(1)")
    assert page.locator(".view .n.group text.g").first.text_content() == "parameters: no grad yet"


def test_the_way_forward_is_seen_at_the_end_too(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    heads = page.locator(".view .e.back .h")
    assert heads.count() == 5 and heads.first.is_visible()
    assert heads.first.evaluate("e => getComputedStyle(e).stroke") == "rgb(130, 139, 151)"
    assert "data flows forward" in page.locator(".key").inner_text()


def test_on_a_phone_the_graph_begins_early_and_the_tab_says_what_details_show(show: Any) -> None:
    page = show(graphs.lstm().to_html(), viewport={"width": 390, "height": 844})
    figure, view = page.locator("figure").bounding_box(), page.locator(".view").bounding_box()
    assert view["y"] - figure["y"] < 260
    assert page.locator(".tools").bounding_box()["y"] > view["y"]
    page.locator('.view .n[aria-label^="cell.bias_ih"]').click()
    assert page.get_by_role("button", name="Details: cell.bias_ih").is_visible()
