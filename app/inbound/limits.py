"""How much mail of whom is used and answered, so that nobody floods the portal, or others through it.

A sender address is written by whoever writes the mail. So what counts against somebody is counted apart for what is
proven to be theirs and for what only bears their address: nobody uses up another's share.
"""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, or_, select

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Message
from app.forum.subjects import bare_subject
from app.inbound.doors import Door, Kind
from app.inbound.vouching import is_vouched_for
from app.mail.incoming import IncomingMail, Standing
from app.mail.reading import ReceivedMail

#: Mails of one sender in an hour that are used or answered. More than that, no person writes.
MOST_IN_AN_HOUR = 30

#: The same mail so often before on one day is a program's; people do write "Danke!" more often.
MOST_ALIKE, MOST_ALIKE_SHORT = 3, 5
_SHORT = 40  # characters
_VARYING = re.compile(r"[\d\s]+")

#: Answers and questions to one person in an hour.
ANSWERS_IN_AN_HOUR = 10

#: Answers to strangers, all together: (hours, answers). Who forges senders makes us write to those whose they are.
ANSWERS_TO_STRANGERS = ((1, 10), (24, 30))


def standing_of(mail: ReceivedMail, door: Door) -> Standing:
    """Return what is known of the sender of a mail that came in at this door."""
    sender = db.session.scalar(User.by_email(mail.sender)) if mail.sender else None
    vouched = is_vouched_for(mail)
    if door.reply:
        is_owner = sender is not None and sender.id == door.reply.owner_id
        return Standing.PROVEN if is_owner and vouched is not False else Standing.HOLDS_ADDRESS
    if sender is None:
        return Standing.STRANGER
    return Standing.PROVEN if vouched else Standing.CLAIMED


def wrote_too_much(incoming: IncomingMail) -> bool:
    """Whether this sender has written more in an hour than a person does."""
    return _number(*_of_sender(incoming)) > MOST_IN_AN_HOUR


def likeness(mail: ReceivedMail, door: Door) -> str:
    """Return what is the same for mails of one sender to one door that say the same, whatever numbers they give."""
    said = "\0".join((mail.sender, door.name, bare_subject(mail.subject), mail.text))
    return hashlib.sha256(_VARYING.sub("", said.lower()).encode(errors="replace")).hexdigest()[:32]


def repeats_itself(incoming: IncomingMail, mail: ReceivedMail, door: Door) -> bool:
    """Whether a program answers each mail without saying that it is one: the same again, or our own words back."""
    alike = _number(*_of_sender(incoming), IncomingMail.likeness == incoming.likeness, hours=24) - 1
    is_short = len(mail.text) < _SHORT
    return alike >= (MOST_ALIKE_SHORT if is_short else MOST_ALIKE) or (not is_short and _gives_back(mail, door))


def may_be_answered(incoming: IncomingMail, mail: ReceivedMail, to: User | None) -> bool:
    """Whether the sender may be told what became of their mail; `to` is who they are, if we know them."""
    if not incoming.sender or (to and not to.email) or mail.kind == "automatic":
        return False
    if to is None:
        return _may_be_somebody(mail) and _may_answer_strangers(incoming)
    return _number(*_of_sender(incoming), _is_answered) < ANSWERS_IN_AN_HOUR


def was_asked_enough(incoming: IncomingMail, owner: User) -> bool:
    """Whether this person was asked about others' mails so often in an hour that they are asked no more."""
    like_this = IncomingMail.standing == incoming.standing
    return _number(IncomingMail.owner_key == owner.key, like_this) >= ANSWERS_IN_AN_HOUR


def _gives_back(mail: ReceivedMail, door: Door) -> bool:
    """Whether the text is that of somebody else's message in the thread."""
    if door.kind is not Kind.TO_ALL or door.reply is None:
        return False
    of_others = or_(Message.author_id.is_(None), Message.author_id != door.reply.owner_id)
    latest = select(Message.body).where(Message.thread_id == door.reply.target_id, of_others)
    bodies = db.session.scalars(latest.order_by(Message.id.desc()).limit(20))
    return mail.text.split() in [body.split() for body in bodies]


def _may_be_somebody(mail: ReceivedMail) -> bool:
    """Whether an answer to this stranger reaches who wrote it: not a list, nor whose address was used by others."""
    is_of_list = any(mail.headers.get(name) for name in ("List-Id", "List-Unsubscribe", "List-Post"))
    is_spam = mail.headers.get("X-Spam-Flag").strip().lower() == "yes"
    is_genuine = is_vouched_for(mail) if current_app.config["TRUSTED_AUTHSERV_ID"] else True
    return bool(is_genuine) and not is_of_list and not is_spam


def _may_answer_strangers(incoming: IncomingMail) -> bool:
    if _number(IncomingMail.sender == incoming.sender, _is_answered, hours=24):
        return False  # one a day is enough
    are_strangers = IncomingMail.standing.in_((Standing.STRANGER, Standing.HOLDS_ADDRESS))
    nobodys = (are_strangers, IncomingMail.owner_key == "", _is_answered)
    return all(_number(*nobodys, hours=hours) < most for hours, most in ANSWERS_TO_STRANGERS)


_is_answered = IncomingMail.answered_at.is_not(None)


def _of_sender(incoming: IncomingMail) -> tuple[object, ...]:
    return IncomingMail.sender == incoming.sender, IncomingMail.standing == incoming.standing


def _number(*criteria: object, hours: int = 1) -> int:
    since = IncomingMail.received_at > utc_now() - timedelta(hours=hours)
    query = select(func.count(IncomingMail.id)).where(since, *criteria)  # type: ignore[arg-type]  # clauses
    return db.session.scalar(query) or 0
