"""A delivery whose text travels in a digest names the delivery of that digest."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("carried_by_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_delivery_carried_by_id",
        "delivery",
        ["carried_by_id"],
        sqlite_where=sa.text("carried_by_id IS NOT NULL"),
        postgresql_where=sa.text("carried_by_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_carried_by_id", table_name="delivery")
    op.drop_column("delivery", "carried_by_id")
