"""Sending a mail once more to those it could not reach: the same mail, with the same Message-ID.

Nobody gets a mail by this who does not get it by the rules of the outbox, and nobody is left out in silence: who is
asked for and does not get it is told with the reason. Who asked stands beside the tries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import Select, insert, update

from app import registry
from app.accounts.models import User
from app.database import db, utc_now
from app.deliveries.report import hidden_keys
from app.deliveries.words import note
from app.mail import carrying, crashing, health, standing_in
from app.mail.models import Attempt, Delivery, DeliveryState
from app.registry import Recipient, Refusal


@dataclass
class Resent:
    """To whom it goes once more, as "Name (Adresse)" or only the name, and who does not get it, with the reason."""

    again: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def send_again(deliveries: Select[Delivery, str], asked_by: User) -> Resent:
    """Let those of these deliveries that failed or rest go out once more. Wake the outbox after the commit."""
    missing = deliveries.where(crashing.is_missing())
    rows = [(delivery, name or delivery.address) for delivery, name in db.session.execute(missing).all()]
    answers = _wanted_now([delivery for delivery, _name in rows])
    hidden = hidden_keys(asked_by, [delivery.recipient_key for delivery, _name in rows])
    result = Resent()
    mails = set()
    for delivery, name in rows:
        answer = answers[delivery.id]
        if isinstance(answer, Refusal):
            result.refused.append((name, note(answer.reason)))
        elif _put_back(delivery, asked_by):
            is_hidden = delivery.recipient_key in hidden or bool(answer.instead_of)
            result.again.append(name if is_hidden else f"{name} ({answer.address})")
            mails.add(delivery.mail_id)
    crashing.try_anew(mails)
    return result


def _wanted_now(deliveries: Sequence[Delivery]) -> dict[int, Recipient | Refusal]:
    """Ask whether each is still wanted, and where; a resting address is refused, too."""
    answers: dict[int, Recipient | Refusal] = {}
    groups: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        if delivery.mail.withdrawn_at:
            answers[delivery.id] = Refusal("zurückgezogen")
        else:
            groups[delivery.mail.audience].append(delivery)
    for audience, group in groups.items():
        kind = audience.partition(":")[0]
        found = registry.recipients_now[kind](audience, [delivery.recipient_key for delivery in group])
        gone = Refusal("nicht mehr dabei")
        answers |= {delivery.id: found.get(delivery.recipient_key, gone) for delivery in group}
    for delivery in deliveries:
        if isinstance(answer := answers[delivery.id], Recipient):
            answers[delivery.id] = standing_in.for_whom(answer, delivery.recipient_key, delivery.stood_in_by)
    return _without_resting(answers)


def _without_resting(answers: dict[int, Recipient | Refusal]) -> dict[int, Recipient | Refusal]:
    emails = [answer.address for answer in answers.values() if isinstance(answer, Recipient)]
    resting = set(db.session.scalars(health.silent_among(emails))) if emails else set()
    refusal = Refusal(_("Die Adresse ruht nach mehreren Fehlern. Die Verwaltung kann sie wieder freigeben."))
    return {
        id: refusal if isinstance(answer, Recipient) and answer.address.lower() in resting else answer
        for id, answer in answers.items()
    }


def _put_back(delivery: Delivery, asked_by: User) -> bool:
    """Let one wait again; False if somebody else did a moment ago."""
    now = utc_now()
    changed = db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, crashing.is_missing())
        .values(
            state=DeliveryState.WAITING,
            due_at=now,
            attempts_made=0,
            reply="",
            finished_at=None,
            reported_at=None,
            carried_by_id=None,
        )
        .returning(Delivery.id)
    ).all()
    if changed:
        carrying.await_anew(delivery)
        db.session.execute(insert(Attempt).values(delivery_id=delivery.id, at=now, asked_by=asked_by.key, reply=""))
    return bool(changed)
