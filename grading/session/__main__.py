"""The keeper: process 1 of the sandbox. It loads the libraries once and never runs student code, which cannot kill it.

`python -m grading.session FD UID MODULE...`: talks on the socket FD (-: on standard input and output), loads the
modules, and becomes user UID (0: stays who it is). Requests: open (a fresh state), run (a cell), hold (the state as it
is now), observe (an exercise, in a state that was held), answer (what an umpire's test asks).
"""

import contextlib
import ctypes
import gc
import importlib
import itertools
import os
import resource
import select
import shutil
import signal
import socket
import sys
import time

from grading import wire
from grading.session.state import WAKE, State
from grading.session.stdio import Stdio

WRITABLE = "/room"
LIMITS = {
    resource.RLIMIT_AS: 4 * 2**30,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_FSIZE: 64 * 2**20,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_NPROC: 128,
}
ANSWER_TIME = 2.0


class Lost(Exception):
    """The state cannot be brought back; the grader opens a new one and repeats the cells."""


class Keeper:
    """Holds one submission: `safe` waits as the state to fall back to, `live` is the newest state, if there is one.

    `held` are states that sleep until all cells have run: only then a check's inputs come in here.
    """

    def __init__(self, outside: socket.socket):
        self.outside, self.inside = outside, None
        self.safe = self.live = self.copy = self.group = None
        self.held: dict[str, int] = {}
        self.asked, self.told = wire.Passing(), wire.Passing()
        self.first, self.pids = 2, 2**22
        self.boxed = os.getpid() == 1
        self.umpire = False

    def serve(self) -> None:
        """Answer the grader until it hangs up. A request has a head for us and a body for the state alone."""
        while True:
            request = wire.unpack(wire.receive(self.outside))
            body = self.asked.receive(self.outside)
            try:
                status, reply = self._handle(request, body)
            except (Lost, wire.WireError):
                status, reply = "lost", b""
            wire.send(self.outside, wire.pack({"status": status}), *([reply] if status == "done" else []))

    def _handle(self, request: dict, body: memoryview) -> tuple[str, bytes | memoryview]:
        if request["do"] == "open":
            self.pids = request["pids"]
            self._open(request["seed"], request["tested"])
            return "done", wire.pack(None)
        if self.inside is None:
            raise Lost
        if request.get("keep") and self.live:
            kill(self.safe)
            self.safe, self.live = self.live, None
        if request["do"] == "observe":
            self._wake(request["key"])
        request["fork"] = request["do"] == "observe" or (self.live is None and request["do"] != "hold")
        status, reply = self._ask(request, body, time.monotonic() + request["seconds"])
        if request["do"] == "observe":
            self._settle("sleep")
        elif request["do"] == "hold":
            kill(self.held.pop(request["key"], None))
            self.held[request["key"]] = pid_in(reply)
        return status, reply

    def _wake(self, key: str) -> None:
        """Let a state that is held read on; before the first, end everything else."""
        if self.safe not in self.held.values():
            self._end_all_but(set(self.held.values()))
            self.live = None
        try:
            self.safe = self.held[key]
            os.kill(self.safe, WAKE)
        except (KeyError, TypeError, ProcessLookupError):
            raise Lost from None

    def _open(self, seed: int, tested: dict[str, list[str]] | None) -> None:
        """Forget everything of the last submission and begin with an untouched copy of this process."""
        self.clear()
        self.umpire = tested is not None
        self.inside, theirs = socket.socketpair()
        self.safe = self.group = os.fork()
        if self.safe:
            self.first = self.safe
            theirs.close()
            return
        self.inside.close()
        self.outside.close()
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        limit_resources(self.boxed)
        with contextlib.suppress(BaseException):
            State(theirs, seed, tested).serve()
        os._exit(0)

    def _ask(self, request: dict, body: memoryview, deadline: float) -> tuple[str, bytes | memoryview]:
        self._tell(request, body)
        reply = None
        while True:
            try:
                self._end_without_grader(deadline)
                message = self.told.receive(self.inside, deadline)
            except TimeoutError:
                self._recover(request)
                return "late", b""
            kind, said = bytes(message[:1]), message[1:]
            if kind == b"N":
                self._end_all_but(self._needed())
                time.sleep(0.01)  # an ended process takes up room for a moment
                self._tell(request, body)
            elif kind == b"F":
                self.copy = pid_in(said)
            elif kind == b"R":
                reply = said
                if request["do"] == "observe":
                    reply = self.asked.keep(said)
                else:
                    self.live = self.copy if request["fork"] else self.live
                    return "done", reply
            elif kind == b"Q" and self.umpire:
                wire.send(self.outside, wire.pack({"status": "question"}), said)
                wire.send(self.inside, self.told.receive(self.outside))
            elif kind == b"G":  # after an observation the copy has done its work; before its reply it has died
                if reply is not None:
                    return "done", reply
                self._recover(request)
                return "died", b""

    def _tell(self, request: dict, body: bytes | memoryview) -> None:
        wire.send(self.inside, wire.pack(request), body)

    def _end_without_grader(self, deadline: float) -> None:
        """Wait for a message; when the grader hangs up meanwhile, end, and with process 1 everything in the sandbox."""
        left = max(0.0, deadline - time.monotonic())
        if self.outside in select.select([self.inside, self.outside], [], [], left)[0]:
            self.clear()
            os._exit(0)

    def _recover(self, request: dict) -> None:
        """End what the request started and make sure that the state to fall back to answers."""
        if request["do"] != "observe":
            self.live = None
        self._end_all_but(self._needed())
        self._settle("ping")

    def _needed(self) -> set:
        return {self.safe, self.live, *self.held.values()}

    def _settle(self, what: str) -> None:
        """Hear from the state that reads that it has come to the end of everything before this."""
        number = time.monotonic_ns() % 2**31
        deadline = time.monotonic() + ANSWER_TIME
        self._tell({"do": what, "number": number}, wire.pack({}))
        expected = b"P" + wire.pack(number)
        try:
            while self.told.receive(self.inside, deadline) != expected:
                pass
        except TimeoutError:
            raise Lost from None

    def _end_all_but(self, kept: set) -> None:
        if not self.boxed:
            for pid in {self.copy, self.live, self.safe} - kept:
                kill(pid)
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGSTOP)  # nothing can fork on while we look for it
        newest = os.fork()
        if newest == 0:
            os._exit(0)
        # When the numbers have come to their end, they begin again.
        since = [range(self.first, newest + 1)]
        since = since if newest >= self.first else [range(self.first, self.pids + 1), range(2, newest + 1)]
        for pid in itertools.chain(*since):
            if pid not in kept:
                kill(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGCONT)
        reap()

    def clear(self) -> None:
        """End every process of the last submission and empty the only writable place; else this sandbox is worn out."""
        if self.inside is not None:
            self.inside.close()
            self.inside = None
        if self.boxed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            reap(wait=True)
            as_at_first(WRITABLE)
            empty(WRITABLE)
        else:
            kill(self.group, group=True)
            reap()
        self.safe = self.live = self.copy = self.group = None
        self.held = {}
        self.asked.clear()
        self.told.clear()


def as_at_first(folder: str) -> None:
    """Undo what a folder's owner can do to it; as root it is not the student's."""
    with contextlib.suppress(PermissionError):
        os.chmod(folder, 0o1777)
        for name in os.listxattr(folder):
            os.removexattr(folder, name)


def empty(folder: str) -> None:
    """Remove everything in a folder, or end this process when something stays."""
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError, RecursionError):
            if entry.is_dir(follow_symlinks=False):
                open_up(entry.path)
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)
    if os.listdir(folder):
        os._exit(3)


def open_up(folder: str) -> None:
    """Make a tree of folders writable, so that it can be removed."""
    os.chmod(folder, 0o700)
    for path, folders, _ in os.walk(folder):
        for name in folders:
            inner = os.path.join(path, name)
            if not os.path.islink(inner):
                os.chmod(inner, 0o700)


def pid_in(body: memoryview) -> int | None:
    pid = wire.unpack(bytes(body)) if len(body) < 64 else None
    return pid if type(pid) is int and 1 < pid < 2**31 else None


def kill(pid: int | None, group: bool = False) -> None:
    """End a process if it is still there."""
    if pid:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if group else os.kill)(pid, signal.SIGKILL)


def reap(wait: bool = False) -> None:
    """Collect processes that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if wait else os.WNOHANG)[0]:
            pass


def limit_resources(boxed: bool) -> None:
    """Bound what one process may use; how many there may be only where nobody else counts."""
    for kind, value in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        if boxed or kind != resource.RLIMIT_NPROC:
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(ValueError):  # not every system has every limit
                resource.setrlimit(kind, (value, value))


def become(uid: int) -> None:
    """Give up every right that the start needed, and let nobody look into this process."""
    if uid:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def preload(names: list[str]) -> None:
    """Load modules for all submissions at once; what does not load is a cell's own error later."""
    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        for name in names:
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 1 hears only the signals it has a handler for
    outside = Stdio() if arguments[0] == "-" else socket.socket(fileno=int(arguments[0]))
    preload(arguments[2:])
    become(int(arguments[1]))
    gc.collect()
    gc.freeze()  # copies share these objects for good
    wire.send(outside, wire.pack({"status": "ready", "pid": os.getpid()}))
    with contextlib.suppress(wire.WireError):
        Keeper(outside).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
