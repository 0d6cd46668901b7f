"""Grades on other machines: each submission is one task on Dask distributed, done in a sandbox where it lands.

What comes back is written here. A machine counts once its canaries got their fair marks with the same code as here.
"""

import hashlib
import importlib.util
import weakref
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from distributed import Client, Security, get_worker

from grading import intake
from grading.assignment import Assignment
from grading.errors import Refused
from grading.marks import Graded
from grading.pool import Pool
from grading.runner import SessionBroken
from grading.sandbox import Sandbox, require
from grading.settings import Limits
from grading.worker import Worker

WAIT = 30.0  # seconds for the scheduler to answer and a worker to be there


@dataclass(frozen=True)
class Unfit:
    """A machine that must not grade, and why."""

    address: str
    why: str


@dataclass(frozen=True)
class Bench:
    """What a run sends to each machine once; there it keeps the sandboxes, which end with it."""

    assignment: Assignment
    sandbox: Sandbox
    limits: Limits
    code: str

    def __getstate__(self) -> dict:
        return {name: value for name, value in self.__dict__.items() if name != "pool"}

    @cached_property
    def pool(self) -> Pool:
        """The workers of one machine; raises Refused where none may be."""
        if code_digest() != self.code:
            raise Refused("It has another version of the course.")
        require(self.sandbox.kind)
        needs = (self.assignment, self.sandbox, self.limits)
        pool = Pool(lambda: Worker(*needs))
        weakref.finalize(self, pool.close)  # also when the run that sent it is lost
        return pool


def grade_there(bench: Bench, student: str, files: intake.Files, digest: str) -> Graded | Unfit:
    """The task: grade one submission on this machine, or say that it is unfit."""

    def job(worker: Worker) -> Graded | Unfit:
        try:
            if not worker.proven:
                worker.prove()
        except SessionBroken as reason:
            return Unfit(get_worker().address, str(reason))
        return worker.grade(student, files, digest)

    try:
        return bench.pool.run(job)
    except Refused as reason:
        return Unfit(get_worker().address, str(reason))


class Cluster:
    """The machines of one scheduler, in the place of a pool."""

    def __init__(self, address: str, assignment: Assignment, sandbox: Sandbox, limits: Limits):
        if address.startswith("tls:") and not (Security().tls_ca_file and Security().tls_client_cert):
            raise Refused(f"{address} wants certificates, and Dask's settings name none (docs/instructors.md).")
        try:
            self.client = Client(address, timeout=WAIT, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Refused(f"No scheduler answers at {address}: {error}") from None
        try:
            self.client.wait_for_workers(1, timeout=WAIT)
        except TimeoutError:
            self.client.close()
            raise Refused(f"The scheduler at {address} has no worker: start `dask worker {address}`.") from None
        self.unfit: dict[str, str] = {}
        # Two for each thread: one is graded while the next is on its way.
        self.size = 2 * sum(self.client.nthreads().values())
        # A task's result, not data put there: it is made again when the machine that holds it is lost.
        self.bench = self.client.submit(_same, Bench(assignment, sandbox, limits, code_digest()), pure=False)

    def warm(self) -> None:
        """Nothing to do ahead: a machine proves a worker with its first submission."""

    def grade(self, student: str, files: intake.Files, digest: str) -> Graded:
        """Grade one submission on a machine that is fit; raises SessionBroken when none is left."""
        while fit := [address for address in self.client.nthreads() if address not in self.unfit]:
            # Without an unfit one every worker will do, those that join later too.
            only = {"workers": fit, "allow_other_workers": True} if self.unfit else {}
            found = self.client.submit(grade_there, self.bench, student, files, digest, pure=False, **only).result()
            if isinstance(found, Graded):
                return found
            self.unfit[found.address] = found.why
        raise SessionBroken("No worker of the scheduler is fit to grade.")

    def close(self) -> None:
        """Leave the scheduler; the machines end the sandboxes."""
        self.client.close()


def _same(bench: Bench) -> Bench:
    return bench


def code_digest() -> str:
    """One hash of all code that a mark depends on."""
    made = hashlib.sha256()
    for name in ("kindling", "course.checks", "grading"):
        root = Path(importlib.util.find_spec(name).origin).parent
        for path in sorted(root.rglob("*.py")):
            made.update(f"\0{name} {path.relative_to(root)}\0".encode() + path.read_bytes())
    return made.hexdigest()
