"""Marks leave as CSV: every field survives the way back, none is a formula, ids are those of the class list."""

import csv
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grading import export, roll
from grading.errors import Refused
from tests.grading.classes import DAY, NOTEBOOK

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,day_001 (77)\n    Points Possible,,,,,12\n"
CANVAS += '"O""Neil, Ada",123,S1,ada,A,\n"=cmd|\'/c calc\'!A0",124,S2,bob,A,\n"Cy, Cy",125,S3,cy,A,\n'
MOODLE = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (grade)"\n'
    'Participant 9,"Ada O""Neil",ada,,,"100,00","Monday, 2 March 2026, 9:00 AM"\nParticipant 8,"+Bob",bob,,,"100,00",\n'
)


@pytest.fixture(scope="module")
def marked(classroom, tmp_path_factory):
    """Ada has 5.5 points less 1 for lateness, Bob waits for a person, Cy handed in nothing."""
    file = tmp_path_factory.mktemp("list") / "list.csv"
    file.write_text(CANVAS)
    roll.keep(classroom, file)
    with classroom.gradebook() as book:
        for student in ("ada", "bob"):
            book.add_submission(DAY, student, timestamp="2026-03-01 10:00:00 UTC")
        for name, score in (("06_double", 2.0), ("06_normed", 3.5), ("06_greet", 0.0)):
            grade = book.find_grade(name, NOTEBOOK, DAY, "ada")
            grade.auto_score, grade.needs_manual_grade = score, False
        book.find_submission_notebook(NOTEBOOK, DAY, "ada").late_submission_penalty = 1.0
        book.find_grade("06_double", NOTEBOOK, DAY, "bob").needs_manual_grade = True
        book.db.commit()
    line = {"assignment": DAY, "student": "ada", "seed": classroom.seed_hash()}
    (classroom.root / "journal.jsonl").write_text(json.dumps(line) + "\n")
    return classroom


def rows(file) -> list[dict]:
    with open(file, newline="", encoding="utf-8-sig") as opened:
        found = list(csv.DictReader(opened))
    assert not any(value.startswith(export.FORMULA) for row in found for value in row.values())
    return found


def test_nbgraders_columns_and_the_seed(marked, tmp_path):
    assert export.export(marked, tmp_path / "m.csv").rows == 3
    by_id = {row["student_id"]: row for row in rows(tmp_path / "m.csv")}
    ada = by_id["ada"]
    assert (ada["raw_score"], ada["late_submission_penalty"], ada["score"], ada["max_score"]) == (
        "5.5",
        "1.0",
        "4.5",
        "12.0",
    )
    assert (ada["last_name"], ada["seed"]) == ('O"Neil', marked.seed_hash())
    assert by_id["bob"]["first_name"].startswith("'=cmd")
    assert (by_id["bob"]["needs_manual_grade"], by_id["cy"]["score"]) == ("True", "0.0")


def test_canvas_gets_its_own_table_back(marked, tmp_path):
    done = export.export(marked, tmp_path / "m.csv", "canvas")
    points, *students = rows(tmp_path / "m.csv")
    assert (points["Student"], points["day_001 (77)"]) == ("    Points Possible", "12.0")
    assert [(s["Student"], s["ID"], s["SIS Login ID"]) for s in students][:2] == [
        ('O"Neil, Ada', "123", "ada"),
        ("'=cmd|'/c calc'!A0", "124", "bob"),
    ]
    assert [s["day_001 (77)"] for s in students] == ["4.5", "", ""]
    assert done.notes == ["bob has no mark yet in day_001: a person has to look (formgrader)."]


def test_moodle_gets_its_worksheet_back(marked, tmp_path):
    kept = marked.root / roll.KEPT
    before = kept.read_text()
    kept.write_text(MOODLE)
    try:
        done = export.export(marked, tmp_path / "m.csv", "moodle", DAY)
    finally:
        kept.write_text(before)
    ada, bob = rows(tmp_path / "m.csv")
    assert (ada["Identifier"], ada["Full name"], ada["Grade"]) == ("Participant 9", 'Ada O"Neil', "4.5")
    assert (bob["Full name"], bob["Grade"]) == ("'+Bob", "")
    # Moodle's importer refuses a file without these three.
    assert {"Identifier", "Grade", "Last modified (grade)"} <= ada.keys()
    assert ada["Last modified (grade)"] == "Monday, 2 March 2026, 9:00 AM"
    assert "Moodle's maximum grade is 100,00, this assignment's 12." in done.notes


@pytest.mark.parametrize(
    ("column", "head", "said"),
    [
        ("", "day_001 (77)", []),
        ("day_001 (77)", "day_001 (77)", []),
        (
            "Week 1",
            "Week 1",
            [
                "Canvas will make a new assignment Week 1. If it has one already, give its name with --column; "
                "the class list has day_001 (77)."
            ],
        ),
    ],
)
def test_the_column_of_canvas(marked, tmp_path, column, head, said):
    notes = export.export(marked, tmp_path / "m.csv", "canvas", DAY, column).notes
    assert list(rows(tmp_path / "m.csv")[0])[-1] == head
    assert [note for note in notes if "Canvas" in note] == said


def test_a_column_is_canvass(marked, tmp_path):
    with pytest.raises(Refused, match="--format canvas"):
        export.export(marked, tmp_path / "m.csv", "moodle", DAY, "Week 1")


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_another_systems_list_is_refused(marked, tmp_path, form):
    kept = marked.root / roll.KEPT
    before = kept.read_text()
    kept.write_text("student_id\nada\n")
    try:
        with pytest.raises(Refused, match="--students"):
            export.export(marked, tmp_path / "m.csv", form, DAY)
    finally:
        kept.write_text(before)


def test_an_assignment_that_is_not_there(marked, tmp_path):
    with pytest.raises(Refused, match="no assignment day_900"):
        export.export(marked, tmp_path / "m.csv", assignment="day_900")


@example("'")
@given(
    st.text(max_size=20) | st.sampled_from([a + b + "1" for a in ("", "  ", "\xa0", "\ufeff ") for b in "=+-@\t\r\n"])
)
def test_no_text_is_a_formula(text):
    safe = export.plain(text)
    assert not safe.strip(export.UNSEEN).startswith(export.FORMULA)
    assert {safe, safe.removeprefix("'")} & {text, text.replace("\0", "")}


@pytest.mark.parametrize("number", [-1.5, 0, 3, True])
def test_numbers_stay_numbers(number):
    assert export.plain(number) is number
