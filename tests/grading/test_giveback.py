"""The zip of all feedback pages: what Moodle reads from its names is whom the page is for."""

import zipfile

from grading import giveback
from grading.classroom import Classroom
from grading.layouts import MOODLE
from tests.grading.test_collect import MOODLE_LIST, with_list


def pages(room: Classroom, *students: str) -> None:
    for student in students:
        folder = room.folder("feedback", "day_001", student)
        folder.mkdir(parents=True)
        (folder / "06_autograd.html").write_text(f"for {student}")
        (folder / "timestamp.txt").write_text("now")


def contents(path) -> dict[str, str]:
    with zipfile.ZipFile(path) as made:
        return {name: made.read(name).decode() for name in made.namelist()}


def test_without_a_class_list_a_folder_for_each_student(tmp_path):
    room = Classroom(tmp_path / "class")
    pages(room, "ada", "bob")
    assert giveback.bundle(room, "day_001", ["ada", "bob", "nobody"], tmp_path / "back.zip") == 2
    assert contents(tmp_path / "back.zip") == {
        "ada/06_autograd.html": "for ada",
        "bob/06_autograd.html": "for bob",
    }


def test_moodle_finds_everybody_by_number(tmp_path):
    """Also two of one name; a name's own underscore would move the number to another place."""
    room = with_list(
        Classroom(tmp_path / "class"), MOODLE_LIST + 'Participant 7,"Eve_1 / Mallory",eve@example.org,,,\n'
    )
    students = ["ada@example.org", "alan@example.org", "turing@example.org", "eve@example.org"]
    pages(room, *students)
    giveback.bundle(room, "day_001", students, tmp_path / "back.zip")
    numbers = {}
    for name, text in contents(tmp_path / "back.zip").items():
        folder, _, file = name.partition("/")
        assert folder.split("_")[2:] == ["assignsubmission", "file", ""] and file == "06_autograd.html"
        numbers[text.removeprefix("for ")] = MOODLE.fullmatch(folder)["number"]
    assert numbers == dict(zip(students, ["12345", "12347", "12348", "7"], strict=True))
