"""Meetings as calendars see them, and the addresses under which people subscribe to them.

An address is always one person's, also that of a network's calendar: a person who was removed takes nobody else's
access along, and theirs is worth nothing from that moment on. The token is computed, not stored, so that showing it
writes nothing; the keys of the person and of the network are part of it, and a new key makes all older tokens void.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32encode
from collections.abc import Iterable

from flask import current_app

from app.accounts.models import User
from app.database import db
from app.forum.calendar_event import CalendarEvent
from app.mail.envelope import address_of
from app.meetings.models import Meeting
from app.networks.models import Network


def event_of(meeting: Meeting) -> CalendarEvent:
    """Return the meeting as a calendar event; its link leads to it from whichever network the reader belongs to."""
    url = f"{current_app.config['BASE_URL']}/sitzungen/{meeting.id}"
    return CalendarEvent(
        uid=uid_of(meeting),
        sequence=meeting.sequence,
        summary=meeting.title,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=meeting.place,
        url=url,
        # Outlook shows the description, but not the link beside it.
        description=f"{meeting.agenda}\n\n{url}".strip(),
        organizer=(meeting.home.name, address_of(meeting.home.slug)),
        is_cancelled=meeting.cancelled_at is not None,
        stamped_at=meeting.changed_at,
        asks_for=meeting.id,
    )


def uid_of(meeting: Meeting) -> str:
    """Return the name under which all calendars know the meeting (RFC 5545 3.8.4.7)."""
    return f"{meeting.uid}@{current_app.config['MAIL_DOMAIN']}"


def events_of(meetings: Iterable[Meeting]) -> list[CalendarEvent]:
    """Return meetings as calendar events."""
    return [event_of(meeting) for meeting in meetings]


def token_of(user: User, network: Network | None = None) -> str:
    """Return the token for this person's calendar, or for the calendar of one of their networks."""
    place = f"network:{network.id}:{network.calendar_key}" if network else "own"
    proof = hmac.digest(_secret(), f"calendar:{user.id}:{user.calendar_key}:{place}".encode(), "sha256")
    return f"{user.id}-{b32encode(proof[:20]).decode().lower()}"


def subscriber(token: str, network: Network | None = None) -> User | None:
    """Return whose token this is; None when it is nobody's, or no longer."""
    number, _, _ = token.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        return None
    user = db.session.get(User, int(number))
    if user is None or not hmac.compare_digest(token_of(user, network).encode(), token.encode()):
        return None
    return user


def reset(owner: User | Network) -> None:
    """Make every token void that this person, or this network, has given out so far."""
    owner.calendar_key = secrets.token_urlsafe(20)


def _secret() -> bytes:
    secret = current_app.secret_key
    return secret if isinstance(secret, bytes) else str(secret).encode()
