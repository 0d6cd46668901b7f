"""The data that come with the course, found in a repository and in an installed course."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np

from course.data import digits

ROOT = Path(__file__).resolve().parents[2]


def test_the_digits():
    images, labels = digits()
    assert (images.shape, images.dtype, labels.shape, labels.dtype) == ((1797, 8, 8), np.float32, (1797,), np.int64)
    assert (images.min(), images.max()) == (0, 1)
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (ROOT / "assets/data/digits.LICENSE.txt").is_file()


def test_they_are_found_in_an_installed_course(tmp_path):
    """As `pyproject.toml` puts them into a wheel."""
    (tmp_path / "course").mkdir()
    for name in ("__init__.py", "data.py"):
        shutil.copy(ROOT / "course" / name, tmp_path / "course")
    shutil.copytree(ROOT / "assets/data", tmp_path / "course/assets/data")
    code = "from course.data import digits; print(len(digits()[1]))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"],
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "1797", done.stderr
    include = (ROOT / "pyproject.toml").read_text()
    assert '"assets/data" = "course/assets/data"' in include
