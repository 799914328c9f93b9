"""Tables of what people decide. Rows are only ever added; of several about one thing the last one counts.

A row without a value takes an earlier decision back.
"""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from autograder.gradebook.models import (
    Base,
    Code,
    Key,
    Line,
    MaybeNumber,
    MaybeWhen,
    StudentKey,
    When,
)

SubmissionKey = Annotated[int, mapped_column(ForeignKey("submissions.id"), index=True)]


class Decided(Base):
    """What every decision has: whose work it is about, who decided, and when."""

    __abstract__ = True
    id: Mapped[Key]
    student_id: Mapped[StudentKey]
    work: Mapped[Code]  # an assignment's or a milestone's id
    who: Mapped[Line]
    at: Mapped[When]


class ManualScore(Decided):
    """Points for a written question, or instead of what the checks gave for an exercise."""

    __tablename__ = "manual_scores"
    item: Mapped[Code]
    points: Mapped[MaybeNumber]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))  # what was looked at


class Comment(Decided):
    """A person's words to a student on an exercise or a question, or (item "") on the whole work."""

    __tablename__ = "comments"
    item: Mapped[Code]
    text: Mapped[Line]


class Extension(Decided):
    """A later deadline for one student."""

    __tablename__ = "extensions"
    until: Mapped[MaybeWhen]
    why: Mapped[Line]


class Override(Decided):
    """The share of a work that counts, whatever was handed in and when."""

    __tablename__ = "overrides"
    share: Mapped[MaybeNumber]
    why: Mapped[Line]


class MilestoneScore(Decided):
    """What a part of the project earned, which people grade."""

    __tablename__ = "milestone_scores"
    share: Mapped[MaybeNumber]
    received: Mapped[MaybeWhen]


class Attribution(Decided):
    """A submission belongs to this student, whatever id it arrives under."""

    __tablename__ = "attributions"
    submission_id: Mapped[SubmissionKey]
    claimed: Mapped[Line]  # the id that it arrives under
    why: Mapped[Line]


class Withdrawal(Decided):
    """A submission never counts: a test upload, the wrong folder. The last word may take that back."""

    __tablename__ = "withdrawals"
    submission_id: Mapped[SubmissionKey]
    withdrawn: Mapped[bool]
    why: Mapped[Line]
