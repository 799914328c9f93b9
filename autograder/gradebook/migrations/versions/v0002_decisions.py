"""What people decide: manual scores, comments, extensions, overrides, scores of milestones."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from autograder.gradebook.columns import Moment, Words
from autograder.gradebook.migrations.append_only import make_append_only

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    """Add tables; what is there stays as it is."""
    _decision(
        "manual_scores",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("points", sa.Float()),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name="fk_manual_scores_submission_id"
        ),
    )
    _decision(
        "comments",
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("text", Words(), nullable=False),
    )
    _decision("extensions", sa.Column("until", Moment()), _why())
    _decision("overrides", sa.Column("share", sa.Float()), _why())
    _decision("milestone_scores", sa.Column("share", sa.Float()), sa.Column("received", Moment()))


def _why() -> sa.Column[str]:
    return sa.Column("why", Words(), nullable=False)


def _decision(table: str, *parts: Any) -> None:
    """A table of decisions about a student's work: what was decided, who by, and when."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        *parts,
        sa.Column("who", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=f"fk_{table}_student_id"),
    )
    op.create_index(f"ix_{table}_student_id", table, ["student_id"])
    make_append_only(table)
