"""Mistakes that a user makes, tried in both libraries: the exception's type and first sentence must be PyTorch's."""

from collections.abc import Callable
from typing import Any

import pytest


def caught(cause: Callable, lib: Any) -> Exception:
    """The exception that `cause` raises in a library."""
    with pytest.raises(Exception) as info:
        cause(lib)
    return info.value


def first_sentence(error: Exception) -> str:
    """The first line, without what PyTorch adds for other situations."""
    line = str(error).split("\n")[0]
    for more in (" Hint:", " If you are using DistributedDataParallel", " (Triggered internally"):
        line = line.split(more)[0]
    return line


def sentence_of(cause: Callable, lib: Any) -> str:
    """The first sentence of what `cause` raises in a library."""
    return first_sentence(caught(cause, lib))


def as_in_pytorch(cause: Callable, sentence: str) -> None:
    """PyTorch raises this sentence, and we an exception of the same type."""
    import kindling

    torch = pytest.importorskip("torch")
    theirs = caught(cause, torch)
    assert first_sentence(theirs) == sentence
    assert type(caught(cause, kindling)).__name__ == type(theirs).__name__
