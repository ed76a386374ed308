"""How healthy an address is: what counts against it, and when it falls silent.

A failure that may pass counts one, one for good counts two. At four the address is silent: mail to many spares it,
while a link to sign in and mail to one person still go. Thirty days without a failure end that by themselves; so do
Verwaltung ("Wieder versuchen") and a new address. That a server took a mail counts nothing: behind a town's relay
every address takes everything, and the report comes later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import scoped_session

from app.database import db, utc_now
from app.mail.models import Address

SOFT, HARD = 1, 2
SILENT_AT = 4
RECOVERY = timedelta(days=30)

Database = Connection | scoped_session[Any]


def count(database: Database, email: str, weight: int, words: str) -> None:
    """Count a failure of this address, SOFT or HARD; what is older than thirty days is forgotten with it."""
    now = utc_now()
    connection = database if isinstance(database, Connection) else database.connection()
    upsert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(Address)
    counts = {"permanent_failures": int(weight == HARD), "transient_failures": int(weight == SOFT)}
    latest = {"failed_at": now, "reply": words}
    table = Address.__table__.c
    added = {
        name: case((table.failed_at < now - RECOVERY, 0), else_=table[name]) + number for name, number in counts.items()
    }
    connection.execute(
        upsert.values(email=email.lower(), **counts, **latest).on_conflict_do_update(
            index_elements=["email"], set_=added | latest
        )
    )


def is_silent() -> ColumnElement[bool]:
    """The condition on `Address` that it is silent."""
    return and_(fails_often(), Address.failed_at > utc_now() - RECOVERY)


def fails_often() -> ColumnElement[bool]:
    """The condition on `Address` that it is silent, or was and is not yet forgotten."""
    return HARD * Address.permanent_failures + SOFT * Address.transient_failures >= SILENT_AT


def is_forgotten(failed_at: datetime) -> bool:
    """Whether a failure at this moment counts no more."""
    return failed_at <= utc_now() - RECOVERY


def silent_among(emails: Iterable[str]) -> Select[str]:
    """Which of these addresses are silent; lower case."""
    return select(Address.email).where(Address.email.in_([email.lower() for email in emails]), is_silent())


def forgive(email: str) -> None:
    """Let an address begin anew: somebody says that it works again, or it is somebody's new one."""
    db.session.execute(delete(Address).where(Address.email == email.lower()))
