"""The store that the batch grades into: resume, idempotent saves, claims, seeds, times of hand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects import sqlite

from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.columns import Moment
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.holder import holder_name, is_gone
from autograder.gradebook.store import AssignmentStore
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.grading.submission import Submission
from autograder.results import CheckResult, ExerciseResult, Status

ADA = Submission("ada", "Ada L.", "ada.zip", "digest of ada")
NINE, TEN = "2026-09-10T09:00:00+00:00", "2026-09-10T10:00:00+00:00"


def graded(work: Submission = ADA, key: str = "k1", passed: int = 3) -> SubmissionResult:
    """A result with an exercise of 8 points and four checks, and a question that was answered."""
    checks = tuple(
        CheckResult("ex", f"c{n}", "t", False, Status.PASSED if n < passed else Status.FAILED)
        for n in range(4)
    )
    return SubmissionResult(
        work.student, work.name, work.source, "01_camera_geometry", Outcome.GRADED, 10.0,
        exercises=(ExerciseResult("ex", "Exercise", 8.0, checks),),
        written=(WrittenAnswer("why", "1.9", "Why?", 2.0, "because"),), key=key,
    )  # fmt: skip


def failed(key: str = "k1") -> SubmissionResult:
    return replace(graded(key=key), outcome=Outcome.GRADER_ERROR, exercises=(), written=())


@pytest.fixture
def book(database: str) -> Iterator[Gradebook]:
    with Gradebook.open(database) as opened:
        yield opened


def count(book: Gradebook, table: type[models.Base]) -> int:
    with book.reading() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def counting_points(book: Gradebook) -> list[float]:
    with book.reading() as session:
        query = select(models.Grading.points).join(
            models.Counting, models.Counting.grading_id == models.Grading.id
        )
        return list(session.scalars(query.order_by(models.Counting.submission_id)))


def test_a_saved_grading_comes_back_whole(book: Gradebook) -> None:
    store = AssignmentStore(book, "a1")
    assert store.load(ADA, "k1") is None
    store.save(ADA, graded())
    assert store.load(ADA, "k1") == graded()
    assert AssignmentStore(book, "a1").load(ADA, "k1") == graded()
    assert store.load(ADA, "k2") is None
    assert store.load(replace(ADA, digest="other"), "k1") is None
    assert AssignmentStore(book, "a2").load(ADA, "k1") is None


def test_saving_again_changes_nothing(book: Gradebook) -> None:
    store = AssignmentStore(book, "a1")
    store.save(ADA, graded())
    store.save(ADA, graded(passed=0))  # the same key: the first grading stands
    assert store.load(ADA, "k1") == graded()
    tables = (models.Student, models.Submission, models.Grading, models.Counting, models.Audit)
    assert [count(book, table) for table in tables] == [1, 1, 1, 1, 1]
    assert count(book, models.Score) == 2


def test_a_regrade_adds_a_row_and_counts(book: Gradebook) -> None:
    store = AssignmentStore(book, "a1")
    store.save(ADA, graded(passed=4))
    store.save(ADA, graded(key="k2", passed=1))
    assert count(book, models.Grading) == 2
    assert counting_points(book) == [2.0]
    assert store.load(ADA, "k1") == graded(passed=4)  # asked for again: counts again
    assert counting_points(book) == [8.0]


def test_fresh_grades_once_more_under_the_same_key(book: Gradebook) -> None:
    AssignmentStore(book, "a1").save(ADA, graded(passed=1))
    again = AssignmentStore(book, "a1", fresh=True)
    assert again.load(ADA, "k1") is None
    assert again.claim(ADA, "k1")
    again.save(ADA, graded(passed=4))
    assert again.load(ADA, "k1") == graded(passed=4)
    assert count(book, models.Grading) == 2
    assert counting_points(book) == [8.0]


def test_our_own_failure_is_kept_but_never_replaces_a_grading(book: Gradebook) -> None:
    store = AssignmentStore(book, "a1")
    store.save(ADA, failed())
    assert store.load(ADA, "k1") is None
    assert counting_points(book) == [0.0]
    store.save(ADA, graded())
    store.save(ADA, failed("k2"))
    assert counting_points(book) == [6.0]
    assert count(book, models.Grading) == 3


def test_the_database_itself_keeps_gradings_and_the_audit_trail(book: Gradebook) -> None:
    AssignmentStore(book, "a1").save(ADA, graded())
    for table, column in ((models.Grading, "who"), (models.Score, "title"), (models.Audit, "who")):
        name = table.__tablename__
        for change in (f"DELETE FROM {name}", f"UPDATE {name} SET {column} = 'x'"):
            with (
                pytest.raises(GradebookError, match=f"rows of {name} are never changed"),
                book.writing() as session,
            ):
                session.connection().exec_driver_sql(change)


def test_text_that_no_database_holds_is_stored_all_the_same(book: Gradebook) -> None:
    odd = replace(ADA, source="a\udcff.zip", name="A\x00da")
    result = replace(graded(odd), problems=("half \ud83d and \x00",), printed={"ex": "\udc80"})
    store = AssignmentStore(book, "a1")
    store.save(odd, result)
    assert store.load(odd, "k1") == result


def test_one_grader_at_a_time(book: Gradebook) -> None:
    first, second = AssignmentStore(book, "a1"), AssignmentStore(book, "a1")
    assert first.claim(ADA, "k1")
    assert not second.claim(ADA, "k1")
    assert first.claim(ADA, "k1"), "a claim is renewed by claiming again"
    assert second.claim(ADA, "k2"), "another key is other work"
    first.save(ADA, graded())
    assert not second.claim(ADA, "k1"), "it is done"
    assert second.load(ADA, "k1") == graded()


def test_a_claim_ends_with_its_lease_or_its_process(
    book: Gradebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = AssignmentStore(book, "a1")
    assert AssignmentStore(book, "a1", lease_seconds=-1.0).claim(ADA, "k1")
    assert other.claim(ADA, "k1"), "the lease had ended"
    gone = AssignmentStore(book, "a1")
    machine, _, _ = holder_name("x").partition(" ")
    monkeypatch.setattr(gone, "_holder", f"{machine} 999999999 12345 token")
    assert gone.claim(ADA, "k2")
    assert other.claim(ADA, "k2"), "its process had ended"
    assert not is_gone(holder_name("x"))
    assert not is_gone("elsewhere 999999999 12345 token"), "nobody can look into another machine"


def test_a_seed_is_drawn_once_and_a_given_one_is_kept(book: Gradebook) -> None:
    drawn = AssignmentStore(book, "a1").seed(None)
    assert AssignmentStore(book, "a1").seed(None) == drawn
    assert AssignmentStore(book, "a2").seed(None) != drawn
    assert AssignmentStore(book, "a1").seed(2**70) == 2**70
    assert AssignmentStore(book, "a1").seed(None) == 2**70
    with book.reading() as session:
        trail = session.scalars(select(models.Audit)).all()
    assert [(row.action, row.what) for row in trail] == [
        ("seed", "drawn"), ("seed", "drawn"), ("seed", "given"),
    ]  # fmt: skip
    assert all(str(drawn) not in f"{row.old}{row.new}{row.what}" for row in trail)


def test_a_claim_is_not_kept_by_another_process_of_the_same_number() -> None:
    machine, pid, started, token = holder_name("x").split(" ")
    assert not is_gone(f"{machine} {pid} {started} {token}")
    assert is_gone(f"{machine} {pid} {int(started) - 1} {token}")


@pytest.mark.parametrize("told", [TEN, "2026-09-10T12:00:00+02:00", "2026-09-10T04:30:00-05:30"])
def test_times_are_kept_whatever_zone_they_are_told_in(book: Gradebook, told: str) -> None:
    AssignmentStore(book, "a1").save(replace(ADA, received=told, clock="lms"), graded())
    assert submissions(book) == [(TEN, "lms")]


@pytest.mark.parametrize(
    "told",
    ["", "noon", "2026-09-10T10:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00"],
)
def test_what_is_no_time_is_an_unknown_time(book: Gradebook, told: str) -> None:
    AssignmentStore(book, "a1").save(replace(ADA, received=told, clock="student"), graded())
    assert submissions(book) == [(None, "")]


def test_a_moment_is_kept_in_utc_and_never_without_a_zone() -> None:
    east = datetime(2026, 9, 10, 12, tzinfo=timezone(timedelta(hours=2)))
    assert Moment().process_bind_param(east, sqlite.dialect()) == datetime(2026, 9, 10, 10)
    with pytest.raises(ValueError, match="has no time zone"):
        Moment().process_bind_param(datetime(2026, 9, 10, 10), sqlite.dialect())


def submissions(book: Gradebook) -> list[tuple[str | None, str]]:
    with book.reading() as session:
        rows = session.scalars(select(models.Submission).order_by(models.Submission.id))
        return [(r.received.isoformat() if r.received else None, r.clock) for r in rows]


@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        (("", ""), (TEN, "lms"), [(TEN, "lms")]),
        (("", ""), (TEN, "student"), [(TEN, "student")]),
        ((NINE, "student"), (TEN, "lms"), [(TEN, "lms")]),
        ((TEN, "lms"), (NINE, "student"), [(TEN, "lms")]),
        ((TEN, "lms"), ("", ""), [(TEN, "lms")]),
        ((TEN, "lms"), ("no time", "lms"), [(TEN, "lms")]),
        ((NINE, "lms"), (TEN, "lms"), [(NINE, "lms"), (TEN, "lms")]),
    ],
)
def test_the_same_file_is_the_same_hand_in_unless_the_platform_told_two_times(
    book: Gradebook, first: tuple[str, str], then: tuple[str, str], kept: list[tuple[str, str]]
) -> None:
    store = AssignmentStore(book, "a1")
    store.save(replace(ADA, received=first[0], clock=first[1]), graded())
    later = replace(ADA, received=then[0], clock=then[1])
    if len(kept) == 1:
        assert store.load(later, "k1") == graded(), "it need not be graded again"
        assert submissions(book) == kept, "the better time is kept without a new grading"
    store.save(later, graded())
    assert submissions(book) == kept
