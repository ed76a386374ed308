"""Bytes by their hash, and their uses by name."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blob",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_blob"),
        sa.UniqueConstraint("sha256", name="uq_blob_sha256"),
    )
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("blob_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name="fk_stored_file_blob_id"),
        sa.PrimaryKeyConstraint("id", name="pk_stored_file"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stored_file_blob_id", "stored_file", ["blob_id"], unique=False)
    op.create_index("ix_stored_file_owner", "stored_file", ["owner"], unique=False)


def downgrade() -> None:
    op.drop_table("stored_file")
    op.drop_table("blob")
