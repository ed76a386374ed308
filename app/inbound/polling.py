"""The door for a town that has only a mailbox: IMAP, looked into every minute by the worker.

A mail leaves the mailbox only after it is committed: it is moved to another folder, or deleted. One that came again
because we were killed in between is known by its Message-ID. What is for none of our addresses is left alone.
"""

from __future__ import annotations

import email
import imaplib
import logging
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app
from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from app.database import begin_reading, db
from app.inbound.doors import addresses_in, door_of
from app.inbound.taking import take_for_each
from app.queue import job, stopping

log = logging.getLogger(__name__)

_TIMEOUT = 30  # seconds
_AT_ONCE = 100  # mails of one look; the rest waits a minute

# Where it stands for whom a mail was: as the server noted it, else as its writer did.
_RECIPIENT_FIELDS = (("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"), ("to", "cc"))

_SIZE = re.compile(rb"RFC822\.SIZE (\d+)", re.IGNORECASE)
_TOO_LARGE = "Sie ist zu groß für das Portal; hier steht nur ihr Kopf. Ganz liegt sie im Postfach der Technik."

_turn = threading.Lock()

# Mails that are not for us, by folder, its UIDVALIDITY and their UID: each worker looks at their heads once.
_left_alone: set[tuple[str, int, str]] = set()


@dataclass(frozen=True)
class Mailbox:
    """What INBOUND_IMAP_URL says: imaps://name:password@host:993/INBOX?verarbeitet=Folder (empty: delete)."""

    host: str
    port: int
    name: str
    password: str
    folder: str
    done: str
    is_encrypted: bool

    @classmethod
    def of(cls, url: str) -> Mailbox:
        """Return the parts of the address; config.py has checked it."""
        parts = urlsplit(url)
        is_encrypted = parts.scheme == "imaps"
        done = parse_qs(parts.query, keep_blank_values=True).get("verarbeitet", ["Verarbeitet"])[0]
        return cls(
            host=parts.hostname or "",
            port=parts.port or (993 if is_encrypted else 143),
            name=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
            done=done,
            is_encrypted=is_encrypted,
        )


@job("inbound", every_minute=True)
def look() -> None:
    """Take what lies in the mailbox, if there is one."""
    if not current_app.config["INBOUND_IMAP_URL"] or not _turn.acquire(blocking=False):
        return
    try:
        begin_reading()
        take_all()
    except (ImapToolsError, imaplib.IMAP4.error, OSError) as error:
        # Tomorrow's password, a server that is restarted: the next minute tries again, and `netz check` says it.
        log.warning("The mailbox could not be read: %s", type(error).__name__)
    finally:
        _turn.release()


def take_all() -> int:
    """Take every mail for us; return how many. Raises `ImapToolsError`, `IMAP4.error` or `OSError`."""
    settings = Mailbox.of(current_app.config["INBOUND_IMAP_URL"])
    taken = 0
    with opened(settings) as mailbox:
        validity = mailbox.folder.status(settings.folder, ["UIDVALIDITY"])["UIDVALIDITY"]
        for uid in mailbox.uids():
            place = (settings.folder, validity, uid)
            if stopping() or taken == _AT_ONCE:
                break
            if place not in _left_alone:
                taken += _took(mailbox, place, settings)
    return taken


@contextmanager
def opened(settings: Mailbox) -> Iterator[BaseMailBox]:
    """Yield the mailbox, signed in, its folder chosen."""
    if settings.is_encrypted:
        context = ssl.create_default_context()
        mailbox: BaseMailBox = MailBox(settings.host, settings.port, timeout=_TIMEOUT, ssl_context=context)
    else:
        mailbox = MailBoxUnencrypted(settings.host, settings.port, timeout=_TIMEOUT)
    try:
        mailbox.login(settings.name, settings.password, initial_folder=settings.folder)
        yield mailbox
    finally:
        with suppress(imaplib.IMAP4.error, OSError):  # a connection that broke needs no farewell
            mailbox.client.logout()


def _took(mailbox: BaseMailBox, place: tuple[str, int, str], settings: Mailbox) -> bool:
    """Return whether this mail is dealt with; one that cannot be kept now stays for the next look."""
    uid = place[2]
    head = _fetched(mailbox, uid, "BODY.PEEK[HEADER]")
    recipients = _recipients_of(head)
    db.session.rollback()  # no transaction stays open while a slow server sends a large mail
    if not recipients:
        _left_alone.add(place)
        return False
    is_too_large = _size_of(mailbox, uid) > current_app.config["INBOUND_LIMIT"]
    if is_too_large:  # it must not fill our memory
        verdicts = take_for_each(head, recipients, cut=_TOO_LARGE)
    else:
        verdicts = take_for_each(_fetched(mailbox, uid, "BODY.PEEK[]"), recipients)
    if any(verdict.is_later for verdict in verdicts):
        return False
    if is_too_large and not settings.done:
        _left_alone.add(place)  # deleted, nobody would have it
    else:
        _put_away(mailbox, uid, settings.done)
    return True


def _fetched(mailbox: BaseMailBox, uid: str, part: str) -> bytes:
    """Return this part of a mail, as it is and without marking it as read; nothing when it is gone."""
    _status, answer = mailbox.client.uid("FETCH", uid, f"({part})")
    return next((piece[1] for piece in answer if isinstance(piece, tuple)), b"")


def _size_of(mailbox: BaseMailBox, uid: str) -> int:
    """Return the octets of a mail as the server counts them; 0 when it does not say."""
    _status, answer = mailbox.client.uid("FETCH", uid, "(RFC822.SIZE)")
    found = _SIZE.search(b" ".join(piece for piece in answer if isinstance(piece, bytes)))
    return int(found[1]) if found else 0


def _recipients_of(head: bytes) -> list[str]:
    """Return our addresses this mail was for: where the server noted them, only those, else all in To and Cc."""
    message = email.message_from_bytes(head)
    for fields in _RECIPIENT_FIELDS:
        found = [address for name in fields for address in addresses_in(message.get_all(name, [])) if door_of(address)]
        if found:
            return list(dict.fromkeys(address.lower() for address in found))
    return []


def _put_away(mailbox: BaseMailBox, uid: str, folder: str) -> None:
    if not folder:
        mailbox.delete(uid)
        return
    if not mailbox.folder.exists(folder):
        mailbox.folder.create(folder)
    mailbox.move(uid, folder)
