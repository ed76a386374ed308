"""Keep digests of a message that was taken down, to know its text again where an answer quotes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("removed_words", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("message", "removed_words")
