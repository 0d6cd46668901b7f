"""Fixtures of the grader's tests: a class that is released once, and the skip where bubblewrap cannot run."""

import shutil

import pytest

from grading.sandbox import why_not
from tests.grading.classes import released_class


def pytest_collection_modifyitems(items):
    marked = [item for item in items if item.get_closest_marker("sandbox")]
    reason = why_not() if marked else None
    for item in marked if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def _released(tmp_path_factory):
    return released_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def classroom(_released, tmp_path_factory):
    """A class of this module's own, with the stand-in lesson released."""
    root = tmp_path_factory.mktemp("class") / "class"
    shutil.copytree(_released.root, root)
    return type(_released)(root)
