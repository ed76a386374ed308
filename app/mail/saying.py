"""Mails that say how something stands, which may go back and forth as often as somebody presses a button.

The first goes out at once, then no more than one an hour, which says how it is by then, and none if that is what the
person was told last. So whoever presses in a mail that was forwarded to them fills nobody's mailbox, and in the end
everybody knows what is so.

What such a mail is about names the thing, the person and what it says ("deputy:7:3:user:3:2026-12-03"), so nothing else
has to be remembered. Hold a row of the thing before, so that of two who press at once one comes after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, select, update

from app.database import db, utc_now
from app.mail import outbox
from app.mail.models import Delivery, DeliveryState, Mail

_BETWEEN_MAILS = timedelta(hours=1)
_EVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def say(thing: str, state: str, to: str, write: Callable[[str], Mail], *, since: datetime = _EVER) -> None:
    """Tell `to` ("user:3") that `thing` is in this state now, by the mail `write` makes from what it is about.

    What still waits of the same is withdrawn. `since` is when a thing began whose key may have been another's before.
    """
    place = _place(thing, to)
    about = place + state
    _withdraw_what_waits(place)
    told = _told_last(place, since)
    if told and told.about == about:
        return
    due_at = max(utc_now(), told.due_at + _BETWEEN_MAILS) if told else utc_now()
    outbox.enqueue(write(about), to=[to], due_at=due_at)


def unsay(thing: str, *, apart: Collection[str] = ()) -> None:
    """Withdraw what waits about `thing`, which has changed without a mail, for all but those `apart`.

    What they were told last is not so any more: it may be said again, an hour after that.
    """
    told = select(Delivery.recipient_key).join(Mail).where(Mail.about.startswith(f"{thing}:")).distinct()
    for to in db.session.scalars(told.where(Delivery.recipient_key.not_in(apart))).all():
        place = _place(thing, to)
        _withdraw_what_waits(place)
        forget = update(Mail).where(Mail.about.startswith(place)).values(about=place)
        db.session.execute(forget.execution_options(synchronize_session=False))


def still_to_tell(thing: str) -> Sequence[str]:
    """Return the keys of those for whom something waits about `thing`."""
    waiting = select(Delivery.recipient_key).join(Mail).where(Mail.about.startswith(f"{thing}:")).distinct()
    return db.session.scalars(waiting.where(Delivery.state == DeliveryState.WAITING)).all()


def _place(thing: str, to: str) -> str:
    return f"{thing}:{to}:"


def _withdraw_what_waits(place: str) -> None:
    waiting = select(Mail.about).join(Delivery).where(Mail.about.startswith(place))
    for about in db.session.scalars(waiting.where(Delivery.state == DeliveryState.WAITING).distinct()).all():
        outbox.withdraw(about)


def _told_last(place: str, since: datetime) -> Row[str, datetime] | None:
    """Return what the last mail of this place told ("about"), and when ("due_at").

    None if that is more than a week ago, when personal mails are forgotten, or if they were told nothing.
    """
    told = (
        select(Mail.about, Delivery.due_at)
        .join(Delivery)
        .where(Mail.about.startswith(place), Mail.created_at >= since, Delivery.state != DeliveryState.CANCELLED)
    )
    return db.session.execute(told.order_by(Mail.id.desc()).limit(1)).first()
