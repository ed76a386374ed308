"""Points that participants propose for the agenda of a meeting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("decided_by", sa.String(length=200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_agenda_item_meeting_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_agenda_item_user_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_agenda_item_message_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_agenda_item"),
    )
    for column in ("meeting_id", "user_id", "message_id"):
        op.create_index(f"ix_agenda_item_{column}", "agenda_item", [column], unique=False)


def downgrade() -> None:
    op.drop_table("agenda_item")
