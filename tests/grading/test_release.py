"""What is given out holds no solution; class.toml changes a class without a fork, and tells each mistake."""

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grading import release as releasing
from grading import settings, source
from grading.classroom import Classroom
from grading.errors import Refused
from tests.grading import classes

ROOT = Path(__file__).resolve().parents[2]
DAY, NOTEBOOK = classes.DAY, classes.NOTEBOOK
OWN = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def config(root: Path, text: str) -> Classroom:
    root.mkdir(parents=True, exist_ok=True)
    (root / settings.FILE).write_text(text)
    return Classroom(root)


def source_cells(room: Classroom) -> dict:
    cells = room.notebooks("source", DAY)[NOTEBOOK]["cells"]
    return {cell["id"]: cell for cell in cells}


def beside(cell: str) -> dict[str, bytes]:
    made = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": cell}
    return {"own.ipynb": json.dumps({**OWN, "cells": [made]}).encode()}


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", text * 50)
    return file.getvalue()


CANARY = "kindling-canary-" + "test"
PLACES = {
    "a note in a notebook": beside(f"see {CANARY}"),
    "a file beside it": {"hint.txt": CANARY.encode()},
    "a file in a zip": {"data.zip": zipped(CANARY)},
}


@pytest.mark.parametrize("place", PLACES)
def test_a_release_with_a_canary_is_taken_back(classroom, place):
    for name, raw in PLACES[place].items():
        (classroom.folder("source", DAY) / name).write_bytes(raw)
    with pytest.raises(Refused, match=CANARY):
        releasing.release(classroom, DAY, classes.HERE)
    assert not classroom.folder("release", DAY).exists()
    for name in PLACES[place]:
        (classroom.folder("source", DAY) / name).unlink()


@pytest.fixture
def room(tmp_path):
    """A released class of this test alone."""
    return classes.released_class(tmp_path / "class")


@pytest.fixture
def marked(room):
    """The class with a submission in the gradebook."""
    with room.gradebook() as book:
        book.update_or_create_student("ada")
        book.update_or_create_submission(DAY, "ada")
    return room


@pytest.mark.parametrize("change", ["a notebook more", "a lesson less"])
def test_after_the_first_mark_the_notebooks_stay(marked, change):
    """nbgrader would refuse it, and remove what was released before."""
    more = marked.folder("source", DAY) / "essay.ipynb"
    if change == "a notebook more":
        more.write_text(json.dumps(OWN))
    else:
        config(marked.root, f'drop = ["{NOTEBOOK}"]')
    name = more.stem if change == "a notebook more" else NOTEBOOK
    with pytest.raises(Refused, match=f"has marks already.*{name}.*an assignment of its own"):
        releasing.release(Classroom(marked.root), DAY, classes.HERE)
    assert list(marked.notebooks("release", DAY)) == [NOTEBOOK]


def test_when_nbgrader_fails_the_release_before_stays(room):
    bad = {"cell_type": "code", "source": "x", "outputs": [], "execution_count": None, "id": "x"}
    marks = {"grade": True, "grade_id": "no points", "solution": False, "locked": True, "schema_version": 3}
    notebook = {**OWN, "cells": [{**bad, "metadata": {"nbgrader": marks}}] * 2}
    (room.folder("source", DAY) / "own.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(Refused) as refused:
        releasing.release(room, DAY, classes.HERE)
    assert "traceback" not in str(refused.value)
    assert list(room.notebooks("release", DAY)) == [NOTEBOOK]
    assert sorted(path.name for path in (room.root / "release").iterdir()) == [DAY]


@pytest.fixture(scope="module")
def kit(_released):
    pytest.importorskip("hatchling")
    return _released, releasing.make_kit(_released, DAY)


def test_the_kit_works_by_itself(kit, tmp_path):
    """The wheel and the notebooks of the kit, far from the repository, check an answer."""
    room, file = kit
    with zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
    (wheel,) = (tmp_path / "kindling").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = "from course.checks import check\ndef double(x): return x * x\nprint(check('06.double').misconception_id)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "kindling" / DAY,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "squares", done.stderr
    assert (tmp_path / "kindling" / DAY / f"{NOTEBOOK}.ipynb").is_file()


def test_a_kit_with_a_canary_is_refused(kit):
    room, _ = kit
    bad = room.folder("release", DAY) / "notes.txt"
    bad.write_text(CANARY)
    with pytest.raises(Refused, match=CANARY):
        releasing.make_kit(room, DAY)
    bad.unlink()
    assert list((room.root / "kit").iterdir()) == [room.root / "kit" / f"{DAY}.zip"]


# -- class.toml --------------------------------------------------------------------------------------------------------

PRIVATE = """
[points]
"06.double" = 5
"77.double" = 0.5
"""


def private_lesson(folder: Path) -> Path:
    """The stand-in lesson under another name, outside the repository."""
    target = folder / DAY / "77_private"
    shutil.copytree(classes.LESSONS / DAY / NOTEBOOK, target, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("lesson.md", "exercises.py"):
        text = (target / name).read_text()
        for old, new in (("06_", "77_"), ('"06.', '"77.')):
            text = text.replace(old, new)
        (target / name).write_text(text)
    return folder


def test_points_and_private_exercises(tmp_path):
    private_lesson(tmp_path / "private")
    room = config(tmp_path / "class", 'extras = ["../private"]' + PRIVATE)
    assert source.make(room, DAY, classes.HERE) == []
    made = room.notebooks("source", DAY)
    assert sorted(made) == [NOTEBOOK, "77_private"]
    points = {
        c["id"]: c["metadata"]["nbgrader"].get("points")
        for n in made.values()
        for c in n["cells"]
        if "nbgrader" in c["metadata"]
    }
    assert (points["06_double"], points["77_double"], points["06_greet"]) == (5, 0.5, 6)


BROKEN = {
    "no list": (
        "EXERCISES",
        "EXERCISE",
        "77_private cannot be used as it is: AttributeError.*'EXERCISES'",
    ),
    "no Python": ("EXERCISES =", "EXERCISES = =", "77_private cannot be used as it is: SyntaxError"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("points", ["", PRIVATE])
def test_a_private_lesson_that_does_not_work_is_named(tmp_path, name, points):
    old, new, said = BROKEN[name]
    file = private_lesson(tmp_path / "private") / DAY / "77_private" / "exercises.py"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(Refused, match=said):
        source.make(config(tmp_path / "class", 'extras = ["../private"]' + points), DAY, classes.HERE)


def test_a_dropped_lesson_is_not_given_out(tmp_path):
    private_lesson(tmp_path / "private")
    root = tmp_path / "class"
    source.make(config(root, 'extras = ["../private"]'), DAY, classes.HERE)
    (note,) = source.make(config(root, f'drop = ["{NOTEBOOK}"]\nextras = ["../private"]'), DAY, classes.HERE)[:1]
    assert NOTEBOOK in note
    assert sorted(Classroom(root).notebooks("source", DAY)) == ["77_private"]


def test_what_was_changed_by_hand_is_left(tmp_path):
    room = Classroom(tmp_path / "class")
    source.make(room, DAY, classes.HERE)
    file = room.folder("source", DAY) / f"{NOTEBOOK}.ipynb"
    file.write_text(file.read_text().replace("# Length one", "# A length of one"))
    (note,) = source.make(room, DAY, classes.HERE)
    assert "changed by hand" in note
    assert "A length of one" in file.read_text()
    file.unlink()
    assert source.make(room, DAY, classes.HERE) == []
    assert "A length of one" not in file.read_text()


MISTAKES = {
    "no toml": ("points = ", "is not TOML"),
    "unknown": ("pionts = {}", "there is no setting pionts; there are db_url"),
    "unknown in a table": ("[limits]\nseconds = 3", "there is no setting seconds in [limits]; there are cell_seconds"),
    "a text for a table": ('points = "2"', "points must be a table"),
    "negative points": ('[points]\n"06.double" = -1', "the points of 06.double must be a number from 0 to 1000"),
    "true is no number": ('[points]\n"06.double" = true', "the points of 06.double must be a number"),
    "not a number": ('[points]\n"06.double" = nan', "the points of 06.double must be a number"),
    "a text for a list": ('drop = "06"', 'drop must be a list of texts, as in drop = ["05_shapes"]'),
    "no folder": ('extras = ["nowhere"]', "nowhere holds no ASSIGNMENT/LESSON/exercises.py"),
    "no variant": ("variants = 0", "variants must be a whole number from 1 to 50"),
    "an address": ('db_url = "gradebook.db"', "db_url must be an address"),
    "half a worker": ("[limits]\nworkers = 1.5", "limits.workers must be a whole number from 0"),
    "no time": ("[limits]\ncell_seconds = 0", "limits.cell_seconds must be a number from 0.1"),
    "a method": ('[late]\npenalty_method = "half"', 'late.penalty_method must be "none" or "zero"'),
    "a plugin": ('[late]\nplugin = "Policy"', "late.plugin must name a class"),
    "no such plugin": ('[late]\nplugin = "nowhere.Policy"', "late.plugin nowhere.Policy could not be loaded"),
}
LATER = {
    "no such lesson": ('drop = ["99_none"]', "drop: there is no lesson 99_none"),
    "no such exercise": ('[points]\n"06.none" = 1', "points: there is no exercise 06.none"),
    "points of a dropped lesson": (
        f'drop = ["{NOTEBOOK}"]\n[points]\n"06.double" = 1',
        "there is no exercise 06.double",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_has_a_sentence(tmp_path, name):
    text, said = MISTAKES[name]
    with pytest.raises(Refused) as refused:
        settings.read(config(tmp_path, text).root / settings.FILE)
    assert said in str(refused.value)
    assert str(refused.value).count("\n") == 0


@pytest.mark.parametrize("name", LATER)
def test_what_does_not_exist_is_named(tmp_path, name):
    text, said = LATER[name]
    with pytest.raises(Refused, match=said):
        source.make(config(tmp_path, text), DAY, classes.HERE)


def test_all_mistakes_at_once(tmp_path):
    with pytest.raises(Refused) as refused:
        settings.read(config(tmp_path, "drop = 3\nnothing = 1\n[limits]\nworkers = -1").root / settings.FILE)
    assert len(str(refused.value).splitlines()) == 3


def test_a_plugin_beside_the_file(tmp_path):
    code = "from nbgrader.plugins import BasePlugin\nclass Gentle(BasePlugin):\n    pass\n"
    (tmp_path / "kindling_test_policy.py").write_text(code)
    room = config(tmp_path, '[late]\nplugin = "kindling_test_policy.Gentle"')
    assert room.config.AssignLatePenalties.plugin_class.__name__ == "Gentle"


def test_the_documented_file_is_right(tmp_path):
    text = (ROOT / "docs" / "instructors.md").read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    private_lesson(tmp_path / "private")
    policy = "class Gentle:\n    pass\n"
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "policy.py").write_text(policy)
    found = config(tmp_path / "class", example.replace("~/private", "../private")).settings
    assert found != settings.Settings()
    named = {line.partition(" =")[0].strip('[]" ') for line in example.splitlines() if line and line[0] != "#"}
    assert {"db_url", "drop", "extras", "points", "limits", "late", "cell_seconds", "plugin"} <= named
