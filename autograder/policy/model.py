"""What the late policy is told about a student's work, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Attempt:
    """One submission of a piece of work. A share is a part of the maximum points, 0 to 1."""

    id: int
    received: datetime | None  # with a time zone; None if nobody knows
    share: float  # points given by people included

    def __post_init__(self) -> None:
        _require_zone(self.received, "received")


@dataclass(frozen=True)
class Work:
    """An assignment or a milestone of the project, with everything that the student handed in for it."""

    id: str
    title: str
    weight: float  # percent of the final grade
    due: datetime | None  # with a time zone, extensions included; None: never late
    late_days: bool  # whether late days may be spent on it
    attempts: tuple[Attempt, ...]
    override: float | None = None  # the share that counts, set by a person

    def __post_init__(self) -> None:
        _require_zone(self.due, "due")


@dataclass(frozen=True)
class Decision:
    """Which attempt of a piece of work counts, what its lateness cost, and why in words."""

    work: str
    attempt: Attempt | None
    days_late: int
    late_days_spent: int
    penalised_days: int
    share: float  # after the penalty
    lines: tuple[str, ...]
    due: datetime | None = None  # the student's own deadline
    by_hand: bool = False  # whether a person set the share


@dataclass(frozen=True)
class Standing:
    """Where a student stands: a decision per piece of work, in the order in which they were given."""

    decisions: tuple[Decision, ...]
    late_days_left: int
    percent: float  # of the final grade, earned so far
    lines: tuple[str, ...]


def _require_zone(moment: datetime | None, field: str) -> None:
    if moment is not None and moment.utcoffset() is None:
        raise ValueError(f"{field} = {moment.isoformat()} lacks a time zone")
