"""Offers of a network."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission", sa.String(length=36), nullable=False),
        sa.Column("network_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organisation_name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("target_group", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("cost", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name="fk_offer_author_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["network_id"], ["network.id"], name="fk_offer_network_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_offer_seat_id", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
        sa.UniqueConstraint("submission", name="uq_offer_submission"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_offer_author_id", "offer", ["author_id"], unique=False)
    op.create_index("ix_offer_network_id_offer_created_at", "offer", ["network_id", "created_at"], unique=False)
    op.create_index("ix_offer_seat_id", "offer", ["seat_id"], unique=False)


def downgrade() -> None:
    op.drop_table("offer")
