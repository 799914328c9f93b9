"""Whatever happens in whatever order: nothing kept is changed, nothing is twice, and the grades follow."""

from __future__ import annotations

import functools
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from autograder.gradebook import models, people
from autograder.gradebook.book import Gradebook
from autograder.gradebook.desk import Desk
from autograder.gradebook.grades import course_grades
from autograder.gradebook.health import findings
from autograder.gradebook.store import AssignmentStore
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.results import CheckResult, ExerciseResult, Status
from autograder.settings import Assignment, Course, GradingLimits, LatePolicy, Release, Settings

COURSE = Settings(
    Course("Toy", "1"), Release("o/n"), (Assignment("a1", "One", 100.0),), (), LatePolicy(), GradingLimits()
)  # fmt: skip
NOON = datetime(2026, 9, 10, 12, tzinfo=UTC)
KEPT_FOR_GOOD = (
    models.Grading, models.Score, models.Audit, people.ManualScore, people.Comment,
    people.Extension, people.Override,
)  # fmt: skip

students = st.sampled_from(["ada", "ben"])
files = st.integers(0, 2)
keys = st.sampled_from(["k1", "k2"])
shares = st.integers(0, 4)


def submission(student: str, file: int) -> Submission:
    received = (NOON + timedelta(hours=file)).isoformat()
    return Submission(student, "", f"{file}.zip", f"d{file}", received=received, clock="lms")


def result(student: str, key: str, passed: int, error: bool) -> SubmissionResult:
    checks = tuple(
        CheckResult("ex", f"c{n}", "t", False, Status.PASSED if n < passed else Status.FAILED)
        for n in range(4)
    )
    exercises = () if error else (ExerciseResult("ex", "Exercise", 4.0, checks),)
    outcome = Outcome.GRADER_ERROR if error else Outcome.GRADED
    return SubmissionResult(student, "", "f", "01_toy", outcome, 4.0, exercises, key=key)


@functools.cache
def empty_book() -> bytes:
    """A gradebook with its tables: to make them anew for every example would take most of the time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        Gradebook.open(str(path)).close()
        return path.read_bytes()


class Book(RuleBasedStateMachine):
    """The gradebook beside a model of it in plain dictionaries."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="book-"))
        (self.folder / "grades.db").write_bytes(empty_book())
        (self.folder / "grades.db").chmod(0o600)
        self.book = Gradebook.open(str(self.folder / "grades.db"))
        self.desk = Desk(self.book, COURSE, "ta")
        self.good: dict[tuple[str, int, str], int] = {}  # student, file, key → checks passed
        self.counts: dict[tuple[str, int], int | None] = {}  # None: only a failure of ours
        self.failed: set[tuple[str, int, str]] = set()
        self.manual: dict[str, float] = {}
        self.override: dict[str, float] = {}
        self.gradings = 0
        self.rows: dict[tuple[str, object], tuple[object, ...]] = {}

    def teardown(self) -> None:
        if hasattr(self, "book"):
            self.book.close()
            shutil.rmtree(self.folder)

    @rule(student=students, file=files, key=keys, passed=shares)
    def save(self, student: str, file: int, key: str, passed: int) -> None:
        AssignmentStore(self.book, "a1").save(
            submission(student, file), result(student, key, passed, error=False)
        )
        self.gradings += (student, file, key) not in self.good
        self.counts[student, file] = self.good.setdefault((student, file, key), passed)

    @rule(student=students, file=files, key=keys)
    def fail(self, student: str, file: int, key: str) -> None:
        AssignmentStore(self.book, "a1").save(
            submission(student, file), result(student, key, 0, error=True)
        )
        self.gradings += (student, file, key) not in self.failed
        self.failed.add((student, file, key))
        self.counts.setdefault((student, file), None)

    @rule(student=students, file=files, key=keys)
    def load(self, student: str, file: int, key: str) -> None:
        kept = AssignmentStore(self.book, "a1").load(submission(student, file), key)
        passed = self.good.get((student, file, key))
        assert (kept.points if kept else None) == passed
        if passed is not None:
            self.counts[student, file] = passed

    @rule(student=students, file=files, key=keys, passed=shares)
    def grade_afresh(self, student: str, file: int, key: str, passed: int) -> None:
        store = AssignmentStore(self.book, "a1", fresh=True)
        assert store.load(submission(student, file), key) is None
        assert store.claim(submission(student, file), key)
        store.save(submission(student, file), result(student, key, passed, error=False))
        self.gradings += 1
        self.good[student, file, key] = self.counts[student, file] = passed

    @rule(student=students, points=st.one_of(st.none(), st.integers(0, 4)))
    def score(self, student: str, points: int | None) -> None:
        # of hand-ins in the order of their times, the last one counts; a failed one has no exercises
        counting = [self.counts[s, f] for s, f in sorted(self.counts) if s == student][-1:]
        if counting in ([], [None]):
            return
        self.desk.score(student, "a1", "ex", None if points is None else str(points))
        self.manual.pop(student, None)
        if points is not None:
            self.manual[student] = points

    @rule(student=students, points=st.one_of(st.none(), st.integers(0, 100)))
    def decide(self, student: str, points: int | None) -> None:
        if not any(s == student for s, _ in self.counts):
            return
        self.desk.override(student, "a1", None if points is None else str(points), why="so")
        self.override.pop(student, None)
        if points is not None:
            self.override[student] = points / 100

    @invariant()
    def the_grades_follow(self) -> None:
        if not hasattr(self, "book"):
            return
        got = {g.student.id: g.works[0].decision.share for g in course_grades(self.book, COURSE)}
        wanted = {}
        for student, file in sorted(self.counts):  # the last file of each student stays
            passed = self.counts[student, file]
            points = self.manual.get(student, passed) if passed is not None else 0
            assert points is not None
            wanted[student] = self.override.get(student, points / 4)
        assert got == pytest.approx(wanted)

    @invariant()
    def nothing_kept_is_changed_or_twice(self) -> None:
        if not hasattr(self, "book"):
            return
        now: dict[tuple[str, object], tuple[object, ...]] = {}
        with self.book.reading() as session:
            for table in KEPT_FOR_GOOD:
                columns = table.__table__
                for row in session.execute(select(columns)):
                    identity = tuple(getattr(row, c.name) for c in columns.primary_key)
                    now[table.__tablename__, identity] = tuple(row)
            claims = session.scalars(select(models.Claim)).all()
        assert self.rows.items() <= now.items(), "a row was changed or is gone"
        self.rows = now
        assert sum(name == "gradings" for name, _ in now) == self.gradings
        assert claims == []
        assert list(findings(self.book, COURSE)) == []


Book.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestBook = Book.TestCase
