"""What an exercise is: data that a lesson's `exercises.py` writes and everything else reads."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Misconception:
    """A wrong model that learners really hold, as the code it leads to, and the sentence that helps to leave it.

    Each of `answers` is source text that defines some of the exercise's names; the reference gives the others.
    """

    id: str
    sentence: str
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Exercise:
    """One exercise: how to make inputs, what to look at, what is right, and what to say when it is not.

    `inputs(rng)` returns cases made by `case`, smallest first: begin with fixed ones, so that the smallest failing case
    reads the same everywhere. `observe(ns, case)` calls the student's answer found in `ns` and returns
    `{label: data}`; only its source text travels, so it may use the makers of `course.checks.observe`, numpy as `np`,
    the library as `torch`, and nothing else from its module. `worked` is a neighbouring problem with every step, never
    the exercise itself; it is offered after three equal failures. `tolerance` is per label; `reference` is source text,
    taken from the lesson's solution cell by `load_exercises`.
    """

    id: str
    title: str
    points: int
    inputs: Callable
    observe: Callable
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    why: str
    worked: str = ""
    tolerance: dict[str, float] | None = None
    reference: str = ""

    @property
    def grade_id(self) -> str:
        """The name of the locked grade cell; the solution cell is called the same with `_answer` behind it."""
        return self.id.replace(".", "_")


def case(call: str, /, **given) -> dict:
    """One case: the name that is called and what it is given, as plain data (`codec.tensor` marks a tensor)."""
    return {"call": call, "given": given}
