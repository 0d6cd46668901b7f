"""Plays a submission's cells in a session, and brings back what was seen; falls back to the state before a bad cell."""

import contextlib
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from course.checks.limit import TimeUp
from course.checks.notebook import SECONDS
from grading import wire
from grading.sandbox import Sandbox
from grading.session.drawn import MOST_TEXT as MOST_DRAWN
from grading.session.drawn import NOTHING
from grading.settings import Limits

START_TIME = 120.0
GRACE = 6.0  # how much longer than the keeper the grader waits for it
MOST_REPLY = 16 * 2**20  # bytes of what a cell or an observation may give; an umpire's questions may bring more
MOST_TEXT, MOST_OUTPUT = 20_100, 1_000_000  # characters of one output, and of all outputs of a notebook
SNAPSHOT_AFTER = 0.5  # seconds of student code that we are ready to repeat
SNAPSHOT_CELLS = 100
CELL = "<tests>"
CHECKS = "Not all checks could be made: the time for them was over, or the session ended too often."
STARTED = "The grader could not start a session: "


class SessionBroken(Exception):
    """A session that does not start: the machine's failure, never a student's."""


@dataclass(frozen=True)
class Step:
    """One thing to do: run a cell, observe an exercise (`question`), or let an umpire run `tests`."""

    key: str
    source: str = ""
    question: object = None
    tests: object = None

    @property
    def judged(self) -> bool:
        """Whether it ends in a verdict rather than in output."""
        return self.question is not None or self.tests is not None


@dataclass
class Played:
    """What came of the steps: per key an outcome of a cell, observations of an exercise, or how tests ended.

    `tapes`: of an exercise that fails in an example, the texts that its own process made of that run.
    """

    outcomes: dict = field(default_factory=dict)
    observations: dict = field(default_factory=dict)
    tests: dict = field(default_factory=dict)
    tapes: dict = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)  # the cells that did not come to their end
    notes: list[str] = field(default_factory=list)


class Session:
    """The trusted end of one keeper. Every answer is `(status, value)`; status done, died, late or lost."""

    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox
        self.process = self.sock = self.folder = None
        self.stopped = False

    def open(self, seed: int, tested: dict[str, list[str]] | None = None) -> None:
        """A fresh state, in the running keeper when it is still good for one, else in a new keeper.

        With `tested` it is an umpire's: tests run in it, and the names in these lists are the student's.
        """
        for _ in range(2):
            if self.stopped:
                break
            if self.process is None:
                self._start()
            head = {"do": "open", "seed": seed, "tested": tested, "pids": most_pids()}
            if self._ask(head, START_TIME)[0] == "done":
                return
            self.close()
        raise SessionBroken(STARTED + "it does not open.")

    def run(self, source: str, name: str, keep: bool, seconds: float, relay=None) -> tuple[str, dict | None]:
        """Run one cell; `keep`: remember the state before it. `relay` answers what an umpire asks."""
        return self._ask({"do": "run", "keep": keep}, seconds, {"source": source, "name": name}, relay)

    def answer(self, ask, keep: bool, seconds: float) -> tuple[str, object]:
        """Do in the student's state what an umpire asks for; `keep`: remember the state before it."""
        return self._ask({"do": "answer", "keep": keep}, seconds, {"ask": ask})

    def hold(self, key: str, seconds: float) -> tuple[str, object]:
        """Keep the state as it is now under this name, until `observe` asks for it."""
        return self._ask({"do": "hold", "key": key}, seconds)

    def observe(self, key: str, source: str, cases: list, seconds: float, draw: bool = False) -> tuple[str, object]:
        """Observe an exercise in a throw-away copy of a held state; each case has the time it has in a notebook.

        With the first observation the cells come to their end: no process of theirs is left. `draw`: the tape instead.
        """
        body = {"source": source, "cases": cases, "case_seconds": SECONDS, "draw": draw}
        return self._ask({"do": "observe", "key": key}, seconds, body)

    def stop(self) -> None:
        """End the keeper from another thread, and start no other."""
        self.stopped = True
        self.close()

    def close(self) -> bytes:
        """End the keeper and everything under it; what it complained about."""
        if self.process is None:
            return b""
        self.sock.close()
        self.process.kill()
        said = self.process.communicate()[1]
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.process = self.sock = None
        return said

    def _start(self) -> None:
        self.process, self.sock, self.folder = self.sandbox.start()
        try:
            wire.receive(self.sock, time.monotonic() + START_TIME)
        except (wire.WireError, TimeoutError):
            said = self.close().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise SessionBroken(STARTED + (said[0] if said else "no reason given.")) from None

    def _ask(self, head: dict, seconds: float, body: dict | None = None, relay=None) -> tuple[str, object]:
        """Ask the keeper; the body, with all that is a student's or secret, it passes on unseen."""
        if self.process is None:
            return "lost", None
        deadline = time.monotonic() + seconds + GRACE
        try:
            wire.send(self.sock, wire.pack({**head, "seconds": seconds}), wire.pack(body or {}))
            while (status := wire.unpack(wire.receive(self.sock, deadline))["status"]) == "question" and relay:
                wire.send(self.sock, wire.pack(relay(wire.unpack(wire.receive(self.sock, deadline)))))
            reply = wire.receive(self.sock, deadline) if status == "done" else None
        except (wire.WireError, TimeoutError):
            self.close()
            return "lost", None
        if reply is None:
            return status, None
        try:
            return "done", wire.unpack(reply) if len(reply) <= MOST_REPLY or head["do"] == "answer" else None
        except wire.WireError:
            return "done", None


class Relay:
    """Takes an umpire's questions to the student's session; `ended` tells how that ended when it did."""

    def __init__(self, session: Session, seconds: float):
        self.session, self.until = session, time.monotonic() + seconds
        self.ended: str | None = None
        self.asked = False

    def __call__(self, ask) -> dict:
        if self.ended is None:
            left = max(0.0, self.until - time.monotonic())
            status, reply = self.session.answer(ask, not self.asked, left)
            self.asked = True
            if status == "done" and type(reply) is dict:
                return reply
            self.ended = status if status != "done" else "died"
        return {"ended": self.ended}


class Player:
    """Plays the steps of one submission; what a bad cell ends or delays is undone, and everything else still runs.

    Exercises are observed when all cells have run, each in the state that was there when its check was reached. So no
    cell can print what a check has told an answer. For the same reason the inputs that everybody knows come first.
    """

    def __init__(self, session: Session, limits: Limits, seed: int, umpire: Session | None = None):
        self.session, self.limits, self.seed, self.umpire = session, limits, seed, umpire
        self.known: int | None = None  # how much of what the tests build on the umpire has run; None: it is not open
        self.played = Played()
        self.done: list[Step] = []  # cells that are in the state now
        self.since = 0  # how many of them came after the last snapshot
        self.spent = 0.0  # seconds they took since then
        self.restarts = 0
        self.until = 0.0
        self.room = MOST_OUTPUT

    def play(self, steps: list[Step]) -> Played:
        """Play all steps in order, as far as the submission's time reaches."""
        self._begin()
        self.session.open(self.seed)
        for number, step in enumerate(steps):
            if self._over() or self.restarts > self.limits.restarts:
                self._stop(steps[number:], self._over())
                break
            if step.tests is not None:
                self._tests(step)
            else:
                self._cell(step)
        self._observe_all([step for step in self.done if step.question is not None])
        return self.played

    def _begin(self) -> None:
        self.until = time.monotonic() + self.limits.submission_seconds

    def _over(self) -> bool:
        """Whether the time for the cells, or after them that for the checks, is used up."""
        return time.monotonic() > self.until

    def _cell(self, step: Step) -> None:
        """Run a cell, or hold the state where an exercise is checked."""
        status, outcome = self._run(step)
        if status != "done" and step.question is not None:  # no code of its own has run: earlier cells left what ended
            self._bring_back(status)
            status, outcome = self._run(step)
        if status != "done":
            self._ended(step, self._why(status))
            self._bring_back(status)
        elif step.question is None:
            good = is_outcome(outcome)
            self.played.outcomes[step.key] = self._bounded(outcome) if good else ended("its output could not be read")

    def _bounded(self, outcome: dict) -> dict:
        """An outcome with no more text than there is room for, whatever the session says that it has cut already."""
        had = self.room

        def cut(value):
            if type(value) is not str:
                return value
            text = value[: min(MOST_TEXT, self.room)]
            self.room -= len(text)
            return text

        error = outcome["error"] and {name: cut(value) for name, value in outcome["error"].items()}
        made = {name: cut(value) for name, value in outcome.items() if name != "error"}
        if had and not self.room:
            self.played.notes.append(
                f"Your notebook shows more than {MOST_OUTPUT:,} characters: the rest was left out."
            )
        return {**made, "error": error}

    def _observe_all(self, steps: list[Step]) -> None:
        self._begin()
        for known in (True, False):
            for step in steps:
                if not self._over() and self.restarts <= self.limits.restarts:
                    self._exercise(step, known)
                    if known:
                        self._draw(step)
                elif CHECKS not in self.played.notes:
                    self.played.notes.append(CHECKS)

    def _draw(self, step: Step) -> None:
        """The tape of the first example that fails, unless it does not end."""
        question, seen = step.question, self.played.observations[step.key]
        failing = question.wrong_example(seen)
        if failing is not None and not late_in([seen[failing]]):
            cases = [question.cases[failing]]
            status, drawn = self.session.observe(step.key, question.source, cases, self.limits.cell_seconds, draw=True)
            if status == "done" and is_tape(drawn):
                self.played.tapes[step.key] = drawn

    def _exercise(self, step: Step, known: bool) -> None:
        """Observe those cases of an exercise that are (or are not) known to everybody."""
        cases = step.question.cases
        seen = self.played.observations.setdefault(step.key, [None] * len(cases))
        late = {case["call"]: found for case, found in zip(cases, seen, strict=True) if late_in([found])}
        wanted = [n for n, case in enumerate(cases) if (n in step.question.public) is known]
        asked = [n for n in wanted if cases[n]["call"] not in late]
        found = self._observe(step, [cases[n] for n in asked]) if asked else []
        if type(found) is list and len(found) == len(asked):
            for n, one in zip(asked, found, strict=True):
                seen[n] = one
        for n in set(wanted) - set(asked):
            seen[n] = late[cases[n]["call"]]

    def _observe(self, step: Step, cases: list) -> list | None:
        for _ in range(2):  # a busy machine must not make an answer late: only the second time counts
            status, seen = self.session.observe(step.key, step.question.source, cases, self.limits.cell_seconds)
            if status == "lost":
                self._bring_back(status)
            elif status != "late" and not late_in(seen):
                break
        if status == "done":
            return seen
        late = {"type": TimeUp.__name__, "message": duration(self.limits.cell_seconds)}
        died = {"type": "a crash", "message": "the Python process ended"}
        return [{"exception": late if status == "late" else died}] * len(cases)

    def _tests(self, step: Step) -> None:
        """Let the umpire run a cell of tests, which asks the student's state; what is not the umpire's is relayed."""
        self.since, self.spent = 0, 0.0  # the first question makes a snapshot
        relay = Relay(self.session, self.limits.cell_seconds)
        status = "done"
        if self.known is None:
            self.umpire.open(self.seed, {"answers": step.tests.answers, "lent": step.tests.lent})
            self.known = 0
        for source in step.tests.before[self.known :]:
            status, _ = self.umpire.run(source, "<before>", False, self.limits.cell_seconds, relay)
            self.known += 1
        status, outcome = self.umpire.run(step.tests.source, CELL, False, self.limits.cell_seconds, relay)
        if status != "done":
            self.known = None  # an umpire that did not come to an end is not asked again
        good = status == "done" and is_outcome(outcome) and relay.ended is None
        self.played.tests[step.key] = outcome if good else ended(self._why(relay.ended or status))
        if relay.ended == "lost":
            self._bring_back("lost")

    def _run(self, step: Step) -> tuple[str, dict | None]:
        keep = not self.since or self.spent > SNAPSHOT_AFTER or self.since >= SNAPSHOT_CELLS
        if keep:
            self.since, self.spent = 0, 0.0
        begun = time.monotonic()
        if step.question is not None:
            status, outcome = self.session.hold(step.key, self.limits.cell_seconds)
        else:
            status, outcome = self.session.run(step.source, f"<cell {step.key}>", keep, self.limits.cell_seconds)
        if status == "done":
            self.done.append(step)
            self.since += 1
            self.spent += time.monotonic() - begun
        return status, outcome

    def _bring_back(self, status: str) -> None:
        """Repeat the cells that went with the bad one: those since the snapshot, or all when the session is lost."""
        while not self._over():
            if status == "lost":
                self.restarts += 1
                if self.restarts > self.limits.restarts:
                    return
                self.session.open(self.seed)
                self.since = len(self.done)
            again = self.done[len(self.done) - self.since :]
            del self.done[len(self.done) - self.since :]
            self.since = 0
            status = self._repeat(again)
            if status == "done":
                return

    def _repeat(self, again: list[Step]) -> str:
        """Repeat cells; one that goes wrong this time is left out."""
        for number, step in enumerate(again):
            if self._over():  # the checks find no state now, and begin anew
                self.done += again[number:]
                return "done"
            status, _ = self._run(step)
            if status != "done":
                self._ended(step, self._why(status))
                self.done += again[number + 1 :]
                self.since += len(again) - number - 1
                return status
        return "done"

    def _why(self, status: str) -> str:
        if status == "late":
            return f"this cell was stopped after {duration(self.limits.cell_seconds)}"
        return "this cell ended the Python process"

    def _stop(self, left: list[Step], late: bool) -> None:
        time_is_up = f"its time of {duration(self.limits.submission_seconds)} was over"
        why = time_is_up if late else "it ended the session too often"
        self.played.notes.append(f"The rest of your notebook was not run: {why}.")
        for step in left:
            if not step.judged:
                self._ended(step, "not run")

    def _ended(self, step: Step, why: str) -> None:
        self.played.outcomes[step.key] = ended(why)
        self.played.stopped.add(step.key)


def is_outcome(value) -> bool:
    """Whether this is what running a cell gives, and nothing else."""
    if type(value) is not dict or set(value) != {"stdout", "stderr", "value", "error"}:
        return False
    error = value["error"]
    texts = [value["stdout"], value["stderr"], value["value"] or ""]
    if error is not None:
        if type(error) is not dict or set(error) != {"type", "message", "traceback", "line"}:
            return False
        if type(error["line"]) is not int:
            return False
        texts += [error[key] for key in ("type", "message", "traceback")]
    return all(type(text) is str for text in texts)


def is_tape(value) -> bool:
    """Whether this is a drawn tape, and none that is too large to be looked at."""
    if type(value) is not dict or set(value) != set(NOTHING):
        return False
    return all(type(text) is str for text in value.values()) and sum(map(len, value.values())) <= MOST_DRAWN


def late_in(seen) -> bool:
    """Whether a case of an observation used up its time."""
    found = [case.get("exception") for case in seen if type(case) is dict] if type(seen) is list else []
    return any(type(error) is dict and error.get("type") == TimeUp.__name__ for error in found)


def most_pids() -> int:
    """The largest number that this machine gives a process."""
    with contextlib.suppress(OSError, ValueError):
        return int(Path("/proc/sys/kernel/pid_max").read_text())
    return 2**22


def duration(seconds: float) -> str:
    """Seconds in words."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def ended(why: str) -> dict:
    """The outcome of a cell that has none of its own."""
    error = {"type": "Stopped", "message": why, "traceback": f"Stopped: {why}", "line": 0}
    return {"stdout": "", "stderr": "", "value": None, "error": error}
