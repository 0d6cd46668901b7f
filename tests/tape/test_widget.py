"""The widget: its own module in a real Chromium, with a stand-in for Jupyter's model; and what a replay answers."""

import json
import sys
from typing import Any

import pytest

from kindling import tape
from kindling.tape.widget import answer, widget
from tests.tape.conftest import LINE_FIT, run_cell
from tests.tape.test_player import AXE

# What the widget manager gives to render(): traits, messages to and from Python.
MODEL = """
const traits = TRAITS, heard = {}, sent = [];
window.model = { get: (name) => traits[name], save_changes: () => (window.saved = { ...traits }), sent,
  set: (name, value) => { const was = JSON.stringify(traits[name]); traits[name] = value;
    if (JSON.stringify(value) !== was) (heard[`change:${name}`] ?? []).forEach((f) => f()); },
  on: (name, f) => (heard[name] ??= []).push(f), send: (message) => sent.push(message),
  say: (message) => heard["msg:custom"].forEach((f) => f(message)) };
"""


@pytest.fixture
def live(show: Any, line_fit: tape.Tape) -> Any:
    """A page with the widget of a line fit, and its model as `model`."""
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    made = widget(line_fit)
    traits = {name: getattr(made, name) for name in ("html", "live", "step", "selected", "opened")}
    model = MODEL.replace("TRAITS", json.dumps(traits).replace("<", "\\u003c"))
    start = "const el = document.getElementById('out'); render({ model: window.model, el });"
    module = made._esm.replace("export default { render };", model + start)
    page = show(f"<div id=out></div><script type=module>{module}</script>")
    page.wait_for_function("document.querySelector('figure')?.ktape")
    return page


def reply(page: Any, run: tape.Tape) -> None:
    """Python's answer to what the page asked last."""
    page.evaluate("(message) => model.say(message)", answer(run, page.evaluate("model.sent.at(-1).edits")))


@pytest.mark.browser
def test_what_the_player_does_reaches_python(live: Any) -> None:
    live.get_by_role("button", name="Back").click()
    assert live.evaluate("window.saved.step") == 9
    live.locator('.n[aria-label^="sub"]').click()
    assert live.evaluate("window.saved.selected") == 6


@pytest.mark.browser
def test_what_python_sets_moves_the_player(live: Any) -> None:
    live.evaluate("model.set('step', 3)")
    assert live.locator(".count").inner_text() == "3 of 10"
    live.evaluate("model.set('selected', 0)")
    assert live.locator(".info .name span").inner_text() == "w"


@pytest.mark.browser
def test_what_if_asks_python_and_shows_the_comparison(live: Any, line_fit: tape.Tape) -> None:
    live.locator('.n[aria-label^="add"]').click()
    live.get_by_label("What to change").select_option(label="gradient")
    live.get_by_label("New numbers").fill("0")
    live.get_by_role("button", name="Replay").click()
    asked = live.evaluate("model.sent[0]")
    words = "the gradient of add (y) were 0"
    assert asked == {"edits": [{"node": 4, "what": "grads", "input": "", "text": "0", "words": words}]}
    reply(live, line_fit)
    live.wait_for_function("document.querySelectorAll('.two figure').length === 2")
    assert "w: gradient -18 in the run, 0 in the replay." in live.locator(".differences").inner_text()
    live.evaluate("model.say({ error: 'no such thing' })")
    assert live.get_by_text("no such thing").is_visible()


@pytest.mark.browser
def test_a_rule_is_edited_and_the_wrong_one_is_marked_with_both_numbers(live: Any, line_fit: tape.Tape) -> None:
    live.locator('.n[aria-label^="mul"]').click()
    choice, rule = live.get_by_label("What to change"), live.get_by_label("New rule")
    choice.select_option(label="rule for input")
    assert rule.input_value() == "g * other"
    assert "It sees g, input, other, out" in live.locator(".whatif small").inner_text()
    rule.fill("g * cosinus(input)")
    live.get_by_role("button", name="Replay").click()
    reply(live, line_fit)
    assert "there is no cosinus here; this rule sees g, input, other, out" in live.locator("output").inner_text()
    assert rule.input_value() == "g * cosinus(input)" and live.locator(".two").count() == 0
    rule.fill("g * 1")
    live.get_by_role("button", name="Replay").click()
    reply(live, line_fit)
    live.wait_for_function("document.querySelectorAll('.two figure[data-on]').length === 2")
    assert live.get_by_text("What if the rule for input of mul were g * 1?").is_visible()
    found = live.locator(".differences").inner_text()
    assert "mul: rule for input g * other in the run, g * 1 in the replay." in found
    assert "w: gradient -18 ≈ -18 in the run, -6 ≠ -18 in the replay." in found
    replayed = live.locator(".two figure").nth(1)
    assert replayed.locator(".n.wrong").count() == 1
    assert "-6 ≠ -18" in replayed.locator('.n.differs[aria-label^="w:"]').text_content()
    assert "edited in a replay" in replayed.locator('.n[aria-label^="mul"]').get_attribute("aria-label")
    live.get_by_role("button", name="Back to the run").click()
    assert live.locator(".two").count() == 0 and not live.get_by_label("New rule").is_visible()
    assert line_fit.steps[-1].get("numeric") is None


@pytest.mark.browser
def test_changes_add_up_and_each_can_be_taken_back(live: Any, line_fit: tape.Tape) -> None:
    def change(node: str, what: str, field: str, text: str) -> None:
        live.locator(f'.n[aria-label^="{node}"]').first.click()
        live.get_by_label("What to change").select_option(label=what)
        live.get_by_label(field).first.fill(text)
        live.get_by_role("button", name="Replay").click()
        reply(live, line_fit)

    head, found = live.locator("#out [data-ktape=pair] > p").first, live.locator(".differences")
    change("mul", "value", "New numbers", "10")
    change("add", "gradient", "New numbers", "zero")  # refused, so not kept
    change("add", "gradient", "New numbers", "1")
    assert "What if the value of mul were 10 ✕, and the gradient of add (y) were 1 ✕?" in head.inner_text()
    assert "w: gradient -18 in the run, 3 in the replay." in found.inner_text()
    change("mul", "value", "New numbers", "20")  # instead of the 10
    assert "What if the gradient of add (y) were 1 ✕, and the value of mul were 20 ✕?" in head.inner_text()
    live.get_by_role("button", name="Take back: the gradient of add (y) were 1").click()
    reply(live, line_fit)
    assert "What if the value of mul were 20?" in head.inner_text()
    assert "w: gradient -18 in the run, 66 in the replay." in found.inner_text()
    live.get_by_role("button", name="Back to the run").click()
    change("add", "gradient", "New numbers", "0")
    assert "What if the gradient of add (y) were 0?" in head.inner_text()


@pytest.mark.browser
def test_axe_finds_nothing_in_the_form_and_the_answer(live: Any, line_fit: tape.Tape) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: set KINDLING_AXE to axe.min.js, or npm install axe-core")
    live.add_script_tag(path=str(AXE))
    live.locator('.n[aria-label^="mul"]').click()
    live.get_by_label("What to change").select_option(label="rule for input")
    for text, figures in (("g *", 0), ("g * 1", 2)):
        asked = {"node": live.evaluate("model.get('selected')"), "what": "rules", "input": "input", "text": text}
        live.evaluate("(message) => model.say(message)", answer(line_fit, [asked]))
        live.wait_for_function(f"document.querySelectorAll('.two figure[data-on]').length === {figures}")
        found = live.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []


def test_an_answer_says_what_is_wrong_with_a_question(line_fit: tape.Tape) -> None:
    assert "write a number such as 0.5" in answer(line_fit, [{"node": 4, "what": "grads", "text": "zero"}])["error"]
    assert "no node 99" in answer(line_fit, [{"node": 99, "what": "values", "text": "1"}])["error"]


def test_the_widget_starts_where_the_player_starts() -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    made = widget(run_cell(LINE_FIT)[0].ask("What arrives first?"))
    assert (made.step, made.selected, made.opened) == (4, None, [])


def test_a_page_without_a_kernel_shows_the_tape(line_fit: tape.Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    formats = pytest.importorskip("nbformat", reason="nbformat is not installed")
    data, _ = widget(line_fit)._repr_mimebundle_()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "image/svg+xml", "text/plain"} == set(data)
    cell = formats.v4.new_code_cell("t.widget()", outputs=[formats.v4.new_output("display_data", data)])
    notebook = formats.v4.new_notebook(cells=[cell])
    assert 'class="ktape"' in nbconvert.HTMLExporter().from_notebook_node(notebook)[0]
    monkeypatch.setenv("NBGRADER_EXECUTION", "1")
    assert set(widget(line_fit)._repr_mimebundle_()[0]) == {"text/plain"}


def test_without_anywidget_a_sentence(line_fit: tape.Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[widget.__module__], "_class", sys.modules[widget.__module__]._class.__wrapped__)
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match="needs anywidget, which is not installed"):
        line_fit.widget()
