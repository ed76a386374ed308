"""The date and the place that people were told of a meeting, so that a change can say what it was before."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


_COLUMNS = ("starts_at", "ends_at", "place")


def upgrade() -> None:
    op.add_column("meeting_notice", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("meeting_notice", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("meeting_notice", sa.Column("place", sa.String(500), nullable=False, server_default=""))
    # What was told last and has not changed since is known; of all else nothing was kept.
    told = "FROM meeting WHERE meeting.id = meeting_notice.meeting_id AND meeting.sequence = meeting_notice.sequence"
    for column in _COLUMNS:
        op.execute(
            f"UPDATE meeting_notice SET {column} = (SELECT {column} {told}) WHERE EXISTS (SELECT 1 {told})"  # noqa: S608  # our own names
        )


def downgrade() -> None:
    for column in reversed(_COLUMNS):
        op.drop_column("meeting_notice", column)
