"""Shuts a session in with a container of podman or docker, and makes the image for it.

The image has Python, the libraries, and the code of a session: no lesson, no solution. Its tag is a hash of all that
went into it, so a session never runs in an image of another version of the course. Nothing is mounted but memory: the
engine may run in a virtual machine that sees none of our files.
"""

import functools
import hashlib
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from grading import seccomp
from grading.errors import Refused
from grading.inside import CODE, ENVIRONMENT, ROOM, ROOM_SIZE, packages

ENGINES = ("podman", "docker")
NAME = "localhost/kindling-session"
BASE = f"python:{sys.version_info[0]}.{sys.version_info[1]}-slim"
RECIPE = Path(__file__).resolve().with_name("Containerfile")
NEEDED = ("numpy", "scipy", "ml_dtypes", "matplotlib")  # in the versions that the grader has
MEMORY = 4 * 2**30  # of a whole session; one process alone has no more in bubblewrap
PROCESSES = 256
PATH = "/usr/local/bin:/usr/bin:/bin"  # where the image has Python
ONLY = {  # what one engine knows and the other does not need
    "podman": ("--read-only-tmpfs=false", "--no-hosts"),
    "docker": (),
}


def box(engine: str, folder: Path) -> list[str]:
    """The engine's command up to the program; `folder` is for the system call filter, which the engine reads there."""
    profile = folder / "seccomp.json"
    profile.write_text(json.dumps(seccomp.profile()), encoding="utf-8")
    uid = 10_000 + secrets.randbelow(50_000)  # two sessions do not share a limit on processes
    settings = [f"{name}={value}" for name, value in {**ENVIRONMENT, "PATH": PATH, "PYTHONPATH": CODE}.items()]
    return [
        *(engine, "run", "--rm", "--interactive", "--pull=never", "--init=false", "--log-driver=none", *ONLY[engine]),
        *(f"--user={uid}:{uid}", "--cap-drop=ALL", "--security-opt=no-new-privileges"),
        *(f"--security-opt=seccomp={profile}", "--network=none", "--ipc=none", "--hostname=sandbox", "--read-only"),
        f"--tmpfs={ROOM}:rw,nosuid,nodev,noexec,size={ROOM_SIZE},mode=1777",
        "--tmpfs=/dev/mqueue:ro,size=4k,mode=0555",  # in its place would be one that everybody can write to
        *(f"--memory={MEMORY}", f"--memory-swap={MEMORY}", f"--pids-limit={PROCESSES}"),
        *(f"--ulimit=nproc={PROCESSES}:{PROCESSES}", "--ulimit=nofile=1024:1024", f"--workdir={ROOM}"),
        *(image(), "env", "--ignore-environment", *settings),  # engines add variables of their own
    ]


def why_not(engine: str) -> str | None:
    """Why sessions cannot be shut in by this engine here, as a sentence that says what to do; None when they can."""
    if reason := silent(engine):
        return reason
    if _ask(engine, "image", "inspect", image()).returncode:
        command = f"kindling class doctor --sandbox {engine} --build-image"
        return f"{engine} has no image for this version of the course: `{command}` makes it."
    return None


def silent(engine: str) -> str | None:
    """Why there is no such engine to talk to, or None."""
    if shutil.which(engine) is None:
        return f"{engine} is not installed."
    tried = _ask(engine, "version")
    if tried.returncode:
        said = tried.stderr.strip().splitlines()[-1:] or ["no reason given"]
        return f"{engine} does not answer ({said[0]}): start it, as with `podman machine start` or Docker Desktop."
    return None


def build(engine: str) -> str:
    """Make the image, and say its name; what the engine says is shown. Raises Refused when it does not work out."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _files().items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        command = [engine, "build", f"--tag={image()}", f"--build-arg=BASE={BASE}", f"--file={folder}/{RECIPE.name}"]
        try:
            done = subprocess.run([*command, folder], check=False)
        except OSError as error:
            raise Refused(f"{engine} could not be started: {error}.") from None
    if done.returncode:
        raise Refused(f"{engine} could not build the image: what it said stands above.")
    return image()


def image() -> str:
    """The name of the image for this version of the course."""
    made = hashlib.sha256(BASE.encode())
    for name, content in _files().items():
        made.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return f"{NAME}:{made.hexdigest()[:16]}"


@functools.cache
def _files() -> dict[str, bytes]:
    """All that goes into the image besides its base."""
    made = {RECIPE.name: RECIPE.read_bytes()}
    made["requirements.txt"] = "".join(f"{name}=={version(name)}\n" for name in NEEDED).encode()
    for place, root in packages().items():
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts:
                made[(Path("code", place) / path.relative_to(root)).as_posix()] = path.read_bytes()
    return made


def _ask(engine: str, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([engine, *words], capture_output=True, text=True, check=False)
