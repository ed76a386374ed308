"""Which mail a worker prepares, and how many died of it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mail", sa.Column("preparing", sa.String(40), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("crashes", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("mail", "crashes")
    op.drop_column("mail", "preparing")
