"""From the gradebook to the pages of a report: per student the submission that counts, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.gradebook.book import Gradebook
from autograder.gradebook.counting import counting_result, work_of
from autograder.gradebook.grades import course_grades
from autograder.gradebook.sheet import StudentGrades, WorkGrade
from autograder.grading.record import SubmissionResult
from autograder.report.feedback import Feedback, PersonsPoints
from autograder.report.late_days import late_days
from autograder.report.rubrics import rubric_lines
from autograder.settings import Settings


def class_feedback(
    book: Gradebook,
    settings: Settings,
    assignment: str,
    latest: Mapping[str, SubmissionResult],
    root: Path | None = None,
) -> Iterator[Feedback]:
    """A page per student, sorted by id. `latest` holds what this run graded, by student.

    With `root`, where the course's sources lie, written answers show the rubric that they were graded by.
    """
    grades = {g.student.id: g for g in course_grades(book, settings, list(latest))}
    for student in sorted(latest, key=str.lower):
        page = _feedback(book, settings, assignment, grades.get(student), latest[student])
        yield page if root is None else _with_rubrics(page, book, root, assignment)


def _feedback(
    book: Gradebook,
    settings: Settings,
    assignment: str,
    grades: StudentGrades | None,
    latest: SubmissionResult,
) -> Feedback:
    grade = work_of(grades, assignment) if grades else None
    if grades is None or grade is None:
        return Feedback(latest, {}, name=latest.name)
    result = counting_result(book, grade) or latest
    at_their_place = {e.exercise for e in result.exercises} | {w.id for w in result.written}
    return Feedback(
        result,
        _manual(grade, result),
        _what_counts(grade),
        (*grade.decision.lines, *grades.standing.lines),
        _elsewhere(grade, at_their_place),
        grades.student.name or result.name,
        grade.decision.days_late,
        (*grades.remarks, *grades.staff_remarks),
        {item: text for item, text in grade.notes if item in at_their_place},
        late_days(grades, assignment, settings.late),
    )


def _with_rubrics(page: Feedback, book: Gradebook, root: Path, assignment: str) -> Feedback:
    result = page.result
    scored = [answer.id for answer in result.written if answer.id in page.manual]
    if not scored:
        return page
    lines = rubric_lines(book, root, result.notebook, result.student, assignment, scored)
    return replace(page, rubrics=lines)


def _elsewhere(grade: WorkGrade, shown: set[str]) -> tuple[str, ...]:
    """Comments that no exercise on the page takes: on the whole, or on what was not handed in."""
    told = zip(grade.notes, grade.comments, strict=True)
    return tuple(words for (item, _), words in told if item not in shown)


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
