"""Imports go down only: the house's layers, read from the source, late imports included."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Top to bottom; a name may import from its own row and from the rows below it. "kindling" is the library's front
# (__init__.py and as_torch.py), which gathers all rows; nothing in the library may import it.
LAYERS = [
    "grading",
    "course",
    "kindling",
    "vision audio text",
    "jit onnx tape",
    "nn optim utils amp serialization distributions",
    "func autograd linalg fft special random cuda",
    "tensor printing",
    "ops",
    "engine",
    "dtypes shapes devices",
    "backend",
]
RANK = {name: rank for rank, row in enumerate(reversed(LAYERS)) for name in row.split()}
FRONT = {"kindling", "kindling.as_torch", "kindling.stubs"}
ARRAYS = {"numpy", "scipy", "cupy", "ml_dtypes"}
# Must not load when the library or the checks are imported: heavy, or not to be had in Pyodide.
LATE = {"scipy", "cupy", "ml_dtypes", "multiprocessing", "ctypes", "signal", "subprocess"}


def test_imports_go_down_only():
    assert upward(ROOT) == []


def test_no_import_cycle():
    assert cycle(ROOT) == []


def test_arrays_only_in_backend():
    assert arrays_outside_backend(ROOT) == []


def test_nothing_heavy_at_import():
    assert heavy(ROOT) == []


@pytest.mark.parametrize(
    "file, text, judge",
    [
        ("lib/kindling/ops/mul.py", "from kindling.tensor import Tensor", "upward"),
        ("lib/kindling/ops/mul.py", "def f():\n    from ..nn import Module", "upward"),
        ("lib/kindling/ops/mul.py", "from .. import nn", "upward"),
        ("lib/kindling/ops/mul.py", "import kindling", "upward"),
        (
            "lib/kindling/ops/mul.py",
            "import importlib\ndef f():\n    importlib.import_module('course.checks')",
            "upward",
        ),
        ("lib/kindling/ops/mul.py", "import kindling.unheard_of", "upward"),
        ("lib/kindling/nn/module.py", "import course", "upward"),
        ("course/build/x.py", "def f():\n    import grading.intake", "upward"),
        ("lib/kindling/ops/mul.py", "import numpy as np", "arrays_outside_backend"),
        ("lib/kindling/tape/record.py", "def f():\n    import scipy.sparse", "arrays_outside_backend"),
        ("lib/kindling/backend/arrays.py", "import scipy", "heavy"),
        ("course/checks/judge.py", "try:\n    import signal\nexcept ImportError:\n    pass", "heavy"),
        ("lib/kindling/engine/a.py", "from . import b", "cycle"),
    ],
)
def test_a_breach_is_found(tmp_path, file, text, judge):
    write(tmp_path, "lib/kindling/engine/b.py", "def f():\n    from .a import x")
    write(tmp_path, file, text)
    assert globals()[judge](tmp_path)


def test_what_is_allowed_is_not_found(tmp_path):
    write(tmp_path, "lib/kindling/__init__.py", "from kindling.nn import Module\nfrom kindling.tensor import Tensor")
    write(tmp_path, "lib/kindling/nn/__init__.py", "from .module import Module")
    write(tmp_path, "lib/kindling/nn/module.py", "from kindling.tensor import Tensor\nfrom . import init")
    write(tmp_path, "lib/kindling/nn/init.py", "from ..engine import observers")
    write(tmp_path, "lib/kindling/tensor.py", "from kindling import engine, printing")
    write(tmp_path, "lib/kindling/printing.py", "if TYPE_CHECKING:\n    from kindling.tensor import Tensor")
    write(tmp_path, "lib/kindling/backend/arrays.py", "import numpy as np\ndef f():\n    import scipy")
    write(tmp_path, "course/cli.py", "import importlib, kindling\ndef f():\n    importlib.import_module('grading.cli')")
    write(tmp_path, "grading/cli.py", "import course.checks, numpy")
    assert upward(tmp_path) + cycle(tmp_path) + arrays_outside_backend(tmp_path) + heavy(tmp_path) == []


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text + "\n")


def sources(root: Path) -> Iterator[tuple[str, Path]]:
    """Every module of the house, as (dotted name, file)."""
    for base, top in ((root / "lib", "kindling"), (root, "course"), (root, "grading")):
        for file in sorted((base / top).rglob("*.py")):
            # The class itself is not ours: released notebooks and students' files.
            if "class" not in file.relative_to(base).parts:
                name = ".".join(file.relative_to(base).with_suffix("").parts)
                yield name.removesuffix(".__init__"), file


def imports(name: str, file: Path, late: bool = True) -> Iterator[tuple[str, int]]:
    """Every module that the file imports, late imports too unless told otherwise, as (dotted name, line)."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in walk(ast.parse(file.read_text()), late):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            source = ".".join(filter(None, [base if node.level else "", node.module or ""]))
            yield from ((target(file, source, alias.name), node.lineno) for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            words = (word.value for word in node.args[:1] if isinstance(word, ast.Constant))
            yield from ((str(word), node.lineno) for word in words)


def walk(node: ast.AST, late: bool) -> Iterator[ast.AST]:
    """The nodes that run; without those inside functions unless `late`. What only a type checker reads is left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        if late or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from walk(child, late)


def target(file: Path, source: str, name: str) -> str:
    """`from source import name`: the submodule if there is one of that name, else source."""
    parts = source.split(".")
    tops = [parent for parent in file.parents if parent.name == parts[0]]
    folder = tops[-1].joinpath(*parts[1:]) if tops else None
    inside = source == "kindling" and name in RANK and name != "kindling"
    is_module = folder and ((folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists())
    return f"{source}.{name}" if inside or is_module else source


def rank(name: str) -> int | None:
    """The height of a module in the house; None for a stranger; an unknown part of the library stands above all."""
    top, _, rest = name.partition(".")
    if top != "kindling" or name in FRONT:
        return RANK.get(top) if top in ("kindling", "course", "grading") else None
    return RANK.get(rest.split(".")[0], len(RANK))


def upward(root: Path) -> list[str]:
    """Imports of a higher layer."""
    found = []
    for name, file in sources(root):
        for wanted, line in imports(name, file):
            lazily = name == "course.cli" and wanted == "grading.cli"  # the one name that the command line calls up
            if rank(wanted) is not None and rank(wanted) > rank(name) and not lazily:
                found.append(f"{file.relative_to(root)}:{line} imports {wanted}")
        if rank(name) == len(RANK):
            found.append(f"{file.relative_to(root)} has no layer: give it one in LAYERS")
    return found


def cycle(root: Path) -> list[str]:
    """One cycle of imports between files, if there is any."""
    graph = {name: {wanted for wanted, _ in imports(name, file)} - {name} for name, file in sources(root)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def arrays_outside_backend(root: Path) -> list[str]:
    """Imports of an array library by a part of the library other than its backend."""
    return [
        f"{file.relative_to(root)}:{line} imports {wanted}"
        for name, file in sources(root)
        if name.startswith("kindling") and not name.startswith("kindling.backend")
        for wanted, line in imports(name, file)
        if wanted.split(".")[0] in ARRAYS
    ]


def heavy(root: Path) -> list[str]:
    """Imports at load time of what must load on first use, in the library and the checks."""
    return [
        f"{file.relative_to(root)}:{line} imports {wanted}"
        for name, file in sources(root)
        if name.startswith(("kindling", "course.checks"))
        for wanted, line in imports(name, file, late=False)
        if wanted.split(".")[0] in LATE
    ]
