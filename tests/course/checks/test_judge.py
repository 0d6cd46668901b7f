"""Observing and judging: strict on types, shapes and values, and not to be fooled or upset by anything."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import kindling
from course.checks import codec
from course.checks.codec import TensorData, tensor
from course.checks.exercise import case
from course.checks.judge import difference, judge, observe_cases
from course.checks.show import verdict_html
from tests.course.checks.test_codec import plain, tagged

OBSERVE = """
def observe(ns, case):
    given = case["given"]
    return {**values(ns[case["call"]](*given.values()), "result"), **state(**given)}
"""
CASES = [case("double", x=tensor(3.0)), case("double", x=tensor([1.0, 2.0]))]
EXPECTED = [
    {"result": tensor(6.0), "x after the call": tensor(3.0)},
    {"result": tensor([2.0, 4.0]), "x after the call": tensor([1.0, 2.0])},
]
KNOWN = [{"id": "square", "sentence": "That is the square.", "observations": [
    {"result": tensor(9.0), "x after the call": tensor(3.0)},
    {"result": tensor([1.0, 4.0]), "x after the call": tensor([1.0, 2.0])},
]}]  # fmt: skip


def seen(function, seconds=None) -> list[dict]:
    return observe_cases(OBSERVE, {"torch": kindling, "double": function}, CASES, seconds)


def verdict(function):
    return judge(EXPECTED, KNOWN, seen(function), {}, CASES)


class AlwaysEqual:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __array__(self, *args, **kwargs):
        return np.float32(6.0)

    def __float__(self):
        return 6.0


class EqualArray(np.ndarray):
    __eq__ = AlwaysEqual.__eq__


class EqualFloat(float):
    __eq__ = AlwaysEqual.__eq__
    __hash__ = None


class EqualStr(str):
    __eq__ = AlwaysEqual.__eq__
    __hash__ = None


def boom(x):
    raise ValueError("one\ntwo {name} <b>")


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


def raise_unprintable(x):
    raise Unprintable


def write_into(x):
    x.add_(1)
    return (x - 1) * 2


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x, "For double(x=3.0), result should be 6.0 and yours is 3.0."),
        (lambda x: x * x, "That is the square. For double(x=3.0), result should be 6.0 and yours is 9.0."),
        (lambda x: x * 2.0001, "result should be 6.0 and yours is 6.0003."),
        (lambda x: x * 2 + (x.shape == (2,)), "result should be [2.0, 4.0] and yours is [3.0, 5.0]."),
        (lambda x: 6.0, "result should be 6.0 (a tensor) and yours is 6.0 (a float)."),
        (lambda x: 6, "yours is 6 (a whole number)."),
        (lambda x: np.float32(6), "yours is 6.0 (an array)."),
        (lambda x: None, "yours is None. Is a return missing?"),
        (lambda x: [x * 2], "yours is [6.0] (a list)."),
        (lambda x: (x * 2).double(), "should be of type float32 and yours is of type float64."),
        (lambda x: (x * 2).reshape(1), "should have the shape () and yours has the shape (1,)."),
        (lambda x: (x * 2).reshape(-1)[:0], "should have the shape () and yours has the shape (0,)."),
        (lambda x: AlwaysEqual(), "yours is an object of type AlwaysEqual."),
        (lambda x: EqualFloat(6), "yours is an object of type EqualFloat."),
        (lambda x: EqualStr("6"), "yours is an object of type EqualStr."),
        (lambda x: np.zeros(2).view(EqualArray), "yours is an object of type EqualArray."),
        (lambda x: np.array([object()]), "yours is an object of type array of object."),
        (write_into, "x after the call should be 3.0 and yours is 4.0."),
        (boom, "double stopped with ValueError: one."),
        (raise_unprintable, "double stopped with Unprintable."),
        (lambda x: sys.exit(3), "double stopped with SystemExit: 3."),
        (lambda x: missing(x), "double stopped with NameError: name 'missing' is not defined."),  # noqa: F821
        (lambda x, y: x, "double stopped with TypeError: <lambda>() missing 1 required positional argument: 'y'."),
    ],
)
def test_the_sentence(function, words):
    found = verdict(function)
    assert not found.passed
    assert found.sentence.endswith(words)


def test_right_is_right():
    assert verdict(lambda x: x * 2).passed
    assert verdict(lambda x: x + x + 1e-6).passed


def test_an_unwritten_and_a_missing_answer_have_their_own_sentence():
    def unwritten(x):
        raise NotImplementedError()

    assert verdict(unwritten).sentence.startswith("double is not written yet")
    got = observe_cases(OBSERVE, {"torch": kindling}, CASES)
    assert judge(EXPECTED, KNOWN, got, {}, CASES).sentence.startswith("Python does not know double yet")


def test_a_misconception_must_explain_every_case_of_its_call():
    assert verdict(lambda x: x * x).misconception_id == "square"
    assert verdict(lambda x: x * x if x.shape == () else x).misconception_id is None


def test_what_the_student_prints_and_warns_is_not_shown(capsys):
    def chatty(x):
        print("hello")
        print("trouble", file=sys.stderr)
        return x * 2

    assert verdict(chatty).passed
    assert capsys.readouterr() == ("", "")


def test_cases_are_given_afresh():
    first, second = seen(write_into), seen(write_into)
    assert not difference(first, second)


@pytest.mark.parametrize(
    ("right", "other"),
    [
        (np.zeros(0, np.float32), np.zeros((0, 3), np.float32)),
        (np.zeros(0, np.float32), np.zeros(1, np.float32)),
        (np.zeros(2, np.float32), np.zeros(2, np.float64)),
        (np.zeros(2, np.float32), tensor([0.0, 0.0])),
        (np.zeros(2, np.int64), np.zeros(2, bool)),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array(np.nan), np.array(0.0)),
        (np.array(np.inf), np.array(-np.inf)),
        (np.array([1.0, 1e9]), np.array([1.1, 1e9])),
        (np.arange(100.0), np.arange(100.0) + (np.arange(100) == 37)),
        (1, True),
        (1, 1.0),
        (0.0, None),
        ("a", "b"),
        ([1], (1,)),
        ([1, 2], [1]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": [1, {"b": 2.0}]}, {"a": [1, {"b": 3.0}]}),
        (TensorData(np.zeros(1, np.uint16), "bfloat16"), TensorData(np.full(1, 0x3F80, np.uint16), "bfloat16")),
        (TensorData(np.zeros(1, np.uint16), "bfloat16"), TensorData(np.zeros(1, np.uint16), "uint16")),
    ],
)
def test_different_is_different_and_equal_is_equal(right, other):
    assert difference(right, other)
    assert difference(other, right)
    assert not difference(right, codec.decode(codec.encode(right)))
    assert not difference(other, codec.decode(codec.encode(other)))


def test_a_large_array_shows_its_worst_element():
    right = np.zeros((20, 20), np.float32)
    wrong = right.copy()
    wrong[3, 4] = 7
    assert difference(right, wrong) == "at [3, 4] should be 0.0 and yours is 7.0"


@settings(max_examples=300)
@given(plain)
def test_whatever_comes_over_the_wire_is_judged_and_not_right(value):
    for got in (value, [value] * 2, [{"result": value}] * 2, [{"exception": value}] * 2, [{"returned": value}] * 2):
        found = judge(EXPECTED, KNOWN, got, {}, CASES)
        assert not found.passed
        assert found.sentence.isprintable()
        assert len(found.sentence) < 1500


@given(tagged)
def test_whatever_json_comes_is_refused_or_judged(value):
    try:
        got = codec.decode(value)
    except (TypeError, ValueError):
        return
    assert not judge(EXPECTED, KNOWN, got, {}, CASES).passed


def test_the_trusted_side_needs_no_library():
    code = (
        "import sys; sys.modules['kindling'] = None; sys.modules['torch'] = None\n"
        "from course.checks.judge import judge\nfrom course.checks import codec, data\n"
        "print(judge([{'a': 1}], [], [{'a': 1}]).passed, 'IPython' in sys.modules, 'jupytext' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("True False False", "")


def test_observations_survive_the_wire():
    buffers = []
    text = json.dumps(codec.encode(seen(lambda x: x * x), buffers=buffers))
    got = codec.decode(codec.parse(text), buffers)
    assert judge(EXPECTED, KNOWN, got, {}, CASES).sentence == verdict(lambda x: x * x).sentence


def test_a_dictionary_is_drawn_entry_by_entry():
    got = [{"sums": {"a": tensor(1.0), "b": tensor(9.0)}}]
    expected = [{"sums": {"a": tensor(1.0), "b": tensor(2.0)}}]
    cases = [case("collect", shape=(3,))]
    found = judge(expected, [], got, None, cases)
    assert found.sentence == "For collect(shape=(3,)), sums at b should be 2.0 and yours is 9.0."
    html = verdict_html(found, {"title": "T", "cases": cases})
    assert "sums at b yours" in html and "sums at a" not in html


def test_something_that_is_no_data_is_named_by_its_type():
    told = difference({"total": 3}, {"object": "coroutine"})
    assert told == "should be {total: 3} (a dict) and yours is an object of type coroutine"
