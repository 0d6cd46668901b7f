"""Writes a graded submission down as the notebook that formgrader and the feedback page show: text outputs only."""

import copy
import re
from dataclasses import replace

from course.checks import codec
from course.checks.judge import Verdict
from grading.asserts import Tests
from grading.checker import Question
from grading.intake import CODE, TEXT, Cell, Rebuilt
from grading.runner import Played

VERDICT = "application/vnd.kindling.verdict+json"
SMALL = codec.Limits(items=1000, bytes=100_000)
LONGEST_MARKDOWN, MOST_MARKDOWN = 10_000, 100_000  # characters of a cell, and of a notebook
ORDER = "Your notebook was run from top to bottom."
UNSEEN = "This shows on an input that is not given away; the fixed examples before it are right."


def notebook(
    skeleton: dict, rebuilt: Rebuilt, played: Played, verdicts: dict[str, Verdict], asked: dict[str, Question | Tests]
) -> dict:
    """The graded notebook as JSON."""
    metadata = copy.deepcopy(skeleton["metadata"])
    metadata.setdefault("kindling", {})["notes"] = rebuilt.notes + played.notes
    cells = [_cell(number, cell, played.outcomes.get(str(number))) for number, cell in enumerate(rebuilt.cells)]
    error = None  # of the answer that the next check is about
    for number, (cell, written) in enumerate(zip(rebuilt.cells, cells, strict=True)):
        if cell.answer:
            error = played.outcomes.get(str(number), {}).get("error") or error
        if cell.grade_id in verdicts and cell.kind == CODE:
            tape = played.tapes.get(cell.grade_id)
            written["outputs"] = [shown(verdicts[cell.grade_id], asked[cell.grade_id], tape, error)]
            error = None
    _bound_markdown(rebuilt.cells, cells)
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _bound_markdown(cells: list[Cell], written: list[dict]) -> None:
    """Let long texts of a student's be shown as they are: formgrader's reader of markdown may take hours for them."""
    room = MOST_MARKDOWN
    for cell, made in zip(cells, written, strict=True):
        if cell.kind == TEXT and (cell.answer or not cell.released):
            if len(cell.source) > min(room, LONGEST_MARKDOWN):
                made["source"] = _as_it_is(cell.source)
            room -= len(cell.source)


def _as_it_is(text: str) -> str:
    """A text as markdown that shows it letter by letter, in short lines."""
    lines = [line[at : at + 200] for line in text.split("\n") for at in range(0, len(line) or 1, 200)]
    return "\n".join(f"    {line}" for line in lines)


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
        lines = _from_the_cell(error)
        made.append({"output_type": "error", "ename": error["type"], "evalue": error["message"], "traceback": lines})
    return made


def _from_the_cell(error: dict) -> list[str]:
    """A traceback; of a cell that is no Python, only what Python says of the cell: the lines before are ours."""
    lines = error["traceback"].splitlines()
    first = next((number for number, line in enumerate(lines) if line.startswith('  File "<cell')), 0)
    return lines if error["line"] else lines[first:]


def shown(
    verdict: Verdict, question: Question | Tests, tape: dict[str, str] | None = None, error: dict | None = None
) -> dict:
    """A verdict as the output of its check cell: the sentence as text, and its parts as data for the feedback page.

    `error` is how the cell with the answer ended, if it did not come to its end.
    """
    verdict = without_hidden(after_the_run(verdict, question, error), question)
    facts = {"passed": verdict.passed, "sentence": verdict.sentence, "calls": verdict.calls}
    facts |= {name: question.entry.get(name, "") for name in ("title", "why", "worked")}
    facts["hint"] = next(iter(question.entry.get("hints", ())), "")
    facts["compared"] = _compared(verdict, question)
    facts["tape"] = tape if verdict.case is not None else None
    data = {"text/plain": verdict.sentence, VERDICT: facts}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def after_the_run(verdict: Verdict, question: Question | Tests, error: dict | None) -> Verdict:
    """The verdict on a name that is not there, for somebody who looks at a page and has no cell to run."""
    found = verdict.got if verdict.case is not None and verdict.name == "exception" else None
    if type(found) is not dict:
        return verdict
    if found.get("type") == "NameError" and "missing" not in found:
        return replace(verdict, sentence=f"{verdict.sentence} {ORDER} Is it defined above this check?")
    missing = found.get("missing")
    if type(missing) is not str or missing not in {case["call"] for case in question.cases}:
        return verdict
    sentence = f"There is no {missing} where this check stands. {ORDER} Is it defined above, under exactly this name?"
    if error:
        message = re.sub(r"\(<cell \d+>, line (\d+)\)", r"(line \1)", error["message"]).rstrip(".")
        what = message if error["type"] == "Stopped" else f"{error['type']}: {message}".rstrip(": ")
        sentence = f"There is no {missing}, because the cell with your answer did not run to its end: {what}."
    return replace(verdict, sentence=sentence, lead=sentence, case=None, expected=None, got=None, call="")


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
