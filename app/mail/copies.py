"""Copies of one mail, of which a deputy gets one: which is not sent because of another, and what becomes of it if that
one does not reach the deputy (app/mail/standing_in.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from app.database import utc_now
from app.mail import health
from app.mail.models import NOT_SENT, Delivery, DeliveryState, Mail

#: How the audience of a mail begins that deputies get; they get no other.
HAS_DEPUTIES = "networks:"

_same = aliased(Mail)
_IS_COPIED = (
    select(Delivery.id)
    .join(Mail, Mail.id == Delivery.mail_id)
    .join(_same, _same.message_id == Mail.message_id)
    .where(
        _same.id == bindparam("mail"),
        _same.about == Mail.about,
        Delivery.id != bindparam("id"),
        Delivery.state.in_((DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DIGEST)),
        or_(
            Delivery.recipient_key == bindparam("deputy"),
            and_(
                Delivery.recipient_key.in_(bindparam("others", expanding=True)),
                Delivery.id < bindparam("id"),
                # Theirs reached the deputy, or will when its turn comes; the person has what is noted as their own.
                Delivery.stood_in_by.is_distinct_from(Delivery.recipient_key),
                or_(Delivery.state != DeliveryState.SENT, Delivery.stood_in_by == bindparam("deputy")),
            ),
        ),
    )
    .limit(1)
)
_lost, _its_mail = aliased(Delivery), aliased(Mail)
# Whoever would have had the mail by a delivery that ended without success.
_without_it = case(
    (_lost.state == DeliveryState.FAILED, func.coalesce(_lost.stood_in_by, _lost.recipient_key)),
    else_=_lost.recipient_key,
)
_missing_at_deputies = (
    select(_same.id, _without_it)
    .join(_its_mail, and_(_its_mail.message_id == _same.message_id, _its_mail.about == _same.about))
    .join(_lost, _lost.mail_id == _its_mail.id)
    .where(
        _lost.id.in_(bindparam("ids", expanding=True)),
        _lost.state.in_((DeliveryState.FAILED, DeliveryState.CANCELLED)),
        _its_mail.audience.startswith(HAS_DEPUTIES),
        _same.withdrawn_at.is_(None),
    )
)
_THEIRS_AGAIN = (
    update(Delivery)
    .where(
        NOT_SENT,
        Delivery.state.in_((DeliveryState.FAILED, DeliveryState.CANCELLED)),
        Delivery.stood_in_by != Delivery.recipient_key,
        tuple_(Delivery.mail_id, Delivery.stood_in_by).in_(_missing_at_deputies),
    )
    .values(
        state=DeliveryState.WAITING,
        stood_in_by=Delivery.recipient_key,
        due_at=bindparam("now"),
        attempts_made=0,
        reply="",
        finished_at=None,
        reported_at=None,
    )
    .execution_options(synchronize_session=False)
)
_its_copies = (
    select(_same.id)
    .join(_its_mail, and_(_its_mail.message_id == _same.message_id, _its_mail.about == _same.about))
    .join(_lost, _lost.mail_id == _its_mail.id)
    .where(_lost.id.in_(bindparam("ids", expanding=True)), _its_mail.audience.startswith(HAS_DEPUTIES))
)
_HOLD = select(Mail.id).where(Mail.id.in_(_its_copies)).order_by(Mail.id).with_for_update(of=Mail, key_share=True)
_DROP = (
    update(Delivery)
    .where(
        Delivery.id == bindparam("delivery"),
        Delivery.claimed_by == bindparam("worker"),
        Delivery.state == DeliveryState.SENDING,
    )
    .values(
        state=DeliveryState.CANCELLED,
        reply=bindparam("reason"),
        stood_in_by=bindparam("deputy"),
        finished_at=bindparam("now"),
        claimed_by="",
        claimed_until=None,
    )
)
NOTE = update(Delivery).where(Delivery.id == bindparam("delivery")).values(stood_in_by=bindparam("key"))


def drop(connection: Connection, worker: str, delivery_id: int, values: dict[str, Any]) -> bool:
    """End a delivery whose "deputy" gets its "mail" by another one; return False where no other goes to them.

    "others" are the keys of whom they stand in for besides its own person, "reason" is what the Zustellbericht tells.
    """
    hold(connection, [delivery_id])
    asked = {name: values[name] for name in ("mail", "deputy", "others")} | {"id": delivery_id}
    if connection.execute(_IS_COPIED, asked).first() is None:
        return False
    ended = {name: values[name] for name in ("deputy", "reason")} | {"now": utc_now(), "worker": worker}
    if connection.execute(_DROP, ended | {"delivery": delivery_id}).rowcount:
        give_to_persons(connection, [delivery_id])
    return True


def hold(database: health.Database, delivery_ids: Collection[int]) -> None:
    """Let others wait until this transaction ends who drop a copy of these mails, or end one without success.

    Otherwise a copy could be dropped for another that fails at the same moment, and neither knows of the other. Mails
    are locked in the order of their ids, and before any of their deliveries, so that nobody waits in a circle.
    """
    database.execute(_HOLD, {"ids": delivery_ids}).all()


def give_to_persons(database: health.Database, ended: Sequence[int]) -> None:
    """Let wait for the person what a deputy does not get after all, because these deliveries ended without success.

    That is what went to a deputy's mailbox and was refused there, and what was not sent because the deputy had it.
    Call `hold()` for them before they end.
    """
    database.execute(_THEIRS_AGAIN, {"ids": ended, "now": utc_now()})
