"""The cell magic ``%%tape``: records the cell and shows the tape. Loaded by ``%load_ext kindling.tape``."""

from functools import partial
from typing import Any

from .recorder import record
from .tape import Tape


def load_ipython_extension(ipython: Any) -> None:
    """What ``%load_ext kindling.tape`` calls; nothing here imports IPython itself."""
    ipython.register_magic_function(partial(tape_cell, ipython), "cell", "tape")


def tape_cell(ipython: Any, line: str, cell: str) -> Tape:
    """Run a cell and show its tape; ``%%tape t`` also keeps it in the variable t.

    Raises:
        ValueError: what stands behind ``%%tape`` is no variable's name.
    """
    name = line.strip()
    if name and not name.isidentifier():
        raise ValueError(f"%%tape takes the name of a variable for the tape, or nothing; not {name!r}")
    recorder = record()
    tape = recorder.__enter__()
    error: BaseException | None = None
    try:
        error = ipython.run_cell(cell).error_in_exec  # which has been shown
    finally:
        recorder.__exit__(type(error) if error else None, error, None)
    if name:
        ipython.push({name: tape})
    return tape
