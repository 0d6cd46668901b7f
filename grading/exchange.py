"""nbgrader's exchange: the folder through which students on the same machine get assignments and feedback."""

from nbgrader.apps import NbGraderAPI

from grading.classroom import Classroom
from grading.errors import Refused
from grading.times import SECRET


def release(classroom: Classroom, assignment: str) -> str:
    """Put the released assignment into the class's exchange, in place of an older release; where it lies."""
    config = classroom.config.copy()
    config.ExchangeReleaseAssignment.force = True
    _done(NbGraderAPI(config=config).release_assignment(assignment))
    return f"{classroom.settings.exchange}/{config.CourseDirectory.course_id}/outbound/{assignment}"


def release_feedback(classroom: Classroom, assignment: str, students: list[str]) -> int:
    """Put pages into the exchange, under names that only those know who handed in through it; how many students'."""
    through = [s for s in students if (classroom.folder("feedback", assignment, s) / SECRET).is_file()]
    if not classroom.settings.exchange or not through:
        return 0
    api = NbGraderAPI(config=classroom.config)
    for student in through:
        _done(api.release_feedback(assignment, student))
    return len(through)


def _done(result: dict) -> None:
    if not result["success"]:
        lines = (result.get("log") or result.get("error") or "it gives no reason").strip().splitlines()
        raise Refused(f"nbgrader's exchange refused: {lines[-1]}")
