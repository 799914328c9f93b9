"""From the gradebook to the pages of a report: per student the submission that counts, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograder.gradebook.book import Gradebook
from autograder.gradebook.counting import counting_result, work_of
from autograder.gradebook.grades import course_grades
from autograder.gradebook.sheet import StudentGrades, WorkGrade
from autograder.grading.record import SubmissionResult
from autograder.report.feedback import Feedback, PersonsPoints
from autograder.settings import Settings


def class_feedback(
    book: Gradebook, settings: Settings, assignment: str, latest: Mapping[str, SubmissionResult]
) -> Iterator[Feedback]:
    """A page per student, sorted by id. `latest` holds what this run graded, by student."""
    grades = {g.student.id: g for g in course_grades(book, settings, list(latest))}
    for student in sorted(latest, key=str.lower):
        yield _feedback(book, assignment, grades.get(student), latest[student])


def _feedback(
    book: Gradebook, assignment: str, grades: StudentGrades | None, latest: SubmissionResult
) -> Feedback:
    grade = work_of(grades, assignment) if grades else None
    if grades is None or grade is None:
        return Feedback(latest, {}, name=latest.name)
    result = counting_result(book, grade) or latest
    return Feedback(
        result,
        _manual(grade, result),
        _what_counts(grade),
        (*grade.decision.lines, *grades.standing.lines),
        grade.comments,
        grades.student.name or result.name,
        grade.decision.days_late,
        (*grades.remarks, *grades.staff_remarks),
    )


def _manual(grade: WorkGrade, result: SubmissionResult) -> dict[str, PersonsPoints]:
    automatic = {e.exercise: e.points for e in result.exercises}
    empty = {w.id for w in result.written if not w.text}
    return {
        item.id: PersonsPoints(item.points, item.max_points)
        for item in grade.items
        if item.points is not None
        and item.points != automatic.get(item.id, 0.0 if item.id in empty else None)
    }


def _what_counts(grade: WorkGrade) -> float | None:
    return None if grade.points is None else round(grade.decision.share * grade.max_points, 1)


def by_student(
    results: Sequence[SubmissionResult], superseded: Sequence[bool]
) -> dict[str, SubmissionResult]:
    """Each student's latest result of this run."""
    latest: dict[str, SubmissionResult] = {}
    for result, old in zip(results, superseded, strict=True):
        if not old or result.student not in latest:
            latest[result.student] = result
    return latest
