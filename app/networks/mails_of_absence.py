"""The mails that tell somebody of an absence: the person, and who stands in for them. They are German.

What a mail is about says what it tells ("deputy:<absence>:<deputy>:2026-12-03"), so that a deputy is told only what is
new to them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import Row, select

from app.accounts.models import User
from app.database import db, utc_now
from app.mail import outbox
from app.mail.models import Delivery, DeliveryState, Mail, Priority
from app.networks.absence_models import Absence
from app.networks.visibility import answers_to

_ENDED = "ended"
_DECLINED = "declined"
_BETWEEN_MAILS = timedelta(hours=1)


def away(absence: Absence) -> None:
    """Confirm to somebody that they are away, with a button to be there again."""
    _send("away", absence, absence.user, deputy=absence.deputy)


def deputy(absence: Absence, to: User, case: str) -> None:
    """Tell a deputy that they are asked ("asked"), with a button to decline, or that it is over ("ended").

    The first time at once; then no more than one mail an hour, which says how it is then, and none if that is what they
    were told last. Days may be moved back and forth in between.
    """
    about = f"{_place(absence, to)}{_ENDED if case == 'ended' else absence.last_day.isoformat()}"
    _withdraw_what_waits(absence, to)
    told = _told_last(absence, to)
    if told and told.about == about:
        return
    due_at = max(utc_now(), told.due_at + _BETWEEN_MAILS) if told else utc_now()
    answers = answers_to([absence.network], absence.user)
    context = {"reply_to": answers, "can_answer": bool(answers), "case": case}
    _send("deputy", absence, to, about=about, due_at=due_at, **context)


def declined(absence: Absence, by: User) -> None:
    """Tell somebody that their deputy does not stand in, and that the mail comes to them again."""
    _withdraw_what_waits(absence, by)
    _send("deputy-declined", absence, absence.user, about=f"{_place(absence, by)}{_DECLINED}", by=by.name)


def _place(absence: Absence, deputy: User) -> str:
    return f"deputy:{absence.id}:{deputy.id}:"


def _withdraw_what_waits(absence: Absence, deputy: User) -> None:
    waiting = (
        select(Mail.about)
        .join(Delivery)
        .where(
            Mail.about.startswith(_place(absence, deputy)),
            Delivery.recipient_key == deputy.key,
            Delivery.state == DeliveryState.WAITING,
        )
    )
    for about in db.session.scalars(waiting).all():
        outbox.withdraw(about)


def _told_last(absence: Absence, deputy: User) -> Row[str, datetime] | None:
    """Return what the last mail about this deputy told ("about"), and when ("due_at").

    None if that is more than a week ago, when personal mails are forgotten, or if they were told nothing.
    """
    told = (
        select(Mail.about, Delivery.due_at)
        .join(Delivery)
        .where(
            Mail.about.startswith(_place(absence, deputy)),
            Mail.created_at >= absence.created_at,  # ids of absences are used again
            Delivery.state != DeliveryState.CANCELLED,
        )
    )
    return db.session.execute(told.order_by(Mail.id.desc()).limit(1)).first()


def _send(
    event: str, absence: Absence, to: User, *, about: str = "", due_at: datetime | None = None, **context: Any
) -> None:
    with force_locale("de"):
        mail = outbox.compose(
            event,
            audience="person",
            about=about or f"network:{absence.network_id}",
            priority=Priority.PERSONAL,
            from_name=absence.network.name,
            network=absence.network,
            absence=absence,
            recipient=to,
            **context,
        )
    outbox.enqueue(mail, to=[to.key], due_at=due_at)
