"""What one student is told: the result of the submission that counts, what people and the late policy made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograder.grading.record import SubmissionResult
from autograder.report.late_days import LateDays
from autograder.report.rubrics import RubricLine


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
    comments: Sequence[str] = ()  # people's words on the whole
    name: str = ""  # by the roster, else as the submission says
    days_late: int = 0  # of the submission that counts
    staff: Sequence[str] = ()  # remarks that are not for the student
    said: Mapping[str, str] = field(
        default_factory=dict
    )  # people's words on an exercise or question
    late: LateDays | None = None  # the account of late days over the whole course
    rubrics: Mapping[str, Sequence[RubricLine]] = field(default_factory=dict)  # by question

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
