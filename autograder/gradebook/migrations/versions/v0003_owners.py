"""What people decide about submissions: whose one is, and that one never counts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from autograder.gradebook.columns import Moment, Words
from autograder.gradebook.migrations.append_only import make_append_only

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    """Add tables; what is there stays as it is."""
    _decision("attributions", sa.Column("claimed", Words(), nullable=False))
    _decision("withdrawals", sa.Column("withdrawn", sa.Boolean(), nullable=False))


def _decision(table: str, part: sa.Column[Any]) -> None:
    """A table of decisions about a submission: what was decided, why, who by, and when."""
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("student_id", sa.Integer(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        part,
        sa.Column("why", Words(), nullable=False),
        sa.Column("who", Words(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["student_id"], ["students.id"], name=f"fk_{table}_student_id"),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=f"fk_{table}_submission_id"
        ),
    )
    for column in ("student_id", "submission_id"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    make_append_only(table)
