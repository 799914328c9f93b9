"""What people decide about a submission as such: when it came, whose it is, that it never counts.

Each function answers with one sentence that says what is so now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.change import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.find import find_student, find_submission
from autograder.gradebook.ledger import read_ledger
from autograder.gradebook.moving import move, move_decisions, twin_of, withdraw
from autograder.gradebook.spoken import course_zone, given_reason, parse_moment, spell_moment
from autograder.settings import Settings


@dataclass(frozen=True)
class Reception:
    """Somebody's place where submissions arrive, at an open gradebook."""

    book: Gradebook
    settings: Settings
    who: str

    def __post_init__(self) -> None:
        if not self.who.strip():
            raise GradebookError("who decides? Give a name with --who")

    def correct_time(self, submission: int, when: str | None, why: str) -> str:
        """Say when a submission was really handed in; None believes again what was told."""
        with self.book.changing(self.who, "received") as change:
            row = self._find(change, submission, why)
            zone = course_zone(self.settings, row.assignment)
            moment = parse_moment(when, zone) if when is not None else None
            self._refuse_impossible(row.assignment, moment)
            before, now = row.corrected or row.received, moment or row.received
            change.old = spell_moment(before.astimezone(zone) if before else None)  # on one clock
            change.new = spell_moment(now.astimezone(zone) if now else None)
            change.made = row.corrected != moment
            row.corrected = moment
        return f"{_shown(change, submission)}: received {change.new} (was: {change.old})"

    def assign(self, submission: int, student: str, why: str) -> str:
        """Say whose a submission is. It stays theirs whenever the same file is graded again."""
        with self.book.changing(self.who, "assign") as change:
            row = self._find(change, submission, why)
            sender = change.session.get_one(models.Student, row.student_id)
            to = find_student(change.session, student)
            change.old, change.new, change.student = sender.student, to.student, to.student
            change.made = to.id != sender.id
            if not change.made:
                return f"submission {submission} is {to.student}'s already"
            twin = twin_of(change.session, row, to)
            if twin is not None:
                raise GradebookError(
                    f"{to.student} has handed in this very file at this very time: submission {twin.id}. "
                    f"To keep one of them: autograder gradebook withdraw {submission} --why …"
                )
            move(change, row, to, why.strip())
            change.session.flush()
            (left,) = read_ledger(change.session, [sender.student])
            abandoned = not left.enrolled and not left.hand_ins
            move_decisions(change, sender, to, None if abandoned else submission)
        return f"{_shown(change, submission)}: {to.student}'s from now on (was: {sender.student}'s)"

    def withdraw(self, submission: int, why: str, *, lift: bool = False) -> str:
        """Let a submission never count; with `lift`, let it count again."""
        with self.book.changing(self.who, "withdraw") as change:
            row = self._find(change, submission, why)
            words = ("may count", "never counts")
            change.old, change.new = words if not lift else words[::-1]
            change.made = withdraw(change, row, not lift, why.strip())
        already = "" if change.made else " already"
        return f"{_shown(change, submission)}: {change.new}{already}"

    def _find(self, change: Change, submission: int, why: str) -> models.Submission:
        """The row of a submission; the change is about it from now on."""
        row = find_submission(change.session, submission)
        change.student = change.session.get_one(models.Student, row.student_id).student
        change.work = row.assignment
        change.what = f"submission {submission}: {given_reason(why)}"
        return row

    def _refuse_impossible(self, work: str, moment: datetime | None) -> None:
        if moment is None:
            return
        if moment > datetime.now(UTC):
            raise GradebookError(
                f"{spell_moment(moment)} is in the future; nothing was handed in then"
            )
        opens = next((a.opens for a in self.settings.assignments if a.id == work), None)
        if opens is not None and moment < opens:
            raise GradebookError(
                f"{spell_moment(moment)} is before {work} opened ({spell_moment(opens)}); "
                "look at the date again"
            )


def _shown(change: Change, submission: int) -> str:
    return f"{change.student}, {change.work}, submission {submission}"
