"""`nbgrader autograde` and formgrader's button, with this grader's engine instead of a kernel on this machine.

The class's nbgrader_config.py calls `use`. Manual marks, late penalties and extensions stay nbgrader's.
"""

import importlib
import re
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from grading.classroom import Classroom, configure
from grading.engine import grade
from grading.errors import Refused

PLACES = ("nbgrader.converters", "nbgrader.apps.autogradeapp", "nbgrader.apps.api")


class SandboxAutograde(Autograde):
    """nbgrader's step from `submitted` to `autograded`; what it finds is graded in the sandbox."""

    def convert_notebooks(self) -> None:
        """Grade the submissions that nbgrader has found."""
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        found = [re.match(pattern, folder) for folder in sorted(self.assignments)]
        excluded = self.coursedir.student_id_exclude.split(",")
        students = [match["student"] for match in found if match and match["student"] not in excluded]
        classroom = Classroom(Path(self.coursedir.root), self.coursedir.db_url)
        try:
            summary = grade(
                classroom,
                self.coursedir.assignment_id,
                students=students,
                force=self.force,
                progress=lambda student, status: self.log.info("%s: %s", student, status),
            )
        except Refused as reason:
            self.log.error(str(reason))
            raise NbGraderException(str(reason)) from None
        for student, reason in sorted(summary.failed.items()):
            self.log.error("%s was not graded and has no mark: %s", student, reason)
        if summary.failed:
            raise NbGraderException(f"{len(summary.failed)} of {len(students)} submissions were not graded.")


def use(config, root: Path) -> None:
    """Configure nbgrader for the class in `root`, and put this grader where nbgrader's commands and formgrader look.

    It stops with AttributeError in a version of nbgrader that has other places: code is never run unprotected instead.
    """
    configure(config, Classroom(root))
    for place in PLACES:
        module = importlib.import_module(place)
        if not issubclass(module.Autograde, Autograde):
            raise AttributeError(f"{place} has another Autograde than this grader knows: use `kindling class grade`.")
        module.Autograde = SandboxAutograde
