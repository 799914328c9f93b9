"""What is secret in a course, for which assignment, since when, and whether it is of an earlier year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.gradebook.book import Gradebook
from autograder.gradescope.seed import seed_path
from autograder.settings import Assignment, Settings
from autograder.term.stale import file_drawn, is_stale
from autograder.term.stale_seed import seed_drawn
from autograder.trained.kept import FOLDER


@dataclass(frozen=True)
class Secret:
    """One secret, in words that may be shown."""

    work: str
    opens: str
    what: str
    since: str
    stale: bool


def inventory(root: Path, settings: Settings, book: Gradebook | None) -> list[Secret]:
    """Every secret that has been drawn, in the order of the assignments."""
    return [
        Secret(
            each.id,
            f"{each.opens:%Y-%m-%d}" if each.opens else "",
            what,
            f"{drawn:%Y-%m-%d}",
            is_stale(drawn, each),
        )
        for each in settings.assignments
        for what, drawn in _of(root, each, book)
        if drawn is not None
    ]


def _of(
    root: Path, assignment: Assignment, book: Gradebook | None
) -> Iterator[tuple[str, datetime | None]]:
    if book is not None:
        yield f"hidden numbers, in {book.place}", seed_drawn(book, assignment.id)
    yield "hidden numbers of Gradescope's package", file_drawn(seed_path(root, assignment.id))
    if assignment.notebook is not None:
        for path in sorted((root / FOLDER / assignment.notebook).glob("*.safetensors")):
            yield f"hidden views of {path.stem}", file_drawn(path)
