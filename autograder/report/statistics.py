"""What a class taken together shows: per exercise who solved it, and which checks fail most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

from autograder.catalogue import Catalogue
from autograder.grading.record import Outcome, SubmissionResult
from autograder.results import Status


@dataclass(frozen=True)
class ExerciseStatistics:
    """One exercise over the class."""

    id: str
    number: str
    title: str
    max_points: float
    points: tuple[float, ...]
    passed: int
    attempted: int  # some check ran


@dataclass(frozen=True)
class TroublesomeCheck:
    """A check that many fail."""

    exercise: str
    title: str
    failed: int
    of: int  # submissions in which it ran


@dataclass(frozen=True)
class ClassStatistics:
    """Everything above the table of students."""

    graded: int
    mean: float
    median: float
    totals: tuple[float, ...]
    max_points: float
    exercises: tuple[ExerciseStatistics, ...]
    troublesome: tuple[TroublesomeCheck, ...]


def class_statistics(
    catalogue: Catalogue, results: Sequence[SubmissionResult], most: int = 10
) -> ClassStatistics:
    """Statistics over what could be graded; unreadable files say nothing about the exercises."""
    graded = [r for r in results if r.outcome == Outcome.GRADED]
    totals = tuple(r.points for r in graded)
    return ClassStatistics(
        graded=len(graded),
        mean=round(mean(totals), 1) if totals else 0.0,
        median=round(median(totals), 1) if totals else 0.0,
        totals=totals,
        max_points=sum(e.points for e in catalogue.graded),
        exercises=tuple(_exercises(catalogue, graded)),
        troublesome=tuple(_troublesome(graded)[:most]),
    )


def _exercises(
    catalogue: Catalogue, graded: Sequence[SubmissionResult]
) -> list[ExerciseStatistics]:
    rows = []
    for exercise in catalogue.graded:
        found = [e for r in graded for e in r.exercises if e.exercise == exercise.id]
        rows.append(
            ExerciseStatistics(
                exercise.id,
                exercise.number,
                exercise.title,
                exercise.points,
                tuple(e.points for e in found),
                passed=sum(e.status == Status.PASSED for e in found),
                attempted=sum(e.status != Status.COULD_NOT_RUN for e in found),
            )
        )
    return rows


def _troublesome(graded: Sequence[SubmissionResult]) -> list[TroublesomeCheck]:
    failed: Counter[tuple[str, str]] = Counter()
    ran: Counter[tuple[str, str]] = Counter()
    for check in (c for r in graded for e in r.exercises for c in e.checks):
        key = (check.exercise, check.title)
        failed[key] += check.status == Status.FAILED
        ran[key] += check.status != Status.COULD_NOT_RUN
    found = [
        TroublesomeCheck(exercise, title, count, ran[exercise, title])
        for (exercise, title), count in failed.items()
        if count >= min(2, len(graded))  # one student's trouble is not the class's
    ]
    return sorted(found, key=lambda check: (-check.failed / check.of, -check.failed))
