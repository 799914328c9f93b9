"""What a student reads about late days, word for word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from autograder.policy import Attempt, Work, settle
from autograder.settings import LatePolicy

DUE = datetime(2026, 9, 25, 23, 59, tzinfo=timezone(timedelta(hours=-4)))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COURSE = LatePolicy(late_days=5, penalty=0.25)


def lines(
    *attempts: tuple[timedelta | None, float],
    late_days: bool = True,
    override: float | None = None,
    due: datetime | None = DUE,
    policy: LatePolicy = COURSE,
) -> tuple[str, ...]:
    handed_in = tuple(
        Attempt(i, None if late is None else DUE + late, share)
        for i, (late, share) in enumerate(attempts)
    )
    work = Work("a1", "Camera geometry", 17.5, due, late_days, handed_in, override)
    return settle([work], policy).decisions[0].lines


def test_nothing() -> None:
    assert lines() == (
        "Camera geometry: nothing handed in; it was due 25 September 23:59.",
    )  # fmt: skip
    assert lines(due=None) == ("Camera geometry: nothing handed in.",)


def test_on_time() -> None:
    assert lines((-HOUR, 0.92)) == (
        "Camera geometry: handed in 25 September 22:59, on time; 92.0% counts.",
    )


def test_a_late_day() -> None:
    assert lines((HOUR, 0.92)) == (
        "Camera geometry: handed in 26 September 00:59, 1 day late; 1 of 5 late days spent; 92.0% counts.",
    )


def test_late_days_run_out() -> None:
    assert lines((7 * DAY, 0.8)) == (
        "Camera geometry: handed in 2 October 23:59, 7 days late; 5 of 5 late days spent; "
        "2 days without a late day: 50% off, 80.0% becomes 40.0%.",
    )


def test_a_report_takes_no_late_days() -> None:
    assert lines((HOUR, 0.8), late_days=False) == (
        "Camera geometry: handed in 26 September 00:59, 1 day late; late days cannot be spent on this; "
        "1 day without a late day: 25% off, 80.0% becomes 60.0%.",
    )


def test_more_than_everything_cannot_be_taken_off() -> None:
    assert "100% off, 80.0% becomes 0.0%" in lines((30 * DAY, 0.8), late_days=False)[0]


def test_an_unknown_time() -> None:
    assert lines((None, 0.5)) == (
        "Camera geometry: handed in; 50.0% counts.",
        "Nobody knows when it was handed in, so it counts as on time.",
    )


def test_earlier_and_later_submissions() -> None:
    assert lines((-2 * HOUR, 0.2), (-HOUR, 0.9), (8 * DAY, 0.95)) == (
        "Camera geometry: handed in 25 September 22:59, on time; 90.0% counts.",
        "1 earlier submission replaced by this one.",
        "A later submission (3 October 23:59, 8 days late: 95.0%, without late days 0.0%) does not count: "
        "it would not raise the final grade.",
    )


def test_a_person_decides() -> None:
    assert lines((9 * DAY, 0.1), override=0.75) == (
        "Camera geometry: 75.0% counts, set by hand. Late days and penalties do not apply.",
    )


def test_a_course_that_forgives() -> None:
    (line,) = lines((9 * DAY, 0.5), policy=LatePolicy())
    assert line == "Camera geometry: handed in 4 October 23:59, 9 days late; 50.0% counts."


def test_without_a_deadline_times_are_in_utc() -> None:
    assert "26 September 02:59 UTC, on time" in lines((-HOUR, 1.0), due=None)[0]


def test_times_are_shown_on_the_clocks_of_the_deadline() -> None:
    attempt = Attempt(1, datetime(2026, 9, 24, 10, 0, tzinfo=UTC), 1.0)
    work = Work("a1", "A", 10, DUE, True, (attempt,))
    assert "24 September 06:00" in settle([work], COURSE).decisions[0].lines[0]


def test_the_balance() -> None:
    work = Work("a1", "A", 17.5, DUE, True, (Attempt(1, DUE + HOUR, 0.5),))
    assert settle([work], COURSE).lines == (
        "So far 8.75 of 17.5 percent of the final grade.",
        "4 of 5 late days left.",
    )
    assert settle([work], LatePolicy(1, 0.5)).lines[1] == "0 of 1 late day left."
