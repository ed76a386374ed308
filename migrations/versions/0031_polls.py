"""Finding a date: polls, the dates they propose, what participants say to them."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "poll",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_poll_meeting_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_poll_message_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_poll_thread_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_poll"),
        sa.UniqueConstraint("thread_id", name="uq_poll_thread_id"),
    )
    op.create_index("ix_poll_meeting_id", "poll", ["meeting_id"])
    op.create_index("ix_poll_message_id", "poll", ["message_id"])
    op.create_index("ix_poll_remind_at", "poll", ["remind_at"])
    op.create_table(
        "poll_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("poll_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["poll_id"], ["poll.id"], name="fk_poll_date_poll_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_poll_date"),
    )
    op.create_index("ix_poll_date_poll_id", "poll_date", ["poll_id"])
    op.create_table(
        "poll_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("date_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("choice", sa.String(length=30), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["date_id"], ["poll_date.id"], name="fk_poll_answer_date_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_poll_answer_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_poll_answer"),
        sa.UniqueConstraint("date_id", "user_id", name="uq_poll_answer_date_id_user_id"),
    )
    op.create_index("ix_poll_answer_user_id", "poll_answer", ["user_id"])


def downgrade() -> None:
    op.drop_table("poll_answer")
    op.drop_table("poll_date")
    op.drop_table("poll")
