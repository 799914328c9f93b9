"""What Alembic runs: migrations within the transaction of a connection that is given to it.

For developers, a new revision is drafted from the models with `python -m autograder.gradebook.migrations "message"`.
"""

from __future__ import annotations

from alembic import context

from autograder.gradebook import models
from autograder.gradebook.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=models.Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
