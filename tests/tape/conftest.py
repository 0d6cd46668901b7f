"""Tapes to draw, recorded from real runs."""

import linecache
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import kindling as torch
from kindling import tape

cells = count(1)
# Jupyter, nbconvert and themes style pages like this; the picture must not shrink.
HOST = "svg{max-width:100%;height:auto} body{margin:12px} table td{text-align:right} code{color:red}"

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


def started(page: Any) -> Any:
    """The page, once its figures have started."""
    page.wait_for_function("[...document.querySelectorAll('figure.ktape')].every((figure) => figure.ktape)")
    return page


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Any]:
    """Open a page with these fragments; in the end, nothing may have been fetched or logged."""
    contexts, noise = [], []

    def open_page(body: str, html: str = "<html lang=en>", **options: Any) -> Any:
        file = tmp_path / "page.html"
        head = f"<meta charset=utf-8><title>A page</title><style>{HOST}</style>"
        file.write_text(f"<!doctype html>{html}<head>{head}</head><body><main><h1>Page</h1>{body}</main></body></html>")
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: noise.append(message.text))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("request", lambda r: noise.append(r.url) if not r.url.startswith(("file:", "data:")) else None)
        page.goto(file.as_uri())
        return started(page) if options.get("java_script_enabled", True) and "<script>" in body else page

    yield open_page
    for context in contexts:
        context.close()
    assert noise == []
