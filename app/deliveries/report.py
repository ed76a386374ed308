"""What became of the mails of a message, recipient by recipient, with every try and the server's own words.

A server's 250 says that it has taken a mail over, not that somebody has it: so the words are "übergeben", never
"zugestellt". Nothing here looks at whether a mail was opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, String, case, cast, func, literal, or_, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import User
from app.database import by_name, db, utc_now
from app.deliveries.words import Said, said
from app.forum.models import Message
from app.mail import outbox
from app.mail.models import Attempt, Delivery, DeliveryState, Mail
from app.networks import left_out
from app.networks.models import Holding, Network, Participant
from app.networks.visibility import unseen_by

#: What needs somebody's attention stands first.
_ORDER = [
    DeliveryState.FAILED,
    DeliveryState.SENDING,
    DeliveryState.WAITING,
    DeliveryState.DIGEST,
    DeliveryState.CANCELLED,
    DeliveryState.SENT,
]
_rank = case({state.value: number for number, state in enumerate(_ORDER)}, value=cast(Delivery.state, String))

#: Seconds after which the page looks again: while mails go out, and while one waits for its next try.
_SOON, _LATER = 2, 30


@dataclass(frozen=True)
class Progress:
    """How many of a message's mails are where; `collected` wait for the digest that will hold them."""

    waiting: int
    sent: int
    failed: int
    cancelled: int
    collected: int

    @property
    def all(self) -> int:
        """How many there are."""
        return self.waiting + self.sent + self.failed + self.cancelled + self.collected

    @property
    def done(self) -> int:
        """Those that nothing more happens to now."""
        return self.all - self.waiting


@dataclass(frozen=True)
class Try:
    """One try with the server's raw words, or the wish for another one: then `asked_by` is a name."""

    at: datetime
    code: int | None
    reply: str
    asked_by: str


@dataclass(frozen=True)
class Line:
    """One recipient."""

    delivery_id: int
    name: str
    address: str
    state: DeliveryState
    said: Said
    tries: tuple[Try, ...]
    at: datetime | None

    @property
    def has_failed(self) -> bool:
        """Whether it can be sent once more."""
        return self.state is DeliveryState.FAILED


def progress_of(message: Message) -> Progress:
    """Count the deliveries of a message by state; what waits and will not go out counts as cancelled already."""
    states = outbox.states(message.key)[message.key]
    not_going = left_out.counts([message.key])[message.key]
    return Progress(
        waiting=states[DeliveryState.WAITING] + states[DeliveryState.SENDING] - not_going[DeliveryState.WAITING],
        sent=states[DeliveryState.SENT],
        failed=states[DeliveryState.FAILED],
        cancelled=states[DeliveryState.CANCELLED] + not_going.total(),
        collected=states[DeliveryState.DIGEST] - not_going[DeliveryState.DIGEST],
    )


def looks_again_after(message: Message) -> int:
    """Return after how many seconds the page is out of date; 0 when nothing waits any more."""
    waiting = select(func.min(Delivery.due_at)).join(Mail).where(Mail.about == message.key)
    moment = db.session.scalar(waiting.where(Delivery.state.in_([DeliveryState.WAITING, DeliveryState.SENDING])))
    if moment is None:
        return 0
    return _SOON if moment < utc_now() + timedelta(seconds=_LATER) else _LATER


def deliveries_of(message: Message, network: Network | None) -> Select[Delivery, str]:
    """The deliveries of a message with the recipients' names: failed ones first, then those still waiting.

    With a `network`, only those of people who take part in it or did: other networks' addresses are not its leads'.
    """
    query = (
        select(Delivery, User.name)
        .join(Mail, Mail.id == Delivery.mail_id)
        .options(contains_eager(Delivery.mail).load_only(Mail.about, Mail.audience, Mail.withdrawn_at))
        .outerjoin(User, Delivery.recipient_key == literal("user:") + cast(User.id, String))
        .where(Mail.about == message.key)
        .order_by(_rank, by_name(User.name), Delivery.id)
    )
    if network is None:
        return query
    of_network = (
        select(literal("user:") + cast(Holding.user_id, String))
        .join(Participant, Participant.seat_id == Holding.seat_id)
        .where(Participant.network_id == network.id)
    )
    only = f"networks:{network.id}"
    return query.where(
        or_(
            Delivery.recipient_key.in_(of_network),
            Mail.audience == only,
            Mail.audience.startswith(f"{only},", autoescape=True),
        )
    )


def lines_of(deliveries: Select[Delivery, str], viewer: User) -> list[Line]:
    """Return a line for each of these deliveries, without the addresses that `viewer` may not see."""
    rows = db.session.execute(deliveries).all()
    tries = tries_of([delivery.id for delivery, _name in rows])
    hidden = hidden_keys(viewer, [delivery.recipient_key for delivery, _name in rows])
    reasons = {one.delivery_id: one.reason for one in left_out.left_out({each.mail.about for each, _name in rows})}
    return [
        _line(
            each,
            name,
            tries[each.id],
            not_going=reasons.get(each.id, ""),
            is_hidden=each.recipient_key in hidden or _is_deputys(each, viewer),
        )
        for each, name in rows
    ]


def _is_deputys(delivery: Delivery, viewer: User) -> bool:
    """Whether it went to the address of a deputy, at one of its tries perhaps, who may not show it."""
    return delivery.stood_in_by is not None and not viewer.is_admin


def hidden_keys(viewer: User, keys: Collection[str]) -> set[str]:
    """Return which of these recipient keys stand for somebody whose address `viewer` may not see."""
    ids = [int(number) for key in keys if (number := key.removeprefix("user:")).isdecimal()]
    unseen = {id for some in _in_parts(ids) for id in unseen_by(viewer, some)}
    return {f"user:{id}" for id in unseen}


def without_words(said: Said, tries: tuple[Try, ...], address: str) -> tuple[Said, tuple[Try, ...]]:
    """Leave out what servers said, of which the code stays: many repeat the address."""
    names = {address.lower(), address.lower().partition("@")[0]} - {""}
    tells = any(name in said.meaning.lower() for name in names)
    codes = tuple(one if one.asked_by else replace(one, reply=str(one.code or "")) for one in tries)
    return Said("" if tells else said.meaning, ""), codes


def tries_of(delivery_ids: Collection[int]) -> dict[int, tuple[Try, ...]]:
    """Return the tries of these deliveries, the first one first; nothing for those that were not tried."""
    found: dict[int, tuple[Try, ...]] = defaultdict(tuple)
    for some in _in_parts(list(delivery_ids)):
        query = (
            select(Attempt.delivery_id, Attempt.at, Attempt.code, Attempt.reply, Attempt.asked_by, User.name)
            .outerjoin(User, Attempt.asked_by == literal("user:") + cast(User.id, String))
            .where(Attempt.delivery_id.in_(some))
            .order_by(Attempt.id)
        )
        for delivery_id, at, code, reply, asked_by, name in db.session.execute(query):
            found[delivery_id] += (Try(at, code, reply, (name or "?") if asked_by else ""),)
    return found


def _line(delivery: Delivery, name: str | None, tries: tuple[Try, ...], *, not_going: str, is_hidden: bool) -> Line:
    state = DeliveryState.CANCELLED if not_going else delivery.state
    told, address = said(state, not_going or delivery.reply, delivery.due_at), delivery.address
    at = delivery.finished_at or (tries[-1].at if tries else None)
    if is_hidden:
        told, tries = without_words(told, tries, address)
        address = ""
    if delivery.stood_in_by not in (None, delivery.recipient_key) and state is not DeliveryState.CANCELLED:
        name = _("%(name)s (an die Vertretung)", name=name or "")
    return Line(delivery.id, name or address, address, state, told, tries, at)


def _in_parts(ids: Sequence[int], length: int = 500) -> list[Any]:
    """SQLite takes only so many values in one statement."""
    return [ids[start : start + length] for start in range(0, len(ids), length)]
