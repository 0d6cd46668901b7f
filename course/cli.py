"""The command `kindling`. Each command loads what it needs when it is called."""

import errno
import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Kindling: PyTorch for beginners, with a small library that shows its own graph.",
)
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

Notebook = Annotated[str, typer.Argument(help="A lesson, as in '06' or '06_autograd', or a notebook's path.")]


def main() -> None:
    """The console script; ends with one sentence where a person can do something about it."""
    try:
        app()
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit("The disk is full: free some space and run the same command again; nothing of yours was lost.")


@app.command()
def learn(
    port: Annotated[int | None, typer.Option(help="Use this port and no other.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the browser too.")] = True,
) -> None:
    """Bring the lessons into your folder and open JupyterLab."""
    from course import learn as lab
    from course import work

    delivery = work.deliver()
    if delivery.new:
        print(f"New in {work.WORK.name}/: {', '.join(delivery.new)}")
    for name in delivery.newer:
        print(
            f"{name} has a newer version; yours stays as it is (`kindling reset {Path(name).stem}` takes the new one)."
        )
    try:
        raise typer.Exit(lab.learn(port, browser))
    except lab.CannotStart as reason:
        sys.exit(str(reason))


@app.command()
def status() -> None:
    """Say how far each of your notebooks has come."""
    from course import report

    report.print_status()


@app.command()
def reset(notebook: Notebook) -> None:
    """Take a lesson's fresh copy; what you had is kept beside it under a dated name."""
    from course import work

    try:
        name = work.find(notebook)
    except ValueError as reason:
        sys.exit(str(reason))
    backup = work.reset(name)
    print(f"{name} is fresh again." + (f" What you had is in {backup.name}." if backup else ""))


@app.command()
def check(notebook: Notebook) -> None:
    """Run a notebook from top to bottom and tell what its checks say."""
    from course import report, work

    path = Path(notebook)
    try:
        path = path if path.suffix == ".ipynb" and path.exists() else work.WORK / work.find(notebook)
    except ValueError as reason:
        sys.exit(str(reason))
    if not path.exists():
        sys.exit(f"You have no {path.name} yet: `kindling learn` brings it.")
    raise typer.Exit(report.print_checks(path))


@app.command()
def doctor() -> None:
    """Look whether this machine has what the course can use, and say what is missing."""
    from course import report

    report.print_doctor()


@app.command(context_settings=PASS_ON)
def run(context: typer.Context, program: Annotated[Path, typer.Argument(help="A Python program.")]) -> None:
    """Run a program that says `import torch`, with Kindling as its torch."""
    if not program.is_file():
        sys.exit(f"There is no program {program}.")
    importlib.import_module("kindling.as_torch").run(str(program), context.args)


@app.command("class", context_settings=PASS_ON)
def class_(context: typer.Context) -> None:
    """For instructors: release, collect, grade, give feedback, export."""
    group("grading.cli", context)


@app.command(context_settings=PASS_ON)
def author(context: typer.Context) -> None:
    """For authors: build the lessons and check that they are up to date."""
    group("course.build.cli", context)


def group(module: str, context: typer.Context) -> None:
    """Hand over to a group of commands that is loaded only now."""
    importlib.import_module(module).app(args=context.args, prog_name=context.command_path)


if __name__ == "__main__":
    main()
