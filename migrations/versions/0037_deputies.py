"""Who is away from a network, who stands in, and which deliveries went to a deputy."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_absence_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name="fk_absence_network_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["deputy_id"], ["user.id"], name="fk_absence_deputy_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
        sa.UniqueConstraint("user_id", "network_id", name="uq_absence_user_id_network_id"),
    )
    op.create_index("ix_absence_network_id", "absence", ["network_id"])
    op.create_index("ix_absence_deputy_id", "absence", ["deputy_id"])
    op.add_column("delivery", sa.Column("stood_in_by", sa.String(100), nullable=True))


def downgrade() -> None:
    op.drop_column("delivery", "stood_in_by")
    op.drop_table("absence")
