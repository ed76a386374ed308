"""Keep the size of incoming mails beside their octets, and find those of one person by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incoming_mail", sa.Column("size", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE incoming_mail SET size = length(octets)")
    op.create_index(
        "ix_incoming_mail_owner_key_incoming_mail_received_at", "incoming_mail", ["owner_key", "received_at"]
    )


def downgrade() -> None:
    op.drop_index("ix_incoming_mail_owner_key_incoming_mail_received_at", "incoming_mail")
    op.drop_column("incoming_mail", "size")
