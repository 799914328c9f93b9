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
    counts: str = ""  # "92.0 of 100 points"
    ledger: Sequence[str] = ()  # how lateness was settled, line by line
    comments: Sequence[str] = ()
