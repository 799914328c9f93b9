"""Secrets of an earlier year: what was drawn for an assignment long before it opens has been seen by those before.

A dry run some weeks ahead is no matter, and neither is one a year ahead while the assignment is still far off.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from autograder.settings import Assignment
from autograder.trained.kept import FOLDER

LONG_BEFORE: Final = timedelta(days=100)
_ABOUT_TO_OPEN: Final = timedelta(days=30)
ADVICE = (
    "Put the earlier term away with `autograder term close FOLDER`: nothing of it is lost, and new secrets are drawn "
    "when they are needed"
)


class StaleSecretError(Exception):
    """A secret of an earlier year would be used again; the message says which, and what to do."""


def is_stale(drawn: datetime | None, assignment: Assignment, now: datetime | None = None) -> bool:
    """Whether something drawn then belongs to an earlier run of the assignment, now that it opens (again)."""
    if drawn is None or assignment.opens is None:
        return False
    near = (now or datetime.now(UTC)) > assignment.opens - _ABOUT_TO_OPEN
    return near and drawn < assignment.opens - LONG_BEFORE


def file_drawn(path: Path) -> datetime | None:
    """When a secret file was written; None if it is not there."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None


def refuse_stale_file(path: Path, assignment: Assignment) -> None:
    """StaleSecretError if a file below secrets/ is of an earlier year."""
    drawn = file_drawn(path)
    if drawn is not None and is_stale(drawn, assignment):
        raise StaleSecretError(
            f"{path} is of an earlier term: written on {drawn:%Y-%m-%d}, and {assignment.id} opens on "
            f"{assignment.opens:%Y-%m-%d}. {ADVICE}"
        )


def refuse_stale_scenes(root: Path, assignments: tuple[Assignment, ...]) -> None:
    """StaleSecretError if the scenes of a released exercise were drawn for an earlier year."""
    for assignment in assignments:
        if assignment.notebook is not None:
            for path in sorted((root / FOLDER / assignment.notebook).glob("*.safetensors")):
                refuse_stale_file(path, assignment)
