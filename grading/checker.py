"""The trusted side of a check: fresh inputs from the class seed, the reference run here, and the judgement."""

import hashlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

from course.checks import codec
from course.checks.data import PUBLIC_SEED, load_exercises, prepare, rng_for
from course.checks.exercise import Exercise
from course.checks.judge import Verdict, agrees, judge

LESSONS = Path(__file__).resolve().parents[1] / "course" / "lessons"


@dataclass(frozen=True, eq=False)
class Question:
    """One exercise with the inputs of this class; `source` and `cases` are all that a session is told.

    `public` numbers the cases that students have anyway, in the check data of their notebooks.
    """

    grade_id: str
    entry: dict
    public: frozenset[int] = frozenset()
    kind = "question"

    @property
    def source(self) -> str:
        return self.entry["observe"]

    @property
    def cases(self) -> list:
        return self.entry["cases"]

    @property
    def points(self) -> float:
        return float(self.entry["points"])

    @property
    def digest(self) -> str:
        """Changes with anything that the mark or its sentence comes from."""
        known = [[wrong["id"], wrong["sentence"]] for wrong in self.entry["misconceptions"]]
        parts = [self.entry["digest"], self.entry["title"], sorted(self.entry["tolerance"].items()), known]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def judge(self, seen) -> Verdict:
        """Compare what a session saw with what the reference does; any rubbish is a wrong answer, never an error."""
        entry = self.entry
        return judge(entry["expected"], entry["misconceptions"], seen, entry["tolerance"], entry["cases"])

    def wrong_example(self, seen: list) -> int | None:
        """The first of the cases that students have anyway which a session saw to be wrong."""
        expected, tolerance = self.entry["expected"], self.entry["tolerance"]
        return next((n for n in sorted(self.public) if not agrees(expected[n], seen[n], tolerance)), None)


def questions(assignment: str, notebook: str, seed: bytes, *lessons: Path) -> dict[str, Question]:
    """The questions of one notebook by grade_id, with inputs that only this class has; the first folder counts."""
    made = {}
    folders = [root / assignment / notebook for root in lessons or (LESSONS,)]
    folder = next((folder for folder in folders if (folder / "exercises.py").is_file()), None)
    for exercise in load_exercises(folder) if folder else ():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a misconception is warned of is no news to an instructor
            entry = prepare(exercise, exercise.inputs(rng_for(seed, exercise.id)))
        made[exercise.grade_id] = Question(exercise.grade_id, entry, _public(exercise, entry["cases"]))
    return made


def _public(exercise: Exercise, cases: list[dict]) -> frozenset[int]:
    """The cases that do not depend on the seed."""
    known = [codec.encode(case) for case in exercise.inputs(rng_for(PUBLIC_SEED, exercise.id))]
    return frozenset(number for number, case in enumerate(cases) if codec.encode(case) in known)
