"""The workers of one machine, each with sessions of its own."""

import contextlib
import queue
import threading
from collections.abc import Callable

from grading import intake
from grading.marks import Graded
from grading.runner import SessionBroken
from grading.worker import Worker


class Pool:
    """Workers that are made when first needed and shared by the threads that grade."""

    def __init__(self, make: Callable[[], Worker]):
        self.make, self.unfit = make, {}
        self.idle: queue.SimpleQueue = queue.SimpleQueue()
        self.all: list[Worker] = []
        self.lock, self.closed = threading.Lock(), False

    def run(self, job: Callable[[Worker], Graded]) -> Graded:
        """Do one job with a worker of one's own."""
        try:
            worker = self.idle.get_nowait()
        except queue.Empty:
            worker = self.make()
            with self.lock:
                self.all.append(worker)
                if self.closed:
                    worker.stop()
        try:
            return job(worker)
        finally:
            self.idle.put(worker)

    def grade(self, student: str, files: intake.Files, digest: str) -> Graded:
        """Grade one submission."""
        return self.run(lambda worker: worker.grade(student, files, digest))

    def warm(self) -> None:
        """Make one worker and prove it, ahead of the first job."""
        with contextlib.suppress(SessionBroken):  # the job that needs it says why
            self.run(Worker.prove)

    def close(self) -> None:
        """End all sessions."""
        with self.lock:
            self.closed = True
            for worker in self.all:
                worker.stop()
