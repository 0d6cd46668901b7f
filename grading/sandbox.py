"""Starts the keeper of a session inside bubblewrap, and says plainly where that cannot be done."""

import importlib.util
import itertools
import os
import secrets
import shutil
import site
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grading import seccomp
from grading.errors import Refused

INSIST = "--without-sandbox"
CODE = "/kindling"
ROOM = "/room"  # the only writable place
ROOM_SIZE = 64 * 2**20
LIBRARIES = ("numpy", "kindling", "kindling.autograd", "kindling.nn", "kindling.optim", "kindling.tape")
HIDDEN = ("course", "grading")  # what an installed course would show in site-packages
ENVIRONMENT = {
    "HOME": ROOM,
    "TMPDIR": ROOM,
    "USER": "student",
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": f"{ROOM}/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class SandboxMissing(Refused):
    """Student code cannot be shut in on this machine; the message is for the instructor."""


@dataclass(frozen=True)
class Sandbox:
    """How to start sessions: in bubblewrap, or (only when the instructor insists) as a plain process."""

    boxed: bool = True
    preload: tuple[str, ...] = LIBRARIES

    def start(self) -> tuple[subprocess.Popen, socket.socket, str | None]:
        """A new keeper, the socket on which it talks, and the folder to remove after it (only without bubblewrap)."""
        ours, theirs = socket.socketpair()
        folder = None if self.boxed else tempfile.mkdtemp(prefix="kindling-session-")
        with theirs:
            process = self._boxed(theirs.fileno()) if self.boxed else self._plain(theirs.fileno(), folder)
        return process, ours, folder

    def _boxed(self, fd: int) -> subprocess.Popen:
        uid = 0x70000000 + secrets.randbelow(2**24) if os.geteuid() == 0 else 0
        filter_fd = seccomp.as_file()
        passed = [fd] if filter_fd is None else [fd, filter_fd]
        command = [*box(uid, filter_fd), *_python(fd, uid, self.preload)]
        try:
            return _popen(command, passed, env={"PATH": "/usr/bin:/bin"}, cwd="/")
        finally:
            if filter_fd is not None:
                os.close(filter_fd)

    def _plain(self, fd: int, folder: str) -> subprocess.Popen:
        here = packages()
        roots = (here["kindling"].parent, here["course/checks"].parents[1], here["grading/session"].parents[1])
        code = os.pathsep.join(dict.fromkeys(map(str, roots)))
        env = {**ENVIRONMENT, "HOME": folder, "TMPDIR": folder, "MPLCONFIGDIR": folder, "PYTHONPATH": code}
        return _popen(_python(fd, 0, self.preload), [fd], env=env, cwd=folder)


def _python(fd: int, uid: int, preload: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-s", "-P", "-m", "grading.session", str(fd), str(uid), *preload]


def _popen(command: list[str], passed: list[int], env: dict, cwd: str) -> subprocess.Popen:
    return subprocess.Popen(
        command,
        pass_fds=passed,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=env,
        cwd=cwd,
        start_new_session=True,
    )


def why_not() -> str | None:
    """Why sessions cannot be shut in here, as one sentence that names the flag that insists; None when they can."""
    insist = f"To run students' code unprotected all the same, insist with {INSIST}."
    if sys.platform != "linux":
        return f"Student code is shut in with bubblewrap, which only Linux has. {insist}"
    if shutil.which("bwrap") is None:
        return f"Student code is shut in with bubblewrap, which is not installed (package bubblewrap). {insist}"
    tried = subprocess.run(
        [*box(1 if os.geteuid() == 0 else 0, None), "/usr/bin/true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        reason = tried.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"bubblewrap does not work on this machine ({reason[0]}). {insist}"
    return None


def require(boxed: bool) -> None:
    """Raise SandboxMissing unless sessions can be shut in or the instructor insists on going without."""
    if not boxed and sys.platform == "win32":
        raise SandboxMissing("Grading runs student code in copies of a process, which Windows cannot make: use WSL.")
    reason = why_not() if boxed else None
    if reason:
        raise SandboxMissing(reason)


def box(uid: int, filter_fd: int | None) -> list[str]:
    """The bubblewrap command up to the program: own namespaces, a read-only system, one writable place.

    As root there is no user namespace; the keeper takes the user number `uid` itself, before any student code.
    """
    command = ["bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if uid:
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
    command += ["--as-pid-1", "--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"]
    for name, value in {**ENVIRONMENT, "PYTHONPATH": CODE}.items():
        command += ["--setenv", name, value]
    command += [*_system(), *_interpreter(), *_code()]
    command += ["--dev", "/dev", "--remount-ro", "/dev", *_room(), "--remount-ro", "/", "--chdir", ROOM]
    if filter_fd is not None:
        command += ["--seccomp", str(filter_fd)]
    return command


def _system() -> list[str]:
    made = ["--ro-bind", "/usr", "/usr", "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = f"/{name}"
        if os.path.islink(path):
            made += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            made += ["--ro-bind", path, path]
    return made


def _interpreter() -> list[str]:
    """Python and its packages, at their own paths, without what the course itself installed among them."""
    made = []
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        if not Path(prefix).is_relative_to("/usr"):
            made += [*_parents(prefix), "--ro-bind", prefix, prefix]
    for folder in site.getsitepackages():
        for name in HIDDEN:
            if os.path.isdir(os.path.join(folder, name)):
                made += ["--tmpfs", os.path.join(folder, name)]
    return made


def _code() -> list[str]:
    """The few packages that a session needs."""
    made = ["--dir", CODE, "--dir", f"{CODE}/course", "--dir", f"{CODE}/grading"]
    for name, path in packages().items():
        made += ["--ro-bind", str(path), f"{CODE}/{name}"]
    return made


def packages() -> dict[str, Path]:
    """What of our code a session sees: the library, the checks, what lessons import; no lesson, no solution."""
    here = Path(__file__).resolve().parent
    checks = Path(importlib.util.find_spec("course.checks").origin).parent
    from course import data

    library = Path(importlib.util.find_spec("kindling").origin).parent
    return {
        "kindling": library,
        "course/__init__.py": checks.parent / "__init__.py",
        "course/checks": checks,
        "course/data.py": checks.parent / "data.py",
        "course/plots": checks.parent / "plots",
        "course/assets": data.folder().parent,
        "grading/__init__.py": here / "__init__.py",
        "grading/wire.py": here / "wire.py",
        "grading/session": here / "session",
    }


def _parents(path: str) -> list[str]:
    """Folders above a mount point, made first so that everybody may pass through them."""
    above = [str(folder) for folder in reversed(Path(path).parents) if str(folder) != "/"]
    return list(itertools.chain.from_iterable(("--perms", "0755", "--dir", folder) for folder in above))


def _room() -> list[str]:
    """The writable place, called /tmp as well unless Python itself lives below that."""
    made = ["--perms", "1777", "--size", str(ROOM_SIZE), "--tmpfs", ROOM]
    below = any(Path(prefix).is_relative_to("/tmp") for prefix in (sys.base_prefix, sys.prefix))
    return made if below else [*made, "--symlink", ROOM, "/tmp"]
