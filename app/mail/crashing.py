"""A mail that workers die of: it is found out, and set aside, so that the rest goes on.

An error of our own code is caught where it happens. Here is what no process can catch: memory runs out, a library
written in C falls over. So the worker notes in the database which mail it is making octets of, and whoever finds the
claims of a dead worker counts that mail as the one it died of.

A worker that was killed from outside in that moment looks the same from here, however often that befalls one mail. So
a mail that was set aside is tried once more after an hour, after six more and after a day more, and only who dies of
it then, too, lets it fail.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, or_, select, update

from app.database import UTCDateTime, db, utc_now
from app.mail.models import SET_ASIDE, Attempt, Delivery, DeliveryState, Mail

#: So many workers in a row may die of a mail; `SET_ASIDE` says the same.
MOST = 3
#: How long a mail that was set aside rests before it is tried again; who dies of it after the last lets it fail.
RESTS = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
#: So many mails set aside are named at most.
MOST_NAMED = 20


class CrashingMail(Exception):
    """Workers died of this mail, one after another; `until` is when it is tried once more, None: it is not."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__()
        self.until = until


_may_be_tried = or_(Mail.crashes < MOST, Mail.rests_until <= bindparam("now"))
_BEGIN = update(Mail).where(Mail.id == bindparam("mail"), _may_be_tried).values(preparing=bindparam("worker"))
_RESTS_UNTIL = select(Mail.rests_until).where(Mail.id == bindparam("mail"))
_END = update(Mail).where(Mail.id == bindparam("mail")).values(preparing="", crashes=0, rests_until=None)
# Before the claims of the dead are given back: they are what tells who is dead. Whoever makes octets of a mail has
# claimed one of its deliveries, so only the few mails of those claims are looked at.
_of_the_dead = (Delivery.state == DeliveryState.SENDING) & (Delivery.claimed_until < bindparam("now"))
_rests = {MOST - 1 + number: bindparam(f"rest_{number}", type_=UTCDateTime()) for number in range(len(RESTS))}
# A worker that is started anew at once claims what the dead one left, writes its own name over the dead one's and dies,
# too, before the first claims run out. So whoever stands there counts for any of the dead: as long as nobody lived
# through the mail, they most probably died of it, and who does live through it makes the number nothing.
_is_told_of = or_(Mail.preparing.in_(select(Delivery.claimed_by).where(_of_the_dead)), Mail.crashes + 1 >= MOST)
_COUNT = (
    update(Mail)
    .where(Mail.id.in_(select(Delivery.mail_id).where(_of_the_dead)), Mail.preparing != "")
    .values(
        preparing=case((_is_told_of, ""), else_=Mail.preparing),
        crashes=Mail.crashes + 1,
        rests_until=case(_rests, value=Mail.crashes),
    )
)


def begin(connection: Connection, mail_id: int, worker: str) -> None:
    """Note that this worker makes octets of a mail. Raises `CrashingMail` when others died of it."""
    begun = connection.execute(_BEGIN, {"mail": mail_id, "worker": worker, "now": utc_now()})
    if not begun.rowcount:
        raise CrashingMail(connection.scalar(_RESTS_UNTIL, {"mail": mail_id}))


def end(connection: Connection, mail_id: int) -> None:
    """Note that it lived through that, with or without an error."""
    connection.execute(_END, {"mail": mail_id})


def count(connection: Connection) -> None:
    """Count each mail of claims that ran out while workers were at it; call it before these are given back."""
    now = utc_now()
    rests = {f"rest_{number}": now + rest for number, rest in enumerate(RESTS)}
    connection.execute(_COUNT, {"now": now} | rests)


def number_set_aside() -> int:
    """Return how many mails lie aside because workers died of them."""
    return db.session.scalar(select(func.count(Mail.id)).where(SET_ASIDE)) or 0


def is_missing() -> ColumnElement[bool]:
    """Whether a delivery failed, or rests with a mail that was set aside."""
    rests = and_(Delivery.state == DeliveryState.WAITING, Delivery.mail_id.in_(select(Mail.id).where(SET_ASIDE)))
    return or_(Delivery.state == DeliveryState.FAILED, rests)


def set_aside() -> list[tuple[str, str, int]]:
    """Return the newest of these mails, newest first: subject, reason, number of recipients it did not go to yet."""
    answered = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.code.is_not(None)).exists()
    query = (
        select(Mail.subject, Delivery.reply, func.count())
        .join(Delivery, Delivery.mail_id == Mail.id)
        .where(SET_ASIDE, is_missing(), Delivery.reply != "", ~answered)
        .group_by(Mail.id, Mail.subject, Delivery.reply)
        .order_by(Mail.id.desc())
        .limit(MOST_NAMED)
    )
    return [(subject, reply, number) for subject, reply, number in db.session.execute(query)]


def try_anew(mail_ids: Collection[int]) -> None:
    """Let those of these mails that were set aside be made again at once, as if nobody had died of them.

    Whoever is at one of them at this moment, after its rest, goes on; should they die of it, that one is not counted.
    """
    anew = update(Mail).where(Mail.id.in_(mail_ids), SET_ASIDE).values(preparing="", crashes=0, rests_until=None)
    db.session.execute(anew.execution_options(synchronize_session=False))
