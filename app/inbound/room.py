"""How much is kept of mails that were not used: nobody fills the disk by writing to us.

Of what strangers and floods send, the head and the start are kept; that is enough to decide about it. When all of it
together takes more than INBOUND_HELD_LIMIT_MB, hardly more than the head is kept, and what somebody known sent and may
still be wanted whole comes again later.
"""

from __future__ import annotations

import re

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.database import db
from app.health.database import Unhealthy
from app.mail.incoming import Fate, IncomingMail, Standing
from app.templating import filesize

#: Octets kept of the head and of the text below it.
EXCERPT = 32 * 1024
LEAST = 1024

_BLANK = re.compile(rb"\r?\n\r?\n")


def fit(incoming: IncomingMail) -> None:
    """Keep as much of a mail as there is room for. Raises `OSError` when it has to come again later."""
    if incoming.standing is Standing.STRANGER:
        keep_start(incoming)
    if incoming.fate is Fate.USED or not is_full():
        return
    may_be_wanted = incoming.fate in (Fate.WAITING, Fate.HELD) and incoming.standing is not Standing.STRANGER
    if may_be_wanted and not incoming.is_cut:
        raise OSError("what was not used fills its room")
    keep_start(incoming, LEAST)


def keep_start(incoming: IncomingMail, most: int = EXCERPT) -> None:
    """Keep of a mail's octets the start of its head and the start of what follows, `most` of each."""
    blank = _BLANK.search(incoming.octets)
    end, begin = blank.span() if blank else (len(incoming.octets), len(incoming.octets))
    head = incoming.octets[:end]
    if len(head) > most:
        head = head[:most].rpartition(b"\n")[0].rstrip(b"\r")
    start = incoming.octets[begin : begin + most]
    if len(head) + len(start) < end + len(incoming.octets) - begin:
        incoming.octets = head + b"\r\n\r\n" + start


def octets_held() -> int:
    """Return how many octets of mails that were not used are kept."""
    query = select(func.sum(IncomingMail.size)).where(IncomingMail.fate != Fate.USED)
    return db.session.scalar(query) or 0


def is_full() -> bool:
    """Whether they take all the room there is for them."""
    return octets_held() >= current_app.config["INBOUND_HELD_LIMIT"]


def fullness() -> str:
    """Say for `netz check` how much room is taken. Raises `Unhealthy` when it is all of it."""
    if is_full():
        raise Unhealthy(warning())
    held, limit = filesize(octets_held()), filesize(current_app.config["INBOUND_HELD_LIMIT"])
    return _("Mails, die nicht verwendet wurden, belegen %(held)s von %(limit)s.", held=held, limit=limit)


def warning() -> str:
    """Say that there is no room, and what to do."""
    return _(
        "Mails, die nicht verwendet wurden, belegen allen Platz dafür (%(limit)s). Von neuen bleibt nur der Anfang, "
        "oder sie kommen später noch einmal. Verwerfen Sie, was Sie nicht brauchen, oder setzen Sie "
        "INBOUND_HELD_LIMIT_MB höher.",
        limit=filesize(current_app.config["INBOUND_HELD_LIMIT"]),
    )
