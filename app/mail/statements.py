"""The SQL of the ledger, written once: SQLAlchemy keeps what it made of a statement by the statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from app.database import utc_now
from app.mail import copies, health
from app.mail.bounces_causes import finding
from app.mail.models import Address, Attempt, Delivery, DeliveryState, Mail
from app.mail.outcomes import Outcome, Verdict


def back_in_line() -> dict[str, Any]:
    """What makes a claimed delivery wait again, or end if its mail was withdrawn meanwhile."""
    withdrawn = select(Mail.id).where(Mail.id == Delivery.mail_id, Mail.withdrawn_at.is_not(None)).exists()
    return {
        "state": case((withdrawn, DeliveryState.CANCELLED), else_=DeliveryState.WAITING),
        "finished_at": case((withdrawn, utc_now())),
        "claimed_by": "",
        "claimed_until": None,
    }


def mine(worker: str) -> Update:
    return update(Delivery).where(Delivery.claimed_by == worker, Delivery.state == DeliveryState.SENDING)


def _ended(state: DeliveryState) -> Update:
    return (
        update(Delivery)
        .where(Delivery.id == bindparam("delivery"))
        .values(
            state=state,
            attempts_made=Delivery.attempts_made + 1,
            address=bindparam("address"),
            reply=bindparam("reply"),
            finished_at=bindparam("now"),
            claimed_by="",
            claimed_until=None,
        )
    )


# Whoever was stopped for longer than its lease no longer knows: another has it, or it has arrived.
_is_held = (Delivery.claimed_by == bindparam("worker")) & (Delivery.state == DeliveryState.SENDING)
# In the driver's own words.
ACCEPTED = (
    "INSERT INTO attempt (delivery_id, at, code, reply) VALUES (%(id)s, %(now)s, %(code)s, %(reply)s)",
    (
        "UPDATE delivery SET state = 'sent', attempts_made = attempts_made + 1, address = %(address)s,"
        " reply = %(reply)s, finished_at = %(now)s, claimed_by = '', claimed_until = NULL WHERE id = %(id)s"
    ),
)
ACCEPTED_ON_SQLITE = tuple(re.sub(r"%\((\w+)\)s", r":\1", statement) for statement in ACCEPTED)
_due = (
    select(Delivery.id)
    .where(Delivery.state == DeliveryState.WAITING, Delivery.due_at <= bindparam("now"))
    .order_by(Delivery.priority, Delivery.due_at, Delivery.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("picked")
)
CLAIM = (
    update(Delivery)
    .where(Delivery.id.in_(select(_due.c.id)))
    .values(state=DeliveryState.SENDING, claimed_by=bindparam("worker"), claimed_until=bindparam("until"))
    .returning(
        Delivery.id,
        Delivery.mail_id,
        Delivery.recipient_key,
        Delivery.attempts_made,
        Delivery.priority,
        Delivery.due_at,
        Delivery.stood_in_by,
    )
)
RENEW = (
    update(Delivery)
    .where(Delivery.claimed_by == bindparam("worker"), Delivery.state == DeliveryState.SENDING)
    .values(claimed_until=bindparam("until"))
)
_CANCEL = (
    update(Delivery)
    .where(Delivery.id == bindparam("delivery"), _is_held)
    .values(
        state=DeliveryState.CANCELLED,
        reply=bindparam("reply"),
        finished_at=bindparam("now"),
        claimed_by="",
        claimed_until=None,
    )
)
AUDIENCES = select(Mail.id, Mail.audience).where(Mail.id.in_(bindparam("ids", expanding=True)))
SILENT = select(Address.email).where(
    Address.email.in_(bindparam("emails", expanding=True)),
    health.fails_often(),
    Address.failed_at > bindparam("forgotten"),
)
ATTEMPT = insert(Attempt).inline()
SENT = _ended(DeliveryState.SENT)
_FAILED = _ended(DeliveryState.FAILED).where(_is_held)
NEXT_MOMENT = select(
    func.min(case((Delivery.state == DeliveryState.SENDING, Delivery.claimed_until), else_=Delivery.due_at))
).where(Delivery.state.in_([DeliveryState.WAITING, DeliveryState.SENDING]))
_is_gone = (Delivery.state == DeliveryState.SENDING) & (Delivery.claimed_until < bindparam("now"))
ANY_GONE = select(Delivery.id).where(_is_gone).limit(1)
ANY_WORK = (
    select(Delivery.id)
    .where(
        or_(
            (Delivery.state == DeliveryState.WAITING) & (Delivery.due_at <= bindparam("now")),
            _is_gone,
        )
    )
    .limit(1)
)


def first_try(connection: Connection, delivery_id: int) -> datetime:
    """Return when it was tried first, or somebody last asked for it to be sent once more; now if it never was."""
    first = connection.scalar(select(func.min(Attempt.at)).where(_since_asked(delivery_id)))
    return first or utc_now()


def is_last(connection: Connection, delivery_id: int, outcome: Outcome) -> bool:
    """Whether it came to this, and nothing else, as often as it may; the present try stands in the table already."""
    same = select(func.count(Attempt.id)).where(_since_asked(delivery_id), Attempt.reply == outcome.reply)
    return bool(outcome.most_tries) and (connection.scalar(same) or 0) >= outcome.most_tries


def _since_asked(delivery_id: int) -> ColumnElement[bool]:
    """The tries since somebody last asked for it to be sent once more, or all."""
    of_delivery = Attempt.delivery_id == delivery_id
    asked = select(func.max(Attempt.id)).where(of_delivery, Attempt.asked_by.is_not(None)).scalar_subquery()
    return of_delivery & (Attempt.id >= func.coalesce(asked, 0))


def fail(connection: Connection, held: dict[str, Any], outcome: Outcome) -> None:
    """End a delivery without success; whoever lost its claim meanwhile ends nothing and blames nobody."""
    copies.hold(connection, [held["delivery"]])
    if connection.execute(_FAILED, held).rowcount:
        _blame(connection, held["address"], outcome)
        copies.give_to_persons(connection, [held["delivery"]])


def cancel(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """End deliveries that are not sent after all."""
    connection.execute(_CANCEL, rows)


def cancel_copies(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """The same of one mail that deputies get."""
    ids = [row["delivery"] for row in rows]
    copies.hold(connection, ids)
    connection.execute(_CANCEL, rows)
    copies.give_to_persons(connection, ids)


def _blame(connection: Connection, address: str, outcome: Outcome) -> None:
    """Count a delivery that ended without success, once, and not each try: a busy server is no dead address."""
    if outcome.blames_address and address:
        is_for_good = outcome.verdict is Verdict.NEVER and finding(outcome.reply).permanent
        health.count(connection, address, health.HARD if is_for_good else health.SOFT, outcome.reply)
