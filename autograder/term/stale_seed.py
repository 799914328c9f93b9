"""The gradebook's hidden seed, and whether it is of an earlier year."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from autograder.gradebook.book import Gradebook
from autograder.gradebook.models import Audit
from autograder.settings import Assignment
from autograder.term.stale import ADVICE, StaleSecretError, is_stale


def seed_drawn(book: Gradebook, assignment: str) -> datetime | None:
    """When the seed of an assignment's hidden numbers came into the gradebook; None if there is none."""
    with book.reading() as session:
        query = select(func.max(Audit.at)).where(Audit.action == "seed", Audit.work == assignment)
        drawn: datetime | None = session.scalar(query)
        return drawn


def refuse_stale_seed(book: Gradebook, assignment: Assignment) -> None:
    """StaleSecretError if the gradebook's seed is of an earlier year."""
    drawn = seed_drawn(book, assignment.id)
    if drawn is not None and is_stale(drawn, assignment):
        raise StaleSecretError(
            f"{book.place} is of an earlier term: the hidden numbers of {assignment.id} were drawn on "
            f"{drawn:%Y-%m-%d}, and it opens on {assignment.opens:%Y-%m-%d}. {ADVICE}. To go on with "
            f"this gradebook, draw new numbers with `autograder term rotate {assignment.id} --why TEXT`"
        )
