"""Writes a graded submission down as the notebook that formgrader and the feedback page show: text outputs only."""

import copy
from dataclasses import replace

from course.checks import codec
from course.checks.judge import Verdict
from grading.asserts import Tests
from grading.checker import Question
from grading.intake import CODE, Cell, Rebuilt
from grading.runner import Played

VERDICT = "application/vnd.kindling.verdict+json"
SMALL = codec.Limits(items=1000, bytes=100_000)
UNSEEN = "This shows on an input that is not given away; the fixed examples before it are right."


def notebook(
    skeleton: dict, rebuilt: Rebuilt, played: Played, verdicts: dict[str, Verdict], asked: dict[str, Question | Tests]
) -> dict:
    """The graded notebook as JSON."""
    metadata = copy.deepcopy(skeleton["metadata"])
    metadata.setdefault("kindling", {})["notes"] = rebuilt.notes + played.notes
    cells = [_cell(number, cell, played.outcomes.get(str(number))) for number, cell in enumerate(rebuilt.cells)]
    for cell, written in zip(rebuilt.cells, cells, strict=True):
        if cell.grade_id in verdicts and cell.kind == CODE:
            tape = played.tapes.get(cell.grade_id)
            written["outputs"] = [shown(verdicts[cell.grade_id], asked[cell.grade_id], tape)]
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(number: int, cell: Cell, outcome: dict | None) -> dict:
    made = {"cell_type": cell.kind, "id": f"own-{number}", "metadata": {}, "source": cell.source}
    if cell.released:
        made["metadata"] = copy.deepcopy(cell.released["metadata"])
        made["id"] = cell.released.get("id", made["id"])
    if cell.kind == CODE:
        made["execution_count"] = number + 1
        made["outputs"] = _outputs(number, outcome) if outcome else []
    return made


def _outputs(number: int, outcome: dict) -> list[dict]:
    made = [
        {"output_type": "stream", "name": name, "text": outcome[name]} for name in ("stdout", "stderr") if outcome[name]
    ]
    if outcome["value"]:
        data = {"text/plain": outcome["value"]}
        made.append({"output_type": "execute_result", "execution_count": number + 1, "metadata": {}, "data": data})
    error = outcome["error"]
    if error:
        lines = error["traceback"].splitlines()
        made.append({"output_type": "error", "ename": error["type"], "evalue": error["message"], "traceback": lines})
    return made


def shown(verdict: Verdict, question: Question | Tests, tape: dict[str, str] | None = None) -> dict:
    """A verdict as the output of its check cell: the sentence as text, and its parts as data for the feedback page."""
    verdict = without_hidden(verdict, question)
    facts = {"passed": verdict.passed, "sentence": verdict.sentence, "calls": verdict.calls}
    facts |= {name: question.entry.get(name, "") for name in ("title", "why", "worked")}
    facts["hint"] = next(iter(question.entry.get("hints", ())), "")
    facts["compared"] = _compared(verdict, question)
    facts["tape"] = tape if verdict.case is not None else None
    data = {"text/plain": verdict.sentence, VERDICT: facts}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def without_hidden(verdict: Verdict, question: Question | Tests) -> Verdict:
    """The verdict without a word of inputs that only this class has: what an answer returns may repeat them as well."""
    if verdict.case is None or verdict.case in question.public:
        return verdict
    return replace(verdict, sentence=f"{_told(verdict)} {UNSEEN}", case=None, expected=None, got=None, call="")


def _told(verdict: Verdict) -> str:
    """What may be said: a misconception's sentence, else only how it went wrong, in our words."""
    if verdict.misconception_id:
        return verdict.lead
    return "Your code stopped with an error." if verdict.name == "exception" else "The result is another one."


def _compared(verdict: Verdict, question: Question | Tests) -> dict | None:
    """What went in, what was expected and what came, unless it is too large to be looked at."""
    if verdict.case is None:
        return None
    given = question.cases[verdict.case]["given"]
    try:
        made = codec.encode({"given": given, "expected": verdict.expected, "got": verdict.got}, limits=SMALL)
    except (TypeError, ValueError):
        return None
    return {"name": verdict.name, "call": verdict.call, "values": made}
