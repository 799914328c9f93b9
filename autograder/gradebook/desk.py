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
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.find import find_item, find_milestone, find_student, find_work
from autograder.gradebook.grades import OUT_OF, full_marks, grades_of, item_names
from autograder.gradebook.ledger import Entry, read_ledger
from autograder.gradebook.sheet import ItemGrade, WorkGrade
from autograder.gradebook.spoken import course_zone, parse_moment, parse_points
from autograder.settings import Settings


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
        self, student: str, work: str, item: str, points: str | None, *, beyond: bool = False
    ) -> str:
        """Give points for an exercise or question; None lets the checks' points count again."""
        find_work(self.settings, work)
        with self._change("score", student, work) as change:
            row = find_student(change.session, student)
            entry, grade = self._grade(change, student, work)
            if grade.decision.attempt is None:
                raise GradebookError(
                    f"{student} has handed in nothing for {work}. To give points all the same: "
                    f"autograder gradebook override {student} {work} POINTS --why …"
                )
            found = self._item(grade, item, student)
            what = f"{work}/{found.id}"
            given = entry.scores.get((work, found.id))
            kept = given.points if given is not None else None
            value = None
            if points is not None:
                value = parse_points(points, found.max_points, what, beyond)
            change.what, change.old = found.id, _points(kept if kept is not None else found.points)
            change.new = "as the checks say" if value is None else _points(value)
            change.made = value != kept
            if change.made:
                attempt = grade.decision.attempt.id
                self._add(
                    change,
                    people.ManualScore(item=found.id, points=value, submission_id=attempt),
                    row,
                )
        return f"{student}, {what} {found.title}: {change.new} of {found.max_points:g} (was: {change.old})"

    def comment(self, student: str, work: str, text: str, item: str | None = None) -> str:
        """Tell a student something, on an item or the whole work; an empty text takes the words back."""
        find_work(self.settings, work)
        with self._change("comment", student, work) as change:
            row = find_student(change.session, student)
            entry, grade = self._grade(change, student, work)
            found = self._item(grade, item, student).id if item is not None else ""
            said = entry.comments.get((work, found))
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
            later = parse_moment(until, course_zone(self.settings), due)
            if due is not None and later <= due:
                raise GradebookError(
                    f"{work} is due {_moment(due)} anyway; {_moment(later)} extends nothing"
                )
        with self._change("extension", student, work) as change:
            row = find_student(change.session, student)
            entry = read_ledger(change.session, [student])[0]
            known = entry.extensions.get(work)
            before = known.until if known else None
            change.what = _reason(why)
            change.old, change.new = _moment(before or due), _moment(later or due)
            change.made = later != before
            if change.made:
                self._add(change, people.Extension(until=later, why=change.what), row)
        return f"{student}, {work}: due {change.new} (was: {change.old})"

    def override(
        self, student: str, work: str, points: str | None, why: str, *, beyond: bool = False
    ) -> str:
        """Set what a work counts, whatever was handed in and when; None lifts it."""
        most = full_marks(find_work(self.settings, work))
        share = None if points is None else parse_points(points, most, work, beyond) / most
        with self._change("override", student, work) as change:
            row = find_student(change.session, student)
            entry = read_ledger(change.session, [student])[0]
            known = entry.overrides.get(work)
            before = known.share if known else None
            change.what = _reason(why)
            change.old, change.new = _share(before, most), _share(share, most)
            change.made = share != before
            if change.made:
                self._add(change, people.Override(share=share, why=change.what), row)
        return f"{student}, {work}: {change.new} (was: {change.old})"

    def milestone(
        self, student: str, milestone: str, points: str | None, received: str | None = None
    ) -> str:
        """Grade a part of the project, out of 100; None takes the points back."""
        find_milestone(self.settings, milestone)
        share = None if points is None else parse_points(points, OUT_OF, milestone) / OUT_OF
        when = parse_moment(received, course_zone(self.settings)) if received else None
        with self._change("milestone", student, milestone) as change:
            row = find_student(change.session, student)
            entry = read_ledger(change.session, [student])[0]
            known = entry.milestones.get(milestone)
            change.old = _share(known.share if known else None, OUT_OF, "not graded")
            change.new = _share(share, OUT_OF, "not graded")
            change.what = f"handed in {_moment(when)}" if when else ""
            change.made = (share, when) != (
                (known.share, known.received) if known else (None, None)
            )
            if change.made:
                self._add(change, people.MilestoneScore(share=share, received=when), row)
        return f"{student}, {milestone}: {change.new} (was: {change.old})"

    def correct_time(self, submission: int, when: str | None, why: str) -> str:
        """Say when a submission was really handed in; None believes again what was told."""
        with self._change("received", "", "") as change:
            row = change.session.get(models.Submission, submission, with_for_update=True)
            if row is None:
                raise GradebookError(
                    f"no submission {submission}; `autograder gradebook show STUDENT` lists theirs by number"
                )
            moment = parse_moment(when, course_zone(self.settings)) if when is not None else None
            self._refuse_impossible(row.assignment, moment)
            change.student = change.session.get_one(models.Student, row.student_id).student
            change.work = row.assignment
            change.what = f"submission {submission}: {_reason(why)}"
            change.old, change.new = (
                _moment(row.corrected or row.received),
                _moment(moment or row.received),
            )
            change.made = row.corrected != moment
            row.corrected = moment
        return f"{change.student}, {change.work}, submission {submission}: received {change.new} (was: {change.old})"

    def _change(self, action: str, student: str, work: str) -> AbstractContextManager[Change]:
        return self.book.changing(self.who, action, student, work)

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

    def _refuse_impossible(self, work: str, moment: datetime | None) -> None:
        if moment is None:
            return
        if moment > datetime.now(UTC):
            raise GradebookError(f"{_moment(moment)} is in the future; nothing was handed in then")
        opens = next((a.opens for a in self.settings.assignments if a.id == work), None)
        if opens is not None and moment < opens:
            raise GradebookError(
                f"{_moment(moment)} is before {work} opened ({_moment(opens)}); look at the date again"
            )


def _reason(why: str) -> str:
    if not why.strip():
        raise GradebookError("why? Somebody will ask; give the reason with --why")
    return why.strip()


def _points(points: float | None) -> str:
    return "not graded" if points is None else f"{points:g}"


def _share(share: float | None, most: float, nothing: str = "no override") -> str:
    return nothing if share is None else f"{round(share * most, 4):g} of {most:g}"


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(" ", "minutes") if moment else "unknown"
