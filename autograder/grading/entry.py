"""One thing in a class folder that somebody handed in, and what the platform it came from says about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class LayoutError(Exception):
    """A class folder or download that cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class Entry:
    """A file or folder to grade. What students write themselves (their files, their manifests) is not in here."""

    path: Path
    source: str  # relative to the class folder
    uploader: str  # whose it is by the name that the platform, or whoever collected it, gave it
    account: str = ""  # the platform's own number of the uploader, where names alone could be alike
    student: str = ""  # the student's id where the platform says it; nobody else then has a say
    known_as: frozenset[str] = frozenset()  # other ids of the same student, in lower case
    name: str = ""
    canvas_id: str = ""  # Canvas's number of the uploader
    email: str = ""  # as Gradescope has verified it
    received: str = ""  # ISO 8601 in UTC, by the platform's clock
    late: bool = False  # by the platform's mark
    remarks: tuple[str, ...] = ()
    problem: str = ""  # why there is nothing to read
    beside: tuple[
        Path, ...
    ] = ()  # other files of the same upload, which the platform did not put into a folder


class Accounts(Protocol):
    """The ids that platforms know somebody by; "" where nobody said."""

    @property
    def email(self) -> str: ...
    @property
    def canvas_id(self) -> str: ...
    @property
    def sis_user_id(self) -> str: ...
    @property
    def sis_login_id(self) -> str: ...


class Person(Accounts, Protocol):
    """Those, and the id that the course knows them by."""

    @property
    def id(self) -> str: ...


def known_ids(students: Iterable[Person]) -> dict[str, str]:
    """The student behind each id that a platform uses, for `Intake`: a mapping to the ids of the course.

    Canvas's numbers stand as they are, other keys carry their kind: "sis:123456", "login:jdoe", "email:jdoe@x.edu",
    "id:jdoe", all in lower case. What two students share tells nothing and is left out; what somebody on the roster
    shares with a stranger (who is not `enrolled`) is theirs.
    """
    listed: dict[str, set[str]] = {}
    strangers: dict[str, set[str]] = {}
    for student in students:
        found = listed if getattr(student, "enrolled", True) else strangers
        keys = {
            student.canvas_id: student.canvas_id,
            f"sis:{student.sis_user_id}": student.sis_user_id,
            f"login:{student.sis_login_id}": student.sis_login_id,
            f"email:{student.email}": student.email,
            f"id:{student.id}": student.id,
        }
        for key, value in keys.items():
            if value:
                found.setdefault(key.lower(), set()).add(student.id)
    names = {key.partition(":")[2] for key in listed}
    for key, owners in strangers.items():
        kind, _, name = key.partition(":")
        if not (kind == "id" and name in names):  # an id that names a listed student's account
            listed.setdefault(key, owners)
    return {key: min(owners) for key, owners in listed.items() if len(owners) == 1}


def aliases(student: str, roster: Mapping[str, str]) -> frozenset[str]:
    """Everything that a roster from `known_ids` knows a student as."""
    return frozenset(
        key.partition(":")[2] or key for key, owner in roster.items() if owner == student
    )


def moment(text: object) -> str:
    """A time with a zone as UTC, so that times compare as text; "" for anything else."""
    try:
        found = datetime.fromisoformat(str(text)[:40])
        return found.astimezone(UTC).isoformat() if found.tzinfo else ""
    except (ValueError, OverflowError):
        return ""
