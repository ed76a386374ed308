"""Somebody corrects what the lists say of them. What it said before stands in the audit log, and can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.accounts.models import User, Visibility
from app.audit.recording import record
from app.database import db, utc_now
from app.networks.correction_models import Correction
from app.networks.models import Seat

#: A mail that lies about for longer takes nothing back any more.
UNDONE_WITHIN = timedelta(days=30)

#: What can be corrected of a person and of a seat.
OF_PERSON = ("name", "email_seen_by")
OF_SEAT = ("task", "phone", "phone_seen_by")

FIELD_NAMES = {
    "name": _l("Name"),
    "email_seen_by": _l("E-Mail-Adresse zeigen"),
    "task": _l("Aufgabe"),
    "phone": _l("Telefon"),
    "phone_seen_by": _l("Telefonnummer zeigen"),
}
SEEN_BY = {
    Visibility.NETWORK: _l("allen in meinen Netzen"),
    Visibility.ALL: _l("allen in allen Netzen"),
    Visibility.HIDDEN: _l("niemandem, nur der Verwaltung"),
}
_FEWEST_FIRST = (Visibility.HIDDEN, Visibility.NETWORK, Visibility.ALL)


def correct(user: User, seat: Seat | None, wanted: Mapping[str, str]) -> Correction | None:
    """Write what is wanted into person and seat; return what changed, None if nothing did. Flushes."""
    changes = {
        field: [str(before), wanted[field]]
        for field in (*OF_PERSON, *(OF_SEAT if seat else ()))
        if field in wanted and (before := _said(user, seat, field)) != wanted[field]
    }
    if not changes:
        return None
    for field, (_before, now) in changes.items():
        _say(user, seat, field, now)
    correction = Correction(user=user, seat=seat, changes=changes)
    db.session.add(correction)
    db.session.flush()
    _record(correction, _l("Eigene Angaben geändert. %(changes)s"))
    return correction


def take_back(correction: Correction) -> None:
    """Let each field say what it said before, unless it was changed again since. Done twice it does nothing more."""
    if correction.undone_at is not None:
        return
    correction.undone_at = utc_now()
    for field, before in would_be_back(correction).items():
        _say(correction.user, correction.seat, field, before)
    _record(correction, _l("Änderung der eigenen Angaben zurückgenommen. %(changes)s"), back=True)


def would_be_back(correction: Correction) -> dict[str, str]:
    """Return what the fields would say again: those that say what they were changed to, of a seat still held."""
    user, seat = correction.user, correction.seat
    is_held = seat is not None and any(each.user_id == user.id and each.until is None for each in seat.holdings)
    return {
        field: before
        for field, (before, now) in correction.changes.items()
        if (field in OF_PERSON or is_held) and _said(user, seat, field) == now
    }


def reveals(user: User, seat: Seat | None, wanted: Mapping[str, str]) -> bool:
    """Whether more people would see an address or number than do now, which cannot be taken back."""
    return any(
        _FEWEST_FIRST.index(Visibility(wanted[field])) > _FEWEST_FIRST.index(Visibility(_said(user, seat, field)))
        for field in ("email_seen_by", *(("phone_seen_by",) if seat else ()))
        if field in wanted
    )


def said(correction: Correction) -> list[tuple[str, str, str]]:
    """Return name, old and new value of each changed field, as people read them."""
    return [
        (str(FIELD_NAMES[field]), _in_words(field, before), _in_words(field, now))
        for field, (before, now) in correction.changes.items()
    ]


def _record(correction: Correction, sentence: str, *, back: bool = False) -> None:
    user = correction.user
    with force_locale("de"):
        pairs = [(field, *((now, before) if back else (before, now))) for field, before, now in said(correction)]
        changes = "; ".join(f"{field}: „{before}“ → „{now}“" for field, before, now in pairs)
        record("own-data.corrected", actor=user, about=user.key, summary=str(sentence) % {"changes": changes})


def _in_words(field: str, value: str) -> str:
    return str(SEEN_BY[Visibility(value)]) if field.endswith("_seen_by") else value


def _said(user: User, seat: Seat | None, field: str) -> str:
    return str(getattr(user if field in OF_PERSON else seat, field))


def _say(user: User, seat: Seat | None, field: str, value: str) -> None:
    setattr(user if field in OF_PERSON else seat, field, Visibility(value) if field.endswith("_seen_by") else value)
