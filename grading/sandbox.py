"""Starts the keeper of a session in a sandbox of some kind, and says plainly where that cannot be done."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grading import bubblewrap, containers, seccomp
from grading.errors import Refused
from grading.inside import ENVIRONMENT, LIBRARIES, keeper, packages

INSIST = "--without-sandbox"
BUBBLEWRAP, NONE = "bubblewrap", "none"
KINDS = (BUBBLEWRAP, *containers.ENGINES)


class SandboxMissing(Refused):
    """Student code cannot be shut in on this machine; the message is for the instructor."""


@dataclass(frozen=True)
class Sandbox:
    """How to start sessions: in one of KINDS, or (NONE, only when the instructor insists) as a plain process."""

    kind: str = BUBBLEWRAP
    preload: tuple[str, ...] = LIBRARIES

    @property
    def boxed(self) -> bool:
        """Whether student code is shut in."""
        return self.kind != NONE

    def start(self) -> tuple[subprocess.Popen, socket.socket, str | None]:
        """A new keeper, the socket on which it talks, and the folder to remove after it, if there is one."""
        ours, theirs = socket.socketpair()
        folder = None if self.kind == BUBBLEWRAP else tempfile.mkdtemp(prefix="kindling-session-")
        with theirs:
            if self.kind == BUBBLEWRAP:
                process = self._bubblewrap(theirs)
            elif self.kind == NONE:
                process = self._plain(theirs, folder)
            else:
                process = self._container(theirs, folder)
        return process, ours, folder

    def _bubblewrap(self, theirs: socket.socket) -> subprocess.Popen:
        uid = 0x70000000 + secrets.randbelow(2**24) if os.geteuid() == 0 else 0
        filter_fd = seccomp.as_file()
        passed = [fd for fd in (theirs.fileno(), filter_fd) if fd is not None]
        command = [*bubblewrap.box(uid, filter_fd), *keeper(sys.executable, theirs.fileno(), uid, self.preload)]
        try:
            return _popen(command, pass_fds=passed, env={"PATH": "/usr/bin:/bin"}, cwd="/")
        finally:
            if filter_fd is not None:
                os.close(filter_fd)

    def _container(self, theirs: socket.socket, folder: str) -> subprocess.Popen:
        command = [*containers.box(self.kind, Path(folder)), *keeper("python", "-", 0, self.preload)]
        return _popen(command, stdin=theirs, stdout=theirs, cwd=folder)  # podman writes a file there when memory is out

    def _plain(self, theirs: socket.socket, folder: str) -> subprocess.Popen:
        here = packages()
        roots = (here["kindling"].parent, here["course/checks"].parents[1], here["grading/session"].parents[1])
        code = os.pathsep.join(dict.fromkeys(map(str, roots)))
        env = {**ENVIRONMENT, "HOME": folder, "TMPDIR": folder, "MPLCONFIGDIR": folder, "PYTHONPATH": code}
        command = keeper(sys.executable, theirs.fileno(), 0, self.preload)
        return _popen(command, pass_fds=[theirs.fileno()], env=env, cwd=folder)


def _popen(command: list[str], **how) -> subprocess.Popen:
    how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, **how}
    return subprocess.Popen(command, start_new_session=True, **how)


def why_not(kind: str = BUBBLEWRAP) -> str | None:
    """Why sessions cannot be shut in here, as sentences that say what to do; None when they can."""
    if sys.platform == "win32":
        return "Grading runs student code in copies of a process, which Windows cannot make: use WSL."
    if kind == NONE:
        return None
    if kind != BUBBLEWRAP:
        return containers.why_not(kind)
    reason = bubblewrap.why_not()
    return reason and (
        f"{reason} A container will do as well: --sandbox podman or docker (docs/instructors.md). To run students' "
        f"code unprotected all the same, insist with {INSIST}."
    )


def require(kind: str) -> None:
    """Raise SandboxMissing unless sessions can be shut in as `kind` says."""
    reason = why_not(kind)
    if reason:
        raise SandboxMissing(reason)
