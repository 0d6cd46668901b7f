"""Builds the site: executes the lessons as they are released, and has Sphinx render them with the site's own pages."""

import re
import shutil
import tempfile
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from course.build.lesson import find_lessons
from course.build.preview import run
from course.site import pyodide

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
OUT = ROOT / "_build" / "site"
MARK = ".kindling-site"
NOTEBOOKS = ("tape",)  # pages of the site that are notebooks, beside the lessons
KERNELS_FILE = re.compile(r"\S*ipykernel_\d+[/\\]\d+\.py")  # where a kernel says that a cell's code stands


class CannotBuild(Exception):
    """One sentence for a person: what is wrong and what to do."""


def build(out: Path = OUT) -> Path:
    """Write the whole site into a folder of its own; return its first page."""
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise CannotBuild(f"{out} holds something else than a site: name an empty folder with --out.")
    with tempfile.TemporaryDirectory() as place:
        source, made = Path(place, "source"), Path(place, "made")
        gather(source)
        print("Rendering the pages ...", flush=True)
        render(source, made)
        add_python(made / "_static")
        (made / MARK).touch()
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(made, out, ignore=shutil.ignore_patterns(".buildinfo", ".doctrees"))
    return out / "index.html"


def gather(source: Path) -> None:
    """Put together what Sphinx renders: the site's pages, its moving picture, the lessons with their outputs."""
    from kindling.tape.picture import example

    if not (lessons := find_lessons(ROOT)):
        raise CannotBuild(f"There are no lessons in {ROOT}: the site is built in the course's repository.")
    shutil.copytree(HERE / "pages", source)
    tape = example().ask("which of the two, w or b, will get its gradient first?")
    (source / "example.html").write_text(tape.to_html(), encoding="utf-8")
    for lesson in lessons:
        print(f"Running lesson {lesson.name} ...", flush=True)
        nbformat.write(executed(lesson.page(), lesson.name), source / lesson.day / f"{lesson.name}.ipynb")
    for page in NOTEBOOKS:
        print(f"Running page {page} ...", flush=True)
        notebook = jupytext.read(source / f"{page}.md")
        (source / f"{page}.md").unlink()
        nbformat.write(executed(notebook, page), source / f"{page}.ipynb")


def executed(notebook: NotebookNode, name: str) -> NotebookNode:
    """A notebook as a reader sees it, with outputs, and with no cell that failed."""
    with tempfile.TemporaryDirectory() as folder:
        notebook = run(notebook, Path(folder))
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise CannotBuild(f"{name}, cell {cell.id}: {output.ename}: {output.evalue}")
            if "text" in output:
                output.text = KERNELS_FILE.sub("this cell", output.text)
    return notebook


def render(source: Path, made: Path) -> None:
    """Run Sphinx; its warnings are errors."""
    from sphinx.cmd.build import build_main

    options = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(HERE), "-d", str(made / ".doctrees")]
    if build_main([*options, str(source), str(made)]):
        raise CannotBuild("The pages could not be rendered; the lines above say what is wrong with them.")


def add_python(static: Path) -> None:
    """Add what runs code in a page, if Pyodide is on this machine."""
    folder = pyodide.home()
    if pyodide.missing(folder):
        print("Without Pyodide the pages do not run code (`python -m course.site.pyodide fetch` brings it).")
        return
    (static / "pyodide").mkdir()
    for name in pyodide.wanted(folder):
        shutil.copyfile(folder / name, static / "pyodide" / name)
    (static / "kindling.zip").write_bytes(pyodide.bundle(ROOT))
