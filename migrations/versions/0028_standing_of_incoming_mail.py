"""Note of an incoming mail who its sender is to us, what it is like and how large it came: what limits count by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("incoming_mail", sa.Column("standing", sa.String(30), nullable=False, server_default="claimed"))
    op.add_column("incoming_mail", sa.Column("likeness", sa.String(32), nullable=False, server_default=""))
    op.add_column("incoming_mail", sa.Column("full_size", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE incoming_mail SET full_size = size")
    # The octets of each row would have to be passed over to add up their sizes.
    op.create_index("ix_incoming_mail_fate_incoming_mail_size", "incoming_mail", ["fate", "size"])


def downgrade() -> None:
    op.drop_index("ix_incoming_mail_fate_incoming_mail_size", "incoming_mail")
    for column in ("full_size", "likeness", "standing"):
        op.drop_column("incoming_mail", column)
