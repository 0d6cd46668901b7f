"""The player in a real Chromium: stepping, keyboard, details, themes, hosts; nothing fetched, nothing logged."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kindling import tape

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
AXE = Path(os.environ.get("KINDLING_AXE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"))
# Jupyter, nbconvert and themes style pages like this; the picture must not shrink.
HOST = "svg{max-width:100%;height:auto} body{margin:12px} table td{text-align:right} code{color:red}"


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Open a page with these fragments; in the end, nothing may have been fetched or logged."""
    contexts, noise = [], []

    def open_page(body: str, html: str = "<html lang=en>", **options: Any) -> Any:
        file = tmp_path / "page.html"
        head = f"<meta charset=utf-8><title>A page</title><style>{HOST}</style>"
        file.write_text(f"<!doctype html>{html}<head>{head}</head><body><main><h1>Page</h1>{body}</main></body></html>")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda r: noise.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
        page.goto(file.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []


def picture_state(page: Any) -> list:
    """Everything that steps change, without what only the player adds."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".view .n, .view .e")].map((g) => [
            [...g.classList].filter((c) => c !== "on" && c !== "pass").join(" "), g.textContent, g.ariaLabel])"""
    )


def step_to(page: Any, step: int) -> None:
    slider = page.locator("input[type=range]")
    slider.evaluate("(e, v) => { e.value = v; e.dispatchEvent(new Event('input')); }", step)


@pytest.mark.parametrize("name", ["line_fit", "descent", "loop", "long_loop"])
def test_player_and_static_picture_agree_on_the_end(show: Any, name: str, request: pytest.FixtureRequest) -> None:
    html = request.getfixturevalue(name).to_html()
    static = picture_state(show(html.split("<script>")[0]))
    page = show(html)
    last = int(page.locator("input[type=range]").get_attribute("max"))
    step_to(page, 0)
    assert picture_state(page) != static
    step_to(page, last)
    assert picture_state(page) == static


def test_stepping_through_forward_and_backward(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    say, card = page.locator(".say"), lambda label: page.locator(f'.n[aria-label^="{label}"]')
    step_to(page, 0)
    assert not card("mul").is_visible() and card("w:").is_visible()
    assert page.get_by_role("button", name="Back").is_disabled()
    page.get_by_role("button", name="Next").click()
    assert card("mul").is_visible() and not card("add").is_visible()
    assert say.inner_text() == "Step 1 ↓ forward. mul makes a node. Its result is 6."
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


def test_details_by_pointer_and_by_keyboard(show: Any, line_fit: tape.Tape) -> None:
    page = show(line_fit.to_html())
    info = page.locator(".info")
    assert info.get_attribute("aria-live") == "polite"
    page.locator('.n[aria-label^="add"]').hover()
    assert info.inner_text() == (
        "add (y): operator, a single number, float32. Value 7. Gradient -6. Line 5: y = w * x + b"
    )
    assert page.locator('.n[tabindex="0"]').count() == 1
    page.locator('.n[aria-label^="pow"]').focus()
    page.keyboard.press("ArrowUp")
    assert info.inner_text().startswith("sub: operator")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert info.inner_text().startswith("target: constant tensor")
    assert "no gradient flows here" in info.inner_text()
    page.keyboard.press("ArrowDown")
    assert info.inner_text().startswith("sub: operator")
    page.keyboard.press("Home")
    assert info.inner_text().startswith("w: leaf tensor")
    assert page.locator('.n[tabindex="0"]').count() == 1
    assert page.evaluate("document.activeElement.getAttribute('tabindex')") == "0"


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
    page = show(loop.to_html(), viewport={"width": 390, "height": 800})
    svg = page.locator(".view svg")
    assert svg.bounding_box()["width"] == pytest.approx(float(svg.get_attribute("width")), abs=0.1)
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
    page.locator('.n[tabindex="0"]').first.focus()
    page.add_script_tag(path=str(AXE))
    for step in (0, 2, 7):
        step_to(page.locator("figure").first, step)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []
