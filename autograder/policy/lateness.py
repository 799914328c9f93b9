"""How late an attempt is, and which attempts may count at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from autograder.policy.model import Attempt, Work
from autograder.settings import LatePolicy

_DAY = timedelta(hours=24)  # from the deadline on, whatever the clocks of the place do


@dataclass(frozen=True)
class Option:
    """One way to settle a piece of work: an attempt, and how many late days are spent on it."""

    attempt: Attempt | None
    days_late: int
    spent: int
    share: float  # what counts then

    @property
    def penalised(self) -> int:
        """Days late that no late day pays for."""
        return self.days_late - self.spent


def days_late(received: datetime | None, due: datetime | None) -> int:
    """Started days of 24 hours after the deadline; exactly at the deadline, or at an unknown time, is 0."""
    if received is None or due is None:
        return 0
    # In UTC: between moments of one zone Python subtracts clock faces, which jump twice a year.
    overrun = received.astimezone(UTC) - due.astimezone(UTC)
    return max(0, -(-overrun // _DAY))


def in_order(attempts: Iterable[Attempt]) -> list[Attempt]:
    """Oldest first; those of unknown time before all others."""
    never = datetime.min.replace(tzinfo=UTC)
    return sorted(
        attempts, key=lambda a: (a.received.astimezone(UTC) if a.received else never, a.id)
    )


def penalised_share(share: float, days: int, penalty: float) -> float:
    """A share after so many days without a late day; never below 0."""
    return share * max(0.0, 1.0 - days * penalty)


def options(work: Work, late: LatePolicy) -> list[Option]:
    """Every way to settle a piece of work that could be best: the deadline moved by each useful number of days.

    Moving it by d days, the latest attempt received by then is the candidate. Only days on which something was
    handed in matter: any other d has the same candidate as the d before it, and costs more.
    """
    latest: dict[int, Attempt] = {}
    for attempt in in_order(work.attempts):
        latest[days_late(attempt.received, work.due)] = attempt
    found = [] if 0 in latest else [Option(None, 0, 0, 0.0)]
    for days in sorted(latest):
        attempt = latest[days]
        for spent in range(min(days, late.late_days) + 1 if work.late_days else 1):
            share = penalised_share(attempt.share, days - spent, late.penalty)
            found.append(Option(attempt, days, spent, share))
    return found
