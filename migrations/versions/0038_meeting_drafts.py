"""Drafts of meetings that came by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("is_day", sa.Boolean(), nullable=False),
        sa.Column("is_floating", sa.Boolean(), nullable=False),
        sa.Column("recurs", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_meeting_draft_message_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_draft"),
        sa.UniqueConstraint("message_id", name="uq_meeting_draft_message_id"),
    )


def downgrade() -> None:
    op.drop_table("meeting_draft")
