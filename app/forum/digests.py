"""Digests: what somebody wants collected comes in one mail, each morning or on Monday.

What is to be done follows from what waits, not from the clock: a message's delivery waits in the state DIGEST until a
digest holds it, and a moment is past as soon as it is past. So a worker that was away for three days, killed in the
middle or started twice leaves nothing out and repeats nothing. Each digest commits with all that it takes up.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app import queue
from app.accounts.models import User
from app.database import PASSING_TROUBLE, begin_reading, begin_writing, db, utc_now
from app.forum import digest_mail, extending
from app.forum.digest_mail import Part
from app.forum.models import Digest, Message
from app.mail import carrying, copies, standing_in
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.deputies import deputies_in, names_for
from app.networks.models import Rhythm
from app.networks.recipients import ways_now
from app.networks.rhythm import HOLD_REASONS, last_moment, next_moment
from app.registry import Recipient, Refusal, ids_in

log = logging.getLogger(__name__)

_GONE = "zurückgezogen"
_AFTER_A_FAULT = timedelta(hours=1)
_LONGEST_PAUSE = 0.1  # seconds between two digests; who waits for the lock looks once in that time


class Unwanted(NamedTuple):
    """What waits for a digest and is in none after all."""

    delivery_id: int
    audience: str
    about: str
    reason: str
    deputy: str | None  # the key of who has it already


class TakenMeanwhile(Exception):
    """Another worker has put the same messages into a digest at this moment."""


@queue.job("digests", every_minute=True)
def make_digests() -> None:
    """Note what became of the digests sent, and make those that are due."""
    begin_reading()
    if db.session.scalar(carrying.unsettled().limit(1)) is not None:
        db.session.remove()
        begin_writing()
        _settle()
        db.session.commit()
        while carrying.settle_lost():
            db.session.commit()
    made = 0
    for key in _due_keys():
        if queue.stopping():
            break
        db.session.remove()
        begin_writing()
        began = time.monotonic()
        try:
            number, unwanted = make_for(key)
            db.session.commit()
            made += number
            for each in unwanted:
                # Whoever held the copies of one mail after those of another could wait in a circle with others
                # (`copies.hold()`). Nearly always there is none, and who pauses has a few waiting, once.
                _end(key, each)
                db.session.commit()
        except (IntegrityError, TakenMeanwhile):
            log.info("Another worker made the digest for %s", key)
            db.session.rollback()
        except PASSING_TROUBLE:  # the next minute tries it again
            log.exception("The digest for %s could not be written", key)
            db.session.rollback()
        except Exception:  # one digest our code cannot write must not stop all others
            log.exception("The digest for %s cannot be made", key)
            db.session.rollback()
            _try_again_later(key)
            db.session.commit()
        _let_others_write(time.monotonic() - began)
    if made:
        queue.wake("outbox")


def _let_others_write(seconds: float) -> None:
    """Leave SQLite's write lock alone for as long as it was held, at most a tenth of a second.

    Who waits for it sleeps, a tenth of a second at a time, and gives up after twenty seconds: one digest after another
    without a pause would keep it from everybody, for a minute or two when there are two thousand.
    """
    if db.engine.dialect.name == "sqlite":
        time.sleep(min(seconds, _LONGEST_PAUSE))


def make_for(key: str) -> tuple[int, list[Unwanted]]:
    """Put the digests that are due for this recipient into the outbox. Does not commit.

    Rights and wishes are looked at anew for each message. Returns how many digests there are, and what is in none and
    is to be ended: each by itself, because whoever ends it holds all copies of that mail. Raises `IntegrityError` or
    `TakenMeanwhile` when another worker was faster.
    """
    now, user_id = utc_now(), int(key.partition(":")[2])
    due: dict[Rhythm, list[Part]] = defaultdict(list)
    wanted, unwanted = _looked_at(key)
    for part in wanted:
        moment = next_moment(part.rhythm, part.ready_at)
        if moment <= now and not _is_made(user_id, part.rhythm, now):
            due[part.rhythm].append(part)
        else:
            # The wish has changed, or today's digest had gone when this came: it is in the next one.
            _wait_until(part, max(moment, next_moment(part.rhythm, now + timedelta(microseconds=1))))
    for rhythm, parts in due.items():
        _make(db.session.get_one(User, user_id), rhythm, parts, now)
    return len(due), unwanted


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Say whether a digest ("digest:7") may still be sent as it is; else it is made anew without what may not be."""
    held = select(Mail.audience, Mail.withdrawn_at, Delivery.state).join(Delivery, Delivery.mail_id == Mail.id)
    of_digest = select(Delivery.id).join(Digest, Digest.mail_id == Delivery.mail_id)
    carriers = of_digest.where(Digest.id == int(audience.partition(":")[2]))
    rows = db.session.execute(held.where(Delivery.carried_by_id.in_(carriers))).all()
    is_whole = bool(rows) and all(row.state is not DeliveryState.CANCELLED and row.withdrawn_at is None for row in rows)
    audiences = {row.audience for row in rows}
    return {key: _answer(key, audiences) if is_whole else _remade() for key in keys}


def _answer(key: str, audiences: set[str]) -> Recipient | Refusal:
    if any(isinstance(ways_now(audience, [key])[key], Refusal) for audience in audiences):
        return _remade()
    user = db.session.get(User, int(key.partition(":")[2]))
    if user is None or not user.email:
        return Refusal("nimmt nicht mehr teil")
    # Whose mail it is besides: a deputy has the messages of those they stand in for by their own deliveries.
    names = [name for audience in audiences for name in names_for(user.id, ids_in(audience))]
    return Recipient(user.email, user.name, user.id, stands_in_for=", ".join(dict.fromkeys(names)))


def _remade() -> Refusal:
    return Refusal(carrying.REMADE, still_belongs=True)


def _settle() -> None:
    carrying.settle()
    stopped = exists().where(Delivery.mail_id == Digest.mail_id, Delivery.state == DeliveryState.CANCELLED)
    db.session.execute(delete(Digest).where(stopped).execution_options(synchronize_session=False))


def _due_keys() -> list[str]:
    due = select(Delivery.recipient_key).where(carrying.waiting_for_digest(), Delivery.due_at <= utc_now())
    return list(db.session.scalars(due.distinct().order_by(Delivery.recipient_key)))


def _looked_at(key: str) -> tuple[list[Part], list[Unwanted]]:
    """Return what waits for this recipient in the order it was written, and what may not be sent any more."""
    query = (
        select(Delivery.id, Mail.audience, Mail.about, Mail.date)
        .join(Mail, Mail.id == Delivery.mail_id)
        .where(Delivery.recipient_key == key, carrying.waiting_for_digest())
    )
    rows = db.session.execute(query).all()
    ways = {audience: ways_now(audience, [key])[key] for audience in {row.audience for row in rows}}
    messages, notes = _messages(row.about for row in rows), extending.notes_on([row.about for row in rows])
    wanted, unwanted = [], []
    for id, audience, about, mailed_at in rows:
        way = ways[audience]
        message, note = notes.get(about) or (messages.get(about), "")
        if not isinstance(way, Refusal) and (deputy := _deputy_with(key, audience, about)):
            unwanted.append(Unwanted(id, audience, about, standing_in.reason(deputy.name), deputy.key))
        elif message is None or isinstance(way, Refusal):
            reason = way.reason if isinstance(way, Refusal) else _GONE
            unwanted.append(Unwanted(id, audience, about, reason, None))
        elif note is not None:  # else it waits until that is settled
            ready_at = mailed_at if note else message.mails_at
            wanted.append(Part(id, message, way.network_id, way.rhythm, ready_at, note))
    return sorted(wanted, key=lambda part: part.message.id), unwanted


def _end(key: str, unwanted: Unwanted) -> None:
    copies.hold(db.session, [unwanted.delivery_id])
    # If the deputy's has failed at this moment, the next minute finds that it is the person's.
    if not unwanted.deputy or _deputy_with(key, unwanted.audience, unwanted.about):
        carrying.end(unwanted.delivery_id, unwanted.reason, unwanted.deputy)


def _deputy_with(key: str, audience: str, about: str) -> User | None:
    """Return the deputy who gets this message already, if somebody stands in for its reader."""
    deputy_id = deputies_in(ids_in(audience)).get(int(key.partition(":")[2]))
    of_deputy = select(Delivery.id).join(Mail).where(Mail.about == about, Delivery.recipient_key == f"user:{deputy_id}")
    without_it = Delivery.state.in_((DeliveryState.CANCELLED, DeliveryState.FAILED))
    if deputy_id is None or db.session.scalar(of_deputy.where(~without_it)) is None:
        return None
    return db.session.get_one(User, deputy_id)


def _messages(keys: Iterable[str]) -> dict[str, Message]:
    ids = [int(key.removeprefix("message:")) for key in keys if key.startswith("message:")]
    query = select(Message).where(Message.id.in_(ids)).options(selectinload(Message.thread))
    return {message.key: message for message in db.session.scalars(query)}


def _is_made(user_id: int, rhythm: Rhythm, now: datetime) -> bool:
    made = select(Digest.id).filter_by(user_id=user_id, rhythm=rhythm, period=last_moment(rhythm, now))
    return db.session.scalar(made) is not None


def _wait_until(part: Part, moment: datetime) -> None:
    waits = update(Delivery).where(Delivery.id == part.delivery_id, carrying.waiting_for_digest())
    reason = HOLD_REASONS.get(part.rhythm, "")
    db.session.execute(waits.values(due_at=moment, reply=reason).execution_options(synchronize_session=False))


def _make(user: User, rhythm: Rhythm, parts: Sequence[Part], now: datetime) -> None:
    digest = Digest(user_id=user.id, rhythm=rhythm, period=last_moment(rhythm, now))
    db.session.add(digest)
    db.session.flush()
    mail = digest_mail.digest(user, digest, parts)
    digest.mail_id = mail.id
    carrier = select(Delivery.id).where(Delivery.mail_id == mail.id)
    if not carrying.carry([part.delivery_id for part in parts], db.session.scalars(carrier).one()):
        raise TakenMeanwhile


def _try_again_later(key: str) -> None:
    waits = update(Delivery).where(Delivery.recipient_key == key, carrying.waiting_for_digest())
    later = waits.values(due_at=utc_now() + _AFTER_A_FAULT)
    db.session.execute(later.execution_options(synchronize_session=False))
