"""Meetings, the notices about them, and documents."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("home_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=500), nullable=False),
        sa.Column("agenda", sa.Text(), nullable=False),
        sa.Column("uid", sa.String(length=100), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["home_id"], ["network.id"], name="fk_meeting_home_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
        sa.UniqueConstraint("uid", name="uq_meeting_uid"),
    )
    op.create_index("ix_meeting_home_id", "meeting", ["home_id"], unique=False)
    op.create_index("ix_meeting_starts_at", "meeting", ["starts_at"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name="fk_document_meeting_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name="fk_document_network_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_meeting_id", "document", ["meeting_id"], unique=False)
    op.create_index("ix_document_network_id_document_dated", "document", ["network_id", "dated"], unique=False)
    op.create_table(
        "meeting_network",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_meeting_network_meeting_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["network_id"], ["network.id"], name="fk_meeting_network_network_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", "network_id", name="pk_meeting_network"),
    )
    op.create_index("ix_meeting_network_network_id", "meeting_network", ["network_id"], unique=False)
    op.create_table(
        "meeting_notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_meeting_notice_meeting_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name="fk_meeting_notice_message_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_notice"),
        sa.UniqueConstraint("message_id", name="uq_meeting_notice_message_id"),
    )
    op.create_index("ix_meeting_notice_meeting_id", "meeting_notice", ["meeting_id"], unique=False)


def downgrade() -> None:
    for table in ("meeting_notice", "meeting_network", "document", "meeting"):
        op.drop_table(table)
