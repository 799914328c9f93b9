"""What a student handed in, read but not judged: cells, who it is from, and what was wrong with the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grading.handed_in import HandedIn

_LONGEST_ID = 80
_SAFE = re.compile(r"[a-z0-9][a-z0-9_-]*")  # no dot: a dot only ever precedes our hash


class UnreadableError(Exception):
    """A file that cannot be graded; the message tells its author what is wrong and what to do."""


@dataclass(frozen=True)
class Cell:
    """A notebook cell. Cells are counted from 1, code and text alike, as a person counts them."""

    number: int
    kind: str  # "code", "markdown" or "raw"
    source: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission:
    """One student's work. `problems` is not empty exactly if there is nothing to grade."""

    student: str
    name: str  # the person's name where the submission says it
    source: str  # the file, relative to the class folder
    digest: str  # SHA-256 of the file, or of the files where predictions lie beside the notebook
    cells: tuple[Cell, ...] = ()
    predictions: Mapping[str, HandedIn] = field(default_factory=dict)  # by task
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    created: str = ""  # ISO 8601, as the student's machine said it
    received: str = ""  # ISO 8601 in UTC: when it was handed in; "" if nobody knows
    clock: str = ""  # who says so: "lms" (the platform), "student" (their own machine) or ""
    canvas_id: str = ""  # the account that handed it in, where Canvas says it
    email: str = ""  # likewise, where Gradescope says it
    late: bool = False  # the platform says so, and not when it was handed in
    superseded: bool = False  # a later submission of the same student is in the same folder

    @property
    def code(self) -> list[tuple[int, str]]:
        """Numbers and sources of the code cells."""
        return [(cell.number, cell.source) for cell in self.cells if cell.kind == "code"]


def clean_name(text: str) -> str:
    """One printable line, short enough for a table."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:_LONGEST_ID]


def file_name(student: str) -> str:
    """A file name for a student id, whatever it contains; different ids never share one."""
    if _SAFE.fullmatch(student) and len(student) <= 60:
        return student
    readable = re.sub(r"[^a-z0-9_-]+", "-", student.lower()).strip("-")[:40]
    return f"{readable or 'student'}.{sha256(student.encode()).hexdigest()[:32]}"
