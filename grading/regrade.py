"""Grades again only what changed when a check was mended: computed first, shown, and written when that is asked for."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

from grading import intake
from grading.assignment import Assignment, Checks
from grading.checker import LESSONS
from grading.classroom import Classroom
from grading.engine import digest_of, preload_for
from grading.marks import Graded, Mark
from grading.pool import Pool
from grading.sandbox import Sandbox, require
from grading.store import Store
from grading.worker import Worker


@dataclass(frozen=True)
class Change:
    """One mark that a mended check touches."""

    student: str
    notebook: str
    grade_id: str
    before: float | None
    after: float | None


@dataclass
class Regraded:
    """What came out. `left` are students who cannot be compared, and why; `written` whether the marks are in place."""

    changes: list[Change] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    written: bool = False


def regrade(
    classroom: Classroom,
    name: str,
    *,
    write: bool = False,
    sandbox: str = "",
    workers: int | None = None,
    progress: Callable[[str, str], None] = lambda student, status: None,
    lessons=LESSONS,
) -> Regraded:
    """Judge the touched answers of graded submissions anew; everything else keeps its mark, manual marks always."""
    require(sandbox or classroom.settings.sandbox)
    assignment, limits = Assignment.load(classroom, name, lessons), classroom.settings.limits
    box = Sandbox(sandbox or classroom.settings.sandbox, preload_for(assignment))
    pool = Pool(lambda: Worker(assignment, box, limits))
    done = Regraded()
    size = workers or limits.workers or os.cpu_count() or 1
    with Store(classroom, alone=True) as store, ThreadPoolExecutor(size) as threads:
        try:
            jobs = {}
            for student, line, only in _touched(assignment, store):
                files = intake.read_folder(classroom.folder("submitted", name, student), assignment.labels())
                digest = digest_of(assignment, files, box.boxed)
                if digest != line["digest"]:
                    done.left[student] = "has changed since it was graded: `kindling class grade` grades it"
                else:
                    jobs[threads.submit(pool.run, _job(student, files, digest, only))] = (student, line, only)
            for job in as_completed(jobs):
                _one(job, *jobs[job], store, write, done)
                progress(jobs[job][0], done.left.get(jobs[job][0], "judged again"))
        finally:
            pool.close()
    done.changes.sort(key=lambda change: (change.notebook, change.grade_id, change.student))
    done.written = write
    return done


def _touched(assignment: Assignment, store: Store) -> list[tuple[str, dict, Checks]]:
    lines = [(student, line) for (named, student), line in store.journal.last.items() if named == assignment.name]
    found = [(student, line, assignment.of(student).changed(line)) for student, line in sorted(lines)]
    return [place for place in found if place[2]]


def _job(student: str, files: intake.Files, digest: str, only: Checks) -> Callable[[Worker], Graded]:
    return lambda worker: worker.grade(student, files, digest, only)


def _one(job, student: str, line: dict, only: Checks, store: Store, write: bool, done: Regraded) -> None:
    try:
        fresh = job.result()
    except Exception as error:  # one that cannot be graded keeps its marks
        done.left[student] = f"{type(error).__name__}: {error}"
        return
    for notebook, marks in fresh.marks.items():
        for mark in marks:
            if (notebook, mark.grade_id) in only:
                before = _before(line, notebook, mark.grade_id)
                change = Change(student, notebook, mark.grade_id, before and before.score, mark.score)
                done.changes.append(change)
    if write:
        store.save(_merged(fresh, line, only, store), only)


def _before(line: dict, notebook: str, grade_id: str) -> Mark | None:
    """A mark as the journal has it."""
    found = line.get("marks", {}).get(notebook, {}).get(grade_id)
    return Mark(grade_id, *found) if found else None


def _merged(fresh: Graded, line: dict, only: Checks, store: Store) -> Graded:
    """The new judgement where a check changed, the old one everywhere else."""
    folder = store.classroom.folder("autograded", fresh.assignment, fresh.student)
    for notebook, marks in fresh.marks.items():
        for number, mark in enumerate(marks):
            if (notebook, mark.grade_id) not in only:
                marks[number] = _before(line, notebook, mark.grade_id) or mark
        file = folder / f"{notebook}.ipynb"
        old = json.loads(file.read_text(encoding="utf-8"))["cells"] if file.is_file() else []
        shown = {cell["metadata"].get("nbgrader", {}).get("grade_id"): cell.get("outputs") for cell in old}
        for cell in fresh.notebooks[notebook]["cells"]:
            grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
            kept = grade_id in {mark.grade_id for mark in marks} and (notebook, grade_id) not in only
            if kept and shown.get(grade_id) is not None and cell["cell_type"] == "code":
                cell["outputs"] = shown[grade_id]
    return fresh
