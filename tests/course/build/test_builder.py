"""The builder: what is committed is what the lessons say, twice the same, and no solution gets out."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.build import builder, cli
from course.build.lesson import CANARY, Lesson, LessonError, find_lessons
from course.build.preview import run

ROOT = Path(__file__).resolve().parents[3]
LESSONS = find_lessons(ROOT)
every_lesson = pytest.mark.parametrize("lesson", [pytest.param(lesson, id=lesson.name) for lesson in LESSONS])


@pytest.fixture
def copy(tmp_path) -> Path:
    """A small repository with the lessons and what is built from them."""
    shutil.copytree(ROOT / "course" / "lessons", tmp_path / "course" / "lessons", ignore=shutil.ignore_patterns("__*"))
    builder.build(tmp_path)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_committed_is_up_to_date():
    assert builder.stale(ROOT) == []


def test_a_second_build_changes_nothing(copy):
    before = {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}
    assert builder.build(copy) == []
    assert builder.stale(copy) == []
    assert before == {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}


def test_every_difference_is_found(copy):
    notebook, checks = Path("day_001", "06_autograd.ipynb"), Path("day_001", "checks", "06_autograd.json")
    change(copy / notebook, "Warm up", "Warm down")
    change(copy / checks, '"points": 3', '"points": 4')
    (copy / checks).with_name("99_gone.json").write_text("{}")
    assert builder.stale(copy) == [notebook, checks, checks.with_name("99_gone.json")]
    assert builder.build(copy) == [notebook, checks]
    change(copy / "course/lessons/day_001/06_autograd/lesson.md", "Warm up", "Warmer")
    (copy / checks).unlink()
    assert builder.stale(copy) == [notebook, checks, checks.with_name("99_gone.json")]


def test_another_processors_rounding_is_no_difference(copy):
    checks = copy / "day_001" / "checks" / "06_autograd.json"
    data = checks.read_text()
    checks.write_text(data.replace("AADwQQ==", "AQDwQQ=="))  # 30.0 and the next float32
    assert checks.read_text() != data
    assert builder.stale(copy) == []
    checks.write_text(data.replace("AADwQQ==", "AADxQQ=="))  # 30.125
    assert builder.stale(copy) == [Path("day_001", "checks", "06_autograd.json")]


@every_lesson
def test_no_solution_gets_out(lesson):
    texts = [*builder.released_files(lesson).values(), builder.notebook_text(lesson.page())]
    texts += [file.read_text("utf-8") for file in (ROOT / lesson.day).rglob("*") if file.suffix in (".ipynb", ".json")]
    assert CANARY in builder.notebook_text(lesson.source())
    for text in texts:
        assert CANARY not in text
        assert "SOLUTION" not in text


@every_lesson
def test_the_released_notebook_is_well_formed(lesson):
    import nbformat

    notebook = lesson.released()
    nbformat.validate(notebook)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kindling == {"lesson": lesson.name, "schema": 1, "source_sha256": lesson.digest}
    graded = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    for exercise in lesson.exercises:
        answer, check = graded[exercise.grade_id + "_answer"], graded[exercise.grade_id]
        assert (answer.id, check.id) == (exercise.grade_id + "_answer", exercise.grade_id)
        assert check.source == f'check("{exercise.id}")'
        assert (check.metadata.nbgrader.points, check.metadata.editable) == (exercise.points, False)
        assert "raise NotImplementedError()" in answer.source
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code[0].source == "import kindling as torch"
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@every_lesson
def test_the_parts_that_every_lesson_has(lesson):
    prose = "\n".join(cell.source for cell in lesson.released().cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in lesson.released().cells if cell.cell_type == "code")
    assert prose.count("<details><summary>") >= 4
    for part in ("you can", "## Warm up", "One question for the picture", "## In three lines", "Read the real thing"):
        assert part in prose
    assert len(re.findall(r"^\d\. ", prose.partition("## In three lines")[2], re.MULTILINE)) == 3
    assert "prediction(" in code
    assert "tape.record()" in code


@every_lesson
def test_the_warm_up_asks_three_questions_and_every_blank_asks_for_its_rule(lesson):
    prose = "\n".join(cell.source for cell in lesson.released().cells if cell.cell_type == "markdown")
    sections = re.split(r"^##+ ", prose, flags=re.MULTILINE)
    warm_up = next(text for text in sections if text.startswith("Warm up"))
    blanks = [text for text in sections if text.startswith(("Fill one blank", "Put the lines in order"))]
    assert warm_up.count("<details><summary>") == 3
    assert len(blanks) >= 3
    assert all(text.count("<details><summary>Which rule did you use") == 1 for text in blanks)


def minutes_of(lesson) -> float:
    """A beginner's minutes: reading, guessing, moving the pictures, solving; what stands under "Go deeper" is extra."""
    cells = lesson.released().cells
    headings = [cell.source if cell.cell_type == "markdown" else "" for cell in cells]
    start = next(k for k, text in enumerate(headings) if text.startswith("## Go deeper"))
    end = next((k for k in range(start + 1, len(cells)) if headings[k].startswith("## ")), len(cells))
    cells = cells[:start] + cells[end:]
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    given = [cell.source for cell in cells if cell.cell_type == "code" and "nbgrader" not in cell.metadata]
    words = [word for word in re.sub(r"<[^>]+>|&nbsp;", " ", prose).split() if re.search(r"\w", word)]
    lines = [line for source in given for line in source.splitlines() if line.strip() and not line.endswith("= None")]
    guesses, pictures = (sum(mark in source for source in given) for mark in ("prediction(", "tape.record("))
    return len(words) / 180 + len(lines) / 20 + guesses / 2 + pictures * 0.75 + len(lesson.exercises) * 2.5


@every_lesson
def test_a_lesson_takes_as_long_as_it_says(lesson):
    said = re.search(r"About (\d+) minutes", lesson.released().cells[0].source)
    assert 25 <= minutes_of(lesson) <= 55
    assert abs(minutes_of(lesson) - int(said[1])) <= 5


@every_lesson
def test_a_new_cell_keeps_the_ids_of_other_sections(lesson, tmp_path):
    folder = tmp_path / lesson.day / lesson.name
    shutil.copytree(lesson.folder, folder)
    change(folder / "lesson.md", "## Warm up\n", "## A new section\n\nNew.\n\n+++\n\nNewer.\n\n+++\n\n## Warm up\n")
    before, after = ([cell.id for cell in it.source().cells] for it in (lesson, Lesson(folder)))
    assert [name for name in after if not name.startswith("a-new-section")] == before


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("lesson.md", "import kindling as torch\n", "import kindling\n", "first code cell"),
        ("lesson.md", 'check("06.mul_rule")', 'check("06.other")', "must be check"),
        ("lesson.md", "    # kindling-canary-06-add-rule\n", "", "canary"),
        ("lesson.md", "grade_id: 06_mul_rule\n", "grade_id: 06_other\n", "graded cells"),
        ("exercises.py", "EXERCISES = [RULES,", "EXERCISES = [RULES, RULES,", "graded cells"),
    ],
)
def test_a_flawed_lesson_is_not_built(tmp_path, file, old, new, words):
    folder = tmp_path / "day_001" / "06_autograd"
    shutil.copytree(ROOT / "course" / "lessons" / "day_001" / "06_autograd", folder)
    change(folder / file, old, new)
    with pytest.raises(LessonError, match=words):
        Lesson(folder).source()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("return g * x, g * y", "return g * y, g * x", "mul-swapped is right"),
        ('"def add_rule(g, x, y): return 0, 0"', '"def add_rule(g, x, y): return 1, 1"', "cannot be told apart"),
    ],
)
def test_a_misconception_must_be_wrong_in_its_own_way(tmp_path, old, new, words):
    folder = tmp_path / "day_001" / "06_autograd"
    shutil.copytree(ROOT / "course" / "lessons" / "day_001" / "06_autograd", folder)
    change(folder / "exercises.py", old, new)
    with pytest.raises(ValueError, match=words):
        _ = Lesson(folder).check_data


def outputs_of(notebook) -> list[str]:
    """What each code cell says; an error by its name. How a stream is cut into pieces is chance."""
    return [
        " ".join("".join(o.get("ename") or o.get("text") or o.data["text/plain"] for o in cell.outputs).split())
        for cell in notebook.cells
        if cell.cell_type == "code" and "tape" not in cell.metadata.get("tags", [])
    ]


def errors_of(notebook) -> list[tuple]:
    return [
        (cell.metadata.get("tags", []), output.ename)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


@every_lesson
def test_it_runs_from_top_to_bottom_with_the_reference(lesson, tmp_path):
    notebook = run(lesson.source(), tmp_path)
    assert errors_of(notebook) == []
    assert sum("Right: all" in text for text in outputs_of(notebook)) == len(lesson.exercises)


@every_lesson
def test_it_runs_from_top_to_bottom_as_released(lesson, tmp_path):
    """Only a cell that puts the learner's own answer to work may say that there is none yet."""
    notebook = run(lesson.released(), tmp_path)
    assert {("needs-answer" in tags, name) for tags, name in errors_of(notebook)} == {(True, "NotImplementedError")}
    assert sum("is not written yet" in text for text in outputs_of(notebook)) == len(lesson.exercises)


@every_lesson
def test_the_last_cell_is_a_small_network_on_real_data(lesson, tmp_path):
    notebook = lesson.page()
    last = notebook.cells[-1]
    assert last.source.endswith("loss_curve(losses)") and len(last.source.splitlines()) <= 15
    notebook.cells = [notebook.cells[1], *notebook.cells[-3:]]  # needs nothing of the student's
    printed, curve = run(notebook, tmp_path).cells[-1].outputs
    assert float(printed.text.partition("%")[0]) >= 95
    assert "steps: 2.3" in curve.data["text/plain"] and "<svg" in curve.data["text/html"]


@every_lesson
def test_plots_are_silent_while_graded(lesson, tmp_path):
    outputs = run(lesson.source(), tmp_path, NBGRADER_EXECUTION="autograde").cells[-1].outputs
    assert [output.output_type for output in outputs] == ["stream"]


@pytest.mark.oracle
@every_lesson
def test_real_torch_says_the_same_in_every_cell(lesson, tmp_path):
    pytest.importorskip("torch", reason="real PyTorch is the oracle of this test")
    ours, theirs = lesson.source(), lesson.source()
    first = next(cell for cell in theirs.cells if cell.cell_type == "code")
    first.source = "import torch"
    theirs.cells = [cell for cell in theirs.cells if "tape" not in cell.metadata.get("tags", [])]
    theirs = run(theirs, tmp_path)
    assert errors_of(theirs) == []
    assert outputs_of(theirs) == outputs_of(run(ours, tmp_path))


def test_the_commands(copy, monkeypatch):
    monkeypatch.setattr(cli, "ROOT", copy)
    invoke = CliRunner().invoke
    assert invoke(cli.app, ["check"]).exit_code == 0
    change(copy / "day_001" / "06_autograd.ipynb", "Warm up", "Warm down")
    failed = invoke(cli.app, ["check"])
    assert failed.exit_code == 1
    assert "06_autograd.ipynb" in failed.output
    assert "Wrote day_001/06_autograd.ipynb" in invoke(cli.app, ["build"]).output.replace("\\", "/")
    assert "up to date" in invoke(cli.app, ["build"]).output
