"""`take()`: one received mail, whichever door it came through, becomes what it asks for, in one unit of work."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import NamedTuple

from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import queue
from app.database import PASSING_TROUBLE, db, writing
from app.files import keeping
from app.inbound import room
from app.inbound.carrying_out import removed_for
from app.inbound.doors import Door, door_for
from app.inbound.luggage import FilesAreNeeded, Luggage, brings_files, packed
from app.inbound.routing import CUT, TOO_LARGE, route
from app.inbound.verdict import KEPT, LATER, UNKNOWN, Verdict
from app.mail import removed
from app.mail.headers import one_line
from app.mail.incoming import Fate, IncomingMail
from app.mail.reading import ReceivedMail, neutralise, read
from app.mail.removed import Attached

log = logging.getLogger(__name__)

# Neither the database's trouble nor a full disk is a fault of the mail: its server keeps it and comes again.
_PASSING = (*PASSING_TROUBLE, OSError)

# What each server on the way adds anew; the rest is the same in every copy.
_TRACE = re.compile(
    rb"(?im)^(?:received|return-path|delivered-to|x-original-to|envelope-to|authentication-results|x-[^:\r\n]*|arc-[^:\r\n]*)"
    rb":[^\n]*\n(?:[ \t][^\n]*\n)*"
)

_UNUSABLE = "Das Portal konnte diese Mail nicht verarbeiten; das Protokoll des Servers sagt mehr."

_OF_MACHINES = ("automatic", "bounce", "complaint")

_BLANK = re.compile(rb"\r?\n\r?\n")


class _Received(NamedTuple):
    """What came in. Reading mails takes time, so it is done before anybody waits for the database."""

    octets: bytes
    mail: ReceivedMail
    attached: Attached


def take(octets: bytes, recipient: str, *, cut: str = "") -> Verdict:
    """Keep a mail and do what it asks for; committed when it is kept. Raises nothing: what goes wrong means later.

    The same mail again, or another copy of it, is kept without doing anything.
    `cut` is the sentence why these octets are only a mail's head: then it is held for Verwaltung, its sender told.
    """
    return take_for_each(octets, [recipient], cut=cut)[0]


def take_for_each(octets: bytes, recipients: Sequence[str], *, cut: str = "") -> list[Verdict]:
    """Take a mail for each of these addresses, as `take()` does; it is read once. Returns a verdict for each."""
    with force_locale("de"):  # what is noted and answered is German, whosever page it is called from
        mail = read(octets)
        if cut:
            mail = replace(mail, kind=CUT if mail.kind in _OF_MACHINES else TOO_LARGE, reason=cut)
        received = _Received(octets, mail, removed.attached_to(mail))
    verdicts: dict[str, Verdict] = {}
    for recipient in recipients:
        if recipient.lower() not in verdicts:
            verdicts[recipient.lower()] = _take(received, recipient)
    return [verdicts[recipient.lower()] for recipient in recipients]


def _take(received: _Received, recipient: str) -> Verdict:
    try:
        return _tried(received, recipient)
    except _PASSING:
        log.warning("A mail could not be kept now", exc_info=True)
    except Exception:  # a door must go on with the next mail
        log.exception("A received mail could not even be kept")
    _give_up()
    return LATER


def _tried(received: _Received, recipient: str) -> Verdict:
    with ExitStack() as stack:
        luggage = None if brings_files(received.mail) else packed(received.mail, received.attached)
        for _attempt in range(4):
            try:
                with writing(), force_locale("de"):
                    return _taken(received, recipient, luggage)
            except IntegrityError:
                # Another door took a copy of it at the same moment; the next look finds that one.
                db.session.rollback()
            except FilesAreNeeded:
                db.session.rollback()  # nobody else waits while the files are looked into
                if luggage := _packed(received):
                    stack.enter_context(closing(luggage))
                else:
                    received = received._replace(mail=replace(received.mail, kind=CUT, reason=_UNUSABLE))
    return LATER


def _packed(received: _Received) -> Luggage | None:
    """The files made ready; None if our code cannot handle one of them."""
    try:
        return packed(received.mail, received.attached)
    except keeping.NoRoom as full:
        raise OSError(str(full)) from full  # the mail comes again
    except _PASSING:
        raise
    except Exception:
        log.exception("The files of a received mail could not be looked into")
        return None


def _give_up() -> None:
    try:
        db.session.rollback()
    except SQLAlchemyError:  # the connection is lost, and with it what was written on it
        db.session.remove()


def _taken(received: _Received, recipient: str, luggage: Luggage | None) -> Verdict:
    octets, mail, attached = received
    # What came before belongs to a unit of work of its own, which may have begun without the write lock.
    db.session.rollback()
    door = door_for(recipient, mail)
    if door is None:
        db.session.rollback()
        return UNKNOWN
    fingerprint = _fingerprint(octets, mail, door)
    if db.session.scalar(select(IncomingMail.id).where(IncomingMail.fingerprint == fingerprint)):
        db.session.rollback()
        return KEPT
    cut = removed.without(mail, removed_for(mail, door), attached)
    if cut is not mail:
        octets = removed.octets_without(octets, cut)
    _route(octets, recipient, fingerprint, cut, luggage, door)
    db.session.commit()
    queue.wake("outbox")
    return KEPT


def _route(
    octets: bytes, recipient: str, fingerprint: str, mail: ReceivedMail, luggage: Luggage | None, door: Door
) -> None:
    incoming = _noted(octets, recipient, fingerprint, mail)
    try:
        route(incoming, mail, luggage, door)
        room.fit(incoming)
        db.session.flush()
    except (IntegrityError, FilesAreNeeded, *_PASSING):
        raise
    except Exception:  # a mail our code cannot handle must not come again every few minutes for days
        log.exception("A received mail could not be used")
        db.session.rollback()
        incoming = _noted(octets, recipient, fingerprint, mail)
        incoming.fate = Fate.HELD
        incoming.reason = _UNUSABLE


def _noted(octets: bytes, recipient: str, fingerprint: str, mail: ReceivedMail) -> IncomingMail:
    incoming = IncomingMail(
        fingerprint=fingerprint,
        recipient=one_line(recipient)[:254],
        sender=mail.sender[:254],
        sender_name=one_line(mail.sender_name)[:200],
        subject=one_line(neutralise(mail.subject))[:998],
        octets=octets,
        full_size=len(octets),
    )
    db.session.add(incoming)
    db.session.flush()
    return incoming


def _fingerprint(octets: bytes, mail: ReceivedMail, door: Door) -> str:
    """Name the mail and what it asks for: by Message-ID and text, or by all of it but what servers on the way wrote.

    Some programs write one Message-ID into different mails; what differs in its text is another mail.
    """
    words = mail.untrimmed.encode(errors="replace")
    identity = mail.message_id.encode() + b"\0" + words if mail.message_id else _without_trace(octets)
    parts = [hashlib.sha256(identity).digest(), mail.sender.encode(), door.name.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _without_trace(octets: bytes) -> bytes:
    """Return a mail without what servers on the way wrote into its head."""
    blank = _BLANK.search(octets)
    head, body = (octets[: blank.start()], octets[blank.start() :]) if blank else (octets, b"")
    return _TRACE.sub(b"", head + b"\n") + body
