"""Attendances: what people answer to an invitation, and who was there."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meeting", sa.Column("dated_sequence", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "meeting_attendance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("answer", sa.String(length=30), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by", sa.String(length=200), nullable=False),
        sa.Column("was_there", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number >= 1", name="ck_meeting_attendance_number"),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_meeting_attendance_meeting_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_meeting_attendance_user_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_meeting_attendance_seat_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_attendance"),
        sa.UniqueConstraint("meeting_id", "user_id", name="uq_meeting_attendance_meeting_id_user_id"),
    )
    op.create_index("ix_meeting_attendance_user_id", "meeting_attendance", ["user_id"])
    op.create_index("ix_meeting_attendance_seat_id", "meeting_attendance", ["seat_id"])


def downgrade() -> None:
    op.drop_table("meeting_attendance")
    op.drop_column("meeting", "dated_sequence")
