"""The whole result of the submission that counts, for the page that its author gets."""

from __future__ import annotations

from sqlalchemy import select

from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.sheet import StudentGrades, WorkGrade
from autograder.grading.record import SubmissionResult, from_json


def work_of(grades: StudentGrades, work: str) -> WorkGrade | None:
    """A student's grade in one work."""
    return next((grade for grade in grades.works if grade.id == work), None)


def counting_result(book: Gradebook, grade: WorkGrade) -> SubmissionResult | None:
    """What the grader made of the submission that the late policy chose; None where nothing was handed in."""
    if grade.decision.attempt is None:
        return None
    query = (
        select(models.Grading.result, models.Submission.source)
        .join(models.Counting, models.Counting.grading_id == models.Grading.id)
        .join(models.Submission, models.Submission.id == models.Counting.submission_id)
        .where(models.Counting.submission_id == grade.decision.attempt.id)
    )
    with book.reading() as session:
        row = session.execute(query).one_or_none()
    if row is None:
        return None
    try:
        return from_json(row[0])
    except ValueError:  # written by another version of the grader
        return None
