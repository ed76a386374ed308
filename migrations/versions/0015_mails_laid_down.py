"""Keep how many deliveries a mail has, so that only those not sent need counting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_NOT_SENT = sa.text("state <> 'sent'")


def upgrade() -> None:
    op.add_column("mail", sa.Column("laid_down", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE mail SET laid_down = (SELECT count(*) FROM delivery WHERE delivery.mail_id = mail.id)")
    op.drop_index("ix_mail_about", table_name="mail")
    op.create_index("ix_mail_about", "mail", ["about", "laid_down"])
    op.create_index(
        "ix_delivery_unsent", "delivery", ["mail_id", "state"], sqlite_where=_NOT_SENT, postgresql_where=_NOT_SENT
    )
    op.drop_index("ix_delivery_mail_state", table_name="delivery")


def downgrade() -> None:
    op.create_index("ix_delivery_mail_state", "delivery", ["mail_id", "state"])
    op.drop_index("ix_delivery_unsent", table_name="delivery")
    op.drop_index("ix_mail_about", table_name="mail")
    op.create_index("ix_mail_about", "mail", ["about"])
    op.drop_column("mail", "laid_down")
