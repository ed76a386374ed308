"""How often a network was told that somebody takes care of a request, or that nobody does any more."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("request", sa.Column("notes", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE request SET notes = 1 WHERE told_at IS NOT NULL")
    # Given back before networks were told of that: who takes it next is told of again.
    op.execute("UPDATE request SET told_at = NULL WHERE state = 'open' AND left_at IS NULL")


def downgrade() -> None:
    op.drop_column("request", "notes")
