"""The widget: its own module in a real Chromium, with a stand-in for Jupyter's model; and what a replay answers."""

import json
import sys
from typing import Any

import pytest

from kindling import tape
from kindling.tape.widget import answer, widget
from tests.tape import graphs
from tests.tape.conftest import LINE_FIT, run_cell
from tests.tape.test_player import AXE

# What the widget manager gives to render(): traits, messages to and from Python.
MODEL = """
const traits = TRAITS, heard = {}, sent = [];
window.model = { get: (name) => traits[name], save_changes: () => (window.saved = { ...traits }), sent,
  set: (name, value) => { const was = JSON.stringify(traits[name]); traits[name] = value;
    if (JSON.stringify(value) !== was) (heard.change ?? []).forEach((f) => f()); },
  on: (name, f) => (heard[name] ??= []).push(f), send: (message) => sent.push(message) && window.gone?.(),
  say: (message) => heard["msg:custom"].forEach((f) => f(message)) };
"""


def shown(show: Any, run: tape.Tape) -> Any:
    """A page with the widget of a run, and its model as `model`; `display()` shows it once more."""
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    made = widget(run)
    traits = {name: getattr(made, name) for name in ("html", "step", "selected", "opened")}
    model = MODEL.replace("TRAITS", json.dumps(traits).replace("<", "\\u003c"))
    start = "window.display = (el) => render({ model: window.model, el }); display(document.getElementById('out'));"
    module = made._esm.replace("export default { render };", model + start)
    page = show(f"<div id=out></div><div id=again></div><div id=third></div><script type=module>{module}</script>")
    page.wait_for_function("document.querySelector('figure')?.ktape")
    return page


@pytest.fixture
def live(show: Any, line_fit: tape.Tape) -> Any:
    """The page of a line fit."""
    return shown(show, line_fit)


def reply(page: Any, run: tape.Tape) -> None:
    """Python's answer to what the page asked last."""
    asked = page.evaluate("model.sent.at(-1)")
    page.evaluate("(message) => model.say(message)", {**answer(run, asked["edits"]), "id": asked["id"]})


def change(page: Any, node: str, what: str, field: str, text: str) -> None:
    """Ask what if at a node."""
    page.locator(f'.n[aria-label^="{node}"]').first.click()
    page.get_by_label("What to change").select_option(label=what)
    page.get_by_label(field).first.fill(text)
    page.get_by_role("button", name="Replay").click()


@pytest.mark.browser
def test_what_the_player_does_reaches_python(live: Any) -> None:
    live.get_by_role("button", name="Back").click()
    assert live.evaluate("window.saved.step") == 9
    live.locator('.n[aria-label^="sub"]').click()
    assert live.evaluate("window.saved.selected") == 6


@pytest.mark.browser
def test_what_python_sets_moves_the_player(live: Any) -> None:
    live.evaluate("model.set('step', 3), model.set('selected', 6)")  # both, as Python does
    assert live.locator(".count").inner_text() == "3 of 10"
    live.evaluate("model.set('selected', 0)")
    assert live.locator(".info .name span").inner_text() == "w"


@pytest.mark.browser
def test_what_python_sets_at_once_is_done_whole_and_what_is_not_there_is_left(live: Any) -> None:
    live.evaluate("model.set('step', 3), model.set('selected', 1)")
    assert live.evaluate("document.querySelector('figure').ktape.now()") == {"step": 3, "selected": 1, "opened": []}
    live.evaluate("model.set('step', 99), model.set('selected', 99), model.set('opened', [99, -1])")
    assert live.locator(".count").inner_text() == "10 of 10"


def test_python_knows_where_the_player_is() -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    made = widget(graphs.lstm())
    inner = next(node for node in range(99) if made.places.home[node] and made.places.home[node] not in made.opened)
    made.opened, made.step = [], 3
    assert made.selected == made.places.acts[3] and made.opened == []
    made.selected = inner
    assert made.places.home[inner] in made.opened
    made.opened = []
    assert made.selected < 0
    made.set_state({"step": 5, "selected": 0})  # the player: it stepped, and then something was chosen
    assert (made.step, made.selected) == (5, 0)
    for name, value, words in (
        ("step", 999, "no step 999"),
        ("selected", 999, "no node 999"),
        ("opened", [99], "group"),
    ):
        with pytest.raises(ValueError, match=words):
            setattr(made, name, value)
    assert (made.step, made.selected) == (5, 0)
    with pytest.raises(ValueError, match="no step 999"):
        made.set_state({"step": 999})
    made.step = 4
    assert made.selected == made.places.acts[4]


@pytest.mark.browser
@pytest.mark.parametrize("name", ["digits_mlp", "gpt", "tree"])
def test_the_widget_opens_as_the_page_does(show: Any, name: str) -> None:
    run, look = graphs.ALL[name](), "e => [e.scrollLeft, e.scrollTop, e.scrollWidth]"
    places = [page.locator(".view").evaluate(look) for page in (show(run.to_html()), shown(show, run))]
    assert places[0] == places[1]


@pytest.mark.browser
def test_two_views_of_a_widget_follow_each_other_and_ask_each_for_itself(live: Any, line_fit: tape.Tape) -> None:
    live.evaluate("display(document.getElementById('again'))")
    live.wait_for_function("document.querySelector('#again figure')?.ktape")
    live.locator("#again").get_by_role("button", name="Back").click()
    assert live.locator(".count").all_inner_texts() == ["9 of 10", "9 of 10"]
    live.locator('#out .n[aria-label^="w:"]').click()
    live.evaluate("display(document.getElementById('third'))")  # a view that comes later
    live.wait_for_function("document.querySelector('#third figure')?.ktape")
    places = live.locator("figure").evaluate_all("all => all.map((e) => [e.ktape.now().step, e.ktape.now().selected])")
    assert places[0] == [9, 0] and places == places[:1] * 3
    live.evaluate("document.getElementById('third').remove()")
    change(live.locator("#again"), "add", "gradient", "New numbers", "0")
    assert live.locator("#out .info .name span").inner_text() == "add (y)"
    reply(live, line_fit)
    live.wait_for_function("document.querySelectorAll('.two figure[data-on]').length === 2")
    assert live.locator("#out .two").count() == 0
    assert live.locator("#out output").inner_text() == ""


@pytest.mark.browser
def test_nobody_waits_for_a_kernel_without_a_word(live: Any, line_fit: tape.Tape) -> None:
    live.clock.install()
    change(live, "add", "gradient", "New numbers", "0")
    said = live.locator(".whatif output")
    assert said.inner_text() == "Running it again…"
    live.clock.run_for(5000)
    assert "No answer yet" in said.inner_text()
    reply(live, line_fit)  # late, but it came
    assert "The answer is below" in said.inner_text() and live.locator(".two").count() == 1
    live.evaluate("void (window.gone = () => { throw new Error('Cannot send'); })")
    live.get_by_role("button", name="Replay").click()
    assert "Run the cell again" in said.inner_text()
    live.clock.run_for(9000)
    assert "No kernel has this tape any more" in said.inner_text()


@pytest.mark.browser
def test_only_the_last_question_is_answered(live: Any, line_fit: tape.Tape) -> None:
    change(live, "add", "gradient", "New numbers", "0")
    first = live.evaluate("model.sent.at(-1)")
    live.get_by_label("New numbers").first.fill("nothing")
    live.get_by_role("button", name="Replay").click()
    live.evaluate("(m) => model.say(m)", {**answer(line_fit, first["edits"]), "id": first["id"]})
    assert live.locator(".two").count() == 0
    reply(live, line_fit)
    assert "write a number such as 0.5" in live.locator(".whatif output").inner_text()


@pytest.mark.browser
def test_the_focus_is_never_lost(live: Any, line_fit: tape.Tape) -> None:
    def focused() -> str:
        return live.evaluate("document.activeElement.textContent || document.activeElement.tagName")

    live.locator('.n[aria-label^="add"]').click()
    live.get_by_role("button", name="step 2", exact=True).press("Enter")
    assert live.locator(".info").evaluate("e => e === document.activeElement"), "what the button was in is there still"
    for node in ("mul", "add"):
        change(live, node, "value", "New numbers", "10")
        reply(live, line_fit)
    live.get_by_role("button", name="Take back: the value of mul").press("Enter")
    assert live.locator(".whatif output").inner_text() == "Running it again…"
    reply(live, line_fit)
    assert focused() == "Back to the run"
    live.keyboard.press("Enter")
    assert live.evaluate("document.activeElement.ariaLabel") == "What to change"


@pytest.mark.browser
def test_what_if_asks_python_and_shows_the_comparison(live: Any, line_fit: tape.Tape) -> None:
    live.locator('.n[aria-label^="add"]').click()
    live.get_by_label("What to change").select_option(label="gradient")
    live.get_by_label("New numbers").fill("0")
    live.get_by_role("button", name="Replay").click()
    asked = live.evaluate("model.sent[0]")
    words = "the gradient of add (y) were 0"
    assert asked.pop("id") and asked == {
        "edits": [{"node": 4, "what": "grads", "input": "", "text": "0", "words": words}]
    }
    reply(live, line_fit)
    live.wait_for_function("document.querySelectorAll('.two figure').length === 2")
    assert "w: gradient -18 in the run, 0 in the replay." in live.locator(".differences").inner_text()
    live.evaluate("model.say({ error: 'no such thing', id: model.sent.at(-1).id })")
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
    def ask(*what: str) -> None:
        change(live, *what)
        reply(live, line_fit)

    head, found = live.locator("#out [data-ktape=pair] > p").first, live.locator(".differences")
    ask("mul", "value", "New numbers", "10")
    ask("add", "gradient", "New numbers", "zero")  # refused, so not kept
    ask("add", "gradient", "New numbers", "1")
    assert "What if the value of mul were 10 ✕, and the gradient of add (y) were 1 ✕?" in head.inner_text()
    assert "w: gradient -18 in the run, 3 in the replay." in found.inner_text()
    ask("mul", "value", "New numbers", "20")  # instead of the 10
    assert "What if the gradient of add (y) were 1 ✕, and the value of mul were 20 ✕?" in head.inner_text()
    live.get_by_role("button", name="Take back: the gradient of add (y) were 1").click()
    reply(live, line_fit)
    assert "What if the value of mul were 20?" in head.inner_text()
    assert "w: gradient -18 in the run, 66 in the replay." in found.inner_text()
    live.get_by_role("button", name="Back to the run").click()
    ask("add", "gradient", "New numbers", "0")
    assert "What if the gradient of add (y) were 0?" in head.inner_text()


@pytest.mark.browser
def test_axe_finds_nothing_in_the_form_and_the_answer(live: Any, line_fit: tape.Tape) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not here: set KINDLING_AXE to axe.min.js, or npm install axe-core")
    live.add_script_tag(path=str(AXE))
    live.locator('.n[aria-label^="mul"]').click()
    live.get_by_label("What to change").select_option(label="rule for input")
    for text, figures in (("g *", 0), ("g * 1", 2)):
        live.get_by_label("New rule").fill(text)
        live.get_by_role("button", name="Replay").click()
        reply(live, line_fit)
        live.wait_for_function(f"document.querySelectorAll('.two figure[data-on]').length === {figures}")
        found = live.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found["violations"]] == []


def test_an_answer_says_what_is_wrong_with_a_question(line_fit: tape.Tape) -> None:
    assert "write a number such as 0.5" in answer(line_fit, [{"node": 4, "what": "grads", "text": "zero"}])["error"]
    for text in ("None", "{}", "[1, 'two']", "("):
        assert "this is neither" in answer(line_fit, [{"node": 4, "what": "values", "text": text}])["error"]
    assert "too large" in answer(line_fit, [{"node": 4, "what": "values", "text": "1" + "0" * 400}])["error"]
    assert "no node 99" in answer(line_fit, [{"node": 99, "what": "values", "text": "1"}])["error"]


def test_the_widget_starts_where_the_player_starts() -> None:
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    made = widget(run_cell(LINE_FIT)[0].ask("What arrives first?"))
    assert (made.step, made.selected, made.opened) == (4, 7, [])


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
