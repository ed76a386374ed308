"""A request whose message was taken down has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    message = sa.table("message", sa.column("id"), sa.column("taken_down_at"))
    request = sa.table(
        "request",
        sa.column("message_id"),
        sa.column("state"),
        *(sa.column(name) for name in ("closed_at", "field", "ages", "place")),
    )
    when = sa.select(message.c.taken_down_at).where(message.c.id == request.c.message_id).scalar_subquery()
    gone = request.c.message_id.in_(sa.select(message.c.id).where(message.c.taken_down_at.is_not(None)))
    op.execute(request.update().where(gone).values(field="", ages="", place=""))
    running = request.update().where(gone, request.c.state.in_(("open", "taken")))
    op.execute(running.values(state="withdrawn", closed_at=when))


def downgrade() -> None:
    pass  # what was typed is gone, and nobody could read what is asked for
