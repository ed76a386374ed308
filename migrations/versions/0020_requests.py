"""Requests: who takes care, how far they are, what others answered."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_seat_id", sa.Integer(), nullable=True),
        sa.Column("owner_name", sa.String(length=200), nullable=False),
        sa.Column("owner_organisation", sa.String(length=200), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lead_reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("success", sa.String(length=30), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ages", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_request_message_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name="fk_request_owner_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["owner_seat_id"], ["seat.id"], name="fk_request_owner_seat_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_request_thread_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.UniqueConstraint("thread_id", name="uq_request_thread_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_request_message_id", "request", ["message_id"])
    op.create_index("ix_request_owner_id", "request", ["owner_id"])
    op.create_index("ix_request_owner_seat_id", "request", ["owner_seat_id"])
    op.create_index("ix_request_state_request_remind_at", "request", ["state", "remind_at"])
    op.create_table(
        "request_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("participant_id", sa.Integer(), nullable=True),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["participant_id"], ["participant.id"], name="fk_request_answer_participant_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name="fk_request_answer_request_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_request_answer_seat_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_request_answer_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_request_answer"),
        sa.UniqueConstraint(
            "request_id", "user_id", "kind", "number", name="uq_request_answer_request_id_user_id_kind_number"
        ),
    )
    op.create_index("ix_request_answer_participant_id", "request_answer", ["participant_id"])
    op.create_index("ix_request_answer_seat_id", "request_answer", ["seat_id"])
    op.create_index("ix_request_answer_user_id", "request_answer", ["user_id"])
    _begin_those_there_are()


def downgrade() -> None:
    op.drop_table("request_answer")
    op.drop_table("request")


def _begin_those_there_are() -> None:
    """Requests written before are open, too; nobody is reminded of them (no `remind_at`)."""
    op.execute(
        "INSERT INTO request (thread_id, message_id, state, owner_name, owner_organisation, outcome, field, ages,"
        " place, created_at) SELECT thread.id, min(message.id), 'open', '', '', '', '', '', '', thread.created_at"
        " FROM thread JOIN message ON message.thread_id = thread.id WHERE thread.kind = 'request'"
        " GROUP BY thread.id, thread.created_at"
    )
