"""An index of the few mails that were set aside, so that Verwaltung's desk reads no others."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_SET_ASIDE = sa.text("crashes >= 3")


def upgrade() -> None:
    op.create_index("ix_mail_set_aside", "mail", ["id"], sqlite_where=_SET_ASIDE, postgresql_where=_SET_ASIDE)


def downgrade() -> None:
    op.drop_index("ix_mail_set_aside", table_name="mail")
