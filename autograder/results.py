"""What a check, an exercise and a submission come out as. Plain data, no torch: reports and the command line use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from autograder.sketches import Sketch


class Status(StrEnum):
    """Three ways a check can end; a check that could not run says nothing about the answer."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could not run"


@dataclass(frozen=True)
class Evidence:
    """What a person needs to see why a check failed. Every field may be absent."""

    expected: str | None = None  # "tensor of shape (5, 2), float32"
    actual: str | None = None  # "tensor of shape (2, 5), float32"
    worst: str | None = None  # "element [3, 0]: expected 0.52, got 1.3"
    hint: str | None = None
    picture_png: bytes | None = None  # expected, yours, difference
    picture_alt: str | None = None  # what the picture shows, in words
    sketch: Sketch | None = None  # the same for numbers, as data that pages draw


@dataclass(frozen=True)
class CheckResult:
    """One check of one exercise."""

    exercise: str
    name: str  # the function's name, stable across versions
    title: str  # first line of its docstring: what the student reads
    entrance: bool  # the simplest case; unless it passes, the exercise earns nothing
    status: Status
    message: str = ""  # one sentence: what was wrong, where, what to do next
    evidence: Evidence = field(default_factory=Evidence)
    traceback: str = ""  # the student's own frames only
    seconds: float = 0.0


@dataclass(frozen=True)
class ExerciseResult:
    """All checks of one exercise and the points they earn."""

    exercise: str
    title: str
    max_points: float
    checks: tuple[CheckResult, ...]
    remarks: tuple[str, ...] = ()  # "defined twice: the definition in cell 14 counts"

    @property
    def status(self) -> Status:
        """Passed if all checks passed; failed if any failed; otherwise could not run."""
        statuses = {check.status for check in self.checks}
        if statuses == {Status.PASSED}:
            return Status.PASSED
        return Status.FAILED if Status.FAILED in statuses else Status.COULD_NOT_RUN

    @property
    def points(self) -> float:
        """The share of checks that passed, to a tenth of a point; nothing while an entrance check fails."""
        if not self.checks or any(c.entrance and c.status != Status.PASSED for c in self.checks):
            return 0.0
        passed = sum(check.status == Status.PASSED for check in self.checks)
        return round(self.max_points * passed / len(self.checks), 1)
