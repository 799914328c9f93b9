"""Whose a submission is where a person has said so: the word stands whenever the same file comes again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.gradebook import models, people
from autograder.grading.submission import Submission


def owner_of(session: Session, assignment: str, submission: Submission) -> str:
    """The student whose submission this is: the one it was given to, else the one it names."""
    file = models.Submission
    query = (
        select(models.Student.student)
        .join(file, file.student_id == models.Student.id)
        .join(people.Attribution, people.Attribution.submission_id == file.id)
        .where(
            file.assignment == assignment,
            file.digest == submission.digest,
            # By name too: a file that is contested by now must not follow what was once believed of it.
            people.Attribution.claimed == submission.student,
        )
        .order_by(people.Attribution.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none() or submission.student


def withdrawn_ids(session: Session) -> set[int]:
    """The submissions that never count."""
    rows = session.execute(
        select(people.Withdrawal.submission_id, people.Withdrawal.withdrawn).order_by(
            people.Withdrawal.id
        )
    )
    last: dict[int, bool] = {row.submission_id: row.withdrawn for row in rows}
    return {submission for submission, withdrawn in last.items() if withdrawn}
