"""Note who asked for a mail to be sent once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("attempt", sa.Column("asked_by", sa.String(100), nullable=True))


def downgrade() -> None:
    op.drop_column("attempt", "asked_by")
