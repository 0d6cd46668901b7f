"""Nothing of the machine that the files were written on is in them, and files and functions stay small."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LIMIT, FUNCTION_LIMIT, SPINE_LIMIT, LIBRARY_LIMIT = 600, 40, 2500, 25000
# A student can read these in an evening: backend core, engine, element-wise operators, tensor, module, SGD.
SPINE = [
    "backend/arrays.py",
    "backend/numerics.py",
    "engine/*.py",
    "ops/elementwise.py",
    "tensor.py",
    "nn/module.py",
    "optim/sgd.py",
]
# In pieces, so that this file does not hold what it looks for.
HOSTS = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "debian" + ".org", "ana" + "conda.", "micro" + "mamba."]
PLACES = re.compile(r"(?<![\w./*-])/(?:work|opt|root)/\.?\w|/tmp/(?:plan|bash_jobs)")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("needs the git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[str, str]]:
    """The name and text of every tracked text file."""
    found = []
    for file in tracked():
        data = file.read_bytes()
        if b"\0" not in data:
            found.append((str(file.relative_to(ROOT)), data.decode("utf-8", "replace")))
    return found


def test_no_place_of_this_machine_and_no_registry():
    found = []
    for name, text in texts():
        for number, line in enumerate(text.splitlines(), 1):
            if PLACES.search(line) or any(host in line.lower() for host in HOSTS):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize(
    "line, bad",
    [
        ("cd /wo" + "rk/main", True),
        ('open("/ro' + 'ot/.config")', True),
        ("/work/", False),
        ("day_001/work/x", False),
        ("../ro" + "ot/x", False),
    ],
)
def test_a_place_is_known(line, bad):
    assert bool(PLACES.search(line)) == bad


def python_files() -> list[tuple[str, str]]:
    return [(name, text) for name, text in texts() if name.endswith(".py")]


def test_files_are_small():
    code = [(name, text) for name, text in texts() if name.endswith((".py", ".js", ".css"))]
    assert [f"{name}: {text.count(chr(10))} lines" for name, text in code if text.count("\n") >= FILE_LIMIT] == []


def test_functions_are_small():
    found = []
    for name, text in python_files():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                if lines >= FUNCTION_LIMIT:
                    found.append(f"{name}:{node.lineno} {node.name}: {lines} lines")
    assert found == []


def test_the_spine_can_be_read_in_an_evening():
    files = sorted(file for pattern in SPINE for file in (ROOT / "lib/kindling").glob(pattern))
    for pattern in SPINE:
        assert list((ROOT / "lib/kindling").glob(pattern)), f"nothing is {pattern} any more"
    assert sum(len(file.read_text().splitlines()) for file in files) < SPINE_LIMIT


def test_the_library_stays_small():
    files = (ROOT / "lib/kindling").rglob("*.py")
    assert sum(len(file.read_text().splitlines()) for file in files) < LIBRARY_LIMIT
