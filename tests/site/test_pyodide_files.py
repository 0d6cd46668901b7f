"""Files are accepted by their hash alone, whatever they are called and wherever they come from."""

import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from course.site import pyodide

ROOT = Path(__file__).resolve().parents[2]
WHEEL, CONTENT = "numpy-1-any.whl", b"the genuine wheel"
LOCK = json.dumps(
    {
        "packages": {
            "numpy": {"depends": ["blas"], "file_name": WHEEL, "sha256": hashlib.sha256(CONTENT).hexdigest()},
            "blas": {"depends": ["numpy"], "file_name": "blas.whl", "sha256": hashlib.sha256(b"blas").hexdigest()},
        }
    }
).encode()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder for a Pyodide of two files: a lock file and one more."""
    core = {pyodide.LOCK: LOCK, "pyodide.mjs": b"code"}
    monkeypatch.setattr(pyodide, "CORE", {name: hashlib.sha256(data).hexdigest() for name, data in core.items()})
    monkeypatch.setattr(pyodide, "take", lambda *_: None)  # nothing is to be had from afar
    (tmp_path / "core").mkdir()
    for name, data in core.items():
        (tmp_path / "core" / name).write_bytes(data)
    return tmp_path / "home"


def archive(path, files):
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def test_files_from_a_folder_and_a_wheel(folder, tmp_path):
    carrier = archive(
        tmp_path / "carrier.whl", {f"deep/{WHEEL}": CONTENT, "blas.whl": b"blas", "other.py": b"not ours"}
    )
    pyodide.fetch(folder, [tmp_path / "core", carrier])
    assert pyodide.missing(folder) == {}
    assert sorted(file.name for file in folder.iterdir()) == sorted([pyodide.LOCK, "pyodide.mjs", WHEEL, "blas.whl"])


def test_the_right_name_with_another_hash_is_refused(folder, tmp_path):
    carrier = archive(tmp_path / "carrier.whl", {WHEEL: b"something else", "blas.whl": b"blas"})
    with pytest.raises(pyodide.CannotFetch, match=WHEEL):
        pyodide.fetch(folder, [tmp_path / "core", carrier])
    assert not (folder / WHEEL).exists()


def test_a_lock_file_that_is_not_the_pinned_one_names_no_wheels(folder, tmp_path):
    (tmp_path / "core" / pyodide.LOCK).write_bytes(LOCK + b" ")
    with pytest.raises(pyodide.CannotFetch, match=pyodide.LOCK):
        pyodide.fetch(folder, [tmp_path / "core"])


def test_a_spoilt_file_is_missing_again(folder, tmp_path):
    carrier = archive(tmp_path / "carrier.whl", {WHEEL: CONTENT, "blas.whl": b"blas"})
    pyodide.fetch(folder, [tmp_path / "core", carrier])
    (folder / "pyodide.mjs").write_bytes(b"spoilt")
    assert list(pyodide.missing(folder)) == ["pyodide.mjs"]


def test_files_from_npms_archive(tmp_path):
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as packed:
        part = tarfile.TarInfo("package/pyodide.mjs")
        part.size = 4
        packed.addfile(part, io.BytesIO(b"code"))
    assert list(pyodide.files_in(tmp_path / "p.tgz", {"pyodide.mjs"})) == [("pyodide.mjs", b"code")]


def test_the_bundle_has_the_library_and_no_lesson():
    with zipfile.ZipFile(io.BytesIO(pyodide.bundle(ROOT))) as packed:
        names = packed.namelist()
    assert {"kindling/__init__.py", "kindling/tape/player.js", "course/checks/judge.py", "course/site/cells.py"} <= {
        *names
    }
    assert "day_001/checks/06_autograd.json" in names
    assert [name for name in names if "lesson" in name or name.endswith((".ipynb", ".pyc"))] == []
    assert pyodide.bundle(ROOT) == pyodide.bundle(ROOT)
