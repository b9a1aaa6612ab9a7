"""What Alembic runs for each step: always on the connection, and inside the transaction, that it was handed."""

from __future__ import annotations

from alembic import context

from limen.storage.schema import metadata

__all__: list[str] = []

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
