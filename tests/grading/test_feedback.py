"""The feedback page: what a student reads, and what must not be on it."""

import json
import time
from dataclasses import replace

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter

from course.checks import codec
from course.checks.exercise import case
from grading import intake, reports, writeup
from grading.assignment import Assignment
from grading.runner import Played
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


ENDED = {"type": "SyntaxError", "message": "invalid syntax (<cell 23>, line 1)", "traceback": "", "line": 0}
LATE = {"type": "Stopped", "message": "this cell was stopped after 10 seconds", "traceback": "", "line": 0}
# What an observation met, how the cell with the answer ended, and what the page says of it.
NOT_THERE = {
    "no such name": ("double", None, "There is no double where this check stands. Your notebook was run from top to"),
    "no Python": (
        "double",
        ENDED,
        "There is no double, because the cell with your answer did not run to its end: SyntaxError: invalid syntax "
        "(line 1).",
    ),
    "no end": ("double", LATE, "did not run to its end: this cell was stopped after 10 seconds."),
    "a name of its own": ("secret 17", ENDED, "Python does not know secret 17 yet"),
    "no name at all": (["double"], ENDED, "double stopped with NotDefined"),
}


@pytest.mark.parametrize("name", NOT_THERE)
def test_a_name_that_is_not_there(question, name):
    missing, error, said = NOT_THERE[name]
    asked = question["06_double"]
    seen = [{"exception": {"type": "NotDefined", "message": "", "missing": missing}}] * len(asked.cases)
    shown = writeup.shown(asked.judge(seen), asked, error=error)
    assert said in shown["data"]["text/plain"]
    assert said in reports.verdict_card(json.loads(json.dumps(shown["data"][writeup.VERDICT])))


def test_a_name_that_is_not_there_is_told_where_no_example_is_public(question):
    asked = question["06_normed"]
    seen = [{"exception": {"type": "NotDefined", "message": "", "missing": "normed"}}] * len(asked.cases)
    assert facts(asked, seen)["sentence"].startswith("There is no normed where this check stands.")


def test_a_name_from_below_is_told(question):
    asked = question["06_double"]
    seen = [{"exception": {"type": "NameError", "message": "name 'half' is not defined"}}] * len(asked.cases)
    assert facts(asked, seen)["sentence"].endswith(
        "name 'half' is not defined. Your notebook was run from top to bottom. Is it defined above this check?"
    )


def test_a_cell_that_is_no_python_is_told_without_our_lines():
    lines = ["Traceback (most recent call last):", '  File "/ours.py", line 1, in run', '  File "<cell 3>", line 1']
    outcome = {"stdout": "", "stderr": "", "value": None, "error": {**ENDED, "traceback": "\n".join(lines)}}
    (shown,) = writeup._outputs(3, outcome)
    assert shown["traceback"] == lines[2:]


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


def test_what_a_person_marks(classroom, page):
    """Until a person has looked a mark is none, not 0; then it may be a part."""
    signs = {
        "06_greet": "… to be looked at</span><span>– of 6 points",
        "06_normed": "◐ in part",
        "06_double": "✓ right",
    }
    with classroom.gradebook() as book:
        for name, manual in (("06_greet", None), ("06_normed", 1.5), ("06_double", 2.0)):
            grade = book.find_grade(name, classes.NOTEBOOK, classes.DAY, "student01")
            grade.auto_score, grade.manual_score, grade.needs_manual_grade = None, manual, manual is None
        book.find_submission_notebook(classes.NOTEBOOK, classes.DAY, "student01").late_submission_penalty = 1.0
        book.db.commit()
    (made,) = reports.feedback(classroom, classes.DAY, ["student01"])
    text = made.read_text()
    assert "2.5 of 12 points so far" in text and "so far" not in page.read_text()
    assert "1 point less, because it was handed in late." in text
    for name, sign in signs.items():
        assert sign in text.partition(f'href="#{name}"')[2].partition("</li>")[0]


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


SLOW = ["[" * 60_000, "![" * 30_000, "<div>" * 20_000, "\\begin{a}" * 10_000, "\x0c[" * 30_000]


@pytest.mark.parametrize("cells", [*([text] for text in SLOW), ["[" * 9_000] * 200], ids=lambda cells: cells[0][:5])
def test_formgrader_is_not_held_up_by_a_text(classroom, cells):
    blank = classroom.notebooks("release", classes.DAY)[classes.NOTEBOOK]
    own = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in cells]
    rebuilt = intake.rebuild(blank, json.dumps({**blank, "cells": blank["cells"] + own}).encode())
    made = writeup.notebook(blank, rebuilt, Played(), {}, {})
    begun = time.monotonic()
    HTMLExporter(config=classroom.config).from_notebook_node(nbformat.from_dict(made))
    assert time.monotonic() - begun < 20
