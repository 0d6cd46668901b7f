"""Grades one submission after another in a session of its own, after having proven on canaries that it is fair."""

import copy
import json
import time
from collections.abc import Iterator

from course.checks.judge import Verdict
from grading import intake, writeup
from grading.assignment import Assignment, Checks, has_points
from grading.marks import Graded, Mark
from grading.runner import Player, Session, SessionBroken, Step
from grading.sandbox import Sandbox
from grading.settings import Limits
from grading.times import read_time, written

STUDENT_SEED = 20_240_229


class Worker:
    """One session, and the knowledge that it is fair: the solutions get full marks in it, no answer none.

    Where the assignment has test cells of its author's, a second session is their umpire. A test cell that is not fair
    here, `unsuited`, waits for a person; a check of ours that is not means that nobody is graded.
    """

    def __init__(self, assignment: Assignment, sandbox: Sandbox, limits: Limits):
        self.assignment, self.limits = assignment, limits
        self.session = Session(sandbox)
        self.umpire = Session(sandbox) if any(assignment.tests.values()) else None
        self.unsuited: dict[tuple[str, str], str] = {}
        self.proven = False

    def stop(self) -> None:
        """End the sessions, and start no other."""
        for session in filter(None, (self.session, self.umpire)):
            session.stop()

    def prove(self) -> None:
        """Grade the canaries; raise SessionBroken when a mark is not what it must be."""
        self.unsuited = {}
        for assignment in self.assignment.variants:
            for notebook in assignment.questions:
                self._prove(assignment, notebook)
        self.proven = True

    def _prove(self, assignment: Assignment, notebook: str) -> None:
        asked, tests = assignment.questions[notebook], assignment.tests[notebook]
        skeleton = assignment.skeletons[notebook]
        blank = without_answers(skeleton) if tests else skeleton
        for canary, fair in ((assignment.solutions.get(notebook, {}), True), (blank, False)):
            rebuilt = intake.rebuild(skeleton, json.dumps(canary).encode())
            verdicts, _ = self.play(assignment, notebook, rebuilt)
            wrong = {name: found for name, (found, _) in verdicts.items() if found.passed is not fair}
            for name in wrong.keys() & tests.keys():
                found = wrong.pop(name)
                if fair or tests[name].asks:
                    self.unsuited[notebook, name] = found.sentence if fair else "it passes without an answer"
            if wrong or len(verdicts.keys() & asked.keys()) != len(asked):
                what = "solution" if fair else "released text"
                said = next(iter(wrong.values())).sentence if wrong else "not every check cell was found"
                raise SessionBroken(f"The {what} of {notebook} does not get its fair mark here: {said}")

    def play(self, assignment: Assignment, notebook: str, rebuilt: intake.Rebuilt, only: Checks | None = None):
        """Run a rebuilt notebook and judge what was seen: verdict and points by grade_id, and what was played."""
        steps = [
            step
            for step in steps_of(rebuilt, assignment.asked(notebook))
            if only is None or not step.judged or (notebook, step.key) in only
        ]
        played = self._player().play([step for step in steps if step.tests is None])
        if any(step.tests for step in steps):
            # Tests are run in a second round, of which nothing but their end is kept: no cell can show what they said.
            again = [step for step in steps if step.question is None and step.key not in played.stopped]
            played.tests = self._player().play(again).tests
        verdicts: dict[str, tuple[Verdict, float]] = {}
        for step in steps:
            if step.tests is not None and (notebook, step.key) not in self.unsuited:
                verdicts[step.key] = step.tests.judge(played.tests.get(step.key))
            elif step.question is not None:
                verdict = step.question.judge(played.observations.get(step.key))
                verdicts[step.key] = (verdict, step.question.points if verdict.passed else 0.0)
        return verdicts, played

    def _player(self) -> Player:
        return Player(self.session, self.limits, STUDENT_SEED, self.umpire)

    def grade(self, student: str, files: intake.Files, digest: str, only: Checks | None = None) -> Graded:
        """Grade one submission, or `only` some checks of it; a session that breaks is replaced once."""
        for last in (False, True):
            try:
                if not self.proven:
                    self.prove()
                return self._grade(student, files, digest, only)
            except SessionBroken:
                for session in filter(None, (self.session, self.umpire)):
                    session.close()
                self.proven = False
                if last:
                    raise
        raise AssertionError("unreachable")

    def _grade(self, student: str, files: intake.Files, digest: str, only: Checks | None) -> Graded:
        begun, notebooks, marks, unchanged, notes = time.monotonic(), {}, {}, {}, list(files.notes)
        assignment = self.assignment.of(student)
        for name, skeleton in assignment.skeletons.items():
            rebuilt = intake.rebuild(skeleton, files.notebooks.get(name))
            rebuilt.notes[:0] = files.notes
            verdicts, played = self.play(assignment, name, rebuilt, only)
            said = {grade_id: verdict for grade_id, (verdict, _) in verdicts.items()}
            notebooks[name] = writeup.notebook(skeleton, rebuilt, played, said, assignment.asked(name))
            marks[name] = marks_of(rebuilt, verdicts)
            unchanged[name] = {
                cell.grade_id for cell in rebuilt.cells if cell.answer and cell.source == intake.text_of(cell.released)
            }
            notes += [note for note in rebuilt.notes + played.notes if note not in notes]
        facts = {"seed": assignment.seed_hash, "variant": assignment.variant, "sandbox": self.session.sandbox.boxed}
        facts["checks"], facts["seconds"] = assignment.checks, round(time.monotonic() - begun, 2)
        if self.unsuited:
            facts["for a person"] = [f"{grade_id} of {name}: {why}" for (name, grade_id), why in self.unsuited.items()]
        stamp = time_of(files, notes)
        return Graded(assignment.name, student, digest, notebooks, marks, unchanged, notes, stamp, facts)


def steps_of(rebuilt: intake.Rebuilt, asked: dict) -> Iterator[Step]:
    """What to do for a rebuilt notebook, in order; a cell that judges answers is not run in the student's session.

    What stands after the last answer and check is not run: no mark depends on it, and it may take long.
    """
    counts = [number for number, cell in enumerate(rebuilt.cells) if cell.answer or has_points(cell)]
    for number, cell in enumerate(rebuilt.cells[: max(counts, default=-1) + 1]):
        found = asked.get(cell.grade_id or "")
        if found is not None and cell.locked:
            yield Step(cell.grade_id, **{found.kind: found})
        elif cell.kind == intake.CODE:
            yield Step(str(number), cell.source)


def marks_of(rebuilt: intake.Rebuilt, verdicts: dict[str, tuple[Verdict, float]]) -> list[Mark]:
    """The marks of one notebook; what nothing judges waits for a person, unless there is no answer."""
    made = []
    for cell in rebuilt.cells:
        if not has_points(cell):
            continue
        found = verdicts.get(cell.grade_id)
        # The released points count, not those of the lesson: the class may have set others.
        points = float(cell.nbgrader.get("points") or 0)
        if found is None:
            nothing = rebuilt.missing or cell.answer and cell.source == intake.text_of(cell.released)
            made.append(Mark(cell.grade_id, 0.0 if nothing else None, points))
        else:
            verdict, score = found
            score = 0.0 if rebuilt.missing else points if verdict.passed else score
            made.append(Mark(cell.grade_id, score, points, verdict.sentence, verdict.misconception_id))
    return made


def without_answers(skeleton: dict) -> dict:
    """The released notebook with nothing in its answer cells."""
    made = copy.deepcopy(skeleton)
    for cell in made["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "pass"
    return made


def time_of(files: intake.Files, notes: list[str]) -> str | None:
    """When the submission was handed in, as nbgrader writes it: from its time stamp, else from its files."""
    if read_time(files.timestamp):
        return files.timestamp
    if files.timestamp is not None:
        notes.append("timestamp.txt could not be read; the time of the files was used.")
    if files.modified is None:
        return None
    return written(files.modified)
