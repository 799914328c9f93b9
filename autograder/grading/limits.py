"""The limits of course.toml as the sandbox takes them."""

from __future__ import annotations

from autograder.sandbox.policy import Limits
from autograder.settings import GradingLimits


def limits_of(grading: GradingLimits) -> Limits:
    """What one submission may use, by the syllabus."""
    return Limits(
        call_seconds=grading.call_seconds,
        load_seconds=min(20.0, grading.exercise_seconds),
        exercise_seconds=grading.exercise_seconds,
        submission_seconds=grading.submission_seconds,
        memory_mb=grading.memory_mb,
    )
