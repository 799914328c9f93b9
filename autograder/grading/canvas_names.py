"""Canvas's bulk download: one folder of files, named `doejane_LATE_1234_5678_notebook.zip` by Canvas.

The parts are the sortable name, LATE if it was, Canvas's number of the user and of the attachment, and the name that
the student gave the file; a submission typed into Canvas ends `_1234_text.html` or `_1234_link.html`, and an
anonymous one begins `anon_` (canvas-lms, lib/content_zipper.rb). Only the last submission is in a download, with
all its attachments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.grading.entry import Entry, aliases

_GRADABLE = (".zip", ".ipynb")
_NAMED = re.compile(
    r"(?P<name>[^/]+?)_(?P<late>late_)?(?P<user>\d+)_(?:\d+_[^/]+|(?:text|link)\.html)",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(
    r"(?P<late>late_)?(?P<name>anon_[0-9a-z]{5})_(?:\d+_[^/]+|(?:text|link)\.html)", re.I
)
_NUMBERS = re.compile(r"(?:_(?:late_)?\d+)+_", re.IGNORECASE)  # the user's and what looks like it
_NUMBER = re.compile(r"_(?P<late>late_)?(?P<user>\d+)(?=_\d|_(?:text|link)\.html$)", re.IGNORECASE)
_LATE = (
    "Canvas marks it as handed in late and does not say when: it counts as one day late, or as late as its own clock "
    "says, until a person knows better (autograder gradebook received)"
)


@dataclass(frozen=True)
class CanvasName:
    """What Canvas says in the name of a file."""

    name: str
    user: str  # "" for an anonymous submission
    late: bool


def parse(file_name: str, roster: Mapping[str, str]) -> CanvasName | None:
    """The parts of a name that Canvas gave, None if it did not.

    A name may end in a number ("x_99"), and a file begin with one ("01_notebook.zip"): of all these numbers the user
    is the one on the roster. If several are, a student may be posing as another, and nobody is taken for the user.
    """
    if match := _ANONYMOUS.fullmatch(file_name):
        return CanvasName(match["name"].lower(), "", bool(match["late"]))
    match = _NAMED.fullmatch(file_name)
    if match is None:
        return None
    run = _NUMBERS.search(file_name)
    within = (run.start(), run.end()) if run else (0, 0)
    fitting = [
        n
        for n in _NUMBER.finditer(file_name, within[0])
        if n.end() < within[1] and n["user"] in roster
    ]
    if len(fitting) == 1:
        match = fitting[0]
    name = file_name[: match.start("user")].removesuffix("_")
    name = re.sub(r"_late$", "", name, flags=re.IGNORECASE)
    return CanvasName(name.lower(), "" if len(fitting) > 1 else match["user"], bool(match["late"]))


def is_canvas(names: Iterable[str]) -> bool:
    """Whether any of the names in a folder is one that Canvas gave."""
    return any(_ANONYMOUS.fullmatch(name) or _NAMED.fullmatch(name) for name in names)


def canvas_entries(
    files: Iterable[tuple[Path, CanvasName]], roster: Mapping[str, str]
) -> Iterator[Entry]:
    """A submission per notebook or zip, with the other attachments of the same student beside it."""
    by_user: dict[tuple[str, str], list[tuple[Path, CanvasName]]] = {}
    for path, said in files:
        by_user.setdefault((said.user, said.name), []).append((path, said))
    for (user, name), theirs in by_user.items():
        gradable = [each for each in theirs if each[0].suffix.lower() in _GRADABLE]
        beside = [path for path, _ in theirs if gradable and (path, _) not in gradable]
        student = roster.get(user, "") if user else ""
        for path, said in gradable or theirs:
            yield Entry(
                path,
                path.name,
                uploader=name,
                canvas_id=user,
                account="" if _ANONYMOUS.fullmatch(path.name) else f"{name}_{user}",
                student=student,
                known_as=aliases(student, roster) if student else frozenset(),
                late=said.late,
                remarks=(_LATE,) if said.late else (),
                beside=tuple(beside),
            )
