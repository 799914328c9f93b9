"""A platform's late mark beats a student's clock, and the mildest lateness that fits is assumed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from autograder.grading.lateness import after_the_deadline
from autograder.grading.submission import Submission
from autograder.policy.rounding import hundredths

DUE = datetime(2026, 9, 25, 23, 59, tzinfo=timezone(timedelta(hours=-4)))


def submission(received: str, late: bool) -> Submission:
    clock = "student" if received else ""
    return Submission("ada", "", "ada.zip", "0", received=received, clock=clock, late=late)


@pytest.mark.parametrize(
    ("received", "late", "expected", "clock"),
    [
        ("", True, DUE + timedelta(seconds=1), "lms"),
        ("2026-09-20T10:00:00+00:00", True, DUE + timedelta(seconds=1), "lms"),
        (DUE.astimezone(UTC).isoformat(), True, DUE + timedelta(seconds=1), "lms"),
        ("2026-09-28T10:00:00+00:00", True, datetime(2026, 9, 28, 10, tzinfo=UTC), "student"),
        ("2026-09-20T10:00:00+00:00", False, datetime(2026, 9, 20, 10, tzinfo=UTC), "student"),
    ],
)
def test_a_late_mark_is_believed(received: str, late: bool, expected: datetime, clock: str) -> None:
    (found,) = after_the_deadline([submission(received, late)], DUE)
    assert datetime.fromisoformat(found.received) == expected
    assert found.clock == clock


def test_without_a_deadline_nothing_is_late() -> None:
    assert after_the_deadline([submission("", True)], None)[0].received == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(15.225, "15.23"), (8.225, "8.23"), (15.575, "15.58"), (35.325, "35.33"), (0.0, "0.00"),
     (99.994999, "99.99"), (100 / 3, "33.33"), (0.1 + 0.2, "0.30"), (1e-12, "0.00")],
)  # fmt: skip
def test_halves_are_rounded_up_as_people_do(value: float, text: str) -> None:
    assert hundredths(value) == text
