"""Tables whose rows the database itself refuses to change or delete, whatever program asks."""

from __future__ import annotations

from alembic import op

_SQLITE = (
    "CREATE TRIGGER {table}_keeps_{event} BEFORE {event} ON {table} "
    "BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed or deleted'); END"
)
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME; END $$"
)
_POSTGRES = (
    "CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION rows_are_kept()"
)


def make_append_only(*tables: str) -> None:
    """Let rows be added to the tables, and nothing else."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        for table in tables:
            op.execute(_POSTGRES.format(table=table))
        return
    for table in tables:
        for event in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(table=table, event=event))
