"""Mails that were set aside because the worker died of them, and sending one of them once more.

Of messages to all it tells the subject and leads to the Zustellbericht; of other mail only what kind it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, case, cast, func, literal, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import User
from app.database import db
from app.deliveries.person_mails import KINDS, OTHER
from app.forum.models import Message, Thread
from app.mail import crashing
from app.mail.models import SET_ASIDE, Delivery, Mail

_MESSAGE = "message:"


@dataclass(frozen=True)
class SetAside:
    """One mail; `thread` is None for all but messages."""

    id: int
    kind: str
    written_at: datetime
    missing: int  # recipients it did not go to
    message_id: int | None
    thread: Thread | None


def mails_set_aside() -> list[SetAside]:
    """Return the newest of them, newest first."""
    missing = func.count(case((crashing.is_missing(), 1)))
    found = db.session.execute(
        select(Mail.id, Mail.event, Mail.date, Mail.about, missing)
        .outerjoin(Delivery, Delivery.mail_id == Mail.id)
        .where(SET_ASIDE)
        .group_by(Mail.id, Mail.event, Mail.date, Mail.about)
        .order_by(Mail.id.desc())
        .limit(crashing.MOST_NAMED)
    ).all()
    threads = _threads([row.about for row in found])
    return [
        SetAside(id, str(KINDS.get(event, OTHER)), date, missing, *threads.get(about, (None, None)))
        for id, event, date, about, missing in found
    ]


def _threads(abouts: Sequence[str]) -> dict[str, tuple[int, Thread]]:
    """Of those that tell of a message: its id and its thread."""
    ids = [int(about.removeprefix(_MESSAGE)) for about in abouts if about.startswith(_MESSAGE)]
    query = select(Message.id, Thread).join(Message.thread).where(Message.id.in_(ids))
    return {f"{_MESSAGE}{id}": (id, thread) for id, thread in db.session.execute(query)}


def deliveries_of(mail_id: int) -> Select[Delivery, str]:
    """The deliveries of a mail that was set aside, with the recipients' names where they are known."""
    return (
        select(Delivery, User.name)
        .join(Mail, Mail.id == Delivery.mail_id)
        .options(contains_eager(Delivery.mail).load_only(Mail.audience, Mail.withdrawn_at))
        .outerjoin(User, Delivery.recipient_key == literal("user:") + cast(User.id, String))
        .where(Mail.id == mail_id, SET_ASIDE)
        .order_by(Delivery.id)
    )
