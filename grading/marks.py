"""What grading one submission gives."""

from dataclasses import dataclass, field


@dataclass
class Mark:
    """What one graded cell got; `score` is None when only a person can tell."""

    grade_id: str
    score: float | None
    points: float
    sentence: str = ""
    misconception: str | None = None


@dataclass
class Graded:
    """A graded submission: notebooks as they will be written, marks per notebook, notes to the student."""

    assignment: str
    student: str
    digest: str
    notebooks: dict[str, dict]
    marks: dict[str, list[Mark]]
    unchanged: dict[str, set[str]]
    notes: list[str]
    timestamp: str | None = None
    facts: dict = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The sum of the marks."""
        return sum(mark.score or 0.0 for marks in self.marks.values() for mark in marks)

    @property
    def points(self) -> float:
        """The most that could be had."""
        return sum(mark.points for marks in self.marks.values() for mark in marks)
