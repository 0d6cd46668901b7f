"""A process that holds a submission's state. It can fork, run the next cell in the copy, and wait.

When the copy dies, the state before that cell is still here. Messages to the keeper begin with one byte: F (a copy was
forked; its pid), N (no room to fork: clear up and ask again), R (a reply), G (the copy is gone), P (answer to a ping),
Q (an umpire's question to the student's process, answered on the same socket).

A state can also be held: a copy sleeps until the keeper wakes it, when everything else has ended.
"""

import contextlib
import os
import random
import signal
import socket
from functools import partial

from course.checks.judge import observe_cases
from grading import wire
from grading.session import room
from grading.session.answers import Answers
from grading.session.cells import Notebook
from grading.session.drawn import drawn
from grading.session.umpire import Umpire

WAKE = getattr(signal, "SIGRTMAX", signal.SIGUSR1)  # the last one: students use others


class State:
    """Serves requests of the keeper on one socket, which all copies share; only the newest copy reads."""

    def __init__(self, sock: socket.socket, seed: int, tested: dict[str, list[str]] | None = None):
        self.sock = sock
        self.notebook = Notebook(seed) if tested is None else Umpire(seed, tested, self._question)
        self.answers = Answers(self.notebook.names)
        self.folder, self.files = os.getcwd(), None
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)

    def serve(self) -> None:
        """Answer until the keeper is gone."""
        while True:
            request = {name: value for _ in ("head", "body") for name, value in self._receive().items()}
            if request["do"] == "ping":
                self._say(b"P", request["number"])
            elif request["do"] == "sleep":
                self._say(b"P", request["number"])
                self._sleep()
            elif request["do"] == "hold":
                self._hold()
            elif request["fork"]:
                self._fork(request)
            else:
                self._say(b"R", self._answer(request))

    def _fork(self, request: dict) -> None:
        """In the copy: answer, and go on as the newest state (or end, after an observation). Here: wait for its end."""
        pid = self._copy()
        if pid == 0:
            self._say(b"F", os.getpid())
            self._say(b"R", self._answer(request))
            if request["do"] == "observe":
                os._exit(0)
        elif pid:
            with contextlib.suppress(ChildProcessError):  # a cell may have said that nobody waits for children
                os.waitpid(pid, 0)
            room.put_back(self.files, self.folder)
            self._say(b"G", None)

    def _hold(self) -> None:
        """Leave a copy of this state asleep, and go on."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {WAKE})  # it may be woken before it sleeps
        pid = self._copy()
        if pid == 0:
            self._sleep()
            return
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if pid:
            self._say(b"R", pid)

    def _copy(self) -> int | None:
        """Fork: 0 in the copy, its pid here; None when there is no room, which the keeper is told."""
        self._reap()
        drawn, self.files = random.getstate(), room.remember(self.folder)
        try:
            pid = os.fork()
        except OSError:
            self._say(b"N", None)
            return None
        if pid == 0:
            random.setstate(drawn)  # Python seeds a copy anew
        return pid

    def _sleep(self) -> None:
        signal.sigwait({WAKE})
        room.put_back(self.files, self.folder)

    def _reap(self) -> None:
        """Collect the student's processes that have ended: until then they take up room."""
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _answer(self, request: dict):
        here = os.getpid()
        found = self._found(request)
        if os.getpid() != here:
            os._exit(0)  # a copy that a student's code made of us, and that came out of it as well
        return found

    def _found(self, request: dict):
        if request["do"] == "observe":
            names, seconds = self.notebook.names, request["case_seconds"]
            observe = partial(observe_cases, request["source"], names, request["cases"], seconds)
            return drawn(observe) if request["draw"] else observe()
        if request["do"] == "answer":
            return self.answers.answer(request["ask"])
        return self.notebook.run(request["source"], request["name"])

    def _question(self, ask: dict):
        wire.send(self.sock, b"Q" + wire.pack(ask))
        return self._receive()

    def _receive(self):
        return wire.unpack(wire.receive(self.sock))

    def _say(self, kind: bytes, value) -> None:
        try:
            body = wire.pack(value)
        except (TypeError, ValueError):
            body = wire.pack({"unsendable": True})
        wire.send(self.sock, kind + body)
