"""Who a link in a mail was made for: what it may do, it does in that person's name."""

from __future__ import annotations

from flask import abort

from app.accounts.models import User
from app.database import db
from app.registry import MailLink


def person_of(link: MailLink) -> User:
    """Return whom the mail was for; 404 where it went to an address, or the person is no longer known."""
    kind, _colon, user_id = link.recipient_key.partition(":")
    return (db.session.get(User, int(user_id)) if kind == "user" else None) or abort(404)
