"""Digests, one for each person, rhythm and moment; and requests that wait for none."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("rhythm", sa.String(30), nullable=False),
        sa.Column("period", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_digest_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name="fk_digest_mail_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_digest"),
        sa.UniqueConstraint("user_id", "rhythm", "period", name="uq_digest_user_id_rhythm_period"),
    )
    op.create_index("ix_digest_mail_id", "digest", ["mail_id"])
    op.add_column("thread", sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("thread", "urgent")
    op.drop_table("digest")
