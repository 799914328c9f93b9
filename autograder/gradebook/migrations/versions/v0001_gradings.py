"""Students, what they handed in, what the grader made of it, and the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from autograder.gradebook.columns import Moment, Words
from autograder.gradebook.migrations.append_only import make_append_only

revision = "v0001"
down_revision = None


def upgrade() -> None:
    """From an empty database."""
    _people()
    _work()
    _results()
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("who", Words(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        *(sa.Column(c, Words(), nullable=False) for c in ("student", "work", "what", "old", "new")),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_student", "audit", ["student"])
    make_append_only("gradings", "scores", "audit")


def _people() -> None:
    told = ("name", "email", "section", "canvas_id", "sis_user_id", "sis_login_id")
    op.create_table(
        "students",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        *(sa.Column(name, Words(), nullable=False) for name in told),
        sa.Column("enrolled", sa.Boolean(), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_students"),
        sa.UniqueConstraint("student", name="uq_students_student"),
    )


def _work() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
    )
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("assignment", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("received", Moment()),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("corrected", Moment()),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name="fk_submissions_student_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint(
            "student_id", "assignment", "digest", "received", name="uq_submissions_student_id"
        ),
    )
    op.create_index("ix_submissions_student_id", "submissions", ["student_id"])
    op.create_index(
        "uq_submissions_time_unknown",
        "submissions",
        ["student_id", "assignment", "digest"],
        unique=True,
        sqlite_where=sa.text("received IS NULL"),
        postgresql_where=sa.text("received IS NULL"),
    )
    op.create_table(
        "claims",
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("work", name="pk_claims"),
    )


def _results() -> None:
    op.create_table(
        "gradings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.Column("who", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_gradings_submission_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_gradings"),
        sa.UniqueConstraint(
            "submission_id", "key", "outcome", "run", name="uq_gradings_submission_id"
        ),
    )
    op.create_table(
        "scores",
        sa.Column("grading_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("points", sa.Float()),
        sa.Column("max_points", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["grading_id"], ["gradings.id"], name="fk_scores_grading_id"),
        sa.PrimaryKeyConstraint("grading_id", "item", name="pk_scores"),
    )
    op.create_table(
        "counting",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("grading_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_counting_submission_id"
        ),
        sa.ForeignKeyConstraint(["grading_id"], ["gradings.id"], name="fk_counting_grading_id"),
        sa.PrimaryKeyConstraint("submission_id", name="pk_counting"),
    )
