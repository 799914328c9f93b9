"""Points and moments as people type them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradebook.errors import GradebookError
from autograder.gradebook.spoken import course_zone, parse_moment, parse_points
from autograder.settings import (
    Assignment,
    Course,
    GradingLimits,
    LatePolicy,
    Milestone,
    Release,
    Settings,
)

EAST = timezone(timedelta(hours=-4))
DUE = datetime(2026, 9, 25, 23, 59, tzinfo=EAST)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("7.5", 7.5),
        (" 8 ", 8.0),
        ("0", 0.0),
        ("3/4", 6.0),
        ("1/3", 2.666667),
        ("90%", 7.2),
        ("1e0", 1.0),
    ],
)
def test_points(text: str, points: float) -> None:
    assert parse_points(text, 8.0, "a1/ex") == points


@pytest.mark.parametrize(
    "text", ["", "seven", "7,5", "nan", "inf", "-inf", "1/0", "0/0", "/", "%", "1/2/3"]
)
def test_what_are_no_points(text: str) -> None:
    with pytest.raises(GradebookError, match=r"are no points; write 7\.5, 3/4 or 90%"):
        parse_points(text, 8.0, "a1/ex")


@given(st.text(max_size=12), st.floats(0.1, 1000), st.booleans())
def test_whatever_is_typed_points_stay_within_bounds(text: str, most: float, beyond: bool) -> None:
    try:
        points = parse_points(text, most, "a1/ex", beyond)
    except GradebookError:
        return
    assert 0 <= points < float("inf")
    assert beyond or points <= most + 1e-6


@given(st.integers(0, 80))
def test_a_share_and_a_percentage_mean_the_same(tenths: int) -> None:
    points = parse_points(str(tenths / 10), 8.0, "x")
    assert parse_points(f"{tenths}/80", 8.0, "x") == pytest.approx(points)
    assert parse_points(f"{tenths * 1.25}%", 8.0, "x") == pytest.approx(points)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-30", datetime(2026, 9, 30, 23, 59, tzinfo=EAST)),
        ("2026-09-30T18:00", datetime(2026, 9, 30, 18, tzinfo=EAST)),
        ("2026-09-30 18:00", datetime(2026, 9, 30, 18, tzinfo=EAST)),
        ("2026-09-30T18:00Z", datetime(2026, 9, 30, 18, tzinfo=UTC)),
        ("2026-09-30T18:00+02:00", datetime(2026, 9, 30, 16, tzinfo=UTC)),
        ("2026-W40-3", datetime(2026, 9, 30, 23, 59, tzinfo=EAST)),
        ("+2d", DUE + timedelta(days=2)),
        ("+36h", DUE + timedelta(hours=36)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert parse_moment(text, EAST, DUE) == moment


dates = st.datetimes().map(lambda moment: moment.isoformat(" "))


@given(st.one_of(st.text(max_size=20), dates, dates.map(lambda text: text + "+14:00")))
def test_whatever_is_typed_a_moment_can_be_kept_and_shown(text: str) -> None:
    try:
        moment = parse_moment(text, EAST, DUE)
    except GradebookError:
        return
    for zone in (UTC, EAST, timezone(timedelta(hours=14))):
        assert moment.astimezone(zone).tzinfo is zone


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Friday", "'Friday' is no date; write 2026-09-30"),
        ("2026-02-30", "'2026-02-30' is no date; write 2026-09-30"),
        ("", "'' is no date"),
        ("9999-12-31", "the year 9999 is no year of this course"),
        ("0026-09-30", "the year 26 is no year of this course"),
    ],
)
def test_what_are_no_moments(text: str, message: str) -> None:
    with pytest.raises(GradebookError) as caught:
        parse_moment(text, EAST, DUE)
    assert message in str(caught.value)


def test_days_after_no_deadline() -> None:
    with pytest.raises(
        GradebookError, match=r"\+2d: there is no deadline to count from; write a date"
    ):
        parse_moment("+2d", EAST)


def test_a_date_means_the_clocks_of_its_work() -> None:
    """Daylight saving time ends between two deadlines; a work without one takes the first."""
    summer, winter = (timezone(timedelta(hours=-hours)) for hours in (4, 5))
    early = Assignment("a1", "One", 30.0, due=datetime(2026, 9, 25, 23, 59, tzinfo=summer))
    late = Assignment("a2", "Two", 30.0, due=datetime(2026, 11, 6, 23, 59, tzinfo=winter))
    talk = Milestone("talk", "Talk", 10.0, due=datetime(2026, 12, 8, 18, 0, tzinfo=winter))
    parts = (early, late, Assignment("a3", "Three", 30.0)), (talk,)
    settings = Settings(Course("Toy", "1"), Release("o/n"), *parts, LatePolicy(), GradingLimits())
    for work, zone in (("a1", summer), ("a2", winter), ("a3", summer), ("talk", winter)):
        moment = parse_moment("2026-11-08", course_zone(settings, work))
        assert moment == datetime(2026, 11, 8, 23, 59, tzinfo=zone), work
    assert course_zone(replace(settings, assignments=(), project=()), "a1") == UTC
