"""How often somebody wants the mail of a network, and until when a pause holds."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("preference", sa.Column("rhythm", sa.String(30), nullable=False, server_default="at-once"))
    op.add_column("preference", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("preference", "paused_until")
    op.drop_column("preference", "rhythm")
