"""Points and moments as people type them."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from autograder.gradebook.columns import YEARS
from autograder.gradebook.errors import GradebookError
from autograder.settings import Assignment, Milestone, Settings

_AFTER = re.compile(r"\+(\d{1,4})([dh])")
_UNITS = {"d": "days", "h": "hours"}


def parse_points(text: str, max_points: float, what: str, beyond: bool = False) -> float:
    """`7.5`, `3/4` of what there is to earn, or `90%` of it; between 0 and `max_points` unless `beyond`."""
    whole, slash, parts = text.strip().partition("/")
    try:
        if slash:
            points = float(whole) / float(parts) * max_points
        elif whole.endswith("%"):
            points = float(whole[:-1]) / 100 * max_points
        else:
            points = float(whole)
    except (ValueError, ZeroDivisionError):
        points = math.nan
    if not math.isfinite(points):
        raise GradebookError(f"{what}: {text!r} are no points; write 7.5, 3/4 or 90%")
    if points < 0:
        raise GradebookError(
            f"{what}: points cannot be negative ({text}); there are 0 to {max_points:g} to give"
        )
    if points > max_points and not beyond:
        raise GradebookError(
            f"{what}: {points:g} is more than the {max_points:g} there are to earn. "
            "If that is meant, say --beyond."
        )
    return round(points, 6)


def parse_moment(text: str, zone: tzinfo, due: datetime | None = None) -> datetime:
    """`2026-09-30` (its last minute), `2026-09-30 18:00` on the course's clocks, with a zone, or `+2d` after `due`."""
    text = text.strip()
    after = _AFTER.fullmatch(text)
    if after and due is not None:
        return due + timedelta(**{_UNITS[after[2]]: int(after[1])})
    if after:
        raise GradebookError(f"{text}: there is no deadline to count from; write a date")
    moment = _date(text) or _moment(text)
    if moment is None:
        raise GradebookError(
            f"{text!r} is no date; write 2026-09-30, 2026-09-30T18:00, or +2d for two days after the deadline"
        )
    if moment.year not in YEARS:
        raise GradebookError(f"{text!r}: the year {moment.year} is no year of this course")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _date(text: str) -> datetime | None:
    """The last minute of a day."""
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59))
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def course_zone(settings: Settings, work: str) -> tzinfo:
    """The zone in which course.toml writes the deadline of a work; where it has none, that of the first deadline.

    A zone is an offset there, and it changes within a term: in New York from −4 to −5 hours in November.
    """
    works: list[Assignment | Milestone] = [*settings.assignments, *settings.project]
    works.sort(key=lambda one: one.id != work)  # itself first; the others keep their order
    for one in works:
        if one.due is not None and one.due.tzinfo is not None:
            return one.due.tzinfo
    return UTC


def spell_moment(moment: datetime | None) -> str:
    """A moment as people read it, to the minute and with its zone."""
    return moment.isoformat(" ", "minutes") if moment else "unknown"


def given_reason(why: str) -> str:
    """The reason for a decision that needs one."""
    if not why.strip():
        raise GradebookError("why? Somebody will ask; give the reason with --why")
    return why.strip()
