"""Where people decide: every decision is checked, kept beside what it changes, and put on the record.

Each function answers with one sentence that says what is so now.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.gradebook import models, people
from autograder.gradebook.book import Gradebook
from autograder.gradebook.change import Change
from autograder.gradebook.errors import DecidedMeanwhile, GradebookError
from autograder.gradebook.find import find_item, find_milestone, find_student, find_work
from autograder.gradebook.grades import OUT_OF, full_marks, grades_of, item_names
from autograder.gradebook.history import last_reason
from autograder.gradebook.ledger import Entry, read_ledger
from autograder.gradebook.sheet import ItemGrade, WorkGrade
from autograder.gradebook.spoken import (
    course_zone,
    given_reason,
    parse_moment,
    parse_points,
    spell_moment,
)
from autograder.settings import Milestone, Settings


@dataclass(frozen=True)
class Seen:
    """What somebody had before their eyes when they decided; a decision on anything else is refused."""

    attempt: int  # the submission that counted
    decision: int  # the last decision about it; 0: there was none

    def require(self, attempt: int | None, decision: people.Decided | None, what: str) -> None:
        """DecidedMeanwhile if another submission counts now, or somebody has decided since."""
        if attempt != self.attempt:
            raise DecidedMeanwhile(
                f"{what}: another submission counts by now. Nothing was saved; look at it, then decide."
            )
        if decision is not None and decision.id != self.decision:
            raise DecidedMeanwhile(
                f"{what}: {decision.who} has decided meanwhile. Nothing was saved; "
                "look at what they said, then decide."
            )


@dataclass(frozen=True)
class Desk:
    """Somebody's place at an open gradebook."""

    book: Gradebook
    settings: Settings
    who: str

    def __post_init__(self) -> None:
        if not self.who.strip():
            raise GradebookError("who decides? Give a name with --who")

    def score(
        self,
        student: str,
        work: str,
        item: str,
        points: str | None,
        why: str = "",
        *,
        beyond: bool = False,
        seen: Seen | None = None,
    ) -> str:
        """Give points for an exercise or question; None lets the checks' points count again."""
        work_found = find_work(self.settings, work)
        if isinstance(work_found, Milestone):
            raise GradebookError(
                f"{work_found.id} is a part of the project, graded as a whole: "
                f"autograder gradebook milestone {student} {work_found.id} POINTS"
            )
        with self._change("score", work_found.id) as change:
            row = self._student(change, student)
            student, work = change.student, change.work
            entry, grade = self._grade(change, student, work)
            if grade.decision.attempt is None:
                raise GradebookError(
                    f"{student} has handed in nothing for {work}. To give points all the same: "
                    f"autograder gradebook override {student} {work} POINTS --why …"
                )
            found = self._item(grade, item, student)
            what = f"{work}/{found.id}"
            given = entry.scores.get((work, found.id))
            if seen is not None:
                seen.require(grade.decision.attempt.id, given, what)
            kept = given.points if given is not None else None
            value = None
            if points is not None:
                value = parse_points(points, found.max_points, what, beyond)
            change.what = ": ".join(filter(None, (found.id, why.strip())))
            change.old = _points(kept if kept is not None else found.points)
            change.new = "as the checks say" if value is None else _points(value)
            attempt = grade.decision.attempt.id
            # The same points said again on another submission: somebody has looked again.
            again = given is not None and value is not None and given.submission_id != attempt
            # The same points for another reason: other lines of the rubric, say.
            why = why.strip()
            other = value is not None and bool(why)
            other = other and why != last_reason(change.session, student, work, found.id)
            change.made = value != kept or again or other
            if change.made:
                self._add(
                    change,
                    people.ManualScore(item=found.id, points=value, submission_id=attempt),
                    row,
                )
        return f"{student}, {what} {found.title}: {change.new} of {found.max_points:g} (was: {change.old})"

    def comment(
        self,
        student: str,
        work: str,
        text: str,
        item: str | None = None,
        *,
        seen: Seen | None = None,
    ) -> str:
        """Tell a student something, on an item or the whole work; an empty text takes the words back."""
        with self._change("comment", find_work(self.settings, work).id) as change:
            row = self._student(change, student)
            student, work = change.student, change.work
            entry, grade = self._grade(change, student, work)
            found = self._item(grade, item, student).id if item is not None else ""
            said = entry.comments.get((work, found))
            if seen is not None:
                attempt = grade.decision.attempt
                seen.require(attempt.id if attempt else None, said, f"{work}/{found}".rstrip("/"))
            change.what = found
            change.old, change.new = said.text if said else "", text.strip()
            change.made = change.old != change.new
            if change.made:
                self._add(change, people.Comment(item=found, text=change.new), row)
        return (
            f"{student}, {work}{'/' if found else ''}{found}: {change.new or 'no comment any more'}"
        )

    def extend(self, student: str, work: str, until: str | None, why: str) -> str:
        """Give a student a later deadline; None takes it back."""
        found = find_work(self.settings, work)
        due = getattr(found, "due", None)
        later = None
        if until is not None:
            later = parse_moment(until, course_zone(self.settings, found.id), due)
            if due is not None and later <= due:
                raise GradebookError(
                    f"{work} is due {spell_moment(due)} anyway; {spell_moment(later)} extends nothing"
                )
        with self._change("extension", found.id) as change:
            row = self._student(change, student)
            student, work = change.student, change.work
            entry = read_ledger(change.session, [student])[0]
            known = entry.extensions.get(work)
            before = known.until if known else None
            change.what = given_reason(why)
            change.old, change.new = spell_moment(before or due), spell_moment(later or due)
            change.made = later != before
            if change.made:
                self._add(change, people.Extension(until=later, why=change.what), row)
        return f"{student}, {work}: due {change.new} (was: {change.old})"

    def override(
        self, student: str, work: str, points: str | None, why: str, *, beyond: bool = False
    ) -> str:
        """Set what a work counts, whatever was handed in and when; None lifts it."""
        found = find_work(self.settings, work)
        most = full_marks(found)
        share = None if points is None else parse_points(points, most, found.id, beyond) / most
        with self._change("override", found.id) as change:
            row = self._student(change, student)
            student, work = change.student, change.work
            entry = read_ledger(change.session, [student])[0]
            known = entry.overrides.get(work)
            before = known.share if known else None
            change.what = given_reason(why)
            change.old, change.new = _share(before, most), _share(share, most)
            change.made = share != before
            if change.made:
                self._add(change, people.Override(share=share, why=change.what), row)
        return f"{student}, {work}: {change.new} (was: {change.old})"

    def milestone(
        self,
        student: str,
        milestone: str,
        points: str | None,
        received: str | None = None,
        why: str = "",
    ) -> str:
        """Grade a part of the project, out of 100; None takes the points back."""
        milestone = find_milestone(self.settings, milestone).id
        share = None if points is None else parse_points(points, OUT_OF, milestone) / OUT_OF
        zone = course_zone(self.settings, milestone)
        when = parse_moment(received, zone) if received else None
        with self._change("milestone", milestone) as change:
            row = self._student(change, student)
            student = change.student
            entry = read_ledger(change.session, [student])[0]
            known = entry.milestones.get(milestone)
            change.old = _share(known.share if known else None, OUT_OF, "not graded")
            change.new = _share(share, OUT_OF, "not graded")
            handed_in = f"handed in {spell_moment(when)}" if when else ""
            change.what = ", ".join(filter(None, (handed_in, why.strip())))
            change.made = (share, when) != (
                (known.share, known.received) if known else (None, None)
            )
            if change.made:
                self._add(change, people.MilestoneScore(share=share, received=when), row)
        return f"{student}, {milestone}: {change.new} (was: {change.old})"

    def _change(self, action: str, work: str) -> AbstractContextManager[Change]:
        return self.book.changing(self.who, action, work=work)

    def _student(self, change: Change, student: str) -> models.Student:
        """The row of a student; the change is about them from now on."""
        row = find_student(change.session, student)
        change.student = row.student
        return row

    def _add(self, change: Change, decision: people.Decided, student: models.Student) -> None:
        decision.student_id, decision.work = student.id, change.work
        decision.who, decision.at = self.who, datetime.now(UTC)
        change.session.add(decision)

    def _grade(self, change: Change, student: str, work: str) -> tuple[Entry, WorkGrade]:
        """What the book says of the student now, within the transaction."""
        entry = read_ledger(change.session, [student])[0]
        grades = grades_of(entry, self.settings, roster=False)
        return entry, next(grade for grade in grades.works if grade.id == work)

    def _item(self, grade: WorkGrade, wanted: str, student: str) -> ItemGrade:
        there = {name for item in grade.items for name in (item.id, item.number)}
        if (
            grade.decision.attempt is not None
            and wanted in item_names(self.settings, grade.id) - there
        ):
            raise GradebookError(
                f"the submission of {student} for {grade.id} could not be graded, so {wanted!r} has no points "
                "in it to change. To give points for the whole all the same: "
                f"autograder gradebook override {student} {grade.id} POINTS --why …"
            )
        return find_item(grade.items, wanted, grade.id)


def _points(points: float | None) -> str:
    return "not graded" if points is None else f"{points:g}"


def _share(share: float | None, most: float, nothing: str = "no override") -> str:
    return nothing if share is None else f"{round(share * most, 4):g} of {most:g}"
