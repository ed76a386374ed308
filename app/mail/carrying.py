"""Deliveries that travel in another mail, a digest: which wait for one, which it holds, what became of them.

A message keeps its own delivery for each of its recipients, so that its Zustellbericht counts everybody. Whoever gets
it collected has a delivery in the state DIGEST; once a digest holds its text, `carried_by_id` names the digest's
delivery, and what becomes of that becomes of it. A digest that is stopped gives back what it held, for the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, or_, select, update
from sqlalchemy.orm import aliased

from app.database import db, utc_now
from app.mail import copies
from app.mail.models import Delivery, DeliveryState, Mail

_carrier = aliased(Delivery)
_carried = aliased(Delivery)
_HANDED_OVER = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.FAILED)
_ENDED = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.CANCELLED)
#: Why a digest was stopped; another without what may not be sent follows.
REMADE = "wird neu zusammengestellt"
_is_withdrawn = exists().where(Mail.id == _carrier.mail_id, Mail.withdrawn_at.is_not(None))
_is_stopped = and_(_carrier.state == DeliveryState.CANCELLED, or_(_carrier.reply == REMADE, _is_withdrawn))


def waiting_for_digest() -> ColumnElement[bool]:
    """Whether a delivery waits for a digest that does not exist yet."""
    return and_(Delivery.state == DeliveryState.DIGEST, Delivery.carried_by_id.is_(None))


def carry(delivery_ids: Collection[int], carrier_id: int) -> bool:
    """Let a digest's delivery hold these; return False if another has taken one of them meanwhile."""
    taken = db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(delivery_ids), waiting_for_digest())
        .values(carried_by_id=carrier_id)
        .execution_options(synchronize_session=False)
    )
    return int(taken.rowcount) == len(delivery_ids)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def end(delivery_id: int, reason: str, deputy: str | None) -> None:
    """Note why a delivery that waited for a digest is in none after all; `deputy` is the key of who has it already.

    Call `copies.hold()` for it before, and before finding out that the deputy has it.
    """
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, waiting_for_digest())
        .values(state=DeliveryState.CANCELLED, finished_at=utc_now(), reply=reason, stood_in_by=deputy)
        .execution_options(synchronize_session=False)
    )
    copies.give_to_persons(db.session, [delivery_id])


def look_anew(recipient_key: str) -> None:
    """Let what waits for a digest of this recipient be looked at now: they want it by another rhythm."""
    waiting = update(Delivery).where(Delivery.recipient_key == recipient_key, waiting_for_digest())
    db.session.execute(waiting.values(due_at=utc_now()).execution_options(synchronize_session=False))


def settle() -> int:
    """Pass on that digests arrived, or are no more, to what they held; return how many deliveries that concerns.

    Those of a digest that was stopped for what it held wait for another. Whatever else kept it from being sent (the
    reader's address is silent) would keep the next one, too, and ends them with it (`settle_lost()`).
    """
    again = _pass_on(or_(_carrier.id.is_(None), _is_stopped), carried_by_id=None)
    arrived = _pass_on(_carrier.state == DeliveryState.SENT, state=DeliveryState.SENT, **_outcome())
    return len(again) + len(arrived)


def settle_lost() -> bool:
    """Pass on of one mail that its digests did not reach their readers, after `settle()`; False: there is none.

    What a deputy does not get by a digest goes to the person. Commit before the next: whoever held the copies of one
    mail after those of another could wait in a circle with others (`copies.hold()`). That is a transaction for each
    message the lost digests held, however many readers they had.
    """
    lost = unsettled().where(_carrier.state.in_((DeliveryState.FAILED, DeliveryState.CANCELLED)), ~_is_stopped)
    of_one = lost.with_only_columns(_carried.mail_id).order_by(_carried.mail_id).limit(1).scalar_subquery()
    ids = db.session.scalars(lost.where(_carried.mail_id == of_one)).all()
    copies.hold(db.session, ids)
    ended: list[int] = []
    for state in (DeliveryState.FAILED, DeliveryState.CANCELLED):
        is_so = and_(_carried.id.in_(ids), _carrier.state == state, ~_is_stopped)
        ended += _pass_on(is_so, state=state, **_outcome())
    copies.give_to_persons(db.session, ended)
    return bool(ended)


def share_report(carrier: Delivery) -> None:
    """Let what a report said about a digest stand at each delivery whose text it held."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.carried_by_id == carrier.id, Delivery.state.in_((DeliveryState.SENT, DeliveryState.FAILED)))
        .values(
            state=carrier.state,
            reply=carrier.reply,
            reported_at=carrier.reported_at,
            finished_at=carrier.finished_at,
        )
    )


def await_anew(carrier: Delivery) -> None:
    """Let what this digest holds, and what failed with it, learn what becomes of it now that it is sent once more."""
    failed = update(Delivery).where(Delivery.carried_by_id == carrier.id, Delivery.state == DeliveryState.FAILED)
    waits = failed.values(state=DeliveryState.DIGEST, reply="", finished_at=None, reported_at=None)
    db.session.execute(waits.execution_options(synchronize_session=False))


def unsettled() -> Select[int]:
    """The ids of deliveries whose digest has come to an end, or is gone, which they do not show yet."""
    return (
        select(_carried.id)
        .outerjoin(_carrier, _carrier.id == _carried.carried_by_id)
        .where(_carried.state == DeliveryState.DIGEST, _carried.carried_by_id.is_not(None))
        .where(or_(_carrier.id.is_(None), _carrier.state.in_(_ENDED)))
    )


def stop_those_with(mail_ids: Select[int]) -> None:
    """Stop the digests that hold one of these mails and wait; those being handed over are not tried again."""
    carriers = select(_carried.carried_by_id).where(_carried.mail_id.in_(mail_ids), _carried.carried_by_id.is_not(None))
    digests = select(_carrier.mail_id).where(_carrier.id.in_(carriers), _carrier.finished_at.is_(None))
    now = utc_now()
    db.session.execute(
        update(Mail).where(Mail.id.in_(digests)).values(withdrawn_at=now).execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Delivery)
        .where(Delivery.id.in_(carriers), Delivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.CANCELLED, reply=REMADE, finished_at=now)
        .execution_options(synchronize_session=False)
    )


def holds(mail_ids: Select[int]) -> ColumnElement[bool]:
    """Whether a mail is a digest that holds one of these mails, and is not being handed over at this moment."""
    carriers = select(_carried.carried_by_id).where(_carried.mail_id.in_(mail_ids), _carried.carried_by_id.is_not(None))
    digests = select(_carrier.mail_id).where(_carrier.id.in_(carriers), _carrier.state != DeliveryState.SENDING)
    return Mail.id.in_(digests)


def is_not_on_its_way() -> ColumnElement[bool]:
    """Whether a delivery waits for a digest, or is in one that will not be sent."""
    moving = select(_carrier.id).where(_carrier.id == Delivery.carried_by_id, _carrier.state.in_(_HANDED_OVER))
    return and_(Delivery.state == DeliveryState.DIGEST, or_(Delivery.carried_by_id.is_(None), ~moving.exists()))


def carried_by(carrier_id: int) -> Sequence[int]:
    """Return the ids of the deliveries whose texts a digest holds."""
    return db.session.scalars(select(Delivery.id).where(Delivery.carried_by_id == carrier_id)).all()


def _pass_on(ended: ColumnElement[bool], **values: object) -> Sequence[int]:
    changed = (
        update(Delivery)
        .where(Delivery.id.in_(unsettled().where(ended)))
        .values(**values)
        .returning(Delivery.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.scalars(changed).all()


def _outcome() -> dict[str, ScalarSelect[object]]:
    return {name: _of(name) for name in ("address", "reply", "finished_at", "reported_at")}


def _of(column: str) -> ScalarSelect[object]:
    """Return the value of the digest's delivery."""
    value: ScalarSelect[object] = (
        select(getattr(_carrier, column)).where(_carrier.id == Delivery.carried_by_id).scalar_subquery()
    )
    return value
