"""What became of a mail, as people say it; the servers' own words stand beside it, never instead of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.database import utc_now
from app.mail.bounces_causes import finding
from app.mail.models import DeliveryState
from app.templating import berlin, clock, moment

STATE_NAMES = {
    DeliveryState.WAITING: _l("wartet"),
    DeliveryState.SENDING: _l("wird übergeben"),
    DeliveryState.SENT: _l("übergeben"),
    DeliveryState.FAILED: _l("unzustellbar"),
    DeliveryState.CANCELLED: _l("abgebrochen"),
    DeliveryState.DIGEST: _l("in der Zusammenfassung"),
}

STATE_KINDS = {DeliveryState.FAILED: "danger", DeliveryState.SENT: "success", DeliveryState.CANCELLED: "warning"}

#: What the portal itself notes at a delivery, in German, for readers of other languages.
_NOTES = {
    "pausiert": _l("pausiert"),
    "nimmt nicht mehr teil": _l("nimmt nicht mehr teil"),
    "nicht mehr dabei": _l("nicht mehr dabei"),
    "zurückgezogen": _l("zurückgezogen"),
    "Netz geschlossen": _l("Netz geschlossen"),
    "nur auf der Website": _l("nur auf der Website"),
    "tägliche Zusammenfassung": _l("tägliche Zusammenfassung"),
    "wöchentliche Zusammenfassung": _l("wöchentliche Zusammenfassung"),
    "stille Adresse: Dort kam zuletzt nichts an": _l("stille Adresse: Dort kam zuletzt nichts an"),
    "Die Adresse ist ungültig.": _l("Die Adresse ist ungültig."),
    "Der Mailserver hat nicht rechtzeitig geantwortet.": _l("Der Mailserver hat nicht rechtzeitig geantwortet."),
}

# A server's reply begins with its code (RFC 5321 4.2); ours begin with a word.
_OF_A_SERVER = re.compile(r"[245]\d\d(?=[\s-]|$)")
_GIVEN_UP = re.compile(r"nach (einem Tag|\d+ Tagen) aufgegeben; zuletzt: ")
_REPORTED = re.compile(r"Rückläufer: ([^.]+\.)\s*(.*)", re.DOTALL)
_TAKES_NOTHING = "Der Mailserver nimmt gerade nichts an: "


class Said(NamedTuple):
    """What became of one mail: `meaning` in our words, `raw` in the server's."""

    meaning: str
    raw: str


def said(state: DeliveryState, reply: str, due_at: datetime) -> Said:
    """Say in plain words what stands at a delivery. `due_at` is when the outbox takes it up next."""
    if reported := _REPORTED.fullmatch(reply):
        return Said(_("Zurückgekommen: %(reason)s", reason=reported[1]), reported[2])
    if state is DeliveryState.SENT:
        return Said(_("Der Mailserver hat sie angenommen; zurückgekommen ist nichts."), reply)
    if state is DeliveryState.WAITING and reply:
        return Said(f"{_reason(reply)} {_next_try(due_at)}", reply)
    if state is DeliveryState.FAILED or _OF_A_SERVER.match(reply):
        return Said(_reason(reply), reply)
    return Said(note(reply), "")


def note(reason: str) -> str:
    """Return what the portal noted of its own accord, in the reader's language where it is known."""
    return str(_NOTES.get(reason, reason))


def _reason(reply: str) -> str:
    if given_up := _GIVEN_UP.match(reply):
        reason = _reason(reply[given_up.end() :])
        if given_up[1] == "einem Tag":
            return _("Nach einem Tag aufgegeben. %(reason)s", reason=reason)
        return _("Nach mehreren Tagen aufgegeben. %(reason)s", reason=reason)
    if reply.startswith(_TAKES_NOTHING):
        return _("Unser eigener Mailserver nimmt gerade nichts an.")
    return str(finding(reply).cause.value) if _OF_A_SERVER.match(reply) else note(reply)


def _next_try(due_at: datetime) -> str:
    if due_at <= utc_now():
        return _("Der nächste Versuch beginnt gleich.")
    is_today = berlin(due_at).date() == berlin(utc_now()).date()
    return _("Nächster Versuch: %(when)s Uhr.", when=clock(due_at) if is_today else moment(due_at))
