"""Who may grade what: with SQLite one run for a class; with PostgreSQL several graders, one of them for a submission.

PostgreSQL's advisory locks end with the connection that holds them: a grader that is killed keeps nothing from others.
The server may notice that end a moment late, so a run that ends well unlocks before it goes.
"""

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from grading.classroom import Classroom
from grading.errors import Refused


class Busy(Refused):
    """Another run is grading this class."""


class OneRun:
    """The class belongs to this run alone, by a locked file in its folder."""

    def __init__(self, classroom: Classroom):
        self.file = only_one(classroom.root / ".grading.lock")

    def claim(self, assignment: str, student: str) -> bool:
        """Whether this submission is this run's to grade: always."""
        return True

    def give_back(self, assignment: str, student: str) -> None:
        """Nobody waits for it."""

    def writing(self) -> contextlib.AbstractContextManager:
        """Nobody else writes."""
        return contextlib.nullcontext()

    def close(self) -> None:
        """Let the next run begin."""
        self.file.close()


class ManyRuns:
    """Graders that share a gradebook in PostgreSQL: each submission is claimed, and one of them writes at a time."""

    def __init__(self, classroom: Classroom, alone: bool):
        self.engine = create_engine(classroom.database, isolation_level="AUTOCOMMIT")
        self.connection, self.lock = self.engine.connect(), threading.Lock()
        if not self._ask("pg_try_advisory_lock" if alone else "pg_try_advisory_lock_shared", "class"):
            self.close()
            raise Busy(f"Another run is grading the class in {classroom.root}: wait for its end.")

    def claim(self, assignment: str, student: str) -> bool:
        """Whether this submission is this run's to grade from now on; not while another grader has it."""
        return self._ask("pg_try_advisory_lock", "submission", assignment, student)

    def give_back(self, assignment: str, student: str) -> None:
        """Let others have a submission; what was written of it is written."""
        self._ask("pg_advisory_unlock", "submission", assignment, student)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """While this run is the one that writes."""
        self._ask("pg_advisory_lock", "writer")
        try:
            yield
        finally:
            self._ask("pg_advisory_unlock", "writer")

    def close(self) -> None:
        """Let go of everything."""
        with contextlib.suppress(DBAPIError), self.lock:  # a server that is gone holds nothing
            self.connection.execute(text("SELECT pg_advisory_unlock_all()"))
        self.connection.close()
        self.engine.dispose()

    def _ask(self, function: str, *words: str) -> bool:
        digest = hashlib.sha256("\0".join(("kindling", *words)).encode()).digest()
        key = int.from_bytes(digest[:8], "big", signed=True)
        with self.lock:
            return bool(self.connection.execute(text(f"SELECT {function}(:key)"), {"key": key}).scalar())


def claims_for(classroom: Classroom, alone: bool) -> OneRun | ManyRuns:
    """How this class's graders share it; raises Busy where they cannot now. `alone`: nobody else, in PostgreSQL too."""
    if make_url(classroom.database).get_backend_name() == "postgresql":
        return ManyRuns(classroom, alone)
    return OneRun(classroom)


def only_one(path: Path):
    """An open file that only one process can hold; raises Busy when another has it."""
    file = open(path, "w")  # noqa: SIM115 (held until the store is closed)
    with contextlib.suppress(ImportError):  # Windows, where grading runs in WSL
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise Busy(f"Another run is grading the class in {path.parent}: wait for its end.") from None
    return file
