"""Is the gradebook whole? What the database checks by itself, and what only we know must hold."""

from __future__ import annotations

import stat
from collections.abc import Iterator

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.orm import Session

from autograder.gradebook import models, people
from autograder.gradebook.book import Gradebook
from autograder.gradebook.schema import VERSION
from autograder.grading.record import Outcome, from_json
from autograder.settings import Settings

_TOLERANCE = 0.05  # points are kept to a tenth
_SHOWN = 5  # a page lost early may be told in a hundred lines


def findings(book: Gradebook, settings: Settings) -> Iterator[str]:
    """What is wrong with the gradebook, one sentence each; nothing if it is whole."""
    yield from _others_may_read(book)
    with book.reading() as session:
        connection = session.connection()
        if connection.dialect.name == "sqlite":
            yield from _sqlite(connection, str(book.place.path or book.place))
        yield from _tables(connection)
        yield from _gradings(session)
        yield from _counting(session)
        yield from _strangers(session, settings)


def _others_may_read(book: Gradebook) -> Iterator[str]:
    path = book.place.path
    if path is not None and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"{path} may be read by others, and it holds the hidden seeds: chmod 600 {path}"


def _sqlite(connection: Connection, path: str) -> Iterator[str]:
    rows = connection.exec_driver_sql("PRAGMA integrity_check")
    damage = [line for (row,) in rows for line in str(row).splitlines() if line != "ok"]
    if damage:
        more = f"; … and {len(damage) - _SHOWN} more" if len(damage) > _SHOWN else ""
        yield (
            f"{path} is damaged: put a backup in its place (`autograder gradebook backup` makes them). "
            f"SQLite says: {'; '.join(damage[:_SHOWN])}{more}"
        )
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table}: row {row} belongs to a row of {parent} that is not there"


def _tables(connection: Connection) -> Iterator[str]:
    """Columns that a table lacks; somebody changed the tables by hand."""
    inspector = inspect(connection)
    for table in people.Decided.metadata.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                yield f"{table.name}: the column {column.name} is missing"


def _gradings(session: Session) -> Iterator[str]:
    """Every result must still read, and agree with what is kept beside it."""
    query = (
        select(models.Score.grading_id, func.sum(models.Score.points))
        .where(models.Score.kind == "exercise")
        .group_by(models.Score.grading_id)
    )
    sums = dict(session.execute(query).all())
    for grading in session.scalars(select(models.Grading).execution_options(yield_per=100)):
        try:
            result = from_json(grading.result)
        except ValueError as error:
            yield f"grading {grading.id}: its result cannot be read ({error}); grade again with --fresh"
            continue
        points = (result.points, sums.get(grading.id) or 0.0)
        if any(abs(grading.points - other) > _TOLERANCE for other in points):
            yield (
                f"grading {grading.id}: {grading.points:g} points, but its result says {points[0]:g} "
                f"and its exercises {points[1]:g}"
            )


def _counting(session: Session) -> Iterator[str]:
    """Every submission has a grading that counts, its own, and no failure of ours where a good one is."""
    counting, grading = models.Counting, models.Grading
    without = select(models.Submission.id).where(
        models.Submission.id.not_in(select(counting.submission_id))
    )
    for submission in session.scalars(without):
        yield f"submission {submission} has no grading that counts: grade the class again"
    query = select(counting.submission_id, grading.submission_id, grading.outcome).join(
        grading, grading.id == counting.grading_id
    )
    good = set(
        session.scalars(
            select(grading.submission_id).where(grading.outcome != Outcome.GRADER_ERROR.value)
        )
    )
    for submission, owner, outcome in session.execute(query):
        if submission != owner:
            yield f"submission {submission} counts a grading of submission {owner}"
        if outcome == Outcome.GRADER_ERROR and submission in good:
            yield f"submission {submission} counts a failure of the grader, though a grading is there"


def _strangers(session: Session, settings: Settings) -> Iterator[str]:
    known = {a.id for a in settings.assignments} | {m.id for m in settings.project}
    kept = set(session.scalars(select(models.Submission.assignment).distinct()))
    for table in (people.Override, people.Extension, people.MilestoneScore):
        kept |= set(session.scalars(select(table.work).distinct()))
    for work in sorted(kept - known):
        yield f"the gradebook holds work for {work!r}, which course.toml does not list: it counts nowhere"


def summary(book: Gradebook) -> str:
    """One line for a gradebook that is whole: what it is, and how much it holds."""
    kinds = (models.Student, models.Submission, models.Grading, models.Audit)
    with book.reading() as session:
        students, submissions, gradings, changes = (
            session.scalar(select(func.count()).select_from(kind)) for kind in kinds
        )
    return (
        f"{book.place}: all well. {students} students, {submissions} submissions, "
        f"{gradings} gradings, {changes} changes on the record; tables {VERSION}."
    )
