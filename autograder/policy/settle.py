"""The best use of a student's late days over the whole course: exact, by dynamic programming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograder.policy.lateness import Option, days_late, in_order, options
from autograder.policy.model import Decision, Standing, Work
from autograder.policy.words import explain, summarise
from autograder.settings import LatePolicy

_UNITS = 10**9  # per percent of the final grade: whole numbers, so that ties are ties


class _Plan(NamedTuple):
    """Options for the works from some point on. Plans compare by what is better, field by field."""

    value: int = 0
    unspent: int = 0  # minus the late days spent: fewer are better
    spent_on: tuple[int, ...] = ()  # of equals, the one that spends on earlier works
    handed_in: int = 0  # an attempt that earns nothing still shows that there was one
    promptness: tuple[int, ...] = ()  # minus the days late
    chosen: tuple[int, ...] = ()  # indices into each work's options

    def after(self, index: int, option: Option, value: int) -> _Plan:
        """This plan with an option of one more work put before it."""
        return _Plan(
            self.value + value,
            self.unspent - option.spent,
            (option.spent, *self.spent_on),
            self.handed_in + (option.attempt is not None),
            (-option.days_late, *self.promptness),
            (index, *self.chosen),
        )


def settle(works: Sequence[Work], late: LatePolicy) -> Standing:
    """Choose, for each piece of work, the attempt that counts and the late days spent on it.

    The deadline of a piece of work may be moved by any whole number of days; the latest attempt received by then
    counts. Each of those days takes a late day or costs `late.penalty` of the score. The choice that gives the
    best final grade is taken; of equal ones the one that spends fewer late days, then spends them on earlier works.
    A person's override stands as it is and spends nothing.
    """
    ways = [_by_hand(work) if work.override is not None else options(work, late) for work in works]
    plan = _best(ways, [work.weight for work in works], late.late_days)
    picked = [way[index] for way, index in zip(ways, plan.chosen, strict=True)]
    decisions = tuple(
        Decision(
            work.id,
            option.attempt,
            option.days_late,
            option.spent,
            0 if work.override is not None else option.penalised,
            option.share,
            explain(work, option, late),
            work.due,
            work.override is not None,
        )
        for work, option in zip(works, picked, strict=True)
    )
    left = late.late_days - sum(option.spent for option in picked)
    percent = sum(work.weight * option.share for work, option in zip(works, picked, strict=True))
    return Standing(decisions, left, percent, summarise(works, percent, left, late))


def _best(ways: Sequence[Sequence[Option]], weights: Sequence[float], late_days: int) -> _Plan:
    """The best plan that spends at most `late_days`."""
    best = [_Plan()] * (late_days + 1)  # by the late days that are left, for the works seen so far
    for way, weight in zip(reversed(ways), reversed(weights), strict=True):
        useful = _undominated(way, weight)
        best = [
            max(
                best[left - spent].after(index, way[index], value)
                for spent, (value, index) in useful.items()
                if spent <= left
            )
            for left in range(late_days + 1)
        ]
    return best[late_days]


def _undominated(way: Sequence[Option], weight: float) -> dict[int, tuple[int, int]]:
    """For each number of late days spent on a work, the best option: its value and its index."""
    best: dict[int, tuple[int, bool, int, int]] = {}
    for index, option in enumerate(way):
        value = round(option.share * weight * _UNITS)
        candidate = (value, option.attempt is not None, -option.days_late, index)
        best[option.spent] = max(best.get(option.spent, candidate), candidate)
    return {spent: (value, index) for spent, (value, _, _, index) in best.items()}


def _by_hand(work: Work) -> list[Option]:
    """The only option where a person has decided."""
    assert work.override is not None
    latest = in_order(work.attempts)[-1] if work.attempts else None
    days = days_late(latest.received, work.due) if latest else 0
    return [Option(latest, days, 0, work.override)]
