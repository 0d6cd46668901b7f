"""Tapes to draw, recorded from real runs."""

import linecache
from itertools import count
from typing import Any

import pytest

import kindling as torch
from kindling import tape

cells = count(1)

LINE_FIT = """\
w = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
x, target = torch.tensor(3.0), torch.tensor(10.0)

y = w * x + b
loss = (y - target) ** 2
loss.backward()
"""

LOOP = """\
W = torch.tensor([[0.5, -0.2], [0.1, 0.3]], requires_grad=True)
h = torch.tensor([1.0, 2.0])
for step in range(STEPS):
    h = torch.tanh(W @ h)
h.sum().backward()
"""


DESCENT = """\
w = torch.tensor(2.0, requires_grad=True)
x = torch.tensor(3.0)
for epoch in range(2):
    loss = (w * x - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad = None
"""


def run_cell(code: str, **names: Any) -> tuple[tape.Tape, dict[str, Any]]:
    """Record code as a notebook's cell would run it: its lines known to linecache, its variables global."""
    file = f"<cell {next(cells)}>"
    linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
    scope = {"torch": torch, "tape": tape, **names}
    with tape.record() as recorded:
        exec(compile(code, file, "exec"), scope)
    return recorded, scope


@pytest.fixture
def line_fit() -> tape.Tape:
    return run_cell(LINE_FIT)[0]


@pytest.fixture
def descent() -> tape.Tape:
    return run_cell(DESCENT)[0]


@pytest.fixture
def loop() -> tape.Tape:
    return run_cell(LOOP, STEPS=8)[0]


@pytest.fixture
def long_loop() -> tape.Tape:
    return run_cell(LOOP, STEPS=600)[0]
