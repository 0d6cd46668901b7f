"""Shuts a session in with bubblewrap: own namespaces, a read-only system, one writable place, a system call filter."""

import itertools
import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

from grading.inside import CODE, ENVIRONMENT, ROOM, ROOM_SIZE, packages

HIDDEN = ("course", "grading")  # what an installed course would show in site-packages


def why_not() -> str | None:
    """Why bubblewrap cannot be used here, as one sentence; None when it can."""
    if sys.platform != "linux":
        return "Student code is shut in with bubblewrap, which only Linux has."
    if shutil.which("bwrap") is None:
        return "Student code is shut in with bubblewrap, which is not installed (package bubblewrap)."
    tried = subprocess.run(
        [*box(1 if os.geteuid() == 0 else 0, None), "/usr/bin/true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        reason = tried.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"bubblewrap does not work on this machine ({reason[0]})."
    return None


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


def _parents(path: str) -> list[str]:
    """Folders above a mount point, made first so that everybody may pass through them."""
    above = [str(folder) for folder in reversed(Path(path).parents) if str(folder) != "/"]
    return list(itertools.chain.from_iterable(("--perms", "0755", "--dir", folder) for folder in above))


def _room() -> list[str]:
    """The writable place, called /tmp as well unless Python itself lives below that."""
    made = ["--perms", "1777", "--size", str(ROOM_SIZE), "--tmpfs", ROOM]
    below = any(Path(prefix).is_relative_to("/tmp") for prefix in (sys.base_prefix, sys.prefix))
    return made if below else [*made, "--symlink", ROOM, "/tmp"]
