"""What a session finds inside its sandbox, of whichever kind: an environment, one writable place, the code it needs."""

import importlib.util
from pathlib import Path

CODE = "/kindling"
ROOM = "/room"  # the only writable place
ROOM_SIZE = 64 * 2**20
LIBRARIES = ("numpy", "kindling", "kindling.autograd", "kindling.nn", "kindling.optim", "kindling.tape")
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


def keeper(python: str, channel: int | str, uid: int, preload: tuple[str, ...]) -> list[str]:
    """The command of the keeper: it talks on a socket's number or, for "-", on standard input and output."""
    return [python, "-s", "-P", "-m", "grading.session", str(channel), str(uid), *preload]


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
