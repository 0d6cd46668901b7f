"""What the library says of itself: every public function has a docstring, types, and an example that is true."""

import contextlib
import doctest
import importlib
import inspect
import io
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy
import pytest

import kindling
from kindling.ops.declare import OPERATORS

# The tape has its own tests; as_torch changes what `import torch` gives, so its example runs in a process of its own.
SKIPPED = ("kindling.tape", "kindling.__main__", "kindling.as_torch")
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def modules() -> list[ModuleType]:
    names = [m.name for m in pkgutil.walk_packages(kindling.__path__, "kindling.") if not m.name.startswith(SKIPPED)]
    return [kindling, *map(importlib.import_module, names)]


def defined_in(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions and classes that a module defines, an operator's public function among them, and their methods."""
    for name, value in vars(module).items():
        if getattr(value, "__module__", None) != module.__name__ or not callable(value):
            continue
        yield f"{module.__name__}.{name}", value
        if inspect.isclass(value):
            for method, function in vars(value).items():
                function = getattr(function, "fget", None) or getattr(function, "__func__", None) or function
                if inspect.isfunction(function) and not hasattr(function, "op"):
                    yield f"{module.__name__}.{name}.{method}", function


EVERY = {name: value for module in modules() for name, value in defined_in(module)}
EVERY |= {module.__name__: module for module in modules()}
WITH_EXAMPLES = sorted(name for name, value in EVERY.items() if ">>>" in (value.__doc__ or ""))
PUBLIC = {
    name: value
    for name, value in EVERY.items()
    if not inspect.ismodule(value) and not any(part.startswith("_") for part in name.split("."))
}
EXPORTED = sorted(n for n in dir(kindling) if not n.startswith("_") and inspect.isfunction(getattr(kindling, n)))
# Names that need no example: they ask or set one thing, or are in-place forms.
PLAIN = ("is_", "get_", "set_", "seed", "initial_seed", "numel", "install", "can_cast", "enable", "zero_", "fill_")


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_are_true(name):
    value = EVERY[name]
    scope = {"torch": kindling, "kindling": kindling, "numpy": numpy, "nn": importlib.import_module("kindling.nn")}
    examples = doctest.DocTestParser().get_doctest(inspect.getdoc(value), scope, name, None, None)
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        failed = doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(examples, out=report.write).failed
    assert not failed, report.getvalue()


def test_there_are_examples():
    assert len(WITH_EXAMPLES) > 80


def test_functions_of_the_front_have_examples():
    without = [n for n in EXPORTED if ">>>" not in (getattr(kindling, n).__doc__ or "") and not n.startswith(PLAIN)]
    assert without == []


def test_public_names_say_what_they_do():
    """`forward` and `extra_repr` say in every module what they say in PyTorch's."""
    silent = [n for n, v in PUBLIC.items() if not (v.__doc__ or "").strip()]
    assert [n for n in silent if not n.endswith((".forward", ".extra_repr", ".__init__"))] == []


def test_public_functions_have_types():
    bare = {n: annotated(v) for n, v in PUBLIC.items() if inspect.isfunction(v)}
    assert {n: missing for n, missing in bare.items() if missing} == {}


def annotated(function: Callable) -> list[str]:
    """The parameters and the result that have no type."""
    signature = inspect.signature(function)
    bare = [p.name for p in signature.parameters.values() if p.annotation is p.empty and p.name not in ("self", "cls")]
    missing_result = signature.return_annotation is signature.empty and function.__name__ != "__init__"
    return bare + (["its result"] if missing_result else [])


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_operators_show_their_declaration_and_pytorchs_signature(name):
    """Shift-Tab shows the signature; ``??`` the declaration itself, because the source is that of the forward."""
    function = OPERATORS[name].function
    assert "xp" not in inspect.signature(function).parameters
    assert inspect.unwrap(function) is OPERATORS[name].forward
    assert f"def {name}" in inspect.getsource(function)
