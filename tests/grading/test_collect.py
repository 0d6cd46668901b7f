"""Submissions come in from folders, Moodle, Canvas and nbgrader's exchange; whatever cannot be matched is named."""

import io
import json
import os
import stat
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grading import inbox, layouts, roll, times
from grading.classroom import Classroom
from grading.collect import collect, time_of
from grading.errors import Refused

DAY, NOTEBOOK = "day_001", "06_autograd.ipynb"
BODY = json.dumps({"cells": []}).encode()
MOODLE_LIST = """Identifier,"Full name","Email address",Status,Grade,"Maximum Grade"
Participant 12345,"Ada Lovelace",ada@example.org,,,15
Participant 12346,"José Núñez",jose@example.org,,,15
Participant 12347,"Alan Turing",alan@example.org,,,15
Participant 12348,"Alan Turing",turing@example.org,,,15
"""
CANVAS_LIST = """Student,ID,SIS User ID,SIS Login ID,Section,"06 (77)"
"    Points Possible",,,,,15
"Lovelace, Ada",123,S1,ada,A,
"Núñez, José",124,S2,jose,A,
"Turing, Alan",125,S3,alan,A,
"""


def stamp(hour: int) -> tuple:
    return (2026, 3, 1, hour, 0, 0)


def zipped(path: Path, files: list) -> Path:
    """A zip of (name, bytes, hour), names as they are and as often as they come."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw, hour in files:
            info = zipfile.ZipInfo(name, stamp(hour))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, raw)
    return path


@pytest.fixture
def room(tmp_path):
    return Classroom(tmp_path / "class")


def with_list(room: Classroom, text: str) -> Classroom:
    room.root.mkdir(parents=True, exist_ok=True)
    (room.root / roll.KEPT).write_text(text, encoding="utf-8")
    return room


def taken(room: Classroom) -> dict[str, bytes]:
    base = room.root / "submitted"
    return {str(path.relative_to(base)): path.read_bytes() for path in sorted(base.rglob("*.ipynb"))}


def test_moodle(room, tmp_path):
    file = zipped(
        tmp_path / "moodle.zip",
        [
            (f"Ada Lovelace_12345_assignsubmission_file_/{NOTEBOOK}", b"ada", 9),
            (f"JOSE NUNEZ_99_assignsubmission_file_/{NOTEBOOK}", b"jose", 9),
            (f"Grace Hopper_98_assignsubmission_file_/{NOTEBOOK}", b"grace", 9),
            (f"Alan Turing_97_assignsubmission_file_/{NOTEBOOK}", b"alan", 9),
            ("Ada Lovelace_12345_assignsubmission_onlinetext_/onlinetext.html", b"<p>hello", 9),
        ],
    )
    done = collect(with_list(room, MOODLE_LIST), DAY, file)
    assert taken(room) == {
        f"ada@example.org/{DAY}/{NOTEBOOK}": b"ada",
        f"jose@example.org/{DAY}/{NOTEBOOK}": b"jose",
    }
    said = "\n".join(done.left)
    assert "nobody on the class list is called Grace Hopper" in said
    assert "2 students of the class list are called Alan Turing (alan@example.org, turing@example.org)" in said
    assert "onlinetext.html: not a notebook" in said
    assert len(done.left) == 3
    assert done.missing == ["alan@example.org", "turing@example.org"]
    assert (room.folder("submitted", DAY, "ada@example.org") / "timestamp.txt").is_file()


def test_moodle_by_the_number_of_its_worksheet(room, tmp_path):
    file = zipped(tmp_path / "m.zip", [(f"Participant_12348_assignsubmission_file_{NOTEBOOK}", b"2", 9)])
    assert collect(with_list(room, MOODLE_LIST), DAY, file).students == ["turing@example.org"]


def test_canvas_takes_the_newest_and_keeps_the_older(room, tmp_path):
    file = zipped(
        tmp_path / "canvas.zip",
        [
            ("lovelaceada_LATE_123_456_06_autograd.ipynb", b"first", 8),
            ("lovelaceada_LATE_123_457_06_autograd-1.ipynb", b"second", 9),
            ("nunezjose_999_458_06_autograd.ipynb", b"by name", 8),
            ("nobody_777_459_06_autograd.ipynb", b"?", 8),
            ("notes.ipynb", b"?", 8),
        ],
    )
    done = collect(with_list(room, CANVAS_LIST), DAY, file)
    assert taken(room) == {f"ada/{DAY}/{NOTEBOOK}": b"second", f"jose/{DAY}/{NOTEBOOK}": b"by name"}
    (older,) = (room.root / "attempts" / "ada" / DAY).rglob("*.ipynb")
    assert older.read_bytes() == b"first"
    assert len(done.left) == 2
    assert done.missing == ["alan"]
    assert any("late, but no due date" in note for note in done.notes)


@pytest.fixture(scope="module")
def with_gradebook(tmp_path_factory):
    """A class with Canvas's list in its gradebook, and a due date."""
    room = Classroom(tmp_path_factory.mktemp("due") / "class")
    file = room.root.with_name("list.csv")
    file.write_text(CANVAS_LIST, encoding="cp1252")
    roll.keep(room, file)
    with room.gradebook() as book:
        book.add_assignment(DAY, duedate="2026-03-01 12:00:00 UTC")
    return room


def test_canvass_flag_wins_over_the_time_of_its_file(with_gradebook, tmp_path):
    room, noon = with_gradebook, 1772366400.0  # 2026-03-01 12:00 UTC
    files = [("LATE_", "123", 2), ("", "124", 23), ("LATE_", "125", 23)]
    zipped(tmp_path / "c.zip", [(f"x_{late}{number}_456_{NOTEBOOK}", b"1", hour) for late, number, hour in files])
    assert collect(room, DAY, tmp_path / "c.zip").left == []
    times = [time_of(room.folder("submitted", DAY, student)) for student in ("ada", "jose", "alan")]
    assert times == [noon + 1, noon, time.mktime((*stamp(23), 0, 0, -1))]


def test_lateness_that_is_known_later_counts(with_gradebook, tmp_path):
    """The first time no due date was set: the file's own time stayed, and would be late."""
    room = with_gradebook
    file = zipped(tmp_path / "c.zip", [(f"x_123_456_{NOTEBOOK}", b"the same", 23)])
    with room.gradebook() as book:
        book.update_or_create_assignment(DAY, duedate=None)
    collect(room, DAY, file)
    with room.gradebook() as book:
        book.update_or_create_assignment(DAY, duedate="2026-03-01 12:00:00 UTC")
    done = collect(room, DAY, file)
    assert time_of(room.folder("submitted", DAY, "ada")) == 1772366400.0
    assert not any("older" in note for note in done.notes)


def test_the_gradebooks_students_are_a_class_list_too(with_gradebook, tmp_path):
    (with_gradebook.root / roll.KEPT).unlink()
    file = zipped(tmp_path / "m.zip", [(f"Ada Lovelace_1_assignsubmission_file_/{NOTEBOOK}", BODY, 9)])
    assert collect(with_gradebook, DAY, file).students == ["ada"]


def test_the_exchange(room, tmp_path):
    base = tmp_path / "exchange" / "kindling" / "inbound"
    for name, body in (
        ("ada+day_001+2026-03-01 08:00:00.000000 UTC", b"old"),
        ("ada+day_001+2026-03-01 09:00:00.000000 UTC+x7", b"new"),
        ("bob+x+day_001+2026-03-01 09:00:00 UTC", b"plus"),
        ("ada+day_002+2026-03-01 09:00:00 UTC", b"other"),
    ):
        (base / name).mkdir(parents=True)
        (base / name / NOTEBOOK).write_bytes(body)
        (base / name / "timestamp.txt").write_text(name.split("+")[-1 if "x7" not in name else -2])
    done = collect(room, DAY, tmp_path / "exchange")
    assert taken(room) == {f"ada/{DAY}/{NOTEBOOK}": b"new"}
    assert [path.read_bytes() for path in (room.root / "attempts").rglob("*.ipynb")] == [b"old"]
    said = "\n".join(done.left)
    assert "of another assignment, day_002" in said
    assert "bob+x: not a name that nbgrader can use" in said


def test_what_came_with_the_assignment_is_not_left_and_the_secret_is_kept(room, tmp_path):
    """Students of an exchange hand in the whole folder; the secret is the key to their feedback."""
    checks = room.folder("release", DAY) / "checks"
    checks.mkdir(parents=True)
    (checks / "06.json").write_text("{}")
    folder = tmp_path / "inbound" / "ada+day_001+2026-03-01 09:00:00 UTC+x7"
    (folder / "checks").mkdir(parents=True)
    for name in ("checks/06.json", "checks/07.json", NOTEBOOK, "submission_secret.txt"):
        (folder / name).write_text(name)
    (folder / "timestamp.txt").write_text("2026-03-01 09:00:00 UTC")
    assert collect(room, DAY, tmp_path).left == [f"{folder.name}/checks/07.json: not a notebook"]
    secret = room.folder("submitted", DAY, "ada") / "submission_secret.txt"
    assert secret.read_text() == "submission_secret.txt"
    collect(room, DAY, tmp_path)
    assert not (room.root / "attempts").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files to somebody")
@pytest.mark.parametrize("forged", ["", NOTEBOOK])
def test_what_somebody_else_put_into_the_exchange_is_left(room, tmp_path, forged):
    folder = tmp_path / "inbound" / "ada+day_001+2026-03-01 09:00:00 UTC+x7"
    folder.mkdir(parents=True)
    (folder / NOTEBOOK).write_bytes(b"1")
    pwd = pytest.importorskip("pwd")
    os.chown(folder / forged, 1, 1)
    done = collect(room, DAY, tmp_path)
    assert done.students == []
    assert any(line.endswith(f"{pwd.getpwuid(1).pw_name} put it there") for line in done.left)
    assert collect(room, DAY, tmp_path, believe=True).students == ["ada"]


def test_an_older_attempt_does_not_replace_a_newer_one(room, tmp_path):
    for number, hour in enumerate((9, 8, 10)):
        collect(room, DAY, zipped(tmp_path / f"{number}.zip", [(f"ada/{NOTEBOOK}", str(hour).encode(), hour)]))
    assert taken(room) == {f"ada/{DAY}/{NOTEBOOK}": b"10"}
    assert sorted(path.read_bytes() for path in (room.root / "attempts").rglob("*.ipynb")) == [b"8", b"9"]


def test_collecting_twice_changes_nothing(room, tmp_path):
    file = zipped(tmp_path / "a.zip", [(f"ada/{NOTEBOOK}", b"1", 9)])
    collect(room, DAY, file)
    collect(room, DAY, file)
    assert not (room.root / "attempts").exists()


def test_most_names_tell_the_system(room, tmp_path):
    """One folder that is called as Canvas would call a file does not make all of them Canvas's."""
    names = ("ada", "bob", "cy_2026_1_hand in")
    done = collect(room, DAY, zipped(tmp_path / "f.zip", [(f"{name}/{NOTEBOOK}", b"1", 9) for name in names]))
    assert done.students == sorted(names)


def test_two_notebooks_for_one_are_named(room, tmp_path):
    released = room.folder("release", DAY)
    released.mkdir(parents=True)
    (released / NOTEBOOK).write_text("{}")
    files = [("ada", NOTEBOOK), ("ada", "06_autograd final.ipynb"), ("bob", "mine.ipynb"), ("cy", NOTEBOOK)]
    done = collect(room, DAY, zipped(tmp_path / "f.zip", [(f"{who}/{name}", b"1", 9) for who, name in files]))
    assert [note for note in done.notes if "which one counts" in note] == [
        "ada: more notebooks than were given out, look which one counts: 06_autograd final.ipynb."
    ]


def test_a_zip_that_a_student_handed_in_is_opened_once(room, tmp_path):
    inner, deeper = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(deeper, "w") as archive:
        archive.writestr("x.ipynb", b"deep")
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(f"my work/{NOTEBOOK}", BODY)
        archive.writestr("again.zip", deeper.getvalue())
    file = zipped(tmp_path / "c.zip", [("lovelaceada_123_456_day_001-2.zip", inner.getvalue(), 9)])
    done = collect(with_list(room, CANVAS_LIST), DAY, file)
    assert list(taken(room)) == [f"ada/{DAY}/{NOTEBOOK}"]
    assert [line.rpartition(": ")[2] for line in done.left] == ["a zip in a zip"]


def test_names_without_a_class_list_are_refused(room, tmp_path):
    file = zipped(tmp_path / "m.zip", [(f"Ada Lovelace_1_assignsubmission_file_/{NOTEBOOK}", BODY, 9)])
    with pytest.raises(Refused, match="--students"):
        collect(room, DAY, file)


LISTS = {
    "no column": ("name\nAda\n", "student_id"),
    "twice": ("student_id\nada\nADA\n", "twice"),
    "a path": ("student_id\n../ada\n", "not an id"),
    "empty": ("", "student_id"),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_class_list_that_is_wrong(name):
    text, said = LISTS[name]
    with pytest.raises(Refused, match=said):
        roll.read_csv(text)


# -- what somebody might hand in to do harm ----------------------------------------------------------------------------


def hostile(path: Path) -> Path:
    link = zipfile.ZipInfo(f"eve/{NOTEBOOK}")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (f"../../{NOTEBOOK}", f"/etc/{NOTEBOOK}", f"..\\..\\{NOTEBOOK}", f"mal/../../{NOTEBOOK}"):
            archive.writestr(name, b"out")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("long/" + "x" * 5000 + ".ipynb", b"long")
        archive.writestr("ctrl/a\nb\x1b[31m.ipynb", b"ctrl")
        archive.writestr(f"{'d/' * 50}{NOTEBOOK}", b"deep")
        archive.writestr(f"..ada/{NOTEBOOK}", b"dots")
    return path


def test_hostile_names_stay_inside(room, tmp_path):
    before = set(tmp_path.rglob("*"))
    done = collect(room, DAY, hostile(tmp_path / "h.zip"))
    new = set(tmp_path.rglob("*")) - before - {tmp_path / "h.zip", room.root}
    assert all(path.is_relative_to(room.root / "submitted") for path in new)
    assert sorted(taken(room).values()) == [b"ctrl", b"long"]
    assert all(path.rpartition("/")[2].startswith("notebook-") for path in taken(room))
    assert len(done.left) == 8  # six names, and the two folders of them in which nothing is left
    assert all(line.isprintable() for line in done.left + done.notes)


def test_a_zip_bomb_is_counted_while_it_unfolds(room, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_FILE", 2**20)
    monkeypatch.setattr(inbox, "LARGEST", 3 * 2**20)
    files = [(f"s{n}/{NOTEBOOK}", b"0" * 2**20, 9) for n in range(6)]
    files.append((f"big/{NOTEBOOK}", b"0" * (2**20 + 1), 9))
    done = collect(room, DAY, zipped(tmp_path / "bomb.zip", files))
    assert len(taken(room)) == 3
    assert sum("when unpacked" in line for line in done.left) == 4


def many(count: int, name: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(count):
            archive.writestr(name.format(number), b"")
    return made.getvalue()


# What one student puts into a zip, and the one line that tells of it; the others are taken in all the same.
FLOODS = {
    "more files than are looked at": (many(50_001, "{}"), "eve.zip: a zip of 50001 files"),
    "notebooks": (many(1_100, "{}.ipynb"), "eve.zip/999.ipynb: more than 1000 files"),
    "lines about what was left": (many(2_000, "{}.txt"), "eve.zip: more was left"),
}


@pytest.mark.parametrize("name", FLOODS)
@pytest.mark.parametrize("zipped_up", [True, False])
def test_one_student_cannot_keep_the_others_out(room, tmp_path, name, zipped_up):
    raw, said = FLOODS[name]
    files = {f"ada/{NOTEBOOK}": BODY, "eve.zip": raw, f"zoe/{NOTEBOOK}": BODY}
    if zipped_up:
        source = zipped(tmp_path / "all.zip", [(path, content, 9) for path, content in files.items()])
    else:
        source = tmp_path / "all"
        for path, content in files.items():
            (source / path).parent.mkdir(parents=True, exist_ok=True)
            (source / path).write_bytes(content)
    done = collect(room, DAY, source)
    assert {"ada", "zoe"} <= set(done.students)
    assert said in done.left
    assert len(done.left) <= inbox.MOST_LINES + 1


def test_one_students_share_of_what_is_unfolded(room, tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "SHARE", 3 * 2**20)
    files = [(f"eve/{number}.ipynb", b"0" * 2**20, 9) for number in range(6)]
    done = collect(room, DAY, zipped(tmp_path / "bomb.zip", [*files, (f"zoe/{NOTEBOOK}", b"0" * 2**20, 9)]))
    assert len(taken(room)) == 4 and done.students == ["eve", "zoe"]


def test_a_folder_that_nobody_may_read_is_named(room, tmp_path, monkeypatch):
    for student in ("ada", "eve"):
        (tmp_path / "in" / student).mkdir(parents=True)
        (tmp_path / "in" / student / NOTEBOOK).write_bytes(BODY)
    real = os.scandir

    def scan(path):  # as root everything can be read
        if str(path).endswith("eve"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(inbox.os, "scandir", scan)
    done = collect(room, DAY, tmp_path / "in")
    assert done.students == ["ada"] and "eve: could not be read (Permission denied)" in done.left


@pytest.mark.parametrize("packed", [True, False])
def test_a_time_that_only_the_student_says_is_not_believed(room, tmp_path, packed):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(zipfile.ZipInfo(NOTEBOOK, (1999, 1, 1, 0, 0, 0)), BODY)
        archive.writestr(zipfile.ZipInfo("timestamp.txt", (1999, 1, 1, 0, 0, 0)), "1999-01-01 00:00:00 UTC")
    folder = "Ada Lovelace_12345_assignsubmission_file_"
    loose = [(f"{folder}/{NOTEBOOK}", BODY, 9), (f"{folder}/timestamp.txt", b"1999-01-01 00:00:00 UTC", 9)]
    files = [(f"{folder}/mine.zip", raw.getvalue(), 9)] if packed else loose
    done = collect(with_list(room, MOODLE_LIST), DAY, zipped(tmp_path / "m.zip", files))
    assert time_of(room.folder("submitted", DAY, "ada@example.org")) == time.mktime((*stamp(9), 0, 0, -1))
    assert done.left[0].endswith("timestamp.txt: a time that only the student says")


@pytest.mark.parametrize("seconds", [-(2**40), 2**40])
def test_a_time_that_nobody_can_write_down(seconds):
    assert times.written(seconds)[:4] in ("1970", "9999") and times.label(seconds)[:4] in ("1970", "9999")


@pytest.mark.parametrize("raw", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\xff" * 18])
def test_a_file_that_is_no_zip(room, tmp_path, raw):
    (tmp_path / "x.zip").write_bytes(raw)
    with pytest.raises(Refused):
        collect(room, DAY, tmp_path / "x.zip")


names = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["ada", "../x", "a/b/c", "/abs", "x.zip", ".", "..", "Ada Lovelace_1_assignsubmission_file_", "\0"]
    ),
)
paths = st.lists(names, min_size=1, max_size=4).map("/".join).map(lambda p: p + ".ipynb" if len(p) % 2 else p)
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(st.lists(st.tuples(paths, st.binary(max_size=20)), max_size=8), st.sampled_from(["", *layouts.KINDS]))
@example([("ada/x.ipynb", b"1"), ("ada/x.ipynb", b"2"), ("ada/X.ipynb", b"3")], "folder")
def test_any_zip_is_taken_in_or_named(tmp_path_factory, files, kind):
    base = tmp_path_factory.mktemp("any")
    room = with_list(Classroom(base / "class"), MOODLE_LIST + "Participant 1,ada,ada,,,\n")
    with zipfile.ZipFile(base / "a.zip", "w") as archive:
        for name, raw in files:
            info = zipfile.ZipInfo("x")
            info.filename = name.replace("\0", "\x01").encode("utf-8", "replace").decode() or "x"
            archive.writestr(info, raw)
    done = collect(room, DAY, base / "a.zip", kind)
    kept = list((room.root / "submitted").rglob("*.ipynb")) + list((room.root / "attempts").rglob("*.ipynb"))
    assert set(base.iterdir()) == {base / "a.zip", room.root}
    assert all(path.is_file() and not path.is_symlink() for path in kept)
    assert {path.name for path in room.root.iterdir()} <= {"students.csv", "submitted", "attempts"}
    assert kept or done.left or done.notes or not any(not name.endswith("/") for name, _ in files)


@few
@given(st.data())
def test_a_damaged_zip_never_raises_anything_else(tmp_path_factory, data):
    base = tmp_path_factory.mktemp("damaged")
    raw = bytearray(hostile(base / "h.zip").read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    (base / "h.zip").write_bytes(raw)
    room = Classroom(base / "class")
    try:
        collect(room, DAY, base / "h.zip")
    except Refused:
        return
    assert set(base.iterdir()) <= {base / "h.zip", room.root}


@given(st.text(max_size=400))
def test_any_class_list_is_read_or_refused(text):
    try:
        assert roll.read_csv(text).students
    except Refused:
        return
