"""The addresses answers go to. Who may answer, whom it reaches and until when stands, signed, in the address itself.

Mails are answered long after their deliveries are forgotten (app/mail/retention.py), so nothing is looked up to read
such an address. It is worth something only together with a sender address of the person it was made for
(app/inbound/): people forward mails, and whoever gets one must not speak in their name.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from flask import current_app

from app.database import utc_now
from app.mail import envelope
from app.mail.headers import split_mailbox

#: `antwort+<token>@` reaches everyone who reads the thread, `nur+<token>@` one person, whose own address stays hidden;
#: to `termin+<token>@` calendar programs send whether their owner comes to a meeting.
TO_ALL, TO_ONE, TO_MEETING = envelope.ANSWERS

VALID_FOR = timedelta(days=180)

_EPOCH = date(1970, 1, 1)
_DAY_BITS = 16  # enough until 2149
_IN_REPLY_TO = re.compile(rf"({'|'.join(envelope.ANSWERS)}):([0-9]+)")


class ReplyAddress(NamedTuple):
    """What such an address says: `owner_id` may answer, to the thing or person `target_id`, until the end of a day."""

    way: str
    owner_id: int
    target_id: int
    last_day: date

    @property
    def has_ended(self) -> bool:
        """Whether its time is over."""
        return utc_now().date() > self.last_day


def is_offered() -> bool:
    """Whether incoming mail is read at all; else no mail may invite people to answer by it."""
    return bool(current_app.config["MAIL_IS_READ"])


def placeholder(way: str, target_id: int) -> str:
    """Return what stands in a mail for the recipient's own address to answer `target_id`."""
    return envelope.personal_link(way, _argument(way, target_id))


def reply_to(name: str, way: str, target_id: int) -> str:
    """Return the `Mail.reply_to` that gives each recipient such an address; `name` is shown in its place."""
    return f"{name} <{way}:{_argument(way, target_id)}>"


def in_reply_to(mailbox: str) -> tuple[str, str, int] | None:
    """Return name, way and argument of what `reply_to()` made; None for an address of somebody's own."""
    name, address = split_mailbox(mailbox)
    found = _IN_REPLY_TO.fullmatch(address)
    return (name, found[1], int(found[2])) if found else None


def address(way: str, owner_id: int, target_id: int) -> str:
    """Return such an address itself, for mail that goes to one person only."""
    token = envelope.seal(envelope.signing_key(), way, owner_id, _argument(way, target_id))
    return envelope.address_of(f"{way}+{token}")


def opened(local: str) -> ReplyAddress | None:
    """Return what a local part ("antwort+...") says, ended or not; None for one we did not sign."""
    way, plus, token = local.partition("+")
    way = way.lower()
    found = envelope.open_token(envelope.signing_key(), token, [way]) if plus and way in envelope.ANSWERS else None
    if found is None:
        return None
    if way == TO_MEETING:
        return ReplyAddress(way, found.delivery_id, found.argument, date.max)
    days = found.argument & ((1 << _DAY_BITS) - 1)
    last_day = datetime.fromtimestamp(days * 86400, UTC).date()
    return ReplyAddress(way, found.delivery_id, found.argument >> _DAY_BITS, last_day)


def _argument(way: str, target_id: int) -> int:
    if way == TO_MEETING:
        # It stands in people's calendars as the organizer, which must be the same in each update; so it bears no day.
        return target_id
    last_day = (utc_now() + VALID_FOR).date()
    return target_id << _DAY_BITS | (last_day - _EPOCH).days
