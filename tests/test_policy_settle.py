"""The late policy: against brute force on small cases, and by the laws that any fair policy keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.policy import Attempt, Standing, Work, settle
from autograder.policy.lateness import days_late
from autograder.settings import LatePolicy

DUE = datetime(2026, 9, 25, 23, 59, tzinfo=timezone(timedelta(hours=-4)))
COURSE = LatePolicy(late_days=5, penalty=0.25)

shares = st.sampled_from([0.0, 0.25, 0.5, 0.6, 0.8, 0.9, 1.0]) | st.floats(0, 1)
hours = st.integers(-30, 5 * 24) | st.sampled_from([0, 24, 48, 72])
policies = st.builds(LatePolicy, st.integers(0, 4), st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]))


@st.composite
def courses(draw: st.DrawFn, most: int = 3) -> list[Work]:
    works = []
    for number in range(draw(st.integers(0, most))):
        attempts = tuple(
            Attempt(10 * number + i, None if late is None else DUE + timedelta(hours=late), share)
            for i, (late, share) in enumerate(
                draw(st.lists(st.tuples(st.none() | hours, shares), max_size=3))
            )
        )
        works.append(
            Work(
                f"w{number}",
                f"Work {number}",
                draw(st.sampled_from([5.0, 10.0, 17.5])),
                DUE,
                draw(st.booleans()),
                attempts,
                draw(st.none() | shares) if draw(st.integers(0, 4)) == 0 else None,
            )
        )
    return works


def brute_force(works: list[Work], late: LatePolicy) -> float:
    """Every move of every deadline with every number of late days, as the syllabus words it."""

    def outcomes(work: Work) -> list[tuple[int, float]]:
        if work.override is not None:
            return [(0, work.override)]
        found = []
        for days in range(9):
            by_then = [
                a for a in work.attempts
                if a.received is None or a.received <= DUE + timedelta(days=days)
            ]  # fmt: skip
            by_then.sort(key=lambda a: (a.received is not None, a.received or DUE, a.id))
            share = by_then[-1].share if by_then else 0.0
            for spent in range(days + 1 if work.late_days else 1):
                found.append((spent, max(0.0, share * (1 - late.penalty * (days - spent)))))
        return found

    best = 0.0
    for choice in product(*map(outcomes, works)):
        if sum(spent for spent, _ in choice) <= late.late_days:
            total = sum(w.weight * share for w, (_, share) in zip(works, choice, strict=True))
            best = max(best, total)
    return best


@settings(max_examples=150, deadline=None)
@given(courses(), policies)
def test_no_other_choice_gives_a_better_grade(works: list[Work], late: LatePolicy) -> None:
    assert settle(works, late).percent == pytest.approx(brute_force(works, late), abs=1e-7)


@settings(deadline=None)
@given(courses(most=6), policies)
def test_the_balance_is_kept(works: list[Work], late: LatePolicy) -> None:
    standing = settle(works, late)
    spent = [d.late_days_spent for d in standing.decisions]
    assert standing.late_days_left == late.late_days - sum(spent) >= 0
    assert [d.work for d in standing.decisions] == [w.id for w in works]
    for work, decision in zip(works, standing.decisions, strict=True):
        assert 0 <= decision.late_days_spent <= decision.days_late
        assert decision.late_days_spent == 0 or work.late_days
        if work.override is None:
            assert decision.penalised_days == decision.days_late - decision.late_days_spent
    assert standing.percent == pytest.approx(
        sum(w.weight * d.share for w, d in zip(works, standing.decisions, strict=True))
    )


@settings(deadline=None)
@given(courses(most=6), policies)
def test_another_late_day_never_hurts(works: list[Work], late: LatePolicy) -> None:
    more = replace(late, late_days=late.late_days + 1)
    assert settle(works, more).percent >= settle(works, late).percent - 1e-7


@settings(deadline=None)
@given(courses(most=6), policies)
def test_handing_in_late_as_well_never_hurts(works: list[Work], late: LatePolicy) -> None:
    on_time = [
        replace(w, attempts=tuple(a for a in w.attempts if a.received is None or a.received <= DUE))
        for w in works
    ]
    assert settle(works, late).percent >= settle(on_time, late).percent - 1e-7


@settings(deadline=None)
@given(courses(most=4), policies, st.data())
def test_a_better_score_never_lowers_the_grade(
    works: list[Work], late: LatePolicy, data: st.DataObject
) -> None:
    better = [
        replace(
            w,
            attempts=tuple(
                replace(a, share=max(a.share, data.draw(shares))) for a in w.attempts
            ),
        )
        for w in works
    ]  # fmt: skip
    assert settle(better, late).percent >= settle(works, late).percent - 1e-7


@settings(deadline=None)
@given(courses(most=4), policies, st.integers(0, 5))
def test_an_extension_moves_the_deadline(works: list[Work], late: LatePolicy, days: int) -> None:
    """An extension by d days is worth exactly as much as handing everything in d days earlier."""
    extended = [replace(w, due=DUE + timedelta(days=days)) for w in works]
    earlier = [
        replace(
            w,
            attempts=tuple(
                replace(a, received=a.received - timedelta(days=days)) if a.received else a
                for a in w.attempts
            ),
        )
        for w in works
    ]
    assert settle(extended, late).percent == pytest.approx(settle(earlier, late).percent)


def one(standing: Standing) -> tuple[int | None, int, int, int, float]:
    (decision,) = standing.decisions
    return (
        decision.attempt.id if decision.attempt else None,
        decision.days_late,
        decision.late_days_spent,
        decision.penalised_days,
        decision.share,
    )


def handed_in(*attempts: tuple[timedelta | None, float], late_days: bool = True) -> Work:
    return Work(
        "a1", "Camera geometry", 17.5, DUE, late_days,
        tuple(
            Attempt(i, None if late is None else DUE + late, share)
            for i, (late, share) in enumerate(attempts)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("late", "days"),
    [
        (timedelta(hours=-1), 0),
        (timedelta(0), 0),  # exactly at the deadline is on time
        (timedelta(microseconds=1), 1),  # and any moment after it is not
        (timedelta(days=1), 1),
        (timedelta(days=1, microseconds=1), 2),
        (timedelta(days=400), 400),
    ],
)
def test_a_started_day_counts(late: timedelta, days: int) -> None:
    assert days_late(DUE + late, DUE) == days
    assert days_late((DUE + late).astimezone(UTC), DUE) == days


class NewYork(tzinfo):
    """Its clocks go back on 1 November 2026; not every machine that runs tests knows time zones."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        winter = moment is not None and moment.replace(tzinfo=None) >= datetime(2026, 11, 1, 2)
        return timedelta(hours=-5 if winter else -4)

    def dst(self, moment: datetime | None) -> timedelta:
        return self.utcoffset(moment) + timedelta(hours=5)


def test_a_day_has_24_hours_even_when_the_clocks_change() -> None:
    """When clocks go back, the same time on the wall comes 25 hours later."""
    new_york = NewYork()
    due = datetime(2026, 10, 31, 12, 0, tzinfo=new_york)
    next_noon = datetime(2026, 11, 1, 12, 0, tzinfo=new_york)
    assert days_late(next_noon, due) == 2
    assert days_late(next_noon - timedelta(hours=1), due) == 1
    assert days_late(datetime(2026, 11, 1, 16, 0, tzinfo=UTC), due) == 1  # 24 hours


def test_moments_are_compared_across_time_zones() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert days_late(datetime(2026, 9, 26, 12, 59, tzinfo=tokyo), DUE) == 0
    assert days_late(datetime(2026, 9, 26, 13, 0, tzinfo=tokyo), DUE) == 1


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="received = 2026-09-25T10:00:00 lacks a time zone"):
        Attempt(1, datetime(2026, 9, 25, 10), 1.0)
    with pytest.raises(ValueError, match="due = 2026-09-25T10:00:00 lacks a time zone"):
        Work("a1", "A", 10, datetime(2026, 9, 25, 10), True, ())


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (handed_in(), (None, 0, 0, 0, 0.0)),
        (handed_in((-HOUR, 0.9)), (0, 0, 0, 0, 0.9)),
        (handed_in((-2 * HOUR, 0.9), (-HOUR, 0.4)), (1, 0, 0, 0, 0.4)),  # the latest on time
        (handed_in((-HOUR, 0.5), (HOUR, 0.5)), (0, 0, 0, 0, 0.5)),  # no gain, no late day
        (handed_in((-HOUR, 0.5), (HOUR, 0.6)), (1, 1, 1, 0, 0.6)),
        (handed_in((HOUR, 0.8), late_days=False), (0, 1, 0, 1, 0.6)),
        (handed_in((6 * DAY, 0.8)), (0, 6, 5, 1, 0.6)),
        (handed_in((-HOUR, 0.1), (30 * DAY, 1.0)), (0, 0, 0, 0, 0.1)),
        (handed_in((30 * DAY, 1.0)), (0, 30, 0, 30, 0.0)),  # shown, though it earns nothing
        (handed_in((None, 0.7)), (0, 0, 0, 0, 0.7)),
        (handed_in((-HOUR, 0.2), (None, 0.7)), (0, 0, 0, 0, 0.2)),  # unknown is before known
    ],
)  # fmt: skip
def test_single_pieces_of_work(
    work: Work, expected: tuple[int | None, int, int, int, float]
) -> None:
    assert one(settle([work], COURSE)) == (*expected[:4], pytest.approx(expected[4]))


def test_late_days_go_where_they_earn_most() -> None:
    light = replace(handed_in((2 * DAY, 1.0)), id="light", weight=5)
    heavy = replace(handed_in((2 * DAY, 1.0)), id="heavy", weight=17.5)
    standing = settle([light, heavy], LatePolicy(3, 0.25))
    assert [d.late_days_spent for d in standing.decisions] == [1, 2]


def test_of_equal_choices_the_earlier_work_gets_the_late_days() -> None:
    works = [replace(handed_in((DAY, 0.8)), id=f"w{i}") for i in range(3)]
    standing = settle(works, LatePolicy(2, 0.25))
    assert [d.late_days_spent for d in standing.decisions] == [1, 1, 0]


def test_a_late_day_is_not_spent_on_a_rounding_error() -> None:
    """0.8 less a quarter is 0.6, on paper; in binary it is 0.6000000000000001."""
    on_time = replace(handed_in((-HOUR, 0.6), (DAY, 0.8), late_days=False))
    assert one(settle([on_time], COURSE))[:3] == (0, 0, 0)


def test_an_override_stands_and_spends_nothing() -> None:
    work = replace(handed_in((3 * DAY, 0.2)), override=0.95)
    standing = settle([work], COURSE)
    assert one(standing) == (0, 3, 0, 0, 0.95)
    assert standing.late_days_left == 5


def test_a_course_without_works_or_late_days() -> None:
    assert settle([], LatePolicy()) == Standing(
        (), 0, 0.0, ("So far 0.00 of 0 percent of the final grade.",)
    )
