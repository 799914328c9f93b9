"""Tables of what was handed in and what the grader made of it. `people.py` holds what people decide.

Submissions are all kept. Gradings are only ever added (the database itself refuses to change or delete one);
`Counting` says which of a submission's gradings counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from sqlalchemy import Float, ForeignKey, Index, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from autograder.gradebook.columns import Moment, Words

Key = Annotated[int, mapped_column(primary_key=True, autoincrement=True)]
StudentKey = Annotated[int, mapped_column(ForeignKey("students.id"), index=True)]
Line = Annotated[str, mapped_column(Words, default="")]
Code = Annotated[str, mapped_column(Text)]
When = Annotated[datetime, mapped_column(Moment)]
MaybeWhen = Annotated[datetime | None, mapped_column(Moment)]
Number = Annotated[float, mapped_column(Float)]
MaybeNumber = Annotated[float | None, mapped_column(Float)]


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can change it on either database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Student(Base):
    """Somebody on the roster, or whose work arrived without."""

    __tablename__ = "students"
    id: Mapped[Key]
    student: Mapped[Code] = mapped_column(unique=True)  # the id, as submissions carry it
    name: Mapped[Line]
    email: Mapped[Line]
    section: Mapped[Line]
    canvas_id: Mapped[Line]
    sis_user_id: Mapped[Line]
    sis_login_id: Mapped[Line]
    enrolled: Mapped[bool] = mapped_column(default=False)  # a roster named them
    since: Mapped[When]


class Assignment(Base):
    """An assignment that was graded, with its secret: the seed of the hidden inputs."""

    __tablename__ = "assignments"
    id: Mapped[Code] = mapped_column(primary_key=True)  # as in course.toml
    seed: Mapped[Code]  # decimal: seeds may be wider than a database's whole numbers


class Submission(Base):
    """A file that somebody handed in, at a time."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("student_id", "assignment", "digest", "received"),
        Index(  # a unique constraint takes every NULL for another
            "uq_submissions_time_unknown", "student_id", "assignment", "digest", unique=True,
            sqlite_where=text("received IS NULL"), postgresql_where=text("received IS NULL"),
        ),
    )  # fmt: skip
    id: Mapped[Key]
    student_id: Mapped[StudentKey]
    assignment: Mapped[Code]
    digest: Mapped[Code]
    source: Mapped[Line]
    name: Mapped[Line]  # the person's, as the submission says it
    received: Mapped[MaybeWhen]
    clock: Mapped[Code] = mapped_column(default="")  # "lms", "student" or "": who told the time
    corrected: Mapped[MaybeWhen]  # the time that a person knows better
    first_seen: Mapped[When]


class Grading(Base):
    """What the grader made of a submission. Rows are added, never changed."""

    __tablename__ = "gradings"
    __table_args__ = (UniqueConstraint("submission_id", "key", "outcome", "run"),)
    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    key: Mapped[Code]  # of everything that the result depends on
    run: Mapped[Code] = mapped_column(default="")  # set by --fresh, which asks for another grading
    outcome: Mapped[Code]
    points: Mapped[Number]
    max_points: Mapped[Number]
    who: Mapped[Line]
    at: Mapped[When]
    result: Mapped[str] = mapped_column(Text)  # JSON, see autograder/grading/record.py


class Score(Base):
    """One exercise or written question of a grading; never changed."""

    __tablename__ = "scores"
    grading_id: Mapped[int] = mapped_column(ForeignKey("gradings.id"), primary_key=True)
    item: Mapped[Code] = mapped_column(primary_key=True)
    position: Mapped[int]
    number: Mapped[Line]
    title: Mapped[Line]
    kind: Mapped[Code]  # "exercise" or "written"
    points: Mapped[MaybeNumber]  # none: a person gives them
    max_points: Mapped[Number]


class Counting(Base):
    """Which grading of a submission counts: the last one asked for, and no failure of ours over a good one."""

    __tablename__ = "counting"
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"), primary_key=True)
    grading_id: Mapped[int] = mapped_column(ForeignKey("gradings.id"))


class Claim(Base):
    """Who is grading a submission right now. The only rows that are ever deleted."""

    __tablename__ = "claims"
    work: Mapped[Code] = mapped_column(primary_key=True)
    holder: Mapped[Code]
    until: Mapped[Number]  # seconds since 1970, by the database's clock


class Audit(Base):
    """Who changed what, when: one row per change, written with it. Rows are added, never changed."""

    __tablename__ = "audit"
    id: Mapped[Key]
    at: Mapped[When]
    who: Mapped[Line]
    action: Mapped[Code]
    student: Mapped[str] = mapped_column(Words, default="", index=True)
    work: Mapped[Line]
    what: Mapped[Line]
    old: Mapped[Line]
    new: Mapped[Line]
