"""The picture: well-formed, readable in light and dark, safe with any text, and it asks no other host for anything."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from kindling.tape import Tape, drawing, page, story, style
from tests.tape import graphs
from tests.tape.conftest import LINE_FIT, run_cell

SVG = "{http://www.w3.org/2000/svg}"
GROUNDS = ("paper", "leaf-fill", "op-fill", "constant-fill")


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "grounds", "least"),
    [
        ("ink", GROUNDS, 4.5),
        ("soft", GROUNDS, 4.5),
        ("grad", ("grad-fill", "paper"), 4.5),
        ("op", ("paper", "op-fill"), 4.5),
        ("soft", ("group-fill",), 4.5),
        ("ink", ("group-fill", "bad-fill"), 4.5),
        ("bad", ("paper", "bad-fill"), 4.5),
        ("group", ("paper", "group-fill"), 3.0),
        ("keep", ("leaf-fill", "op-fill", "constant-fill"), 3.0),
        ("edge", ("group-fill",), 3.0),
        ("edge", ("paper",), 3.0),
        ("leaf", ("paper", "leaf-fill"), 3.0),
        ("op", ("paper", "op-fill"), 3.0),
        ("constant", ("paper", *GROUNDS), 3.0),
    ],
)
def test_contrast_reaches_wcag_aa(theme: int, ink: str, grounds: tuple[str, ...], least: float) -> None:
    for ground in grounds:
        assert contrast(style.PALETTE[ink][theme], style.PALETTE[ground][theme]) >= least, (ink, ground)


def test_svg_is_well_formed_and_says_itself_in_words(line_fit: Tape) -> None:
    root = ElementTree.fromstring(line_fit.to_svg())
    assert root.find(f"{SVG}title").text == "Tape of 8 nodes: 4 forward steps, 1 backward run"
    assert "w had no grad yet. -18 arrives and becomes its grad." in root.find(f"{SVG}desc").text
    assert "var(" not in line_fit.to_svg(), "viewers of files do not all know CSS variables"


def test_no_grad_yet_is_drawn_unlike_zero() -> None:
    before = run_cell("w = torch.tensor(0.0, requires_grad=True)\ny = w * w\n")[0].to_svg()
    after = run_cell("w = torch.tensor(0.0, requires_grad=True)\ny = w * w\ny.backward()\n")[0].to_svg()
    assert ">no grad yet<" in before and 'class="n leaf"' in before
    assert ">grad 0<" in after and 'class="n leaf got"' in after
    assert "no grad yet" not in after.split("</desc>")[1]


def test_constants_have_no_slot_for_a_gradient(line_fit: Tape) -> None:
    cards = re.findall(r'<g class="n (\w+)[^"]*"(.*?)</g>', line_fit.to_svg())
    assert [kind for kind, inside in cards if 'rect class="g"' not in inside] == ["constant", "constant"]


def test_text_of_the_program_cannot_break_out_of_the_page() -> None:
    evil = '</script><script>alert(1)</script><img src="x" onerror="alert(2)">'
    data = run_cell(LINE_FIT)[0].to_json()
    for node in data["nodes"]:
        node["label"] = node["name"] = node["value"] = evil
        node["source"] = {"file": "cell", "line": 1, "text": evil}
    data["question"] = evil
    page = Tape.from_json(data).to_html()
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img" not in page
    ElementTree.fromstring(Tape.from_json(data).to_svg())


def test_nothing_is_fetched(line_fit: Tape) -> None:
    for text in (line_fit.to_html(), line_fit.to_svg()):
        without_namespace = text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|//[a-z]|@import|url\(|src=", without_namespace)


def test_fragment_has_no_ids_that_a_second_figure_could_share(line_fit: Tape) -> None:
    assert not re.search(r"\sid=|aria-labelledby|\sfor=", line_fit.to_html())


def test_same_tape_same_bytes(line_fit: Tape) -> None:
    assert line_fit.to_html() == line_fit.to_html()
    assert Tape.from_json(json.loads(json.dumps(line_fit.to_json()))).to_html() == line_fit.to_html()


def test_a_long_run_stays_a_small_document(long_loop: Tape) -> None:
    assert len(long_loop.nodes) > 1200
    assert len(long_loop.to_html()) < 400_000
    assert len(long_loop.to_svg()) < 100_000


def test_a_new_backward_forgets_what_only_passed_through(descent: Tape) -> None:
    data = descent.to_json()
    state = story.final(story.frames(data), data["nodes"])
    assert story.summary(data).startswith("Tape of 8 nodes: 6 forward steps, 2 backward runs")
    first, second = [node["id"] for node in data["nodes"] if node["op"] == "mul"]
    assert first not in state.grads and state.grads[second] is not None


def test_small_pictures_stay_small(line_fit: Tape) -> None:
    assert len(line_fit.to_html()) < 70_000
    assert len(line_fit.to_svg()) < 12_000


def test_the_script_is_under_40_kilobytes() -> None:
    assert len(page.script().encode()) < 40_000


@pytest.mark.parametrize("name", graphs.REAL)
def test_a_document_of_200_nodes_is_under_150_kilobytes(name: str) -> None:
    t = graphs.REAL[name]()
    assert len(t.to_html().encode()) < max(150_000, 150_000 * len(t.nodes) / 200)


def schema_2() -> dict:
    """What the marks stand for, on a small tape."""
    data = run_cell("x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x * 2\nz = y[0]\nz.backward()\n")[
        0
    ].to_json()
    x, y, z = data["nodes"]
    x["parameter"] = True
    y |= {"saved": [{"name": "self", "shape": [2], "dtype": "float32", "bytes": 8, "of": 0}], "in_place": True}
    z |= {"view_of": 1, "error": "RuntimeError: no"}
    return data


def test_kinds_and_marks_differ_in_shape_and_in_words() -> None:
    text = drawing.picture(schema_2())
    cards = dict(re.findall(r'<g class="n (\w+)[^"]*".*?aria-label="([^"]*)"', text))
    assert "parameter" in cards["parameter"] and 'class="bar"' in text
    for mark in ("m saved", "m pencil", "m shared", "m failed"):
        assert f'class="{mark}' in text, mark
    assert "written in place" in text and "a view" in text and "It failed: RuntimeError: no" in text
    freed = [step for step in schema_2()["steps"] if step["phase"] == "backward"]
    assert freed and 'class="m saved freed"' in text, "after backward nothing is kept"


def test_a_failed_operation_says_so_on_its_card_and_in_the_story() -> None:
    data = schema_2()
    data["nodes"][2] |= {"value": None, "shape": None, "error": "RuntimeError: shapes do not fit"}
    assert 'class="v none" x="10" y="38">failed<' in drawing.picture(data)
    assert "fails: RuntimeError: shapes do not fit." in story.text(data)


def test_an_empty_recording_says_so() -> None:
    empty = run_cell("torch.tensor(1.0) + 1\n")[0]
    assert "Nothing was recorded" in empty.to_text()
    assert "1 operator ran without leaving a node" in empty.to_text()
    ElementTree.fromstring(empty.to_svg())
    assert "<figure" in empty.to_html()


@pytest.mark.parametrize(("phases", "words"), [(["start", "forward"], "forward"), (["start", "backward"], "backward")])
def test_the_bar_explains_the_colours_that_it_has(phases: list[str], words: str) -> None:
    assert re.findall(r"<b class=\"\w+\">(\w+)", page.bar(phases)) == [words]


def test_a_name_of_wide_characters_gets_their_room() -> None:
    made = [
        drawing.scene(run_cell(f"{name} = torch.ones(2, requires_grad=True)\ny = {name} * 2")[0].to_json())
        for name in ("x" * 16, "重" * 8, "\u0177" * 16)
    ]
    assert len({scene.placed.boxes[0][2] for scene in made}) == 1
