"""Check data: what a check needs at the student's side, made from exercises on the trusted side.

One exercise's entry is a plain dict: id, title, points, observe (source text), cases, expected, misconceptions
(id, sentence, observations), tolerance, hints, worked, why, digest. In the file (schema 1) cases and observations are
encoded by `codec`; `read_check_data` gives them back decoded. No reference source is in it.
"""

import hashlib
import importlib
import importlib.util
import inspect
import json
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np

from course.checks import codec
from course.checks.exercise import Exercise
from course.checks.judge import judge, observe_cases

SCHEMA = 1
PUBLIC_SEED = b"kindling check data"


def rng_for(seed: bytes, exercise_id: str) -> np.random.Generator:
    """The random stream of one exercise under one seed."""
    digest = hashlib.sha256(seed + b"\0" + exercise_id.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


# -- trusted: from exercises to entries --------------------------------------------------------------------------------


def load_exercises(lesson_dir: str | Path) -> list[Exercise]:
    """The exercises of a lesson's folder, each with its reference taken from the lesson's solution cell."""
    folder = Path(lesson_dir)
    found = [exercise for file in exercise_files(folder) for exercise in _module(file).EXERCISES]
    cells = _cells_by_grade_id(folder / "lesson.md")
    return [replace(exercise, reference=cells[exercise.grade_id + "_answer"]) for exercise in found]


def exercise_files(lesson_dir: Path) -> list[Path]:
    """Where a lesson's exercises are written: `exercises.py`, and beside it the rest of a long list."""
    return sorted(lesson_dir.glob("exercises*.py"))


def _module(file: Path):
    spec = importlib.util.spec_from_file_location(f"_{file.parent.name}_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cells_by_grade_id(lesson: Path) -> dict[str, str]:
    import jupytext  # slow to import, and only where lessons are

    cells = jupytext.read(lesson).cells
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells if "nbgrader" in cell.metadata}


def namespace(library, *sources: str) -> dict:
    """The names that source texts define one after another, as cells of a notebook with `torch` imported do."""
    names = {"__name__": "__main__", "torch": library}
    for source in sources:
        exec(compile(source, "<answer>", "exec"), names)
    return names


def observe_source(exercise: Exercise) -> str:
    """The source text of an exercise's `observe`."""
    return textwrap.dedent(inspect.getsource(exercise.observe))


def prepare(exercise: Exercise, cases: list[dict], library=None) -> dict:
    """The entry of an exercise for some cases: the reference and every misconception are run through its `observe`.

    The grader calls it with `exercise.inputs(rng_for(secret, exercise.id))`; the library is kindling unless given.
    """
    library = library or importlib.import_module("kindling")
    source = observe_source(exercise)

    def watch(*answers: str) -> list[dict]:
        return observe_cases(source, namespace(library, exercise.reference, *answers), cases)

    return {
        "id": exercise.id,
        "title": exercise.title,
        "points": exercise.points,
        "observe": source,
        "cases": cases,
        "expected": watch(),
        "misconceptions": [
            {"id": known.id, "sentence": known.sentence, "observations": watch(answer)}
            for known in exercise.misconceptions
            for answer in known.answers
        ],
        "tolerance": dict(exercise.tolerance or {}),
        "hints": list(exercise.hints),
        "worked": exercise.worked,
        "why": exercise.why,
        "digest": _digest(exercise, source, cases),
    }


def _digest(exercise: Exercise, source: str, cases: list[dict]) -> str:
    answers = [answer for known in exercise.misconceptions for answer in known.answers]
    parts = [source, exercise.reference, *answers, json.dumps(codec.encode(cases))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def build_check_data(exercises: list[Exercise], seed: bytes = PUBLIC_SEED) -> dict:
    """The JSON value of a lesson's check data file."""
    entries = [prepare(exercise, exercise.inputs(rng_for(seed, exercise.id))) for exercise in exercises]
    for entry in entries:
        _refuse_blurred(entry)
    return {"schema": SCHEMA, "exercises": [_encoded(entry) for entry in entries]}


def _refuse_blurred(entry: dict) -> None:
    """Stop when a misconception is no mistake, or looks like another one: its sentence would be a guess."""
    for known in entry["misconceptions"]:
        seen = known["observations"]
        verdict = judge(entry["expected"], entry["misconceptions"], seen, entry["tolerance"], entry["cases"])
        if verdict.passed:
            raise ValueError(f"{entry['id']}: the misconception {known['id']} is right in all cases")
        if verdict.misconception_id != known["id"]:
            raise ValueError(f"{entry['id']}: {known['id']} and {verdict.misconception_id} cannot be told apart")


def _encoded(entry: dict) -> dict:
    """An entry as it stands in a file. A misconception's observation is null where it is the right one."""
    cases, expected = ([codec.encode(item) for item in entry[key]] for key in ("cases", "expected"))
    misconceptions = []
    for known in entry["misconceptions"]:
        seen = [codec.encode(item) for item in known["observations"]]
        seen = [None if one == right else one for one, right in zip(seen, expected, strict=True)]
        misconceptions.append({**known, "observations": seen})
    return {**entry, "cases": cases, "expected": expected, "misconceptions": misconceptions}


def check_data_text(data: dict) -> str:
    """The text of a check data file: one line for each case, each observation and each misconception."""
    return _lines(data, 4, "") + "\n"


def _lines(value, depth: int, indent: str) -> str:
    if depth == 0 or not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {_lines(item, depth - 1, indent + ' ')}" for key, item in value.items()]
    else:
        parts = [_lines(item, depth - 1, indent + " ") for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{indent} " + f",\n{indent} ".join(parts) + f"\n{indent}{closing}"


# -- anywhere: from the file to an entry -------------------------------------------------------------------------------


def read_check_data(data: str | Path | dict) -> dict[str, dict]:
    """The entries of a check data file (or of its JSON value) by exercise id."""
    if not isinstance(data, dict):
        data = codec.parse(Path(data).read_text(encoding="utf-8"))
    if data.get("schema") != SCHEMA:
        raise ValueError(f"check data of schema {data.get('schema')}; this version of the course reads schema {SCHEMA}")
    return {entry["id"]: _decoded(entry) for entry in data["exercises"]}


def _decoded(entry: dict) -> dict:
    cases, expected = ([codec.decode(item) for item in entry[key]] for key in ("cases", "expected"))
    misconceptions = []
    for known in entry["misconceptions"]:
        pairs = zip(known["observations"], expected, strict=True)
        seen = [right if one is None else codec.decode(one) for one, right in pairs]
        misconceptions.append({**known, "observations": seen})
    return {**entry, "cases": cases, "expected": expected, "misconceptions": misconceptions}


def check_data_path(exercise_id: str, start: str | Path = ".") -> Path | None:
    """The check data file of an exercise: beside the notebook, above it, or in the folder the course came in."""
    lesson = exercise_id.partition(".")[0]
    here = Path(start).resolve()
    for folder in (here, *here.parents[:3], Path(__file__).resolve().parents[2]):
        for pattern in (f"checks/{lesson}_*.json", f"day_*/checks/{lesson}_*.json"):
            found = next(iter(sorted(folder.glob(pattern))), None)
            if found is not None:
                return found
    return None
