"""Verwaltung lets a mail through that the portal would not use by itself."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.inbound.carrying_out import carry_out
from app.inbound.doors import Door, Kind, door_for
from app.inbound.luggage import Luggage
from app.mail.incoming import IncomingMail
from app.mail.reading import ReceivedMail

# What one person writes to another is let through by nobody but the person whose address it is (link_views.py).
_USABLE = (Kind.NETWORK, Kind.TO_ALL)


def release(incoming: IncomingMail, luggage: Luggage, by: User) -> None:
    """Use the mail in the name of whoever has its sender address, else of `by`, who then says who wrote it.

    Raises `DomainError` when there is nothing it could become.
    """
    if not incoming.is_undecided:
        raise DomainError(_("Über diese Mail ist schon entschieden."))
    mail = luggage.mail
    door = _door_of(incoming, mail)
    if door is None:
        raise DomainError(_("Diese Mail ging an keine Adresse, unter der man in ein Netz schreibt."))
    author = db.session.scalar(User.by_email(mail.sender)) if mail.sender else None
    with force_locale("de"):
        note = _("Weitergegeben von %(name)s; geschrieben hat das:", name=by.name)
        written_by = " ".join(part for part in (mail.sender_name, f"({mail.sender})" if mail.sender else "") if part)
        carry_out(incoming, luggage, door, author or by, note="" if author else f"{note} {written_by}\n\n")


def is_usable(incoming: IncomingMail, mail: ReceivedMail) -> bool:
    """Whether Verwaltung may let this mail through, as long as nothing is decided about it."""
    return _door_of(incoming, mail) is not None


def _door_of(incoming: IncomingMail, mail: ReceivedMail) -> Door | None:
    door = door_for(incoming.recipient, mail)
    return door if door and door.kind in _USABLE else None
