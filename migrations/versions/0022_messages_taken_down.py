"""Let a sent message be taken down: its text goes, a sentence stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("message", sa.Column("taken_down_by", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("message", "taken_down_by")
    op.drop_column("message", "taken_down_at")
