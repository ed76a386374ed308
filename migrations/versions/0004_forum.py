"""Threads, messages and drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_draft_user_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    op.create_index("ix_draft_user_id", "draft", ["user_id"], unique=False)
    op.create_table(
        "thread",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["network.id"], name="fk_thread_home_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_thread"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_thread_home_id_thread_last_message_at", "thread", ["home_id", "last_message_at"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("message_id", sa.String(length=254), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("mails_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_message_author_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_message_seat_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_message_thread_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("message_id", name="uq_message_message_id"),
        sa.UniqueConstraint("submission", name="uq_message_submission"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_message_author_id", "message", ["author_id"], unique=False)
    op.create_index("ix_message_thread_id", "message", ["thread_id"], unique=False)
    op.create_table(
        "thread_network",
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name="fk_thread_network_network_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["thread_id"], ["thread.id"], name="fk_thread_network_thread_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("thread_id", "network_id", name="pk_thread_network"),
    )
    op.create_index("ix_thread_network_network_id", "thread_network", ["network_id"], unique=False)


def downgrade() -> None:
    for table in ("message", "draft", "thread_network", "thread"):
        op.drop_table(table)
