"""The pages in a real Chromium, for which no other host exists; a request to one, or an error logged, fails a test."""

import os
from pathlib import Path

import pytest

import kindling
from course.checks import check
from course.checks.data import namespace
from course.site import pyodide

pytestmark = pytest.mark.browser
LESSON = "day_001/06_autograd.html"
PAGES = ["index.html", "day_001/index.html", "tape.html", LESSON]
DATA = Path(__file__).resolve().parents[2] / "day_001/checks/06_autograd.json"
LOOKS = [(scheme, width) for scheme in ("light", "dark") for width in (1280, 390)]
ANSWER = """
def add_rule(g, x, y):
    return g, g
def mul_rule(g, x, y):
    return {}
def pow_rule(g, x, n):
    return g * n * x ** (n - 1)
"""


def axe(page):
    """axe-core's findings on a page; the test skips where axe-core is not."""
    place = Path(os.environ.get("KINDLING_AXE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"))
    if not place.exists():
        pytest.skip("axe-core is not here: set KINDLING_AXE to axe.min.js, or npm install axe-core")
    page.add_script_tag(path=place)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(v["id"], [node["html"][:120] for node in v["nodes"]]) for v in found["violations"]]


@pytest.fixture
def live(visit):
    """Open the lesson and start Python in it."""
    if missing := pyodide.missing(pyodide.home()):
        pytest.skip(f"`python -m course.site.pyodide fetch` has not brought {', '.join(missing)}")

    def start(**options):
        page = visit(LESSON, **options)
        page.get_by_role("button", name="Run it here").first.click()
        page.get_by_text("Python is ready").first.wait_for(timeout=120_000)
        return page

    return start


def cell(page, text):
    """The first code cell that holds this text."""
    return page.locator("div.cell", has=page.locator(".cell_input", has_text=text)).first


def run(page, text):
    """Run a cell and wait for its end; gives the text of its output."""
    found = cell(page, text)
    found.get_by_role("button", name="Run").click()
    found.get_by_text("ran", exact=True).wait_for(timeout=60_000)
    return found.locator(".cell_output").inner_text()


@pytest.mark.parametrize("scheme, width", LOOKS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_in_every_look(visit, page, scheme, width):
    opened = visit(page, color_scheme=scheme, viewport={"width": width, "height": 900})
    if folder := os.environ.get("KINDLING_SCREENSHOTS"):
        opened.screenshot(path=f"{folder}/{page.replace('/', '_')}-{scheme}-{width}.png", full_page=True)
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.evaluate("document.documentElement.dataset.theme") == scheme
    assert axe(opened) == []


@pytest.mark.parametrize("page", ["index.html", LESSON])
def test_the_tape_steps(visit, page):
    opened = visit(page)
    tape = opened.locator("figure.ktape").first
    slider, count, w = tape.get_by_role("slider"), tape.locator(".count"), tape.locator(".n.leaf").first
    slider.press("Home")
    assert count.inner_text().startswith("0 of") and w.locator("text.g").text_content() == "no grad yet"
    tape.get_by_role("button", name="Next").click()
    assert count.inner_text().startswith("1 of")
    slider.press("End")
    assert w.locator("text.g").text_content().startswith("grad ")
    assert tape.locator(".view").bounding_box()["width"] > 100


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_from_the_disk(visit, site, page):
    opened = visit((site / page).as_uri())
    assert opened.locator("h1").is_visible()
    assert opened.get_by_role("button", name="Run it here").count() == 0
    if page == LESSON and not pyodide.missing(pyodide.home()):
        assert "do.py site --serve" in opened.locator(".live-offer").first.inner_text()


def test_other_hosts_do_not_exist_here(browser):
    page = browser.new_page()
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://elsewhere.test/")
    page.close()


def test_a_wrong_answer_in_the_page(live):
    page = live()
    assert "not written yet" in run(page, 'check("06.mul_rule")')
    cell(page, "def mul_rule").get_by_role("textbox").fill(ANSWER.format("y, x"))
    run(page, "def mul_rule")
    here = check("06.mul_rule", ns=namespace(kindling, ANSWER.format("y, x")), data=DATA)
    assert here.misconception_id and here.sentence in run(page, 'check("06.mul_rule")')
    assert axe(page) == []
    if folder := os.environ.get("KINDLING_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/live.png", full_page=True)
    cell(page, "def mul_rule").get_by_role("button", name="Undo my changes").click()
    assert "raise NotImplementedError()" in cell(page, "def mul_rule").inner_text()


def test_a_right_answer_then_the_rest_of_the_lesson(live):
    page = live()
    cell(page, "def mul_rule").get_by_role("textbox").fill(ANSWER.format("g * y, g * x"))
    run(page, "def mul_rule")
    assert "Why it works" in run(page, 'check("06.mul_rule")')
    assert "g * other" in run(page, "inspect.getsource")
    tape = cell(page, "tape.record()").locator("figure.ktape")
    tape.get_by_role("slider").press("Home")
    assert tape.locator(".count").inner_text().startswith("0 of")


def test_typing_as_in_a_notebook(live):
    page = live(viewport={"width": 390, "height": 800})
    first = page.get_by_role("textbox").first
    first.click()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("for i in range(2):")
    page.keyboard.press("Enter")
    page.keyboard.type("print(i, 1 / (1 - i))")
    page.keyboard.press("Shift+Enter")
    box = page.locator("div.cell").first
    box.get_by_text("ended with an error").wait_for()
    said = box.locator(".cell_output").inner_text()
    assert said.startswith("0 1.0\n") and said.strip().endswith("ZeroDivisionError: division by zero")
    assert page.evaluate("document.activeElement.ariaLabel") == "Code of cell 2"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.ariaLabel") == "Run cell 2"


def test_an_endless_cell_is_stopped(live):
    page = live()
    page.get_by_role("textbox").first.fill("while True: pass")
    box = page.locator("div.cell").first
    box.get_by_role("button", name="Run").click()
    box.get_by_role("button", name="Stop").click()
    page.get_by_text("Python is ready").first.wait_for(timeout=120_000)
    box.get_by_role("button", name="Undo my changes").click()
    assert run(page, "square(3.0 + nudge)").startswith("6.00")


def test_a_site_built_without_pyodide_offers_no_button(build_site, visit, tmp_path):
    folder = build_site(tmp_path / "site", KINDLING_PYODIDE=str(tmp_path / "nothing"))
    opened = visit((folder / LESSON).as_uri())
    assert opened.locator("figure.ktape").first.is_visible()
    assert opened.locator(".live-offer").count() == 0
    assert not (folder / "_static/pyodide").exists() and not (folder / "_static/kindling.zip").exists()
