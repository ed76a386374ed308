"""The one row that says something about the city."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.exc import IntegrityError

from app.database import db
from app.pages.models import City

_EMPTY = {"responsible": "", "address": "", "phone": "", "email": "", "privacy_contact": "", "accent": ""}


def present_city() -> City:
    """Return the row there is, or a new one with nothing in it that is not yet in the session."""
    return db.session.get(City, 1) or City(id=1, **_EMPTY)


def office_email() -> str:
    """Return the address at which people reach the office, "" where nobody entered one."""
    return present_city().email


def kept_city() -> City:
    """Return the row to be changed, added when it is missing. Flushes."""
    if db.session.get(City, 1) is None:
        # Somebody else may have added it a moment ago.
        with suppress(IntegrityError), db.session.begin_nested():
            db.session.add(City(id=1, **_EMPTY))
    return db.session.get_one(City, 1)
