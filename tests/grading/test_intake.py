"""Whatever a student hands in is rebuilt on the released notebook, with a note, and never raises."""

import copy
import json
import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading import intake


def cell(kind, source, identity, **nbgrader):
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": kind, "id": identity, "metadata": metadata, "source": source}


def graded(name, points=2):
    answer = {"grade_id": f"{name}_answer", "solution": True, "grade": False, "locked": False}
    check = {"grade_id": name, "solution": False, "grade": True, "locked": True, "points": points}
    return [
        cell("code", f"def {name}(x):\n    raise NotImplementedError()", f"{name}_answer", **answer),
        cell("code", f'check("{name}")', name, **check),
    ]


SKELETON = {
    "cells": [
        cell("markdown", "# Title", "top-1"),
        cell("code", "import numpy as np", "top-2"),
        *graded("one"),
        *graded("two", 3),
        cell("code", "last = 1", "end-1"),
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}
RIGHT = {"one": "def one(x):\n    return 1", "two": "def two(x):\n    return 2"}


def student() -> dict:
    made = copy.deepcopy(SKELETON)
    for place in made["cells"]:
        name = place["id"].removesuffix("_answer")
        if name != place["id"]:
            place["source"] = RIGHT[name]
    return made


def rebuilt(notebook) -> intake.Rebuilt:
    raw = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return intake.rebuild(SKELETON, raw)


def sources(found: intake.Rebuilt) -> list[str]:
    return [place.source for place in found.cells]


def assert_fair(found: intake.Rebuilt):
    """Both answers are there, in their places, before their released check cells."""
    by_label = {place.grade_id: place.source for place in found.cells if place.grade_id}
    assert by_label == {
        "one_answer": RIGHT["one"],
        "one": 'check("one")',
        "two_answer": RIGHT["two"],
        "two": 'check("two")',
    }
    order = [place.grade_id for place in found.cells if place.grade_id]
    assert order == ["one_answer", "one", "two_answer", "two"]


def test_an_untouched_structure_needs_no_note():
    found = rebuilt(student())
    assert_fair(found)
    assert found.notes == []


def changed(change):
    made = student()
    change(made["cells"])
    return made


def relabel(cells, **facts):
    cells[3]["metadata"]["nbgrader"].update(facts)


HEALED = {
    "deleted check cell": (lambda cells: cells.pop(3), 0),
    "answer doubled before, pristine": (lambda cells: cells.insert(2, copy.deepcopy(SKELETON["cells"][2])), 1),
    "answer doubled after, pristine": (lambda cells: cells.insert(3, copy.deepcopy(SKELETON["cells"][2])), 1),
    "answer doubled and edited": (
        lambda cells: cells.insert(2, {**cells[2], "source": "def one(x):\n    return 7"}),
        1,
    ),
    "check cell edited": (lambda cells: cells[3].update(source="pass"), 1),
    "check cell made markdown": (lambda cells: cells[3].update(cell_type="markdown"), 0),
    "answer made markdown": (lambda cells: cells[2].update(cell_type="markdown"), 1),
    "solution flag on a check cell": (lambda cells: relabel(cells, solution=True), 0),
    "points raised": (lambda cells: relabel(cells, points=100), 0),
    "grade_id taken away": (lambda cells: cells[2]["metadata"]["nbgrader"].pop("grade_id"), 0),
    "all metadata and ids taken away": (
        lambda cells: [c.update(metadata={}, id=f"x{i}") for i, c in enumerate(cells)],
        2,
    ),
    "order turned round": (lambda cells: cells.reverse(), 0),
    "source as lines": (lambda cells: [c.update(source=c["source"].splitlines(True)) for c in cells], 0),
    "windows line ends": (lambda cells: [c.update(source=c["source"].replace("\n", "\r\n")) for c in cells], 0),
    "cells that are no cells": (lambda cells: cells.extend([None, 3, [], {}, {"cell_type": 7, "source": {"a": 1}}]), 0),
}


@pytest.mark.parametrize("name", HEALED)
def test_healed(name):
    change, notes = HEALED[name]
    found = rebuilt(changed(change))
    assert_fair(found)
    assert len(found.notes) == notes, found.notes


def test_own_cells_stay_where_they_stood():
    made = student()
    made["cells"].insert(2, cell("code", "helper = 3", "own"))
    made["cells"].append(cell("code", "more = 4", "own2"))
    found = sources(rebuilt(made))
    assert found.index("helper = 3") < found.index(RIGHT["one"])
    assert found[-1] == "more = 4"


def test_an_edited_ordinary_cell_is_the_students_and_a_deleted_one_is_there():
    made = student()
    made["cells"][1]["source"] = "import numpy as np, math"
    del made["cells"][-1]
    found = sources(rebuilt(made))
    assert "import numpy as np, math" in found
    assert "import numpy as np" not in found
    assert found[-1] == "last = 1"


def test_an_answer_that_was_deleted_is_the_released_text_again():
    found = rebuilt(changed(lambda cells: cells.pop(2)))
    assert SKELETON["cells"][2]["source"] in sources(found)
    assert any("missing" in note for note in found.notes)


def test_a_cut_off_file_keeps_its_whole_cells():
    raw = json.dumps(student()).encode()
    cut = raw[: raw.index(b"def two")]
    found = rebuilt(cut)
    assert RIGHT["one"] in sources(found)
    assert SKELETON["cells"][4]["source"] in sources(found)
    assert "damaged" in found.notes[0]


def test_of_two_versions_that_git_left_the_first_is_taken():
    lines = json.dumps(student(), indent=1).splitlines(keepends=True)
    theirs = ["=======\n", lines[3].replace('"', "'"), ">>>>>>> other\n"]
    for base in ([], ["||||||| old\n", "{\n"]):
        torn = [*lines[:3], "<<<<<<< HEAD\n", lines[3], *base, *theirs, *lines[4:]]
        found = rebuilt("".join(torn).encode())
        assert sources(found) == sources(rebuilt(student()))
        assert found.notes == ["Git has left two versions in the file: the first one was taken."]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-8-sig"])
def test_other_encodings(encoding):
    made = student()
    made["cells"][0]["source"] = "# Übung"
    found = rebuilt(json.dumps(made, ensure_ascii=False).encode(encoding))
    assert_fair(found)
    assert len(found.notes) == (encoding != "utf-8-sig")


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"null", b"{", b"[" * 100_000, b'{"cells": 3}', b'{"cells": [' + b"9" * 9000]
)
def test_nothing_in_it(raw):
    found = rebuilt(raw)
    assert sources(found) == [place["source"] for place in SKELETON["cells"]]
    assert found.notes


def test_version_3_notebooks_are_read():
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": RIGHT["one"]}]}], "nbformat": 3}
    assert RIGHT["one"] in sources(rebuilt(old))


def test_not_handed_in():
    found = intake.rebuild(SKELETON, None)
    assert found.missing
    assert found.notes == ["This notebook was not handed in."]


@given(st.binary(max_size=300))
def test_any_bytes(raw):
    assert len(rebuilt(raw).cells) >= len(SKELETON["cells"])


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["code", "one_answer", "def one(): 0"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "cell_type", "source", "metadata", "nbgrader", "grade_id", "id", "worksheets"]),
            inner,
        )
    ),
    max_leaves=20,
)


@given(anything, st.lists(anything, max_size=3))
def test_any_json(value, cells):
    for notebook in (value, {"cells": cells}):
        labels = [place.grade_id for place in rebuilt(notebook).cells if place.released]
        assert labels == [None, None, "one_answer", "one", "two_answer", "two", None]


# -- folders -----------------------------------------------------------------------------------------------------------

NAMES = {"06_autograd": {"one", "two"}}


def test_links_and_pipes_are_not_followed(tmp_path):
    (tmp_path / "outside").write_text("secret")
    folder = tmp_path / "submitted"
    folder.mkdir()
    (folder / "06_autograd.ipynb").symlink_to(tmp_path / "outside")
    os.mkfifo(folder / "timestamp.txt")
    found = intake.read_folder(folder, NAMES)
    assert found.notebooks == {}
    assert found.timestamp is None
    assert found.notes == ["06_autograd.ipynb is a link and was not followed."]


def test_a_link_is_not_read_even_when_it_comes_late(tmp_path):
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    assert intake.read_file(tmp_path / "link", []) is None
    assert intake.read_file(tmp_path / "outside", []) == b"secret"


@pytest.mark.parametrize(
    "name", ["06_autograd (1).ipynb", "06_autograd-Copy1.ipynb", "Copy of 06_AUTOGRAD.ipynb", "mine.ipynb"]
)
def test_renamed_notebooks_are_found(tmp_path, name):
    (tmp_path / name).write_text(json.dumps(student()))
    found = intake.read_folder(tmp_path, NAMES)
    assert list(found.notebooks) == ["06_autograd"]
    assert len(found.notes) == 1


def test_a_second_notebook_is_told(tmp_path):
    for name in ("06_autograd.ipynb", "06_autograd_final.ipynb"):
        (tmp_path / name).write_text(json.dumps(student()))
    found = intake.read_folder(tmp_path, NAMES)
    assert found.notes == ["06_autograd_final.ipynb was handed in as well, and not graded."]


def test_a_folder_full_of_large_notebooks_takes_no_long_look(tmp_path):
    for number in range(20):
        with open(tmp_path / f"n{number}.ipynb", "wb") as file:
            file.truncate(intake.MAX_FILE)  # takes no room on the disk
    (tmp_path / "mine.ipynb").write_text(json.dumps(student()))
    labels = {name: {f"{name}_{number}" for number in range(20)} for name in ("05", "07")}
    begun = time.monotonic()
    found = intake.read_folder(tmp_path, {**labels, **NAMES})
    assert time.monotonic() - begun < 5
    assert list(found.notebooks) == ["06_autograd"]
    assert found.notes[0] == "20 notebooks of other names were not looked at."


def test_a_folder_that_is_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "06_autograd.ipynb").write_text(json.dumps(student()))
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert intake.read_folder(tmp_path / "link", NAMES).notebooks == {}


def test_a_folder_that_is_not_there(tmp_path):
    assert intake.read_folder(tmp_path / "none", NAMES).notebooks == {}


def test_the_students_file_is_not_touched(tmp_path):
    path = tmp_path / "06_autograd.ipynb"
    path.write_bytes(b'{"cells": [')
    before = path.stat()
    intake.rebuild(SKELETON, intake.read_folder(tmp_path, NAMES).notebooks["06_autograd"])
    assert path.read_bytes() == b'{"cells": ['
    assert path.stat().st_mtime_ns == before.st_mtime_ns
