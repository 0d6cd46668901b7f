"""Every mistake in the tables `MISTAKES` of the files beside this one: what it raises is what PyTorch raises.

A table gives a name, what the user does (given the library) and PyTorch's first sentence; None where that differs from
one version of Python to the next.
"""

from importlib import import_module
from pathlib import Path

import pytest

import kindling
from tests.kindling.errors import as_in_pytorch, sentence_of

FILES = [
    file for file in sorted(Path(__file__).parent.glob("test_*.py")) if "\nMISTAKES = {" in file.read_text("utf-8")
]
TABLES = {file.stem[len("test_") :]: import_module(f"tests.kindling.{file.stem}").MISTAKES for file in FILES}
MISTAKES = [
    pytest.param(*mistake, id=f"{table}: {name}", marks=pytest.mark.filterwarnings("ignore:Using a target size"))
    for table, mistakes in TABLES.items()
    for name, mistake in mistakes.items()
]


@pytest.mark.parametrize("cause, sentence", MISTAKES)
def test_mistake(cause, sentence):
    found = sentence_of(cause, kindling)
    assert sentence is None or found == sentence


@pytest.mark.oracle
@pytest.mark.parametrize("cause, sentence", MISTAKES)
def test_mistake_as_in_pytorch(cause, sentence):
    torch = pytest.importorskip("torch")
    as_in_pytorch(cause, sentence_of(cause, torch) if sentence is None else sentence)
