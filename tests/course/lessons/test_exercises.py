"""What every exercise must prove, whatever it is about. An exercise brings only its data and its unusual answers."""

import ast
import importlib
import json
import re
import time
from pathlib import Path

import pytest

from course.build.lesson import CANARY, find_lessons
from course.checks.data import namespace, prepare, read_check_data, rng_for
from course.checks.judge import difference, judge, observe_cases
from tests.course.lessons.mutants import mutants
from tests.course.lessons.plausible import INDEPENDENT, OTHERS
from tests.course.lessons.unusual import UNUSUAL

ROOT = Path(__file__).resolve().parents[3]
LESSONS = find_lessons(ROOT)
EXERCISES = [pytest.param(lesson, e, id=e.id) for lesson in LESSONS for e in lesson.exercises]
every_exercise = pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
kindling = importlib.import_module("kindling")


def entry_of(lesson, exercise) -> dict:
    """The exercise's check data, as a student has it."""
    return read_check_data(ROOT / lesson.day / "checks" / f"{lesson.name}.json")[exercise.id]


def fresh(exercise, seed: bytes = b"another seed") -> dict:
    """The exercise on inputs that no student has seen, as the grader has it."""
    return prepare(exercise, exercise.inputs(rng_for(seed, exercise.id)))


def verdict_of(entry: dict, *answers: str, library=kindling):
    got = observe_cases(entry["observe"], namespace(library, *answers), entry["cases"])
    return judge(entry["expected"], entry["misconceptions"], got, entry["tolerance"], entry["cases"])


def starter_of(lesson, exercise) -> str:
    cells = {cell.id: cell.source for cell in lesson.released().cells}
    return cells[exercise.grade_id + "_answer"]


def test_there_are_exercises():
    assert EXERCISES


@every_exercise
def test_the_reference_passes_and_the_starter_fails(lesson, exercise):
    for entry in (entry_of(lesson, exercise), fresh(exercise)):
        assert verdict_of(entry, exercise.reference).passed
        starter = verdict_of(entry, starter_of(lesson, exercise))
        assert not starter.passed
        assert "is not written yet" in starter.sentence
        assert not verdict_of(entry).passed


@every_exercise
def test_each_misconception_gets_its_own_sentence(lesson, exercise):
    sentences = [known.sentence for known in exercise.misconceptions]
    assert 3 <= len(sentences) <= 10
    assert len(set(sentences)) == len(sentences)
    for entry in (entry_of(lesson, exercise), fresh(exercise)):
        for known in exercise.misconceptions:
            for answer in known.answers:
                verdict = verdict_of(entry, exercise.reference, answer)
                assert verdict.misconception_id == known.id
                assert verdict.sentence.startswith(known.sentence)


@every_exercise
def test_the_sentence_is_the_same_on_fresh_inputs(lesson, exercise):
    """So that the notebook and the grader's feedback say the same, with the same numbers."""
    for known in exercise.misconceptions:
        for answer in known.answers:
            mine, grader = (
                verdict_of(entry, exercise.reference, answer) for entry in (entry_of(lesson, exercise), fresh(exercise))
            )
            assert mine.sentence == grader.sentence


@every_exercise
def test_unusual_but_correct_answers_pass(lesson, exercise):
    assert len(UNUSUAL[exercise.id]) >= 5
    for entry in (entry_of(lesson, exercise), fresh(exercise)):
        for answer in UNUSUAL[exercise.id]:
            assert verdict_of(entry, answer).sentence == verdict_of(entry, exercise.reference).sentence


@every_exercise
def test_plausible_wrong_answers_mostly_get_a_sentence_and_never_a_false_one(lesson, exercise):
    entry, independent = entry_of(lesson, exercise), INDEPENDENT[exercise.id]
    sentences = {known.id: known.sentence for known in exercise.misconceptions}
    for belief, expected, answer in (*independent, *OTHERS[exercise.id]):
        start = time.perf_counter()
        verdict = verdict_of(entry, exercise.reference, answer)
        assert time.perf_counter() - start < 1
        assert not verdict.passed, belief
        assert verdict.misconception_id == expected, belief
        assert verdict.lead == sentences.get(expected, verdict.sentence)
    assert len({answer for _, _, answer in independent}) >= 10
    assert sum(expected is not None for _, expected, _ in independent) >= 0.6 * len(independent)


@every_exercise
def test_the_worked_example_runs_says_what_it_gives_and_is_no_answer(lesson, exercise):
    """In each block of code the last line's comment is its value."""
    blocks = re.findall(r"```python\n(.*?)\n```", exercise.worked, re.DOTALL)
    assert blocks
    for block in blocks:
        names = namespace(kindling, block)
        line, _, comment = block.splitlines()[-1].partition("  # ")
        assert eval(line, names) == ast.literal_eval(comment)
        assert not verdict_of(entry_of(lesson, exercise), starter_of(lesson, exercise), block).passed


@every_exercise
def test_mutants_that_behave_differently_are_refused(lesson, exercise):
    entry, others = entry_of(lesson, exercise), [fresh(exercise, bytes([seed])) for seed in range(3)]
    tried = set(mutants(exercise.reference))
    different = [text for text in tried if not all(verdict_of(other, text).passed for other in others)]
    assert len(different) >= 10
    assert [text for text in different if verdict_of(entry, text).passed] == []


@every_exercise
def test_check_data_is_small_plain_and_without_a_solution(lesson, exercise):
    file = ROOT / lesson.day / "checks" / f"{lesson.name}.json"
    text = file.read_text(encoding="utf-8")
    assert CANARY not in text
    assert file.stat().st_size < 300_000
    entry = next(e for e in json.loads(text)["exercises"] if e["id"] == exercise.id)
    shown = json.dumps([entry["hints"], entry["why"], entry["title"]])
    for line in exercise.reference.splitlines():
        returned = line.strip().removeprefix("return ")
        if line.strip().startswith("return") and re.search(r"[^\w]", returned.replace("x.grad", "")):
            assert returned not in shown
    ast.parse(entry["observe"])


@pytest.mark.oracle
@every_exercise
def test_real_torch_gives_the_same_observations(lesson, exercise):
    torch = pytest.importorskip("torch", reason="real PyTorch is the oracle of this test")
    cases = exercise.inputs(rng_for(b"oracle", exercise.id))
    ours, theirs = prepare(exercise, cases), prepare(exercise, cases, torch)
    assert not difference(ours, theirs)
    for answer in (exercise.reference, *UNUSUAL[exercise.id]):
        assert verdict_of(ours, answer, library=torch).passed
