"""Test cells of somebody else's assignment: plain nbgrader asserts, run by an umpire that asks the student's process.

The umpire gets the author's text only: the tests with their hidden parts, and before them what the author's other cells
define without the help of an answer. What the tests ask for and where it comes from: grading/session/umpire.py.
"""

import ast
import contextlib
import hashlib
import json
import re
from dataclasses import dataclass, replace

from course.checks.judge import Verdict
from grading import intake
from grading.session import cells

HIDDEN = "A check that is not shown did not pass."
NUMPY = re.compile(r"^np\.\w+\((.*)\)$")
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Tests:
    """One graded cell of asserts. `before` runs ahead of it; `shown` is the part of its text that students see.

    `answers` are the names that answers define, `lent` those that the author's own cells make of them: only these are
    asked for in the student's process. `asks` says whether the tests name an answer at all, `told` whether a hidden
    test of an earlier cell has been run: an answer may then repeat what it was asked.
    """

    grade_id: str
    source: str
    shown: str
    points: float
    answers: list[str]
    lent: list[str]
    before: list[str]
    asks: bool
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
        return hashlib.sha256(json.dumps([self.source, self.answers, self.lent, self.before]).encode()).hexdigest()

    def judge(self, outcome: dict | None) -> tuple[Verdict, float]:
        """The verdict and the points: all, none, or what the last line's number says, as in nbgrader."""
        if outcome is None:
            return Verdict(False, "This check could not be run."), 0.0
        if outcome["error"] is not None:
            return Verdict(False, self._failure(outcome["error"])), 0.0
        points = self.points
        with contextlib.suppress(ValueError):
            found = float(NUMPY.sub(r"\1", outcome["value"] or "all"))
            points = min(max(0.0, found), self.points)  # in this order what is not a number is worth nothing
        if points == self.points:
            return Verdict(True, "All checks of this cell passed."), points
        return Verdict(False, f"This is worth {points:g} of {self.points:g} points."), points

    def _failure(self, error: dict) -> str:
        """What a student may know: the line when it was released, never what a hidden check says."""
        if error["type"] == "Stopped":
            return f"The check did not finish: {error['message']}."
        lines, number = self.source.splitlines(), error["line"]
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
    solved = [cell.source for cell in authors.values() if cell.answer]
    answers = {name for text in solved for name in names_made(text)}
    asking = answers | {name for text in solved for name in names_imported(text)}
    made, before, told, lent = {}, [imports_in(text) for text in solved], False, set()
    for cell in intake.released_cells(skeleton):
        if cell.kind != intake.CODE or cell.answer:
            continue
        text = authors[cell.grade_id].source if cell.locked and cell.grade_id in authors else cell.source
        kept, left = apart(text, answers | lent)
        if cell.nbgrader.get("grade"):
            if cell.grade_id not in taken:
                points, asks = float(cell.nbgrader.get("points", 0)), bool(names_in(text) & asking)
                facts = (sorted(answers), [], [*before], asks, told)
                made[cell.grade_id] = Tests(cell.grade_id, text, cell.source, points, *facts)
                told = told or text != cell.source
            kept = [part for part in kept if is_tool(part)]  # for the tests behind it, should these not come so far
        else:
            lent |= left
        before.append("\n".join(map(ast.unparse, kept)))
    return {name: replace(tests, lent=sorted(lent)) for name, tests in made.items()}


def apart(source: str, answers: set[str]) -> tuple[list[ast.stmt], set[str]]:
    """The statements of an author's cell that run without an answer, and the names that the other ones make.

    A function may speak of answers: it is one of the author's own, and only what calls it here needs them.
    """
    kept, left, callers = [], set(), set()
    for part in parse(source).body:
        if names_in(part, running=True) & (answers | left | callers):
            left |= names_made(ast.unparse(part))
        else:
            kept.append(part)
            callers |= names_made(ast.unparse(part)) if names_in(part) & (answers | left | callers) else set()
    return kept, left


def is_tool(part: ast.stmt) -> bool:
    """Whether a statement only makes a function or a library known."""
    return isinstance(part, FUNCTION | ast.Import | ast.ImportFrom)


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


def names_in(source: str | ast.AST, running: bool = False) -> set[str]:
    """The names that a text speaks of; `running`: without what stands inside the functions that it defines."""
    found, nodes = set(), [parse(source) if isinstance(source, str) else source]
    for node in nodes:  # grows while it is walked
        if isinstance(node, ast.Name):
            found.add(node.id)
        named = isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda)
        later = node.body if isinstance(node, FUNCTION) else [node.value] if named else []
        nodes += [child for child in ast.iter_child_nodes(node) if not (running and child in later)]
    return found


def imports_in(source: str) -> str:
    """The imports at the top level of a cell."""
    return "\n".join(map(ast.unparse, _imports(source)))


def names_imported(source: str) -> set[str]:
    """The names that these imports give."""
    return {(alias.asname or alias.name).partition(".")[0] for part in _imports(source) for alias in part.names}


def modules_imported(source: str) -> set[str]:
    """The modules that these imports load."""
    parts = _imports(source)
    named = {alias.name for part in parts if isinstance(part, ast.Import) for alias in part.names}
    return named | {part.module for part in parts if isinstance(part, ast.ImportFrom) and not part.level}


def _imports(source: str) -> list[ast.Import | ast.ImportFrom]:
    return [part for part in parse(source).body if isinstance(part, ast.Import | ast.ImportFrom)]


def parse(source: str) -> ast.Module:
    """The cell as a session reads it; nothing where it cannot, or where its tree would take much memory."""
    if len(source) > intake.MAX_PARSED:
        return ast.parse("")
    try:
        return cells.parse(source, "<cell>")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.parse("")
