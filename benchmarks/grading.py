"""Submissions a minute, start-up counted: this grader with a class of 100, and nbgrader as it comes with ten of them.

python benchmarks/grading.py [--students N] [--stock N]

Both grade the same: the course's day, and two small assignments in plain nbgrader, one command each.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TITLE = "submissions a minute (the second column is nbgrader as it comes)"
STOCK = """
c = get_config()
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "kindling"
c.ExecutePreprocessor.timeout = 60
"""


def made_class(root: Path, students: int):
    """A class with three assignments released and handed in by everybody, solved."""
    from tests.grading import classes, plain

    room = classes.released_class(root, ROOT)
    plain.released(room)
    plain.released(room, "ps2", plain.CELLS[:6])
    for number in range(students):
        student = f"s{number:03}"
        for name in room.notebooks("release", classes.DAY):
            classes.hand_in(room, student, classes.solved(room, name), f"{name}.ipynb")
        for name in ("ps1", "ps2"):
            plain.handed_in(room, student, assignment=name, **plain.solutions())
    return room


def timed(words: list[str], assignments: tuple[str, ...], cwd: Path) -> float:
    """Seconds that the command takes for all assignments."""
    paths = [str(ROOT / "lib"), str(ROOT)]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PATH": path}
    begun = time.monotonic()
    for assignment in assignments:
        done = subprocess.run(
            [sys.executable, "-m", *words, assignment], cwd=cwd, env=env, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} {assignment} failed:\n{done.stdout[-500:]}\n{done.stderr[-2000:]}")
    return time.monotonic() - begun


def measure(students: int, stock: int) -> list[tuple]:
    """(what, ours, theirs, ratio) for all assignments together and one by one."""
    names = ("day_001", "ps1", "ps2")
    with tempfile.TemporaryDirectory() as folder:
        ours = made_class(Path(folder) / "ours", students)
        theirs = made_class(Path(folder) / "theirs", stock)
        (theirs.root / "nbgrader_config.py").write_text(STOCK.format(root=str(theirs.root)))
        command = ["course.cli", "class", "grade", "--class", str(ours.root)]
        fast = {name: timed(command, (name,), ROOT) for name in names}
        slow = {name: timed(["nbgrader", "autograde"], (name,), theirs.root) for name in names}
    fast["all three"], slow["all three"] = sum(fast.values()), sum(slow.values())
    found = []
    for name in (*names, "all three"):
        times = 3 if name == "all three" else 1
        rates = 60 * times * students / fast[name], 60 * times * stock / slow[name]
        found.append((name, *rates, rates[0] / rates[1]))
    return found


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "lib"), str(ROOT)]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=100)
    parser.add_argument("--stock", type=int, default=10)
    options = parser.parse_args()
    print(TITLE)
    for row in measure(options.students, options.stock):
        print("  {:12} {:8.1f} {:8.1f}  {:6.1f} to 1".format(*row))
