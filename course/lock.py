"""Writes requirements.lock from pyproject.toml: python -m course.lock [--upgrade]

One lock for all groups, for every platform and Python that the course runs on, with hashes and without addresses.
A comment before each pin names the groups that need it, so that do.py can install a part of the lock.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
# The oracle of the tests comes from wherever a machine has it; it is never part of the course.
LEFT_OUT = {"torch"}
HEADER = """\
# Every package of the course with its version and hashes, from the ranges in pyproject.toml.
# Written by `python -m course.lock` (add --upgrade for newer versions); do.py installs the groups it needs.
"""


def groups(pyproject: dict) -> dict[str, list[str]]:
    """The lock's groups and the options of `uv pip compile` that select each."""
    extras = [name for name in pyproject["project"]["optional-dependencies"] if name not in LEFT_OUT]
    selected = {"core": []} | {name: ["--extra", name] for name in extras}
    return selected | {name: ["--group", name] for name in pyproject["dependency-groups"]}


def compile_pins(options: list[str], constraints: Path | None = None) -> str:
    """What `uv pip compile` makes of pyproject.toml with these options."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--quiet"]
    command += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--constraints", str(constraints)] if constraints else []
    return subprocess.run([*command, *options, "pyproject.toml"], cwd=ROOT, check=True, text=True, stdout=-1).stdout


def entries(text: str) -> dict[str, str]:
    """The pins of a requirements text: 'name==version' -> its lines."""
    found: dict[str, str] = {}
    for line in text.splitlines(keepends=True):
        if line[:1] not in " #\n":
            key = line.split()[0]
            found[key] = ""
        if not line.startswith("#") and found:
            found[key] += line
    return found


def write_lock(upgrade: bool = False) -> None:
    """Resolve everything at once, then find out which group needs which pin."""
    selected = groups(tomllib.loads((ROOT / "pyproject.toml").read_text()))
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.txt"
        everything = [option for options in selected.values() for option in options]
        whole.write_text(compile_pins(everything, LOCK if LOCK.exists() and not upgrade else None))
        needs = {name: entries(compile_pins(options, whole)) for name, options in selected.items()}
        pins = entries(whole.read_text())
    lines = [HEADER]
    for key, text in pins.items():
        lines += [f"# for: {' '.join(name for name in needs if key in needs[name])}\n", text]
    LOCK.write_text("".join(lines))


if __name__ == "__main__":
    write_lock(upgrade="--upgrade" in sys.argv[1:])
