"""A mail that kills the worker: it is found out, and set aside, so that the rest goes on.

An error of our own code is caught where it happens. Here is what no process can catch: memory runs out, a library
written in C falls over. So the worker notes in the database which mail it is making octets of, and whoever finds the
claims of a dead worker counts that mail as the one it died of.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, func, select, update

from app.database import db
from app.mail.models import SET_ASIDE, Attempt, Delivery, DeliveryState, Mail

#: So many workers in a row may die of a mail; `SET_ASIDE` says the same.
MOST = 3
#: So many mails set aside are named at most.
MOST_NAMED = 20


class CrashingMail(Exception):
    """Workers died of this mail, one after another; it is not tried again."""


BEGIN = update(Mail).where(Mail.id == bindparam("mail"), Mail.crashes < MOST).values(preparing=bindparam("worker"))
END = update(Mail).where(Mail.id == bindparam("mail")).values(preparing="", crashes=0)
# Before the claims of the dead are given back: they are what tells who is dead. Whoever makes octets of a mail has
# claimed one of its deliveries, so only the few mails of those claims are looked at.
_of_the_dead = (Delivery.state == DeliveryState.SENDING) & (Delivery.claimed_until < bindparam("now"))
COUNT = (
    update(Mail)
    .where(
        Mail.id.in_(select(Delivery.mail_id).where(_of_the_dead)),
        Mail.preparing.in_(select(Delivery.claimed_by).where(_of_the_dead)),
        Mail.preparing != "",
    )
    .values(preparing="", crashes=Mail.crashes + 1)
)


def number_set_aside() -> int:
    """Return how many mails lie aside because workers died of them."""
    return db.session.scalar(select(func.count(Mail.id)).where(SET_ASIDE)) or 0


def set_aside() -> list[tuple[str, str, int]]:
    """Return the newest of these mails, newest first: subject, reason, number of recipients it did not go to."""
    answered = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.code.is_not(None)).exists()
    query = (
        select(Mail.subject, Delivery.reply, func.count())
        .join(Delivery, Delivery.mail_id == Mail.id)
        .where(SET_ASIDE, Delivery.state == DeliveryState.FAILED, ~answered)
        .group_by(Mail.id, Mail.subject, Delivery.reply)
        .order_by(Mail.id.desc())
        .limit(MOST_NAMED)
    )
    return [(subject, reply, number) for subject, reply, number in db.session.execute(query)]


def try_anew(mail_ids: Collection[int]) -> None:
    """Let those of these mails that were set aside be made again; nobody is making them at this moment."""
    anew = update(Mail).where(Mail.id.in_(mail_ids), SET_ASIDE).values(preparing="", crashes=0)
    db.session.execute(anew.execution_options(synchronize_session=False))
