"""Whom mail to many spares because nothing arrived at their address lately (app/mail/health.py)."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from app.accounts.models import UserAddress
from app.database import UTCDateTime, read, utc_now
from app.mail import health
from app.mail.models import Address

#: The ids of those at silent addresses; what failed before the moment "forgotten" counts no more.
SILENT = (
    select(UserAddress.user_id)
    .join(Address, Address.email == func.lower(UserAddress.email))
    .where(
        UserAddress.is_primary,
        health.fails_often(),
        Address.failed_at > bindparam("forgotten", type_=UTCDateTime()),
    )
)


def silent_now() -> frozenset[int]:
    """Return the ids of everybody at a silent address; nearly always there are few."""
    return frozenset(id for (id,) in read(SILENT, {"forgotten": utc_now() - health.RECOVERY}))
