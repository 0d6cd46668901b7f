"""`kindling author`: build lessons, see that they are up to date, look at one."""

from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[2]
app = typer.Typer(no_args_is_help=True, add_completion=False, help="For authors: build the lessons and check them.")


@app.callback()
def author() -> None:
    """For authors: build the lessons and check that they are up to date."""


@app.command()
def build() -> None:
    """Write the released notebooks and check data of every lesson."""
    from course.build.builder import build

    tell(build(ROOT), "Wrote", "Everything is up to date.")


@app.command()
def check() -> None:
    """Fail if a released file differs from what its lesson says."""
    from course.build.builder import stale

    differ = stale(ROOT)
    tell(differ, "Not up to date (`kindling author build` makes it):", "Everything is up to date.")
    raise typer.Exit(1 if differ else 0)


@app.command()
def preview(
    lesson: Annotated[str, typer.Argument(help="A lesson's name, as in 06_autograd.")],
    answered: Annotated[bool, typer.Option(help="Run it with the solutions in.")] = False,
    output: Annotated[Path, typer.Option(help="Where to write the page.")] = ROOT / "_build" / "preview",
) -> None:
    """Run a lesson and write it as one HTML page."""
    from course.build.preview import preview

    typer.echo(preview(ROOT, lesson, answered, output))


def tell(paths: list[Path], some: str, none: str) -> None:
    """One line for each path, or a sentence."""
    for path in paths:
        typer.echo(f"{some} {path}")
    if not paths:
        typer.echo(none)
