"""The decisions of the late policy in words that a student understands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from autograder.policy.lateness import Option, days_late, in_order, penalised_share
from autograder.policy.model import Attempt, Work
from autograder.policy.rounding import hundredths
from autograder.settings import LatePolicy


def explain(work: Work, option: Option, late: LatePolicy) -> tuple[str, ...]:
    """What counts for a piece of work and why; the first line alone is enough for those in a hurry."""
    if work.override is not None:
        return (
            f"{work.title}: {work.override:.1%} counts, set by hand. Late days and penalties do not apply.",
        )
    if option.attempt is None:
        due = f"; it was due {_moment(work.due, _zone(work))}" if work.due else ""
        return (f"{work.title}: nothing handed in{due}.",)
    first = f"{work.title}: {_handed_in(work, option.attempt)}{_price(work, option, late)}."
    return (first, *_unknown_time(work, option.attempt), *_others(work, option, late))


def summarise(
    works: Sequence[Work], percent: float, left: int, late: LatePolicy
) -> tuple[str, ...]:
    """The student's balance: late days, and what is earned of the final grade."""
    total = sum(work.weight for work in works)
    lines = [f"So far {hundredths(percent)} of {total:g} percent of the final grade."]
    if late.late_days:
        lines.append(f"{left} of {_count(late.late_days, 'late day')} left.")
    return tuple(lines)


def _handed_in(work: Work, attempt: Attempt) -> str:
    if attempt.received is None:
        return "handed in"
    days = days_late(attempt.received, work.due)
    when = f"{_count(days, 'day')} late" if days else "on time"
    return f"handed in {_moment(attempt.received, _zone(work))}, {when}"


def _price(work: Work, option: Option, late: LatePolicy) -> str:
    assert option.attempt is not None
    parts = []
    if option.spent:
        parts.append(f"{option.spent} of {_count(late.late_days, 'late day')} spent")
    elif option.days_late and not work.late_days:
        parts.append("late days cannot be spent on this")
    if option.penalised and late.penalty:
        cost = min(1.0, option.penalised * late.penalty)
        taken = f"{_count(option.penalised, 'day')} without a late day: {cost:.0%} off"
        parts.append(f"{taken}, {option.attempt.share:.1%} becomes {option.share:.1%}")
    else:
        parts.append(f"{option.share:.1%} counts")
    return "; " + "; ".join(parts)


def _unknown_time(work: Work, attempt: Attempt) -> list[str]:
    if attempt.received is not None or work.due is None:  # without a deadline nobody asks
        return []
    return ["Nobody knows when it was handed in, so it counts as on time."]


def _others(work: Work, option: Option, late: LatePolicy) -> list[str]:
    """Why the student's other attempts do not count."""
    ordered = in_order(work.attempts)
    at = ordered.index(option.attempt) if option.attempt else 0
    lines = []
    if at:
        lines.append(f"{_count(at, 'earlier submission')} replaced by this one.")
    for other in ordered[at + 1 :][-1:]:  # the last one says it all
        days = days_late(other.received, work.due)
        alone = penalised_share(other.share, days, late.penalty)
        said = f"{_moment(other.received, _zone(work))}, {_count(days, 'day')} late"
        lines.append(
            f"A later submission ({said}: {other.share:.1%}, without late days {alone:.1%}) does not count: "
            "it would not raise the final grade."
        )
    return lines


def _zone(work: Work) -> tzinfo:
    return work.due.tzinfo if work.due and work.due.tzinfo else UTC


def _moment(moment: datetime | None, zone: tzinfo) -> str:
    """ "26 September 10:12" on the clocks of the course; where those are not known, in UTC and saying so."""
    if moment is None:
        return "at an unknown time"
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %H:%M}" + (" UTC" if zone is UTC else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
