"""Verwaltung throws away mails that the portal did not use, one or many at once."""

from __future__ import annotations

from collections.abc import Collection

from app.database import db
from app.inbound import room
from app.mail.incoming import Fate, locked


def discard(ids: Collection[int]) -> int:
    """Take these mails off the list and return how many; what was decided about meanwhile stays as it is.

    Hardly more than the head of each stays for the rest of the thirty days.
    """
    return sum(_discard(id) for id in sorted(ids))  # in one order, because each is locked until the commit


def _discard(id: int) -> bool:
    incoming = locked(id)
    if incoming is None or not incoming.is_undecided:
        return False
    incoming.fate = Fate.DISCARDED
    room.keep_start(incoming, room.LEAST)
    # Each may be as large as a mail can be; memory holds one at a time.
    db.session.flush()
    db.session.expunge(incoming)
    return True
