"""The feedback page: what a student reads, and what must not be on it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from course.checks import codec
from course.checks.exercise import case
from grading import reports, writeup
from grading.assignment import Assignment
from tests.grading import classes, synthetic
from tests.site.test_pages import LOOKS, axe

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def question(classroom):
    return Assignment.load(classroom, classes.DAY, classes.LESSONS).questions[classes.NOTEBOOK]


def facts(question, seen) -> dict:
    """What the page gets of an answer, through the file it comes from."""
    shown = writeup.shown(question.judge(seen), question)
    return json.loads(json.dumps(shown["data"][writeup.VERDICT]))


def test_a_right_answer_says_why_it_matters(question):
    card = reports.verdict_card(facts(question["06_double"], question["06_double"].entry["expected"]))
    assert "Why it works" in card and "Twice x is x + x." in card


def test_a_misconception_is_told_with_expected_and_got(question):
    known = question["06_double"].entry["misconceptions"][0]
    card = reports.verdict_card(facts(question["06_double"], known["observations"]))
    assert "This is x times x. For double(x=3.0), result should be 6.0 and yours is 9.0." in card
    assert "Add x to itself." in card


def test_arrays_are_drawn_with_what_differs(question):
    given, right, wrong = (codec.tensor(numbers) for numbers in ([1.0, 2.0], [2.0, 4.0], [2.0, 5.0]))
    entry = {**question["06_double"].entry, "cases": [case("double", x=given)], "expected": [{"result": right}]}
    card = reports.verdict_card(facts(replace(question["06_double"], entry=entry), [{"result": wrong}]))
    assert "result expected" in card and '<td class="off" title="differs">5.0</td>' in card


def test_only_cases_without_the_seed_are_public(question):
    assert question["06_double"].public == {0}
    assert question["06_normed"].public == frozenset()
    assert question["06_greet"].public == {0}


@pytest.mark.parametrize("what", ["misconception", "other", "error"])
def test_no_hidden_input_is_shown(question, what):
    asked = question["06_normed"]
    hidden = asked.cases[0]["given"]["a"]
    seen = {
        "misconception": asked.entry["misconceptions"][0]["observations"],
        "other": [{"result": case["given"]["a"]} for case in asked.cases],
        "error": [{"exception": {"type": f"E{hidden[0]:.4f}", "message": repr(hidden)}}] * len(asked.cases),
    }[what]
    told = facts(asked, seen)
    text = json.dumps(told) + reports.verdict_card(told) + writeup.shown(asked.judge(seen), asked)["data"]["text/plain"]
    assert "not given away" in text and told["compared"] is None
    assert ("This divides by the sum." in text) == (what == "misconception")
    for number in np.abs(hidden):
        assert f"{number:.3g}"[:4] not in text


@pytest.fixture(scope="module")
def page(classroom):
    """A student's page, with markup in everything that is the student's."""
    answers = synthetic.answers_of_a_class(2)[0]
    answers["student00"]["double"] = f"def double(x):\n    return '{EVIL}'"
    synthetic.grade(classroom, answers, ability=0.0)
    (made,) = reports.feedback(classroom, classes.DAY, ["student00"])
    return made


def test_the_page_is_self_contained(page):
    text = page.read_text()
    assert EVIL not in text and "&lt;script&gt;" in text
    assert (
        "<script" not in text and "http:" not in text and "https:" not in text and "<svg" in text and "src=" not in text
    )
    assert "0 of 12 points" in text and "Twice" in text


@pytest.mark.browser
@pytest.mark.parametrize("scheme, width", LOOKS)
def test_the_page_in_every_look(browser, page, scheme, width):
    opened = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    opened.goto(page.as_uri())
    opened.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    assert opened.evaluate("document.querySelectorAll('svg').length") > 0
    assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert axe(opened) == []
    opened.close()
