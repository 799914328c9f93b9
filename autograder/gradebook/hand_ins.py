"""From hand-ins to attempts: which times are believed, what people's points add, what cannot count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from autograder.gradebook.ledger import Entry, HandIn
from autograder.gradebook.sheet import ItemGrade
from autograder.grading.record import Outcome
from autograder.policy import Attempt

_CLOCKS_DIFFER = timedelta(minutes=5)  # a clock that is so little ahead is no wrong clock


@dataclass(frozen=True)
class Judged:
    """A hand-in as an attempt, with people's points in it and the remarks that its author should read."""

    attempt: Attempt
    items: tuple[ItemGrade, ...]
    points: float
    max_points: float
    remarks: tuple[str, ...]


def judge(entry: Entry, work: str, opens: datetime | None) -> tuple[list[Judged], list[str]]:
    """The attempts at a work, and remarks on files that are set aside because they cannot be read.

    An unreadable upload is an attempt only where there is nothing readable: nobody loses good work to it.
    """
    found = [hand_in for hand_in in entry.hand_ins if hand_in.work == work]
    readable = [h for h in found if h.outcome != Outcome.NOT_GRADABLE]
    aside = [h for h in found if h not in readable] if readable else []
    remarks = [f"{h.source} cannot be read and is set aside." for h in aside]
    return [_judged(entry, h, opens) for h in readable or found], remarks


def believed_time(hand_in: HandIn, opens: datetime | None) -> tuple[datetime | None, str]:
    """When it was handed in, if that can be believed; and a remark if it cannot."""
    if hand_in.corrected is not None:
        return hand_in.corrected, ""
    told = hand_in.received
    if told is None:
        return None, ""
    said = f"{hand_in.source} says it was handed in at {told:%Y-%m-%d %H:%M} UTC, "
    if opens is not None and told < opens:
        return None, said + "before the assignment opened: that clock was wrong."
    if told > hand_in.first_seen + _CLOCKS_DIFFER:
        return None, said + "later than it was collected: that clock was wrong."
    return told, ""


def with_manual_points(
    entry: Entry, work: str, items: Sequence[ItemGrade]
) -> tuple[ItemGrade, ...]:
    """The items as they count: a person's points instead of the checks', where there are any."""
    counted = []
    for item in items:
        given = entry.scores.get((work, item.id))
        manual = given.points if given is not None else None
        counted.append(item if manual is None else replace(item, points=manual))
    return tuple(counted)


def _judged(entry: Entry, hand_in: HandIn, opens: datetime | None) -> Judged:
    received, remark = believed_time(hand_in, opens)
    items = with_manual_points(entry, hand_in.work, hand_in.items)
    points = round(sum(item.points or 0.0 for item in items), 6)
    share = points / hand_in.max_points if hand_in.max_points else 0.0
    remarks = [remark] if remark else []
    if hand_in.outcome == Outcome.GRADER_ERROR:
        remarks.append(
            "The grader itself failed on it, through no fault of yours: it will be graded again."
        )
    elif hand_in.outcome == Outcome.NOT_GRADABLE:
        remarks.append(f"{hand_in.source} cannot be read.")
    attempt = Attempt(hand_in.id, received, share)
    return Judged(attempt, items, points, hand_in.max_points, tuple(remarks))
