"""What Alembic runs: migrations within the transaction of a connection that is given to it.

A new version of the tables is a new file in versions/, and its name in schema.py. It never edits an older one.
"""

from __future__ import annotations

from alembic import context

from autograder.gradebook import people
from autograder.gradebook.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=people.Decided.metadata,  # with the tables of models.py
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
