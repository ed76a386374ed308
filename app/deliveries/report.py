"""What became of the mails of a message, recipient by recipient, with the server's own words.

A server's 250 says that it has taken a mail over, not that somebody has it: so the words are "übergeben", never
"zugestellt". Nothing here looks at whether a mail was opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, case, cast, literal, select

from app.accounts.models import User
from app.database import by_name, db
from app.forum.models import Message
from app.mail import outbox
from app.mail.models import Delivery, DeliveryState, Mail

STATE_NAMES = {
    DeliveryState.WAITING: _l("wartet"),
    DeliveryState.SENDING: _l("wird übergeben"),
    DeliveryState.SENT: _l("übergeben"),
    DeliveryState.FAILED: _l("unzustellbar"),
    DeliveryState.CANCELLED: _l("abgebrochen"),
    DeliveryState.DIGEST: _l("in der Zusammenfassung"),
}

#: Why a mail was not sent, as the outbox keeps it in German, for readers of other languages.
_REASONS = {
    "pausiert": _l("pausiert"),
    "nimmt nicht mehr teil": _l("nimmt nicht mehr teil"),
    "zurückgezogen": _l("zurückgezogen"),
    "Netz geschlossen": _l("Netz geschlossen"),
    "nur auf der Website": _l("nur auf der Website"),
    "tägliche Zusammenfassung": _l("tägliche Zusammenfassung"),
    "wöchentliche Zusammenfassung": _l("wöchentliche Zusammenfassung"),
}

#: What needs somebody's attention stands first.
_ORDER = [
    DeliveryState.FAILED,
    DeliveryState.SENDING,
    DeliveryState.WAITING,
    DeliveryState.DIGEST,
    DeliveryState.CANCELLED,
    DeliveryState.SENT,
]


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
class Line:
    """One recipient."""

    name: str
    address: str
    state: DeliveryState
    reply: str
    attempts: int
    at: datetime | None


def progress_of(message: Message) -> Progress:
    """Count the deliveries of a message by state."""
    states = outbox.states(message.key)[message.key]
    return Progress(
        waiting=states[DeliveryState.WAITING] + states[DeliveryState.SENDING],
        sent=states[DeliveryState.SENT],
        failed=states[DeliveryState.FAILED],
        cancelled=states[DeliveryState.CANCELLED],
        collected=states[DeliveryState.DIGEST],
    )


def lines_of(message: Message) -> list[Line]:
    """Return every recipient of a message: failed ones first, then those still waiting, by name."""
    rank = case({state.value: number for number, state in enumerate(_ORDER)}, value=cast(Delivery.state, String))
    query = (
        select(User.name, Delivery)
        .select_from(Delivery)
        .join(Mail, Mail.id == Delivery.mail_id)
        .outerjoin(User, Delivery.recipient_key == literal("user:") + cast(User.id, String))
        .where(Mail.about == message.key)
        .order_by(rank, by_name(User.name), Delivery.id)
    )
    return [
        Line(
            name or str(_l("ehemals dabei")),
            delivery.address,
            delivery.state,
            str(_REASONS.get(delivery.reply, delivery.reply)),
            delivery.attempts_made,
            delivery.finished_at,
        )
        for name, delivery in db.session.execute(query)
    ]
