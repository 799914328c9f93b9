"""An assignment's gradings in the gradebook, as the batch uses them: resume, save, and share the work.

Several graders may work on one class: each claims a submission before it grades it. Saving is idempotent, and a
saved grading is never overwritten.
"""

from __future__ import annotations

import re
import secrets
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from autograder.gradebook import models
from autograder.gradebook.attribution import (
    knows_better,
    same_submission,
    the_student,
    the_submission,
)
from autograder.gradebook.book import Gradebook
from autograder.gradebook.change import Change, login_name
from autograder.gradebook.holder import holder_name, is_gone
from autograder.gradebook.insert import insert_if_new
from autograder.grading.record import Outcome, SubmissionResult, from_json, to_json
from autograder.grading.submission import Submission

LEASE_SECONDS = 600.0  # far longer than any submission may take


class AssignmentStore:
    """What the gradebook holds of one assignment. With `fresh`, everything is graded once more."""

    def __init__(
        self,
        book: Gradebook,
        assignment: str,
        *,
        fresh: bool = False,
        who: str | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._book = book
        self._assignment = assignment
        self._run = secrets.token_hex(8) if fresh else ""
        self._who = who or login_name()
        self._holder = holder_name(secrets.token_hex(4))
        self._lease = lease_seconds

    def seed(self, given: int | None) -> int:
        """The seed of the hidden inputs: the given one, else the one kept, else one drawn and kept for good."""
        table = models.Assignment
        with self._book.changing(self._who, "seed", work=self._assignment) as change:
            drawn = secrets.randbits(48) if given is None else given
            change.what = "drawn" if given is None else "given"  # the value is secret
            change.made = insert_if_new(change.session, table, id=self._assignment, seed=str(drawn))
            row = change.session.get_one(table, self._assignment, with_for_update=True)
            if given is not None and row.seed != str(given):
                row.seed, change.made = str(given), True
            return int(row.seed)

    def load(self, submission: Submission, key: str) -> SubmissionResult | None:
        """The kept grading of exactly this submission under this key; it is the one that counts from now on."""
        with self._book.reading() as session:
            row = same_submission(session, self._assignment, submission)
            kept = self._kept(session, row.id, key) if row else None
            if row is None or kept is None:
                return None
            text, grading = kept.result, kept.id
            counts = session.get(models.Counting, row.id)
            settled = counts is not None and counts.grading_id == grading
            settled = settled and not knows_better(submission, row)
        try:
            result = replace(from_json(text), source=submission.source)
        except ValueError:
            return None
        if not settled:
            with self._change("counts", submission) as change:
                student = the_student(change, self._assignment, submission)
                row = the_submission(change, student, self._assignment, submission)
                change.made = self._let_count(change, row.id, grading)
        return result

    def save(self, submission: Submission, result: SubmissionResult) -> None:
        """Keep a grading with all that it belongs to, in one transaction; a second time changes nothing."""
        with self._change("graded", submission) as change:
            student = the_student(change, self._assignment, submission)
            row = the_submission(change, student, self._assignment, submission)
            failed = result.outcome == Outcome.GRADER_ERROR
            kept = None if failed else self._kept(change.session, row.id, result.key)
            if kept is not None:  # by a grader that came first, or by a --fresh one
                grading, new = kept.id, False
            else:
                grading, new = self._add_grading(change.session, row.id, result)
            counts = self._let_count(change, row.id, grading)
            change.new = f"{result.outcome}: {result.points:g} of {result.max_points:g}"
            change.made = new or counts
            self._release(change.session, submission, result.key)

    def claim(self, submission: Submission, key: str) -> bool:
        """Whether this grader may grade it now: nobody else alive is at it, and nobody has done it meanwhile.

        A claim lasts `lease_seconds` and is renewed by claiming again. Ask `load` again after a False.
        """
        with self._book.writing() as session:
            if not self._take(session, self._work(submission, key)):
                return False
            row = same_submission(session, self._assignment, submission)
            if row is None or self._kept(session, row.id, key) is None:
                return True
            self._release(session, submission, key)
            return False

    def _take(self, session: Session, work: str) -> bool:
        """Hold the claim on a piece of work, new or renewed or left behind by a grader that is gone."""
        now = database_time(session)
        until = now + self._lease
        if insert_if_new(session, models.Claim, work=work, holder=self._holder, until=until):
            return True
        claim = session.get(models.Claim, work, with_for_update=True)
        if claim is None:  # given up this very moment: there is probably a grading to load now
            return False
        if claim.holder != self._holder and claim.until > now and not is_gone(claim.holder):
            return False
        claim.holder, claim.until = self._holder, until
        return True

    def _change(self, action: str, submission: Submission) -> AbstractContextManager[Change]:
        return self._book.changing(self._who, action, submission.student, self._assignment)

    def _kept(self, session: Session, submission_id: int, key: str) -> models.Grading | None:
        query = (
            select(models.Grading)
            .where(
                models.Grading.submission_id == submission_id,
                models.Grading.key == key,
                models.Grading.outcome != Outcome.GRADER_ERROR.value,
            )
            .order_by(models.Grading.id.desc())
            .limit(1)
        )
        if self._run:
            query = query.where(models.Grading.run == self._run)
        return session.scalars(query).one_or_none()

    def _add_grading(
        self, session: Session, submission_id: int, result: SubmissionResult
    ) -> tuple[int, bool]:
        """The grading's id, and whether it is new."""
        identity = {
            "submission_id": submission_id,
            "key": result.key,
            "outcome": result.outcome.value,
            "run": self._run,
        }
        new = insert_if_new(
            session,
            models.Grading,
            **identity,
            points=result.points,
            max_points=result.max_points,
            who=self._who,
            at=datetime.now(UTC),
            result=_storable(to_json(result)),
        )
        grading = session.scalars(select(models.Grading.id).filter_by(**identity)).one()
        if new:
            session.add_all(_scores(grading, result))
        return grading, new

    def _let_count(self, change: Change, submission_id: int, grading: int) -> bool:
        """Make a grading count, unless it is a failure of ours beside one that is good; whether that is news."""
        session = change.session
        if insert_if_new(session, models.Counting, submission_id=submission_id, grading_id=grading):
            return True
        row = session.get_one(models.Counting, submission_id, with_for_update=True)
        new = session.get_one(models.Grading, grading)
        if row.grading_id == grading or new.outcome == Outcome.GRADER_ERROR:
            return False
        old = session.get_one(models.Grading, row.grading_id)
        change.old = f"{old.outcome}: {old.points:g} of {old.max_points:g}"
        change.new = f"{new.outcome}: {new.points:g} of {new.max_points:g}"
        row.grading_id = grading
        return True

    def _release(self, session: Session, submission: Submission, key: str) -> None:
        session.execute(delete(models.Claim).filter_by(work=self._work(submission, key)))

    def _work(self, submission: Submission, key: str) -> str:
        """What a claim is about, as one short word; --fresh competes with nobody else's run."""
        parts = (self._assignment, submission.student, submission.digest, key, self._run)
        return sha256("\0".join((*parts, submission.received)).encode()).hexdigest()


def _scores(grading: int, result: SubmissionResult) -> list[models.Score]:
    rows = [
        models.Score(
            item=e.exercise,
            kind="exercise",
            title=e.title,
            points=e.points,
            max_points=e.max_points,
        )
        for e in result.exercises
    ]
    rows += [
        models.Score(
            item=w.id,
            kind="written",
            number=w.number,
            title=w.title,
            points=None if w.text else 0.0,  # nothing was written: nobody needs to read it
            max_points=w.max_points,
        )
        for w in result.written
    ]
    for position, row in enumerate(rows):
        row.grading_id, row.position = grading, position
    return rows


def _storable(text: str) -> str:
    """JSON without the half characters that a student's text may hold: UTF-8 has none, JSON can name them."""
    return re.sub("[\ud800-\udfff]", lambda match: f"\\u{ord(match[0]):04x}", text)


def database_time(session: Session) -> float:
    """Seconds since 1970; by the server's clock where graders share one, as their own may differ."""
    if session.get_bind().dialect.name == "sqlite":
        return time.time()
    return float(session.scalars(select(func.extract("epoch", func.clock_timestamp()))).one())
