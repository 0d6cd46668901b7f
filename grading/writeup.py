"""Writes a graded submission down as the notebook that formgrader and the feedback page show: text outputs only."""

import copy
from dataclasses import asdict

from course.checks.judge import Verdict
from course.checks.words import value_text
from grading.checker import Question
from grading.intake import CODE, Cell, Rebuilt
from grading.runner import Played

VERDICT = "application/vnd.kindling.verdict+json"


def notebook(
    skeleton: dict, rebuilt: Rebuilt, played: Played, verdicts: dict[str, Verdict], asked: dict[str, Question]
) -> dict:
    """The graded notebook as JSON."""
    metadata = copy.deepcopy(skeleton["metadata"])
    metadata.setdefault("kindling", {})["notes"] = rebuilt.notes + played.notes
    cells = [_cell(number, cell, played.outcomes.get(str(number))) for number, cell in enumerate(rebuilt.cells)]
    for cell, written in zip(rebuilt.cells, cells, strict=True):
        if cell.grade_id in verdicts and cell.kind == CODE:
            written["outputs"] = [shown(verdicts[cell.grade_id], asked[cell.grade_id])]
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


def shown(verdict: Verdict, question: Question) -> dict:
    """A verdict as the output of its check cell: the sentence as text, and its parts for the feedback page."""
    facts = {**asdict(verdict), "title": question.entry["title"]}
    for name in ("expected", "got"):
        facts[name] = None if verdict.passed or verdict.name is None else value_text(getattr(verdict, name))
    data = {"text/plain": verdict.sentence, VERDICT: facts}
    return {"output_type": "display_data", "metadata": {}, "data": data}
