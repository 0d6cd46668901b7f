"""`check` and `prediction`: what a learner calls in a cell."""

import os
import sys
from math import isclose

from course.checks import cells, record, show
from course.checks.codec import TensorData
from course.checks.data import check_data_path, read_check_data
from course.checks.judge import Verdict, judge, observe_cases
from course.checks.observe import plain
from course.checks.words import value_text

SECONDS = 2.0
WORKED_AFTER = 3  # equal failures in a row
EDITED = "The cell with your answer was changed after it last ran. Run it (Shift+Enter), then check again."

_failures: dict[str, tuple[tuple, int]] = {}  # exercise id -> what was wrong the last time, and how often in a row


def check(exercise_id: str, ns: dict | None = None, data=None) -> Verdict:
    """Check your answer to an exercise and show what was found.

    `ns` are the names to look in, by default the notebook's; `data` is the check data, by default found by itself.
    """
    file = data or check_data_path(exercise_id, cells.folder())
    entry = read_check_data(file).get(exercise_id) if file else None
    if entry is None:
        return _tell(f"There is no check called {exercise_id} here. Is the notebook still in its own folder?")
    try:
        got = observe_cases(entry["observe"], _names() if ns is None else ns, entry["cases"], SECONDS)
    except KeyboardInterrupt:
        return _tell("The check was stopped.")
    verdict = judge(entry["expected"], entry["misconceptions"], got, entry["tolerance"], entry["cases"])
    if not verdict.passed and cells.changed_since_run(entry["id"].replace(".", "_") + "_answer"):
        return _tell(EDITED)
    _show_verdict(verdict, entry)
    return verdict


def _names() -> dict:
    """The names of the notebook, or of the program that calls."""
    shell = cells.shell()
    return shell.user_ns if shell else vars(sys.modules["__main__"])


def _graded() -> bool:
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def _tell(sentence: str) -> Verdict:
    """A sentence about the notebook rather than about the answer."""
    if _graded():
        raise AssertionError(sentence)
    _display(show.card("told", "Check", show.prose(sentence)), sentence)
    return Verdict(False, sentence, lead=sentence)


def _show_verdict(verdict: Verdict, entry: dict) -> None:
    if _graded():
        if not verdict.passed:
            raise AssertionError(verdict.sentence)
        return
    times = _equal_failures(verdict, entry["id"])
    hints, worked = _hints(entry, times), entry.get("worked", "") if times >= WORKED_AFTER else ""
    offered = [show.OFFER, worked] if worked else []
    text = "\n".join([verdict.sentence, *([entry["why"]] if verdict.passed else [*hints, *offered])])
    _display(show.verdict_html(verdict, entry, hints, worked), text)
    record.note(cells.folder(), "check", entry["id"], passed=verdict.passed, misconception=verdict.misconception_id)


def _equal_failures(verdict: Verdict, exercise_id: str) -> int:
    """How often in a row the same thing is wrong now: the same misconception, in the same case."""
    if verdict.passed:
        _failures.pop(exercise_id, None)
        return 0
    wrong = (verdict.misconception_id, verdict.case, verdict.name)
    last, times = _failures.get(exercise_id, (None, 0))
    times = times + 1 if last == wrong else 1
    _failures[exercise_id] = (wrong, times)
    return times


def _hints(entry: dict, times: int) -> list[str]:
    """One more hint for each time in a row, from the second time on."""
    hints = entry["hints"]
    return [f"Hint {n} of {len(hints)}. {hint}" for n, hint in enumerate(hints[: max(times - 1, 0)], 1)]


def prediction(identity: str, guess, happened) -> None:
    """Show a guess beside what happened; a guess of None was skipped."""
    if _graded():
        return
    found = plain(happened)
    seen = value_text(found)
    if guess is None:
        sentence = f"You skipped the guess. What happened: {seen}."
    elif _agree(plain(guess), found):
        sentence = f"You said {value_text(plain(guess))}, and so it is."
    else:
        sentence = f"You said {value_text(plain(guess))}. What happened: {seen}. Find out why before you go on."
    _display(show.card("told", "Prediction", show.prose(sentence)), sentence)
    record.note(cells.folder(), "prediction", identity, guess=value_text(plain(guess)), happened=seen)


def _agree(guess, found) -> bool:
    """A guess is right when its numbers are: a learner need not write a tensor."""
    if type(found) is TensorData:
        found = found.array.tolist()
    return (
        guess == found or type(guess) in (int, float) and type(found) is float and isclose(guess, found, rel_tol=2e-3)
    )


def _display(html: str, text: str) -> None:
    if cells.shell() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/html": html, "text/plain": text}, raw=True)
