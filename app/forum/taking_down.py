"""Taking a sent message down: what it said goes from wherever the portal keeps it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.audit.recording import record
from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.files.models import StoredFile
from app.forum import extending, mails
from app.forum.models import Message
from app.mail import incoming, outbox, recalling

#: In place of the subject of a thread whose first message is gone: client data slips into subjects, too.
SUBJECT = "Entfernte Nachricht"

#: A line this long, in characters, that stands in another message as well was quoted.
_QUOTED_FROM = 20
_MARKS = re.compile(r"^[>\s]+")


def take_down(message: Message, by: User, reason: str) -> int:
    """Remove a message's text, subject and files for good, and ask those who got it by mail to delete it.

    What waits goes to nobody; the mails kept of it, and digests that hold it, say no more what they said. Returns to
    how many the request to delete it goes. Raises `DomainError` if it is removed already.
    """
    if message.taken_down_at:
        raise DomainError(_("Diese Nachricht ist schon entfernt."))
    outbox.withdraw(message.key)
    keys = who_got(message)
    with force_locale("de"):
        _redact_mails(message)
        _record(message, by, reason, len(keys))
    extending.end(message)
    for file in db.session.scalars(StoredFile.owned_by(message.key)):
        keeping.drop(file)
    message.body = ""
    message.taken_down_at = utc_now()
    message.taken_down_by = by.name
    if _is_first(message):
        message.thread.subject = SUBJECT
    if keys:
        mails.taken_down(message, keys, by.name)
    return len(keys)


def who_got(message: Message) -> Sequence[str]:
    """Return the keys of those who have the message as mail, or get it at this moment."""
    return recalling.who_got(message.key)


def quoting(message: Message) -> Sequence[Message]:
    """Return the later messages of the thread that repeat a line of this one; they are not touched."""
    lines = set(_lines(message.body))
    later = select(Message).where(Message.thread_id == message.thread_id, Message.id > message.id).order_by(Message.id)
    return [each for each in db.session.scalars(later) if lines.intersection(_lines(each.body))] if lines else []


def _redact_mails(message: Message) -> None:
    sentence = _("Diese Nachricht wurde entfernt.")
    # The whole text of an answer by mail repeats what it answers; of those that came later only their own words stay.
    incoming.empty(*(each.key for each in message.thread.messages if each.id >= message.id))
    recalling.redact(message.key, f"[{message.thread.home.name}] {SUBJECT}", sentence)
    if _is_first(message):
        for answer in message.thread.messages[1:]:
            recalling.reword(answer.key, message.thread.subject, SUBJECT)


def _record(message: Message, by: User, reason: str, handed_over: int) -> None:
    summary = _(
        "Nachricht %(id)s von %(author)s im Netz „%(network)s“ entfernt; %(count)s hatten sie schon per Mail.",
        id=message.id,
        author=message.author_name,
        network=message.thread.home.name,
        count=handed_over,
    )
    record("message.taken-down", actor=by, about=message.key, summary=summary, reason=reason)


def _is_first(message: Message) -> bool:
    return message.thread.messages[0] is message


def _lines(body: str) -> Sequence[str]:
    bare = (_MARKS.sub("", line).strip() for line in body.splitlines())
    return [line for line in bare if len(line) >= _QUOTED_FROM]
