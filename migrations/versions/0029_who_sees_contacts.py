"""Who sees somebody's phone number and e-mail address, and to whom they are handed on for a request."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("email_seen_by", sa.String(30), nullable=False, server_default="network"))
    op.add_column("seat", sa.Column("phone_seen_by", sa.String(30), nullable=False, server_default="network"))
    op.create_table(
        "request_handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name="fk_request_handover_request_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_request_handover_user_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name="fk_request_handover_seat_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["to_id"], ["user.id"], name="fk_request_handover_to_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_request_handover"),
        sa.UniqueConstraint("request_id", "user_id", "to_id", name="uq_request_handover_request_id_user_id_to_id"),
    )
    for column in ("user_id", "seat_id", "to_id"):
        op.create_index(f"ix_request_handover_{column}", "request_handover", [column])


def downgrade() -> None:
    op.drop_table("request_handover")
    op.drop_column("seat", "phone_seen_by")
    op.drop_column("user", "email_seen_by")
