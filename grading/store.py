"""Where marks land: nbgrader's gradebook and autograded folder, and the journal that is both resume and audit log.

One writer at a time, with one open gradebook. A submission counts as graded when its line is in the journal, which is
written last: a run that was killed half-way grades it again. Which grader has which submission: grading/claims.py.
"""

import contextlib
import json
import os
import shutil
import threading
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from nbgrader.api import BaseCell, Grade, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties

from grading.assignment import Checks
from grading.claims import claims_for
from grading.classroom import Classroom
from grading.marks import Graded
from grading.times import SECRET, STAMP, read_time


class Store:
    """The writer of one run. A second run on a class is refused, unless both claim submissions in PostgreSQL."""

    def __init__(self, classroom: Classroom, alone: bool = False):
        self.classroom = classroom
        self.claims = claims_for(classroom, alone)
        with self.claims.writing():  # opening it may make its tables
            self.gradebook = classroom.gradebook()
        self.journal = Journal(classroom.root / "journal.jsonl")

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_) -> None:
        self.gradebook.close()
        self.claims.close()

    def graded_before(self, assignment: str, force: bool = False) -> Callable[[str, str], bool]:
        """Tells whether a student's submission with this digest has been graded and its marks are still there.

        With `force` only what another grader has graded since now counts.
        """
        present = set()
        with contextlib.suppress(MissingEntry):
            if not force:
                present = {submission.student_id for submission in self.gradebook.assignment_submissions(assignment)}

        def done(student: str, digest: str) -> bool:
            news = self.journal.news()
            present.update(entry.get("student") for entry in news if entry.get("assignment") == assignment)
            written = student in present and self.classroom.folder("autograded", assignment, student).is_dir()
            return written and self.journal.last.get((assignment, student), {}).get("digest") == digest

        return done

    def save(self, graded: Graded, only: Checks | None = None) -> None:
        """Write one graded submission: folder, gradebook (of `only` some checks), journal, in this order."""
        with self.claims.writing():
            replace_folder(self.classroom, graded)
            self._to_gradebook(graded, only)
            self.journal.add(graded)

    def _to_gradebook(self, graded: Graded, only: Checks | None) -> None:
        book = self.gradebook
        warnings.filterwarnings("ignore", message="Object of type .* not in session")  # nbgrader's, and harmless
        book.update_or_create_student(graded.student)
        stamp = read_time(graded.timestamp)
        facts = {"timestamp": stamp} if stamp else {}
        book.update_or_create_submission(graded.assignment, graded.student, **facts)
        for notebook, marks in graded.marks.items():
            submitted = book.find_submission_notebook(notebook, graded.assignment, graded.student)
            grades = self._grades(submitted)
            for mark in marks:
                if only is None or (notebook, mark.grade_id) in only:
                    grade = grades[mark.grade_id]
                    grade.auto_score = mark.score
                    grade.needs_manual_grade = mark.score is None or grade.manual_score is not None
            for comment in submitted.comments:
                comment.auto_comment = "No response." if comment.name in graded.unchanged[notebook] else None
        book.db.commit()
        self._late(graded)

    def _late(self, graded: Graded) -> None:
        """Let nbgrader's late policy set its penalties; it knows due dates and extensions."""
        submission = self.gradebook.find_submission(graded.assignment, graded.student)
        if submission.total_seconds_late <= 0 and not submission.late_submission_penalty:
            return
        for notebook in submission.notebooks:
            notebook.late_submission_penalty = None
            if submission.total_seconds_late > 0:
                late = (graded.student, notebook.score, submission.total_seconds_late)
                penalty = self.policy.plugin_inst.late_submission_penalty(*late)
                if penalty is not None:
                    notebook.late_submission_penalty = self.policy._check_late_penalty(notebook, penalty)
        self.gradebook.db.commit()

    @cached_property
    def policy(self) -> AssignLatePenalties:
        """nbgrader's step that decides on lateness, with the plugin of the class."""
        made = AssignLatePenalties(config=self.classroom.config)
        made.init_plugin()
        return made

    def _grades(self, submitted) -> dict[str, Grade]:
        """The grades of a notebook that was handed in, by the name of their cell."""
        found = self.gradebook.db.query(BaseCell.name, Grade).join(Grade, Grade.cell_id == BaseCell.id)
        return {row.name: row.Grade for row in found.filter(Grade.notebook_id == submitted.id)}


def replace_folder(classroom: Classroom, graded: Graded) -> None:
    """Put the graded notebooks in the place of the old ones in one step."""
    target = classroom.folder("autograded", graded.assignment, graded.student)
    fresh = target.parent / f".{target.name}.new"
    old = target.parent / f".{target.name}.old"
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, notebook in graded.notebooks.items():
        (fresh / f"{name}.ipynb").write_text(json.dumps(notebook, ensure_ascii=False) + "\n", encoding="utf-8")
    if graded.timestamp:
        (fresh / STAMP).write_text(graded.timestamp + "\n", encoding="utf-8")
    secret = classroom.folder("submitted", graded.assignment, graded.student) / SECRET
    if secret.is_file() and not secret.is_symlink():
        shutil.copyfile(secret, fresh / SECRET)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


class Journal:
    """One JSON line for each graded submission; `last` holds the newest per assignment and student."""

    def __init__(self, path: Path):
        self.path, self.last = path, {}
        self.seen, self.lock = 0, threading.Lock()
        self.news()

    def news(self) -> list[dict]:
        """What this or another grader has added since the last look."""
        with self.lock:
            found, self.seen = _entries(self.path, self.seen)
            for entry in found:
                self.last[entry.get("assignment"), entry.get("student")] = entry
        return found

    def add(self, graded: Graded) -> None:
        """Add one line and make sure that it is on the disk."""
        marks = {
            name: {mark.grade_id: [mark.score, mark.points, mark.sentence, mark.misconception] for mark in marks}
            for name, marks in graded.marks.items()
        }
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "assignment": graded.assignment,
            "student": graded.student,
            "digest": graded.digest,
            "score": graded.score,
            "points": graded.points,
            "marks": marks,
            "notes": graded.notes,
            **graded.facts,
        }
        with open(self.path, "a", encoding="utf-8") as file:
            if file.tell() and not _ends_line(self.path):
                file.write("\n")  # a killed run may have left half a line
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.last[graded.assignment, graded.student] = entry


def _ends_line(path: Path) -> bool:
    with open(path, "rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def read_journal(path: Path) -> list[dict]:
    """All lines of a journal that can be read."""
    return _entries(path, 0)[0]


def _entries(path: Path, start: int) -> tuple[list[dict], int]:
    """The whole lines from a place on that can be read, and where they end."""
    found = []
    with contextlib.suppress(OSError), open(path, "rb") as file:
        file.seek(start)
        for line in file:  # ends at "\n" only: a sentence may hold what text.splitlines() takes for an end
            if not line.endswith(b"\n"):
                break
            start += len(line)
            with contextlib.suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict):
                    found.append(entry)
    return found, start
