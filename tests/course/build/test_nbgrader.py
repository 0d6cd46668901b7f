"""nbgrader itself releases what the builder commits, and stock grading says what `check` says."""

import json
import os
import sys
from pathlib import Path

import pytest

from course.build import builder

ROOT = Path(__file__).resolve().parents[3]
NOTEBOOK, CHECKS = Path("day_001", "06_autograd.ipynb"), Path("day_001", "checks", "06_autograd.json")


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """nbgrader in a class's folder in which the day is released."""
    pytest.importorskip("nbgrader")
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    folder = tmp_path_factory.mktemp("class")
    builder.write(folder, builder.files_of(builder.find_lessons(ROOT), builder.source_files))
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = f"sqlite:///{folder / 'gradebook.db'}"
    with pytest.MonkeyPatch.context() as patch:
        # nbgrader starts `alembic` by name, and kernels that must find this course
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "lib"), str(ROOT)]))
        found = NbGraderAPI(config=config)
        assert found.generate_assignment("day_001")["success"]
        yield found


def folder_of(api) -> Path:
    return Path(api.coursedir.root)


def test_the_release_is_what_is_committed(api):
    import nbformat

    released = nbformat.read(folder_of(api) / "release" / NOTEBOOK, as_version=4)
    committed = nbformat.read(ROOT / NOTEBOOK, as_version=4)
    for cell in released.cells:
        cell.metadata.get("nbgrader", {}).pop("checksum", None)  # all that nbgrader adds
    assert released == committed
    assert (folder_of(api) / "release" / CHECKS).read_bytes() == (ROOT / CHECKS).read_bytes()


def test_no_solution_is_in_the_release(api):
    texts = [file.read_bytes() for file in (folder_of(api) / "release").rglob("*") if file.is_file()]
    assert texts
    assert not any(b"kindling-canary" in text or b"SOLUTION" in text for text in texts)
    assert b"kindling-canary" in (folder_of(api) / "source" / NOTEBOOK).read_bytes()


def test_stock_grading_says_what_check_says(api):
    submission = json.loads((folder_of(api) / "release" / NOTEBOOK).read_text(encoding="utf-8"))
    answer = next(cell for cell in submission["cells"] if cell["id"] == "06_mul_rule_answer")
    answer["source"] = "def add_rule(g, x, y): return g * 0, g * 0"
    target = folder_of(api) / "submitted" / "wrong" / NOTEBOOK
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(submission), encoding="utf-8")
    graded = api.autograde("day_001", "wrong")
    assert graded["success"], graded
    with api.gradebook as gradebook:
        assert gradebook.find_assignment("day_001").max_score == 15
        assert gradebook.find_submission("day_001", "wrong").score == 0
    import nbformat

    notebook = nbformat.read(folder_of(api) / "autograded" / "wrong" / NOTEBOOK, as_version=4)
    (output,) = next(cell for cell in notebook.cells if cell.id == "06_mul_rule").outputs
    assert output.evalue.startswith("Addition lets the whole gradient through.")
