"""A mail that kills the worker: it is found out, and set aside, so that the rest goes on.

An error of our own code is caught where it happens. Here is what no process can catch: memory runs out, a library
written in C falls over. So the worker notes in the database which mail it is making octets of, and whoever finds the
claims of a dead worker counts that mail as the one it died of.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, update

from app.database import db
from app.mail.models import Attempt, Delivery, DeliveryState, Mail

#: So many workers in a row may die of a mail.
MOST = 3


class CrashingMail(Exception):
    """Workers died of this mail, one after another; it is not tried again."""


BEGIN = update(Mail).where(Mail.id == bindparam("mail"), Mail.crashes < MOST).values(preparing=bindparam("worker"))
END = update(Mail).where(Mail.id == bindparam("mail")).values(preparing="", crashes=0)
# Before the claims of the dead are given back: they are what tells who is dead.
COUNT = (
    update(Mail)
    .where(
        Mail.preparing != "",
        Mail.preparing.in_(
            select(Delivery.claimed_by).where(
                Delivery.state == DeliveryState.SENDING, Delivery.claimed_until < bindparam("now")
            )
        ),
    )
    .values(preparing="", crashes=Mail.crashes + 1)
)


def set_aside() -> list[tuple[str, str, int]]:
    """Return what failed although no server ever answered, newest first: subject, reason, number of recipients."""
    answered = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.code.is_not(None)).exists()
    query = (
        select(Mail.subject, Delivery.reply, func.count())
        .join(Delivery, Delivery.mail_id == Mail.id)
        .where(Delivery.state == DeliveryState.FAILED, ~answered)
        .group_by(Mail.id, Mail.subject, Delivery.reply)
        .order_by(Mail.id.desc())
    )
    return [(subject, reply, number) for subject, reply, number in db.session.execute(query)]
