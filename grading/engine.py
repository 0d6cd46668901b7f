"""Grades a class: a pool of workers, each with its own session, and one writer; resumes where it was stopped."""

import hashlib
import json
import os
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from course.checks.judge import Verdict
from grading import intake, writeup
from grading.assignment import Assignment, Checks, NothingToGrade, has_points
from grading.checker import LESSONS, Question
from grading.classroom import Classroom
from grading.runner import Player, Session, SessionBroken, Step
from grading.sandbox import LIBRARIES, Sandbox, require
from grading.settings import Limits
from grading.store import Graded, Mark, Store
from grading.times import read_time, written

STUDENT_SEED = 20_240_229


@dataclass
class Summary:
    """How a run ended."""

    graded: list[Graded] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)  # skipped, but a check was mended since


class Worker:
    """One session and the knowledge that it is fair: the solutions get full marks in it, the released text none."""

    def __init__(self, assignment: Assignment, sandbox: Sandbox, limits: Limits):
        self.assignment, self.limits = assignment, limits
        self.session = Session(sandbox)
        self.proven = False

    def prove(self) -> None:
        """Grade the canaries; raise SessionBroken when a mark is not what it must be."""
        for notebook, asked in self.assignment.questions.items():
            solution = self.assignment.solutions.get(notebook, {})
            for canary, fair in ((solution, True), (self.assignment.skeletons[notebook], False)):
                rebuilt = intake.rebuild(self.assignment.skeletons[notebook], json.dumps(canary).encode())
                verdicts, _ = self.play(notebook, rebuilt)
                wrong = [verdict for verdict in verdicts.values() if verdict.passed is not fair]
                if wrong or len(verdicts) != len(asked):
                    what = "solution" if fair else "released text"
                    said = wrong[0].sentence if wrong else "not every check cell was found"
                    raise SessionBroken(f"The {what} of {notebook} does not get its fair mark here: {said}")
        self.proven = True

    def play(self, notebook: str, rebuilt: intake.Rebuilt, only: Checks | None = None):
        """Run a rebuilt notebook and judge what was seen: the verdicts by grade_id, and what was played."""
        asked = self.assignment.questions[notebook]
        steps = [
            step
            for step in steps_of(rebuilt, asked)
            if only is None or step.question is None or (notebook, step.key) in only
        ]
        played = Player(self.session, self.limits, STUDENT_SEED).play(steps)
        verdicts = {}
        for step in steps:
            if step.question is not None:
                verdicts[step.key] = step.question.judge(played.observations.get(step.key))
        return verdicts, played

    def grade(self, student: str, files: intake.Files, digest: str, only: Checks | None = None) -> Graded:
        """Grade one submission, or `only` some checks of it; a session that breaks is replaced once."""
        for last in (False, True):
            try:
                if not self.proven:
                    self.prove()
                return self._grade(student, files, digest, only)
            except SessionBroken:
                self.session.close()
                self.proven = False
                if last:
                    raise
        raise AssertionError("unreachable")

    def _grade(self, student: str, files: intake.Files, digest: str, only: Checks | None) -> Graded:
        notebooks, marks, unchanged, notes = {}, {}, {}, list(files.notes)
        for name, skeleton in self.assignment.skeletons.items():
            asked = self.assignment.questions[name]
            rebuilt = intake.rebuild(skeleton, files.notebooks.get(name))
            rebuilt.notes[:0] = files.notes
            verdicts, played = self.play(name, rebuilt, only)
            notebooks[name] = writeup.notebook(skeleton, rebuilt, played, verdicts, asked)
            marks[name] = marks_of(rebuilt, verdicts)
            unchanged[name] = {
                cell.grade_id for cell in rebuilt.cells if cell.answer and cell.source == intake.text_of(cell.released)
            }
            notes += [note for note in rebuilt.notes + played.notes if note not in notes]
        facts = {"seed": self.assignment.seed_hash, "sandbox": self.session.sandbox.boxed}
        facts["checks"] = self.assignment.checks
        stamp = time_of(files, notes)
        return Graded(self.assignment.name, student, digest, notebooks, marks, unchanged, notes, stamp, facts)


def steps_of(rebuilt: intake.Rebuilt, asked: dict[str, Question]) -> Iterator[Step]:
    """What to do for a rebuilt notebook, in order; a check cell of an exercise is not run but observed."""
    for number, cell in enumerate(rebuilt.cells):
        question = asked.get(cell.grade_id or "")
        if question is not None and cell.locked:
            yield Step(cell.grade_id, question=question)
        elif cell.kind == intake.CODE:
            yield Step(str(number), cell.source, careful=cell.answer)


def marks_of(rebuilt: intake.Rebuilt, verdicts: dict[str, Verdict]) -> list[Mark]:
    """The marks of one notebook; graded cells that are no exercise of ours wait for a person."""
    made = []
    for cell in rebuilt.cells:
        if has_points(cell):
            points = float(cell.nbgrader.get("points", 0))
            verdict = verdicts.get(cell.grade_id)
            if verdict is None:
                made.append(Mark(cell.grade_id, 0.0 if rebuilt.missing else None, points))
            else:
                score = points if verdict.passed else 0.0
                made.append(Mark(cell.grade_id, score, points, verdict.sentence, verdict.misconception_id))
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


def digest_of(assignment: Assignment, files: intake.Files, boxed: bool) -> str:
    """What a mark depends on besides the checks, as one hash."""
    made = hashlib.sha256(f"{assignment.text_digest} {files.timestamp} {boxed}".encode())
    for name, raw in sorted(files.notebooks.items()):
        made.update(f"\0{name}\0{len(raw)}\0".encode() + raw)
    return made.hexdigest()


class Pool:
    """Workers that are made when first needed and shared by the threads that grade."""

    def __init__(self, make: Callable[[], Worker]):
        self.make = make
        self.idle: queue.SimpleQueue = queue.SimpleQueue()
        self.all: list[Worker] = []
        self.lock = threading.Lock()

    def run(self, job: Callable[[Worker], Graded]) -> Graded:
        """Do one job with a worker of one's own."""
        try:
            worker = self.idle.get_nowait()
        except queue.Empty:
            worker = self.make()
            with self.lock:
                self.all.append(worker)
        try:
            return job(worker)
        finally:
            self.idle.put(worker)

    def close(self) -> None:
        """End all sessions."""
        for worker in self.all:
            worker.session.stop()


def grade(
    classroom: Classroom,
    name: str,
    *,
    students: list[str] | None = None,
    boxed: bool = True,
    workers: int | None = None,
    force: bool = False,
    limits: Limits | None = None,
    progress: Callable[[str, str], None] = lambda student, status: None,
    lessons=LESSONS,
) -> Summary:
    """Grade the submissions of an assignment that have not been graded yet; `progress` hears of each student once."""
    require(boxed)
    assignment = Assignment.load(classroom, name, lessons)
    students = classroom.students(name) if students is None else students
    if not students:
        raise NothingToGrade(f"Nobody has handed in {name}: run `kindling class collect {name} FOLDER`.")
    sandbox = Sandbox(boxed, preload_for(assignment))
    limits = limits or classroom.settings.limits
    size = max(1, min(workers or limits.workers or os.cpu_count() or 1, len(students)))
    pool = Pool(lambda: Worker(assignment, sandbox, limits))
    with Store(classroom) as store:
        done = (lambda student, digest: False) if force else store.graded_before(name)
        run = Run(classroom, assignment, boxed, pool, done)
        threads = ThreadPoolExecutor(size)
        try:
            jobs = {threads.submit(run.one, student): student for student in students}
            summary = _collect(jobs, store, progress)
            summary.stale = [s for s in sorted(summary.skipped) if assignment.changed(store.journal.last[name, s])]
            return summary
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            pool.close()


@dataclass(frozen=True)
class Run:
    """What all jobs of one run share."""

    classroom: Classroom
    assignment: Assignment
    boxed: bool
    pool: Pool
    done: Callable[[str, str], bool]

    def one(self, student: str) -> Graded | None:
        """Grade one student's submission; None when that was done before."""
        folder = self.classroom.folder("submitted", self.assignment.name, student)
        files = intake.read_folder(folder, self.assignment.labels())
        digest = digest_of(self.assignment, files, self.boxed)
        if self.done(student, digest):
            return None
        return self.pool.run(lambda worker: worker.grade(student, files, digest))


def _collect(jobs: dict[Future, str], store: Store, progress) -> Summary:
    """Write what the workers bring, as it comes."""
    summary = Summary()
    for job in as_completed(jobs):
        student = jobs.pop(job)
        try:
            graded = job.result()
        except Exception as error:
            summary.failed[student] = f"{type(error).__name__}: {error}"
            progress(student, "not graded")
            continue
        if graded is None:
            summary.skipped.append(student)
            progress(student, "graded before")
            continue
        store.save(graded)
        graded.notebooks.clear()  # they are on the disk now
        summary.graded.append(graded)
        progress(student, f"{graded.score:g} of {graded.points:g}")
    return summary


def preload_for(assignment: Assignment) -> tuple[str, ...]:
    """The libraries that a session loads before the first submission: those that the notebooks use."""
    text = json.dumps(assignment.skeletons)
    return (*LIBRARIES, *(["matplotlib.pyplot"] if "matplotlib" in text else []))
