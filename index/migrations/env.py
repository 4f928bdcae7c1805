"""What Alembic runs to carry out revisions: in the transaction of whoever called it."""

from alembic import context

from index.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True
)
context.run_migrations()
