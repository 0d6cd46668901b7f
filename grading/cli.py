"""`kindling class ...`: what an instructor does, in the order of a week."""

import contextlib
import importlib.util
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from grading.classroom import FOLDER, Classroom
from grading.errors import Refused
from grading.sandbox import BUBBLEWRAP, INSIST, KINDS, NONE

# nbgrader loads jsonschema, which would take a second and a half to build grammars of addresses that nobody asks for.
sys.modules.setdefault("rfc3987_syntax", None)

STOPPED = 130  # what a shell reports of a command that Ctrl-C ended

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Give out a day, collect it, grade it in a sandbox, return feedback, export marks.",
)

Assignment = Annotated[str, typer.Argument(help="The assignment, as in day_001.")]
Root = Annotated[Path, typer.Option("--class", help="The class folder.")]
Students = Annotated[
    list[str] | None, typer.Option("--student", help="Only this student (may be given several times).")
]
Unboxed = Annotated[bool, typer.Option(INSIST, help="Run students' code unprotected.")]
Shut = Annotated[str, typer.Option("--sandbox", help=f"{', '.join(KINDS)}; by default class.toml's, or the first.")]
DbUrl = Annotated[str, typer.Option(help="The gradebook's address; by default SQLite in the class folder.")]


@contextlib.contextmanager
def plain_errors():
    """End with one sentence where an instructor can do something about it."""
    try:
        yield
    except Refused as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        print("Stopped. What is done is kept: the same command goes on from here.", file=sys.stderr)
        raise typer.Exit(STOPPED) from None


@contextlib.contextmanager
def progress(title: str, total: int):
    """A progress bar with the time left; yields what to call for each student."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not total) as bar:
        task = bar.add_task(title, total=total)

        def tell(student: str, status: str) -> None:
            bar.console.print(f"{student}: {status}", markup=False, highlight=False)
            bar.advance(task)

        yield tell


@contextlib.contextmanager
def waiting(title: str):
    """A sign of life for one long step."""
    from rich.console import Console

    with Console(stderr=True).status(title):
        yield


def known(kind: str) -> str:
    """A kind of sandbox that there is, or none given."""
    if kind and kind not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}", param_hint="--sandbox")
    return kind


@app.command()
def release(
    assignment: Assignment,
    root: Root = FOLDER,
    kit: Annotated[bool, typer.Option(help="Also pack the wheel, notebooks and check data as a zip.")] = True,
    db_url: DbUrl = "",
) -> None:
    """Make the notebooks that students get, without a trace of a solution; the first one also makes the class seed."""
    from grading import exchange
    from grading import release as releasing

    classroom = Classroom(root, db_url)
    with plain_errors(), waiting(f"Releasing {assignment} ..."):
        made = releasing.release(classroom, assignment, kit=kit)
        given_out = classroom.settings.exchange and exchange.release(classroom, assignment)
    for note in made.notes:
        print(note)
    print(f"Released to {classroom.folder('release', assignment)}; no solution is in it.")
    if given_out:
        print(f"Students fetch it from {given_out}.")
    if made.kit:
        print(f"The kit for universities is {made.kit}.")
    if made.new_seed:
        print(f"The class seed was made: keep {classroom.seed_file} to yourself, and keep a copy.")


@app.command()
def collect(
    assignment: Assignment,
    inbox: Annotated[
        Path | None,
        typer.Argument(help="A folder, a zip from Moodle or Canvas, or nbgrader's exchange; by default class.toml's."),
    ] = None,
    root: Root = FOLDER,
    students: Annotated[Path | None, typer.Option(help="The class list as CSV; it is kept for the next time.")] = None,
    kind: Annotated[str, typer.Option("--from", help="folder, moodle, canvas or exchange; by default by look.")] = "",
    believe: Annotated[
        bool, typer.Option("--believe-names", help="Take from the exchange what another user put there, too.")
    ] = False,
    db_url: DbUrl = "",
) -> None:
    """Take submissions in; names and files that belong to nobody are listed, and the exit status says so."""
    from grading import collect as collecting
    from grading import layouts, roll

    if kind and kind not in layouts.KINDS:
        raise typer.BadParameter(f"one of {', '.join(layouts.KINDS)}", param_hint="--from")
    classroom = Classroom(root, db_url)
    with plain_errors(), waiting("Collecting ..."):
        if students:
            roll.keep(classroom, students)
        if inbox is None and not classroom.settings.exchange:
            raise Refused("Name the folder or zip to take in; class.toml names no exchange.")
        inbox = inbox or Path(classroom.settings.exchange)
        found = collecting.collect(classroom, assignment, inbox, kind, believe)
    print(f"{len(found.students)} submissions taken in.")
    for title, lines in (("", found.notes), ("Left out: ", found.left)):
        for line in lines:
            print(f"{title}{line}")
    if found.missing:
        print(f"Nothing from {len(found.missing)} of the class list: {', '.join(found.missing)}")
    raise typer.Exit(1 if found.left else 0)


@app.command()
def grade(
    assignment: Assignment,
    root: Root = FOLDER,
    student: Students = None,
    workers: Annotated[int | None, typer.Option(help="How many at a time; by default one for each core.")] = None,
    force: Annotated[bool, typer.Option(help="Grade again what has been graded.")] = False,
    sandbox: Shut = "",
    without_sandbox: Unboxed = False,
    cell_seconds: Annotated[float | None, typer.Option(help="How long one cell may take; else class.toml's.")] = None,
    scheduler: Annotated[str, typer.Option(help="Grade on the workers of a Dask scheduler at this address.")] = "",
    db_url: DbUrl = "",
) -> None:
    """Grade what was handed in: students' code runs in a sandbox, answers are compared outside it."""
    if scheduler and importlib.util.find_spec("distributed") is None:
        sys.exit("--scheduler needs Dask distributed: run `python do.py setup course cluster`.")
    with plain_errors(), waiting("Loading nbgrader and the exercises ..."):
        from grading import engine

        classroom = Classroom(root, db_url)
        limits = classroom.settings.limits
        limits = replace(limits, cell_seconds=cell_seconds) if cell_seconds else limits
        students = student or classroom.students(assignment)
    with plain_errors(), progress(f"Grading {assignment}", len(students)) as tell:
        summary = engine.grade(
            classroom,
            assignment,
            students=students,
            sandbox=NONE if without_sandbox else known(sandbox),
            workers=workers,
            force=force,
            limits=limits,
            scheduler=scheduler,
            progress=tell,
        )
    _print_summary(summary)


def _print_summary(summary) -> None:
    print(f"{len(summary.graded)} graded, {len(summary.skipped)} graded before, {len(summary.failed)} not graded.")
    ids = (mark.misconception for done in summary.graded for marks in done.marks.values() for mark in marks)
    counts = [f"{misconception} ({count})" for misconception, count in Counter(filter(None, ids)).most_common()]
    if counts:
        print(f"Misconceptions: {', '.join(counts)}. `kindling class report` shows more.")
    for line in summary.for_a_person:
        print(f"Waits for a person, because it cannot be judged here: {line}")
    if summary.stale:
        print(f"{len(summary.stale)} were graded before a check was changed: `kindling class regrade` shows it.")
    for machine, reason in sorted(summary.unfit.items()):
        print(f"The worker {machine} was not used: {reason}")
    for name, reason in sorted(summary.failed.items()):
        print(f"{name} was not graded and has no mark: {reason}")
    if summary.failed:
        raise typer.Exit(1)


@app.command()
def regrade(
    assignment: Assignment,
    root: Root = FOLDER,
    yes: Annotated[bool, typer.Option("--yes", help="Write the new marks; without it they are only shown.")] = False,
    workers: Annotated[int | None, typer.Option(help="How many at a time; by default one for each core.")] = None,
    sandbox: Shut = "",
    without_sandbox: Unboxed = False,
    db_url: DbUrl = "",
) -> None:
    """After a check was mended: judge those answers again, say whom it touches and how, and write it with --yes."""
    with plain_errors(), waiting("Judging again ..."):
        from grading import regrade as again

        kind = NONE if without_sandbox else known(sandbox)
        done = again.regrade(Classroom(root, db_url), assignment, write=yes, sandbox=kind, workers=workers)
    _print_changes(done.changes)
    for student, reason in sorted(done.left.items()):
        print(f"{student} keeps the old marks: {reason}")
    if done.changes:
        print("The new marks are written." if yes else "Nothing is written yet: --yes writes it.")
    raise typer.Exit(1 if done.left else 0)


def _print_changes(changes) -> None:
    """For each check whom it touches, and the marks that change."""
    if not changes:
        print("No check has changed since the submissions were graded.")
    for grade_id in dict.fromkeys(change.grade_id for change in changes):
        here = [change for change in changes if change.grade_id == grade_id]
        other = [change for change in here if change.before != change.after]
        print(f"{grade_id}: {len(here)} judged again, {len(other)} marks change")
        for change in other:
            print(f"  {change.student}: {_points(change.before)} -> {_points(change.after)}")


def _points(score: float | None) -> str:
    return "no mark" if score is None else f"{score:g}"


@app.command()
def feedback(
    assignment: Assignment,
    root: Root = FOLDER,
    student: Students = None,
    to: Annotated[
        Path | None, typer.Option("--zip", help="Put all pages into this zip too, as Moodle takes it.")
    ] = None,
    db_url: DbUrl = "",
) -> None:
    """Write a feedback page for each student; where class.toml names an exchange, they fetch it there."""
    from grading import exchange, giveback, reports

    classroom = Classroom(root, db_url)
    graded = student or classroom.students(assignment, "autograded")
    with plain_errors(), progress(f"Feedback for {assignment}", len(graded)) as tell:
        pages = reports.feedback(classroom, assignment, graded, tell)
        given_out = exchange.release_feedback(classroom, assignment, graded)
    print(f"{len(pages)} pages in {classroom.root / 'feedback'}.")
    if to:
        print(f"{giveback.bundle(classroom, assignment, graded, to)} pages in {to}, to give back.")
    if given_out:
        print(f"{given_out} students fetch theirs from {classroom.settings.exchange}.")


@app.command()
def report(
    assignment: Assignment,
    root: Root = FOLDER,
    names: Annotated[
        bool, typer.Option("--names", help="Show students' names; without it nobody can be told.")
    ] = False,
    db_url: DbUrl = "",
) -> None:
    """Write the class at a glance: marks, exercises, misconceptions, odd submissions, answers that are alike."""
    with plain_errors(), waiting("Looking at the class ..."):
        from grading import glance, glance_page

        classroom = Classroom(root, db_url)
        seen = glance.look(classroom, assignment, names=names)
        page = glance_page.write(seen, classroom.root / "report" / assignment)
    print(f"{len(seen.students)} submissions, {len(seen.odd)} odd or slow, {len(seen.pairs)} pairs alike: {page}")


@app.command()
def export(
    to: Annotated[
        Path | None, typer.Argument(help="The CSV file to write; by default marks.csv in the class folder.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="nbgrader, canvas or moodle.")] = "nbgrader",
    assignment: Annotated[str, typer.Option(help="Only this assignment.")] = "",
    column: Annotated[str, typer.Option(help="What Canvas calls the assignment, as its gradebook has it.")] = "",
    root: Root = FOLDER,
    db_url: DbUrl = "",
) -> None:
    """Write all marks to a CSV file; for Canvas and Moodle with the ids of the class list."""
    from grading import export as exporting

    if form not in exporting.FORMATS:
        raise typer.BadParameter(f"one of {', '.join(exporting.FORMATS)}", param_hint="--format")
    to = to or root / "marks.csv"
    with plain_errors():
        done = exporting.export(Classroom(root, db_url), to, form, assignment, column)
    print(f"{done.rows} rows in {to}.")
    for note in done.notes:
        print(note)


@app.command()
def doctor(
    root: Root = FOLDER,
    sandbox: Shut = "",
    build_image: Annotated[bool, typer.Option(help="Make the image that podman or docker needs, first.")] = False,
    db_url: DbUrl = "",
) -> None:
    """Look whether this machine and this class are ready for grading; what is wrong is named with its remedy."""
    from grading import containers
    from grading import doctor as looking

    wrong, kind = 0, known(sandbox)
    if build_image:
        with plain_errors():
            engine = kind or Classroom(root).settings.sandbox
            if engine == BUBBLEWRAP:
                raise typer.BadParameter("add --sandbox podman or --sandbox docker", param_hint="--build-image")
            print(f"Built {containers.build(engine)}.")
    with waiting("Looking ..."):
        findings = looking.look(root, db_url, kind)
    for finding in findings:
        wrong += not finding.well
        print(f"{'ok   ' if finding.well else 'WRONG'} {finding.said}")
    raise typer.Exit(1 if wrong else 0)


@app.command("seed-check")
def seed_check(root: Root = FOLDER) -> None:
    """Say which class seed is in use, and which marks were made with another one."""
    from grading.store import read_journal

    classroom = Classroom(root)
    if not classroom.seed_file.is_file():
        sys.exit("There is no class seed yet: the first `kindling class release` makes it.")
    here = classroom.seed_hash()
    latest = {(entry.get("assignment"), entry.get("student")): entry for entry in read_journal(root / "journal.jsonl")}
    other = sorted(f"{a} {s}" for (a, s), entry in latest.items() if entry.get("seed") != here)
    print(f"Class seed {here}; {len(latest) - len(other)} marks were made with it.")
    for name in other:
        print(f"Made with another seed: {name}")
    raise typer.Exit(1 if other else 0)
