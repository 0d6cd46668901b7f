"""What `kindling status`, `check` and `doctor` tell, as plain tables and sentences."""

import os
import platform
import shutil
import subprocess
import sys
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from course import work

CELL_LIMIT = 60


def print_status() -> None:
    """One line for each notebook: untouched, changed and when, newer version out, or not there yet."""
    table = Table("notebook", "yours", "last saved", box=None, pad_edge=False)
    for name in work.lessons():
        if name.suffix == ".ipynb":
            mine = work.WORK / name
            saved = f"{datetime.fromtimestamp(mine.stat().st_mtime):%Y-%m-%d %H:%M}" if mine.exists() else ""
            table.add_row(str(name), state(name), saved)
    Console().print(table)


def state(name: Path) -> str:
    """A notebook's state in words."""
    if not (work.WORK / name).exists():
        return "not there yet (kindling learn brings it)"
    touched = "changed by you" if work.is_touched(work.WORK, name) else "as delivered"
    return touched + (", a newer version is out" if work.has_newer(work.ROOT, work.WORK, name) else "")


def print_checks(path: Path) -> int:
    """Run the notebook in a fresh kernel and print each check's sentence; 0 if all pass."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    print(f"Running {path.name} from top to bottom ...", flush=True)
    execute(notebook, path.parent)
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    failures = 0
    for cell in graded:
        said = [output for output in cell.get("outputs", []) if output.output_type == "error"]
        failures += bool(said)
        mark, sentence = ("✗", said[0].evalue) if said else ("✓", "right")
        print(f"{mark} {cell.metadata.nbgrader.grade_id}: {sentence}")
    print(f"{len(graded) - failures} of {len(graded)} right.")
    return 1 if failures else 0


def execute(notebook, folder: Path) -> None:
    """Run every cell as nbgrader does: a check that does not pass raises its sentence, and the next cell goes on."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=CELL_LIMIT,
        interrupt_on_timeout=True,
        allow_errors=True,
        # The kernel's own warnings (about its transport, say) are nothing a student can act on.
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": folder}},
    )
    client.execute(env=dict(os.environ, NBGRADER_EXECUTION="validate"))


def print_doctor() -> None:
    """One sentence for each thing that the course can use."""
    for good, sentence in diagnosis():
        print(f"{'✓' if good else '–'} {sentence}")


def diagnosis() -> list[tuple[bool, str]]:
    """(there or not, what it means) for each thing that the course can use."""
    return [
        (True, f"Python {platform.python_version()} in {sys.prefix}."),
        *[package(name) for name in ("kindling-course", "numpy", "scipy", "jupyterlab", "ipywidgets", "nbgrader")],
        disk(),
        sandbox(),
        program("node", "runs the page's live code in the tests, and prints the site's mathematics"),
        gpu(),
    ]


def package(name: str) -> tuple[bool, str]:
    """Is this package installed, and in which version?"""
    try:
        return True, f"{name} {version(name)}."
    except PackageNotFoundError:
        return False, f"{name} is missing: run `python do.py learn` to set up again."


def disk() -> tuple[bool, str]:
    """Is there room to work?"""
    free = shutil.disk_usage(work.ROOT).free / 1e9
    return free > 1, f"{free:.0f} GB of disk are free" + ("." if free > 1 else ": that is little, make some room.")


def answers(command: list[str]) -> str | None:
    """What a program prints, or None if it is missing or fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def sandbox() -> tuple[bool, str]:
    """Can bubblewrap make a sandbox here? Only instructors need it."""
    if sys.platform != "linux":
        return False, "There is no bubblewrap on this system: an instructor grades on Linux, a student needs nothing."
    if shutil.which("bwrap") is None:
        return False, "bubblewrap is missing: only grading needs it (on Debian and Ubuntu: apt install bubblewrap)."
    if answers(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"]) is None:
        return False, "bubblewrap is here but may not make a sandbox: the system forbids user namespaces."
    return True, "bubblewrap makes sandboxes: submissions can be graded here."


def program(name: str, use: str) -> tuple[bool, str]:
    """Is a program on PATH?"""
    found = answers([name, "--version"])
    return found is not None, f"{name} {found}." if found else f"{name} is missing: it {use}; a student needs none."


def gpu() -> tuple[bool, str]:
    """Does an NVIDIA driver answer, and is there a library that uses it?"""
    names = answers(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"])
    if not names:
        return False, "No NVIDIA GPU answers: everything runs on the CPU, and lessons say what a GPU would do."
    try:
        return True, f"{names.splitlines()[0]} is used through CuPy {version('cupy-cuda12x')}."
    except PackageNotFoundError:
        return False, f"{names.splitlines()[0]} is here, CuPy is not: run `python do.py learn` to add it."
