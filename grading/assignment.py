"""What was released, and how its answers are judged."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property

from grading import intake
from grading.asserts import Tests, tests_of
from grading.checker import LESSONS, Question, questions
from grading.classroom import Classroom
from grading.errors import Refused

Checks = set[tuple[str, str]]  # (notebook, grade_id)


class NothingToGrade(Refused):
    """The assignment has not been released, or nobody handed in anything; the message is for the instructor."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """One assignment of a class. Its variants differ in the inputs of `questions`; this is the first of them."""

    name: str
    skeletons: dict[str, dict]
    solutions: dict[str, dict]
    questions: dict[str, dict[str, Question]]
    tests: dict[str, dict[str, Tests]]
    seed_hash: str
    variant: int = 0
    others: tuple["Assignment", ...] = ()

    @classmethod
    def load(cls, classroom: Classroom, name: str, lessons=LESSONS) -> "Assignment":
        """Read an assignment of the class and make its questions from the class seed."""
        skeletons = classroom.notebooks("release", name)
        if not skeletons:
            raise NothingToGrade(f"{name} has not been released yet: run `kindling class release {name}`.")
        roots = (lessons, *classroom.settings.extras)
        drawn = [
            {notebook: questions(name, notebook, seed, *roots) for notebook in skeletons}
            for seed in map(classroom.seed, range(classroom.settings.variants))
        ]
        solutions = classroom.notebooks("source", name)
        tests = {
            notebook: tests_of(skeleton, solutions.get(notebook, skeleton), set(drawn[0][notebook]))
            for notebook, skeleton in skeletons.items()
        }
        first = cls(name, skeletons, solutions, drawn[0], tests, classroom.seed_hash())
        others = (replace(first, questions=asked, variant=n) for n, asked in enumerate(drawn[1:], 1))
        return replace(first, others=tuple(others))

    @property
    def variants(self) -> tuple["Assignment", ...]:
        """All of them."""
        return (self, *self.others)

    def of(self, student: str) -> "Assignment":
        """The variant of a student, the same one as long as there are as many."""
        drawn = hashlib.sha256(f"{self.seed_hash} {student}".encode()).digest()
        return self.variants[int.from_bytes(drawn) % len(self.variants)]

    def asked(self, notebook: str) -> dict[str, Question | Tests]:
        """All that judges answers in a notebook, by grade_id."""
        return {**self.questions[notebook], **self.tests[notebook]}

    def labels(self) -> dict[str, set[str]]:
        """The grade_ids in each notebook."""
        return {
            name: {cell.grade_id for cell in intake.released_cells(skeleton) if cell.grade_id}
            for name, skeleton in self.skeletons.items()
        }

    @cached_property
    def text_digest(self) -> str:
        """Changes when the seed or the released text does (not its points): then everything is graded again."""
        cells = [
            [name, cell.kind, cell.source, cell.grade_id, cell.answer, cell.locked]
            for name, skeleton in self.skeletons.items()
            for cell in intake.released_cells(skeleton)
        ]
        return hashlib.sha256(json.dumps([cells, self.seed_hash]).encode()).hexdigest()

    @cached_property
    def checks(self) -> dict[str, dict[str, str]]:
        """Per notebook and check, a digest of all that its mark depends on; it is kept with each mark."""
        return {
            name: {
                cell.grade_id: self._digest(name, cell) for cell in intake.released_cells(skeleton) if has_points(cell)
            }
            for name, skeleton in self.skeletons.items()
        }

    def _digest(self, notebook: str, cell: intake.Cell) -> str:
        question = self.asked(notebook).get(cell.grade_id)
        what = question.digest if question else "a person"
        return hashlib.sha256(f"{what} {cell.nbgrader.get('points')}".encode()).hexdigest()[:16]

    def changed(self, line: dict) -> Checks:
        """The checks that are other ones now than when a line of the journal was written."""
        before = line.get("checks") or {}
        return {
            (name, grade_id)
            for name, checks in self.checks.items()
            for grade_id, digest in checks.items()
            if before.get(name, {}).get(grade_id) != digest
        }


def has_points(cell: intake.Cell) -> bool:
    """Whether a cell of the released notebook has points."""
    return bool(cell.nbgrader.get("grade") or cell.nbgrader.get("task"))
