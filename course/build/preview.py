"""Runs a lesson in a real kernel: for an author to look at, and for the tests."""

import os
import tempfile
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode

from course.build.lesson import find_lessons

ROOT = Path(__file__).resolve().parents[2]
CELL_SECONDS = 60


def run(notebook: NotebookNode, folder: Path, **environment: str) -> NotebookNode:
    """Execute a notebook with the cells' errors kept in it, as if it lay in `folder`."""
    client = NotebookClient(
        notebook, timeout=CELL_SECONDS, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    # the kernel must find this very course, wherever it is started
    path = os.pathsep.join([str(ROOT / "lib"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    client.execute(env={**os.environ, "PYTHONPATH": path, **environment})
    return notebook


def preview(root: Path, name: str, answered: bool, output: Path) -> Path:
    """Write the lesson, executed, as one HTML page; return its path."""
    from nbconvert import HTMLExporter

    lesson = next(lesson for lesson in find_lessons(root) if lesson.name == name)
    with tempfile.TemporaryDirectory() as folder:
        notebook = run(lesson.source() if answered else lesson.released(), Path(folder))
    page, _ = HTMLExporter().from_notebook_node(notebook)
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{name}.html"
    target.write_text(page, encoding="utf-8")
    return target
