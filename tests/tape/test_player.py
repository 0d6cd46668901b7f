"""The player in a real Chromium: stepping, keyboard, details, themes, hosts; nothing fetched, nothing logged."""

import os
import random
from pathlib import Path
from typing import Any

import pytest

import kindling as torch
from kindling import tape
from kindling.tape import Tape, drawing, story
from tests.tape import graphs
from tests.tape.conftest import run_cell, started
from tests.tape.test_stretch import with_parents

pytestmark = pytest.mark.browser
AXE = Path(os.environ.get("KINDLING_AXE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"))


def picture_state(page: Any) -> list:
    """Everything that is drawn, without what only the player adds."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".view svg > *")].map((g) => [
            [...g.classList].filter((c) => !["on", "pass", "wrote", "chosen"].includes(c)).join(" "),
            g.innerHTML, g.ariaLabel,
            ["transform", "x", "y", "width", "height", "rx"].map((name) => g.getAttribute(name)).join(" ")])"""
    )


def step_to(page: Any, step: int) -> None:
    slider = page.locator("input[type=range]")
    slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", step)


@pytest.mark.parametrize("name", ["line_fit", "in_place", "two_layer_net", "no_grad", "lstm", "gpt", "tree"])
def test_player_and_static_picture_agree_on_the_end(show: Any, name: str) -> None:
    html = graphs.ALL[name]().to_html()
    static = picture_state(show(html.split("<script>")[0]))
    page = show(html)
    last = int(page.locator("input[type=range]").get_attribute("max"))
    step_to(page, 0)
    assert picture_state(page) != static
    step_to(page, last)
    assert picture_state(page) == static


@pytest.mark.parametrize("name", ["gpt", "lstm", "reused_weight"])
def test_script_and_library_place_everything_alike_whatever_is_open(show: Any, name: str) -> None:
    data = graphs.ALL[name]().to_json()
    page = show(Tape.from_json(data).to_html())
    shut = drawing.scene(data)
    rng = random.Random(3)
    for _ in range(8):
        some = {group.number for group in shut.groups if rng.random() < 0.4}
        placed = drawing.scene(data, open=with_parents(shut, some)).placed
        found = page.evaluate(
            """(some) => { const tape = document.querySelector("figure").ktape; tape.open(some);
            const { boxes, frames, lines, width, height } = tape.placed();
            return [width, height, [...boxes], [...frames], lines.map((l) => [l.level, l.key, l.points])]; }""",
            sorted(with_parents(shut, some)),
        )
        assert found[:2] == [placed.width, placed.height]
        assert {item: tuple(rect) for item, rect in found[2]} == placed.boxes
        assert {item: tuple(rect) for item, rect in found[3]} == placed.frames
        assert {(a, b): [tuple(p) for p in points] for a, b, points in found[4]} == placed.lines


def test_the_player_says_what_the_text_says(show: Any) -> None:
    for t in (graphs.in_place(), graphs.no_grad(), graphs.digits_mlp()):
        page = show(t.to_html())
        for number, frame in enumerate(story.frames(t.to_json())):
            step_to(page, number)
            assert page.locator(".say").text_content().endswith(". " + frame.say)


def test_stepping_through_forward_and_backward(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    say, card = page.locator(".say"), lambda label: page.locator(f'.n[aria-label^="{label}"]')
    step_to(page, 0)
    assert not card("mul").is_visible() and card("w:").is_visible()
    assert page.get_by_role("button", name="Back").is_disabled()
    page.get_by_role("button", name="Next").click()
    assert card("mul").is_visible() and not card("add").is_visible()
    assert say.inner_text() == "Step 1 ↓ forward. mul makes a node. Its result is 6. Kept for backward: 4 bytes."
    assert page.locator(".code mark").inner_text() == "w * x"
    for _ in range(5):
        page.get_by_role("button", name="Next").click()
    assert say.inner_text().startswith("Step 6 ↑ backward. Gradient -6 arrives at sub.")
    assert card("w:").locator("text.g").text_content() == "no grad yet"
    page.get_by_role("slider", name="Step").press("End")
    assert card("w:").locator("text.g").text_content() == "grad -18"
    assert page.get_by_role("button", name="Next").is_disabled()
    assert page.locator(".count").inner_text() == "10 of 10"
    page.get_by_role("slider", name="Step").press("ArrowLeft")
    assert page.locator(".count").inner_text() == "9 of 10"


def test_play_starts_over_and_can_be_paused(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    page.get_by_role("button", name="Play").click()
    assert page.locator(".count").inner_text() == "0 of 10"
    assert page.locator(".say").get_attribute("aria-live") == "off"
    page.wait_for_function("document.querySelector('.count').textContent === '1 of 10'")
    page.get_by_role("button", name="Pause").click()
    assert page.locator(".say").get_attribute("aria-live") == "polite"


def test_the_inspector_tells_all_about_a_node(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    info = page.locator(".info")
    page.locator('.n[aria-label^="add"]').click()
    text = info.inner_text()
    assert info.locator(".name span").inner_text() == "add (y)"
    for term, words in (("value", "7"), ("gradient arriving", "-6"), ("made by", "line 5: y = w * x + b")):
        assert page.evaluate(
            "([term, words]) => [...document.querySelectorAll('.info dt')].some((dt) => dt.textContent === term"
            " && dt.nextElementSibling.textContent === words)",
            [term, words],
        ), (term, text)
    assert page.locator(".code mark").inner_text() == "w * x + b"
    info.get_by_role("button", name="b", exact=True).first.click()
    assert info.locator(".name span").inner_text() == "b" and "grad\n-6" in info.inner_text()
    step_to(page, 2)
    page.locator('.n[aria-label^="b:"]').click()
    assert "no grad yet" in info.inner_text()
    page.locator('.n[aria-label^="x:"]').click()
    assert "no gradient flows here" in info.inner_text()


def test_the_graph_by_keyboard(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    info = page.locator(".info .name span")
    page.locator('.n[aria-label^="pow"]').focus()
    for key, name in (
        ("ArrowUp", "sub"), ("ArrowUp", "add (y)"), ("ArrowRight", "target"), ("ArrowLeft", "add (y)"),
        ("ArrowDown", "sub"), ("Home", "w"), ("End", "pow(·, 2) (loss)"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert info.inner_text() == name, key
        assert page.locator('.view [tabindex="0"]').count() == 1
        assert page.evaluate("document.activeElement.getAttribute('tabindex')") == "0"


def test_groups_open_and_close_by_pointer_and_by_keyboard(show: Any, descent: tape.Tape) -> None:
    page = show(descent.to_html())
    title, cards = page.locator('.ft[aria-label^="1 of 2"]'), page.locator(".view .n:not(.group)")
    assert cards.count() == 8 and title.get_attribute("aria-expanded") == "true"
    title.click()
    shut = page.locator('.n.group[aria-label^="1 of 2"]')
    assert cards.count() == 5 and shut.get_attribute("aria-expanded") == "false"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("1 of 2")
    page.keyboard.press("Enter")
    assert cards.count() == 8
    page.locator('.n[aria-label^="sub"]').first.focus()
    page.keyboard.press("Escape")
    assert cards.count() == 5
    page.get_by_role("button", name="Close all").click()
    assert cards.count() == 0 and page.locator(".n.group").count() == 1
    page.get_by_role("button", name="Open all").click()
    assert cards.count() == 8


def test_a_closed_group_stands_for_what_is_in_it(show: Any, descent: tape.Tape) -> None:
    page = show(descent.to_html())
    page.get_by_role("button", name="Close all").click()
    group = page.locator(".n.group")
    step_to(page, 7)
    assert "1 of 1 with a grad" in group.text_content() and "on" in group.get_attribute("class").split()
    step_to(page, 1)
    assert "no grad yet" in group.text_content()


def test_search_goes_to_what_it_finds_and_opens_its_groups(show: Any) -> None:
    page = show(graphs.lstm().to_html())
    search = page.get_by_role("searchbox", name="Find in the graph")
    search.fill("sigmoid")
    search.press("Enter")
    assert page.locator(".found").inner_text().startswith("1 of ")
    for _ in range(4):
        page.get_by_role("button", name="Find").click()
    assert page.locator(".found").inner_text().startswith("5 of ")
    assert page.locator(".n.chosen").count() == 1 and "sigmoid" in page.locator(".info .name span").inner_text()
    search.fill("no such thing")
    search.press("Enter")
    assert page.locator(".found").inner_text() == "not found"


def test_a_line_shows_the_nodes_it_made(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    line = page.locator(".code li", has_text="y = w * x + b")
    line.click()
    first = page.locator(".info .name span").inner_text()
    line.click()
    assert {first, page.locator(".info .name span").inner_text()} == {"mul", "add (y)"}


def test_zoom_by_buttons_wheel_and_drag(show: Any) -> None:
    page = show(graphs.lstm().to_html())
    view = page.locator(".view")

    def width() -> float:
        return page.locator(".view svg").bounding_box()["width"]

    before = width()
    page.get_by_role("button", name="Larger").click()
    assert width() == pytest.approx(1.25 * before, rel=0.01)
    page.get_by_role("button", name="Fit").click()
    assert width() <= view.bounding_box()["width"]
    before = width()
    view.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    page.wait_for_function(
        "(before) => document.querySelector('.view svg').getBoundingClientRect().width > before * 2", arg=before
    )
    box = view.bounding_box()
    left = view.evaluate("e => e.scrollLeft")
    page.mouse.move(box["x"] + 300, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 250, steps=4)
    page.mouse.up()
    assert view.evaluate("e => e.scrollLeft") == pytest.approx(left - 100, abs=2)


def test_touch_swipes_between_panes_and_pinches(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html(), viewport={"width": 390, "height": 800}, has_touch=True)
    client = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    def swipe(start: tuple[float, float], by: float) -> None:
        touch("touchStart", start)
        for part in (0.3, 0.6, 1):
            touch("touchMove", (start[0] + by * part, start[1]))
        touch("touchEnd")

    panes = {name: page.locator(f".pane.{name}") for name in ("graph", "source", "details")}
    assert [name for name, pane in panes.items() if pane.is_visible()] == ["graph"]
    box = page.locator(".view").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + 100
    before = page.locator(".view svg").bounding_box()["width"]
    touch("touchStart", (middle[0] - 20, middle[1]), (middle[0] + 20, middle[1]))
    touch("touchMove", (middle[0] - 60, middle[1]), (middle[0] + 60, middle[1]))
    touch("touchEnd")
    assert page.locator(".view svg").bounding_box()["width"] > 1.5 * before
    page.get_by_role("button", name="Fit").tap()
    swipe(middle, -150)
    page.wait_for_function("document.querySelector('figure').dataset.tab === 'source'")
    assert [name for name, pane in panes.items() if pane.is_visible()] == ["source"]
    swipe((200, panes["source"].bounding_box()["y"] + 30), -150)
    page.wait_for_function("document.querySelector('figure').dataset.tab === 'details'")
    page.get_by_role("button", name="Graph").tap()
    assert [name for name, pane in panes.items() if pane.is_visible()] == ["graph"]


@pytest.mark.parametrize("name", ["two_layer_net", "digits_mlp", "lenet", "gpt", "lstm", "tree"])
def test_a_step_is_painted_within_a_frame(show: Any, name: str) -> None:
    page = show(graphs.ALL[name]().to_html())
    times = page.evaluate(
        """() => { const figure = document.querySelector("figure"), last = figure.ktape.last, times = [];
        for (let k = 0; k <= last; k++) { const start = performance.now(); figure.ktape.go(k);
        figure.getBoundingClientRect(); times.push(performance.now() - start); }
        return times.sort((a, b) => a - b); }"""
    )
    print(f"\n{name}: median {times[len(times) // 2]:.1f} ms, 95 % within {times[len(times) * 95 // 100]:.1f} ms")
    assert times[len(times) // 2] < 16


@pytest.mark.parametrize("width", [1280, 640])  # paper is narrow
def test_print_shows_everything_and_no_control(show: Any, descent: tape.Tape, width: int) -> None:
    page = show(descent.to_html(), color_scheme="dark", viewport={"width": width, "height": 900})
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(".bar").is_visible() and not page.locator(".tools").is_visible()
    for pane in ("graph", "source", "details"):
        assert page.locator(f".pane.{pane}").is_visible()
    assert page.locator(".view").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
    assert page.locator("figure").evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"


def test_two_figures_on_a_page_do_not_meddle(show: Any, line_fit: tape.Tape, loop: tape.Tape) -> None:
    page = show(line_fit.to_html() + loop.to_html() + line_fit.to_html())
    page.get_by_role("button", name="Back").nth(0).click()
    counts = page.locator(".count").all_inner_texts()
    assert counts[0] == "9 of 10" and counts[2] == "10 of 10"


def test_works_when_put_in_later_as_notebooks_do(show: Any, line_fit: tape.Tape) -> None:
    page = show("<div id=out></div>")
    page.evaluate(
        """(html) => { const out = document.getElementById("out"); out.innerHTML = html;
        for (const old of out.querySelectorAll("script")) {
            const fresh = document.createElement("script");
            for (const a of old.attributes) fresh.setAttribute(a.name, a.value);
            fresh.textContent = old.textContent; old.replaceWith(fresh); } }""",
        line_fit.to_html(),
    )
    started(page)
    page.get_by_role("button", name="Back").click()
    assert page.locator(".count").inner_text() == "9 of 10"


def test_a_question_opens_the_player_before_the_backward(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.ask("Which leaf gets its gradient first?").to_html())
    assert page.locator(".ask").inner_text() == "Find out: Which leaf gets its gradient first?"
    assert page.locator(".count").inner_text() == "4 of 10"


def test_without_scripts_the_picture_and_the_text_are_there(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html(), java_script_enabled=False)
    assert not page.locator(".bar").is_visible()
    assert page.locator('.n[aria-label^="w:"]').is_visible()
    page.locator("summary").click()
    assert "becomes its grad" in page.locator("table").first.inner_text()


def test_hosts_cannot_shrink_the_picture(show: Any, loop: tape.Tape) -> None:
    page = show(loop.to_html(), viewport={"width": 390, "height": 800}, java_script_enabled=False)
    svg = page.locator(".view svg")
    assert svg.bounding_box()["width"] == pytest.approx(float(svg.get_attribute("width")), abs=0.1)
    page = show(loop.to_html(), viewport={"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("html", "scheme", "dark"),
    [
        ("<html lang=en>", "dark", True),
        ("<html lang=en>", "light", False),
        ("<html lang=en data-theme=light>", "dark", False),
        ("<html lang=en data-theme=dark>", "light", True),
        ("<html lang=en data-jp-theme-light=true>", "dark", False),
        ("<html lang=en data-jp-theme-light=false>", "light", True),
    ],
)
def test_the_pages_theme_wins_over_the_systems(
    show: Any, line_fit: tape.Tape, html: str, scheme: str, dark: bool
) -> None:
    page = show(line_fit.to_html(), html=html, color_scheme=scheme)
    ground = page.locator("figure").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == ("rgb(21, 24, 29)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(show: Any, line_fit: tape.Tape, loop: tape.Tape, width: int, scheme: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: set KINDLING_AXE to axe.min.js, or npm install axe-core")
    html = (
        f"<html lang=en data-theme={scheme} style='background:{'#14181e;color:#fff' if scheme == 'dark' else '#fff'}'>"
    )
    figures = line_fit.to_html() + loop.ask("Where do the gradients of W meet?").to_html()
    page = show(figures, html=html, color_scheme=scheme, viewport={"width": width, "height": 900})
    for details in page.locator("summary").all():
        details.click()
    page.locator('.view [tabindex="0"]').first.focus()
    page.add_script_tag(path=str(AXE))
    for step in (0, 2, 7):
        step_to(page.locator("figure").first, step)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []


def rows_of(page: Any) -> dict[str, str]:
    """What the details say, by term; of several rows the last."""
    return dict(
        page.evaluate(
            "() => [...document.querySelectorAll('.info dt')]"
            ".map((dt) => [dt.textContent, dt.nextElementSibling.textContent])"
        )
    )


def test_the_details_say_who_keeps_what_and_when_it_ran(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    page.locator('.n[aria-label^="add"]').click()
    assert rows_of(page)["keeps"] == "nothing" and rows_of(page)["ran at"] == "step 2"
    page.locator('.n[aria-label^="sub"]').click()
    assert rows_of(page)["memory"] == "free again; was kept for backward by pow(·, 2) (loss)"
    page.locator(".info").get_by_role("button", name="step 3").click()
    assert page.locator(".count").inner_text() == "3 of 10"
    page = show(graphs.two_layer_net().to_html())
    page.locator('.n[aria-label^="model.0.bias"]').click()
    assert rows_of(page)["in module"] == "0 (Linear)"
    page.locator('.n[aria-label^="linear"]').first.click()
    gave = page.locator(".info tbody tr", has_text="bias").locator("td").nth(2).inner_text()
    assert gave.endswith("summed to shape [4]")


def test_a_hit_is_shown_large_and_in_the_middle(show: Any) -> None:
    page = show(graphs.gpt().to_html())
    search = page.get_by_role("searchbox", name="Find in the graph")
    search.fill("blocks.2.attention.query.weight")
    search.press("Enter")
    assert page.locator(".found").inner_text() == "1 of 1: model.blocks.2.attention.query.weight"
    view, card = page.locator(".view").bounding_box(), page.locator(".n.chosen").bounding_box()
    assert card["height"] >= 0.8 * 67 - 1
    assert card["x"] + card["width"] / 2 == pytest.approx(view["x"] + view["width"] / 2, abs=30)
    assert card["y"] + card["height"] / 2 == pytest.approx(view["y"] + view["height"] / 2, abs=30)
    page.get_by_role("button", name="Larger").click()
    assert page.locator(".n.chosen").bounding_box()["x"] >= view["x"]
    assert (
        "weight" in page.locator(".n.chosen .t").text_content()
        and "model" not in page.locator(".n.chosen .t").text_content()
    )


@pytest.mark.parametrize("name", ["line_fit", "gpt"])
def test_the_page_opens_at_the_top_and_keeps_its_height(show: Any, name: str) -> None:
    page = show(graphs.ALL[name]().to_html())
    assert page.locator(".view").evaluate("e => e.scrollTop") == 0
    assert page.locator(".code .now").count() == 1, "the last step's leaf shows where it was first used"
    before = page.locator(".key").bounding_box()["y"]
    page.locator(".view .n.operator").first.click()
    assert page.locator(".key").bounding_box()["y"] == before


@pytest.mark.parametrize(
    ("name", "width", "seen"),
    [
        ("two_layer_net", 390, '.ft[aria-label^="model: Sequential"]'),
        ("gpt", 1280, '.ft[aria-label^="model: GPT"]'),
        ("lstm", 900, '.ft[aria-label^="LSTMCell"]'),
        ("tree", 1280, ".n.on"),  # far to the right of where the outermost frame begins
        ("tree", 390, ".n.on"),
    ],
)
def test_the_page_opens_at_the_left_unless_what_is_meant_stands_further_right(
    show: Any, name: str, width: int, seen: str
) -> None:
    page = show(graphs.ALL[name]().to_html(), viewport={"width": width, "height": 900})
    view, card = page.locator(".view").bounding_box(), page.locator(f".view {seen}").first.bounding_box()
    assert view["x"] <= card["x"] <= card["x"] + card["width"] <= view["x"] + view["width"]


def test_no_line_of_code_overflows_its_pane(show: Any) -> None:
    page = show(graphs.tree().to_html(), viewport={"width": 900, "height": 900})
    assert page.locator(".code").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_constant_made_later_is_seen_from_its_first_use(show: Any) -> None:
    page = show(graphs.gpt().to_html())
    page.evaluate("document.querySelector('figure').ktape.open([...Array(999).keys()])")
    mask = page.locator('.view .constant[aria-label^="later"]').first
    step_to(page, 2)
    assert not mask.is_visible()
    step_to(page, 200)
    assert mask.is_visible()


def test_what_was_recorded_earlier_is_drawn_and_looked_at(show: Any) -> None:
    w = torch.tensor(2.0, requires_grad=True)
    page = show(tape.draw((w * 3) ** 2).to_html())  # no step acts
    page.locator('.n[aria-label^="mul"]').click()
    assert page.locator(".info .name span").inner_text() == "mul"


def test_of_an_empty_recording_only_the_sentence_is_shown(show: Any) -> None:
    page = show(run_cell("x = torch.ones(2) * 2")[0].to_html())
    assert "Nothing was recorded" in page.locator("figure").inner_text()
    assert page.locator("figure").bounding_box()["height"] < 100


@pytest.mark.parametrize(("width", "rows"), [(800, 1), (1280, 1), (390, 2)])
def test_the_tools_stand_in_a_row_and_say_what_was_found(show: Any, loop: tape.Tape, width: int, rows: int) -> None:
    page = show(loop.to_html(), viewport={"width": width, "height": 900})
    tops = page.locator(".tools :is(button,input)").evaluate_all(
        "all => new Set(all.map((e) => Math.round(e.getBoundingClientRect().bottom / 4))).size"
    )
    assert tops == rows
    assert page.get_by_role("searchbox").bounding_box()["width"] > 120, "what is to be written there can be read"
    page.get_by_role("searchbox").fill("nowhere")
    page.keyboard.press("Enter")
    assert page.locator(".found").evaluate("e => e.scrollWidth <= e.clientWidth && e.clientWidth > 60")


def test_a_long_name_is_broken_not_cut(show: Any) -> None:
    name = "the_very_long_name_of_a_weight_that_nobody_would_ever_write"
    page = show(
        run_cell(f"{name} = torch.ones(2, requires_grad=True)\ny = {name} * 2\ny.sum().backward()")[0].to_html()
    )
    assert page.locator(".info .name span").inner_text() == name
    assert page.locator(".info").evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_key_alone_is_not_for_the_host_and_the_last_step_keeps_the_focus(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    page.evaluate("window.heard = []; document.addEventListener('keydown', ({ key }) => heard.push(key))")
    page.get_by_role("slider", name="Step").press("ArrowDown")
    page.keyboard.press("x")  # which cuts a cell in JupyterLab
    page.keyboard.press("Control+s")
    assert page.evaluate("heard") == ["Control", "s"]
    page.get_by_role("button", name="Next").press("Enter")
    assert page.get_by_role("button", name="Next").is_disabled()
    assert page.evaluate("document.activeElement.textContent") == "Next ›"


def test_forced_colours_keep_what_is_now_apart(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html(), forced_colors="active", viewport={"width": 390, "height": 800})
    grounds = page.locator(".tabs button").evaluate_all("all => all.map((e) => getComputedStyle(e).backgroundColor)")
    assert grounds[0] not in grounds[1:]
    page.get_by_role("button", name="Code").click()
    lines = page.locator(".code li").evaluate_all("all => all.map((e) => getComputedStyle(e).backgroundColor)")
    assert len(set(lines)) == 2
    assert "linear-gradient" in page.locator(".strip").evaluate("e => getComputedStyle(e).backgroundImage")
