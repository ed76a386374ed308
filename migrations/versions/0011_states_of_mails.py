"""Let the states of a mail's deliveries be counted from an index."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_delivery_mail_state", "delivery", ["mail_id", "state"])


def downgrade() -> None:
    op.drop_index("ix_delivery_mail_state", table_name="delivery")
