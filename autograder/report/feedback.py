"""What one student is told: the result of the submission that counts, what people and the late policy made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.record import SubmissionResult


@dataclass(frozen=True)
class PersonsPoints:
    """Points that a person gave, instead of the checks' or for a written answer."""

    points: float
    of: float


@dataclass(frozen=True)
class Feedback:
    """A student's page."""

    result: SubmissionResult
    manual: dict[str, PersonsPoints]  # by exercise or question
    counts: float | None = None  # points, people's included, after late days and penalties
    ledger: Sequence[str] = ()  # how lateness was settled, line by line
    comments: Sequence[str] = ()
    name: str = ""  # by the roster, else as the submission says
    days_late: int = 0  # of the submission that counts
    staff: Sequence[str] = ()  # remarks that are not for the student

    @property
    def written_points(self) -> float:
        """Points that people gave for written answers."""
        given = (self.manual.get(answer.id) for answer in self.result.written)
        return sum(points.points for points in given if points)

    @property
    def awaiting(self) -> float:
        """Points that a person may still give."""
        written = (w for w in self.result.written if w.text and w.id not in self.manual)
        return sum(answer.max_points for answer in written)
