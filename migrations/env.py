"""What Alembic runs: each migration in one transaction, on the connection `app.migrating` hands over."""

from alembic import context

# While a SQLite table is rebuilt its rows must not take their children with them, so foreign keys are off.
connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
