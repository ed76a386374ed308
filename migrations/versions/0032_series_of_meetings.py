"""Series of meetings: the rule by which they were entered, and which belong to it."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meeting_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.String(length=30), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_series"),
    )
    op.create_table(
        "meeting_in_series",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name="fk_meeting_in_series_meeting_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["series_id"], ["meeting_series.id"], name="fk_meeting_in_series_series_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_meeting_in_series"),
    )
    op.create_index("ix_meeting_in_series_series_id", "meeting_in_series", ["series_id"])


def downgrade() -> None:
    op.drop_table("meeting_in_series")
    op.drop_table("meeting_series")
