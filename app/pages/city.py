"""The one row that says something about the city."""

from __future__ import annotations

from app.database import db
from app.pages.models import City

_EMPTY = {"responsible": "", "address": "", "phone": "", "email": "", "privacy_contact": "", "accent": ""}


def present_city() -> City:
    """Return the row there is, or a new one with nothing in it that is not yet in the session."""
    return db.session.get(City, 1) or City(id=1, **_EMPTY)
