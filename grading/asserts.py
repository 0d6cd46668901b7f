"""Test cells of somebody else's assignment: plain nbgrader asserts, run by an umpire that asks the student's process.

The umpire gets the author's text only: the tests with their hidden parts, and before them what the author's other cells
define without the help of an answer. What the tests ask for and where it comes from: grading/session/umpire.py.
"""

import ast
import contextlib
import hashlib
import json
import re
from dataclasses import dataclass

from course.checks.judge import Verdict
from grading import intake
from grading.runner import CELL

HIDDEN = "A check that is not shown did not pass."


@dataclass(frozen=True, eq=False)
class Tests:
    """One graded cell of asserts. `before` runs ahead of it; `shown` is the part of its text that students see.

    `told` says whether a hidden test of an earlier cell has been run: an answer may then repeat what it was asked.
    """

    grade_id: str
    source: str
    shown: str
    points: float
    answers: list[str]
    before: list[str]
    told: bool = False
    kind = "tests"
    public = frozenset()
    cases = ()

    @property
    def entry(self) -> dict:
        """What the feedback page needs to know."""
        return {"title": self.grade_id}

    @property
    def digest(self) -> str:
        """Changes with anything that the mark comes from."""
        return hashlib.sha256(json.dumps([self.source, self.answers, self.before]).encode()).hexdigest()

    @property
    def asks(self) -> bool:
        """Whether the tests name an answer at all."""
        return bool(names_in(self.source) & set(self.answers))

    def judge(self, outcome: dict | None) -> tuple[Verdict, float]:
        """The verdict and the points: all, none, or what the last line's number says, as in nbgrader."""
        if outcome is None:
            return Verdict(False, "This check could not be run."), 0.0
        if outcome["error"] is not None:
            return Verdict(False, self._failure(outcome["error"])), 0.0
        points = self.points
        with contextlib.suppress(ValueError):
            points = min(max(float(outcome["value"] or "all"), 0.0), self.points)
        if points == self.points:
            return Verdict(True, "All checks of this cell passed."), points
        return Verdict(False, f"This is worth {points:g} of {self.points:g} points."), points

    def _failure(self, error: dict) -> str:
        """What a student may know: the line when it was released, never what a hidden check says."""
        if error["type"] == "Stopped":
            return f"The check did not finish: {error['message']}."
        numbers = re.findall(rf'File "{CELL}", line (\d+)', error["traceback"])
        lines = self.source.splitlines()
        number = int(numbers[-1]) if numbers else 0
        line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        if not line or line not in [shown.strip() for shown in self.shown.splitlines()]:
            return HIDDEN
        if self.told or lines[:number] != self.shown.splitlines()[:number]:
            return f"`{line}` did not pass."
        what = "" if error["type"] == "AssertionError" else error["type"]
        told = ": ".join(filter(None, (what, error["message"])))
        return f"`{line}` did not pass." + (f" {told.rstrip('.')}." if told else "")


def tests_of(skeleton: dict, source: dict, taken: set[str]) -> dict[str, Tests]:
    """The assert cells of a notebook by grade_id, without those that are exercises of ours (`taken`)."""
    authors = {cell.grade_id: cell for cell in intake.released_cells(source) if cell.grade_id}
    answers = sorted({name for cell in authors.values() if cell.answer for name in names_made(cell.source)})
    made, before, told = {}, [], False
    for cell in intake.released_cells(skeleton):
        if cell.kind != intake.CODE or cell.answer:
            continue
        text = authors[cell.grade_id].source if cell.locked and cell.grade_id in authors else cell.source
        if cell.nbgrader.get("grade"):
            if cell.grade_id not in taken:
                points = float(cell.nbgrader.get("points", 0))
                made[cell.grade_id] = Tests(cell.grade_id, text, cell.source, points, answers, [*before], told)
                told = told or text != cell.source
        else:
            before.append(text if not names_in(text) & set(answers) else imports_in(text))
    return made


def names_made(source: str) -> set[str]:
    """The names that an answer defines, those that its functions change included."""
    tree = parse(source)
    changed = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    targets = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    inner = {
        part.id
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)
        for part in ast.walk(node)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    }
    return intake.defined_names(source) | changed | (targets - inner)


def names_in(source: str) -> set[str]:
    """The names that a cell speaks of."""
    return {node.id for node in ast.walk(parse(source)) if isinstance(node, ast.Name)}


def imports_in(source: str) -> str:
    """The imports at the top level of a cell."""
    return "\n".join(ast.unparse(part) for part in parse(source).body if isinstance(part, ast.Import | ast.ImportFrom))


def parse(source: str) -> ast.Module:
    """The cell as Python reads it; nothing where it does not."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.parse("")
