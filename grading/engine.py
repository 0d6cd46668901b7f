"""Grades a class: a pool of workers, each with its own session, and one writer; resumes where it was stopped."""

import hashlib
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from grading import intake
from grading.asserts import modules_imported
from grading.assignment import Assignment, NothingToGrade
from grading.checker import LESSONS
from grading.classroom import Classroom
from grading.inside import LIBRARIES
from grading.marks import Graded
from grading.pool import Pool
from grading.sandbox import Sandbox, require
from grading.settings import Limits
from grading.worker import Worker

DONE, TAKEN = "graded before", "another grader has it"
LOOK_AGAIN = 0.5
# Sessions are copies of a process that has loaded these. Other packages may start threads, which no copy has.
FORKED_WELL = sys.stdlib_module_names | {"numpy", "scipy", "matplotlib", "pandas", "kindling", "course"}


@dataclass
class Summary:
    """How a run ended."""

    graded: list[Graded] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)  # skipped, but a check was mended since
    for_a_person: list[str] = field(default_factory=list)  # test cells that cannot be judged here
    unfit: dict[str, str] = field(default_factory=dict)  # machines that were not used, and why


def digest_of(assignment: Assignment, files: intake.Files, boxed: bool) -> str:
    """What a mark depends on besides the checks, as one hash."""
    made = hashlib.sha256(f"{assignment.text_digest} {files.timestamp} {boxed}".encode())
    for name, raw in sorted(files.notebooks.items()):
        made.update(f"\0{name}\0{len(raw)}\0".encode() + raw)
    return made.hexdigest()


def grade(
    classroom: Classroom,
    name: str,
    *,
    students: list[str] | None = None,
    sandbox: str = "",
    workers: int | None = None,
    force: bool = False,
    limits: Limits | None = None,
    scheduler: str = "",
    progress: Callable[[str, str], None] = lambda student, status: None,
    lessons=LESSONS,
) -> Summary:
    """Grade the submissions of an assignment that have not been graded yet; `progress` hears of each student once.

    `sandbox` is a kind of grading.sandbox, by default class.toml's. With a Dask scheduler's address its workers grade.
    """
    kind = sandbox or classroom.settings.sandbox
    if not scheduler:
        require(kind)
    assignment = Assignment.load(classroom, name, lessons)
    students = classroom.students(name) if students is None else students
    if not students:
        raise NothingToGrade(f"Nobody has handed in {name}: run `kindling class collect {name} FOLDER`.")
    box = Sandbox(kind, preload_for(assignment))
    pool, size = _workers(scheduler, workers, (assignment, box, limits or classroom.settings.limits))
    threads = _warmed(pool, max(1, min(size, len(students))))
    try:
        from grading.store import Store  # loads nbgrader, which takes as long as the workers need to get ready

        with Store(classroom) as store:
            run = Run(classroom, assignment, box.boxed, pool, store, store.graded_before(name, force))
            summary = _collect(run, threads, students, progress)
            last = store.journal.last
            summary.stale = [s for s in sorted(summary.skipped) if assignment.of(s).changed(last[name, s])]
            return summary
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        pool.close()


def _workers(scheduler: str, wanted: int | None, needs: tuple) -> tuple:
    """Who grades, and how many of them: processes of this machine, or a Dask scheduler's workers."""
    if scheduler:
        from grading.cluster import Cluster

        cluster = Cluster(scheduler, *needs)
        return cluster, wanted or cluster.size
    return Pool(lambda: Worker(*needs)), wanted or needs[2].workers or os.cpu_count() or 1


def _warmed(pool: Pool, size: int) -> ThreadPoolExecutor:
    """So many threads, each getting a worker ready."""
    threads = ThreadPoolExecutor(size)
    for _ in range(size):
        threads.submit(pool.warm)
    return threads


@dataclass(frozen=True)
class Run:
    """What all jobs of one run share."""

    classroom: Classroom
    assignment: Assignment
    boxed: bool
    pool: Pool  # or grading.cluster.Cluster
    store: object  # grading.store.Store, which takes long to load
    done: Callable[[str, str], bool]

    def one(self, student: str) -> Graded | str:
        """Grade one student's submission; or say that it was DONE before, or that another grader is at it (TAKEN)."""
        if not self.store.claims.claim(self.assignment.name, student):
            return TAKEN
        folder = self.classroom.folder("submitted", self.assignment.name, student)
        files = intake.read_folder(folder, self.assignment.labels())
        digest = digest_of(self.assignment, files, self.boxed)
        if self.done(student, digest):
            return DONE
        return self.pool.grade(student, files, digest)


def _collect(run: Run, threads: ThreadPoolExecutor, students: list[str], progress) -> Summary:
    """Write what the workers bring, as it comes; what another grader has is looked at again until it is done."""
    summary = Summary(unfit=run.pool.unfit)
    while students:
        jobs, taken = {threads.submit(run.one, student): student for student in students}, []
        for job in as_completed(jobs):
            student = jobs.pop(job)
            said = _write(run, job, student, summary)
            if said == TAKEN:
                taken.append(student)
                continue
            run.store.claims.give_back(run.assignment.name, student)
            progress(student, said)
        students = taken
        time.sleep(LOOK_AGAIN if taken else 0)
    return summary


def _write(run: Run, job: Future, student: str, summary: Summary) -> str:
    """Write what one job brought, and say how it ended."""
    try:
        graded = job.result()
    except Exception as error:
        summary.failed[student] = f"{type(error).__name__}: {error}"
        return "not graded"
    if isinstance(graded, str):
        summary.skipped += [student] if graded == DONE else []
        return graded
    run.store.save(graded)
    graded.notebooks.clear()  # they are on the disk now
    summary.graded.append(graded)
    summary.for_a_person = graded.facts.get("for a person", summary.for_a_person)
    return f"{graded.score:g} of {graded.points:g}"


def preload_for(assignment: Assignment) -> tuple[str, ...]:
    """What a session loads before the first submission: our libraries, and those that the released notebooks import."""
    cells = [cell for skeleton in assignment.skeletons.values() for cell in skeleton["cells"]]
    code = (intake.text_of(cell) for cell in cells if cell["cell_type"] == intake.CODE)
    named = set().union(*map(modules_imported, code)).difference(LIBRARIES)
    return (*LIBRARIES, *sorted(name for name in named if name.split(".")[0] in FORKED_WELL))
