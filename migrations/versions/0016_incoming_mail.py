"""Mail that came in, and what became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("sender", sa.String(length=254), nullable=False),
        sa.Column("sender_name", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=998), nullable=False),
        sa.Column("fate", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("owner_key", sa.String(length=100), nullable=False),
        sa.Column("about", sa.String(length=100), nullable=False),
        sa.Column("untrimmed", sa.Text(), nullable=False),
        sa.Column("octets", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_mail"),
        sa.UniqueConstraint("fingerprint", name="uq_incoming_mail_fingerprint"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incoming_mail_about", "incoming_mail", ["about"])
    op.create_index("ix_incoming_mail_fate_incoming_mail_received_at", "incoming_mail", ["fate", "received_at"])
    op.create_index("ix_incoming_mail_sender_incoming_mail_received_at", "incoming_mail", ["sender", "received_at"])


def downgrade() -> None:
    op.drop_table("incoming_mail")
