"""submission_metadata.json: whose submission it is, and how late. Nothing in it is taken for granted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.grading.submission import clean_name


@dataclass(frozen=True)
class Metadata:
    """What Gradescope says of a submission; empty where it says nothing."""

    student: str = "student"
    name: str = ""
    received: str = ""  # ISO 8601
    lateness: timedelta | None = None  # None: on time, or nobody knows

    @property
    def notes(self) -> tuple[str, ...]:
        """What its author should know about time. The late policy is the gradebook's business."""
        if self.lateness is None:
            return ()
        return (
            f"Handed in {_in_words(self.lateness)} after the due date. The score shown here is before late "
            "days and penalties; the course's gradebook applies them.",
        )


def read_metadata(path: Path) -> Metadata:
    """The metadata of a submission; a missing or odd file says nothing, which stops nobody's grading."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Metadata()
    if not isinstance(raw, dict):
        return Metadata()
    users = [user for user in _list(raw.get("users")) if isinstance(user, dict)]
    names = [clean_name(user["name"]) for user in users if isinstance(user.get("name"), str)]
    emails = [clean_name(user["email"]) for user in users if isinstance(user.get("email"), str)]
    created = _moment(raw.get("created_at"))
    due = _due(raw, users)
    late = created - due if created is not None and due is not None and created > due else None
    return Metadata(
        student=next(filter(None, [*emails, *names]), "student"),
        name=" and ".join(filter(None, names)),
        received=created.isoformat() if created is not None else "",
        lateness=late,
    )


def _due(raw: dict[str, Any], users: list[dict[str, Any]]) -> datetime | None:
    """The student's own due date where an extension gives one, else the assignment's."""
    for holder in [*users, raw]:
        assignment = holder.get("assignment")
        if isinstance(assignment, dict):
            due = _moment(assignment.get("due_date"))
            if due is not None:
                return due
    return None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _in_words(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    parts = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    said = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " ".join(said[:2])
