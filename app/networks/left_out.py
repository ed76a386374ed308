"""Whose copy of a mail waits and will not go out as things are now: a deputy gets theirs, or their address is silent.

The worker decides when its turn comes (app/mail/standing_in.py, app/mail/sparing.py). Until then pages must not count
such a copy among those that wait, because the author was told that the message goes to fewer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from app.accounts.models import User
from app.database import read
from app.mail import standing_in
from app.mail.copies import HAS_DEPUTIES
from app.mail.models import Delivery, DeliveryState, Mail, Priority
from app.mail.sparing import SILENT_ADDRESS
from app.networks.deputies import deputies_in
from app.networks.silent import silent_now
from app.registry import ids_in

_WAITING = frozenset({DeliveryState.WAITING, DeliveryState.DIGEST})
_LOST = frozenset({DeliveryState.FAILED, DeliveryState.CANCELLED})

_audiences = (
    select(Mail.audience)
    .distinct()
    .join(Delivery, Delivery.mail_id == Mail.id)
    .where(Mail.about.in_(bindparam("about", expanding=True)), Delivery.state.in_(_WAITING))
)
_deliveries = (
    select(
        Mail.about,
        Mail.message_id,
        Mail.audience,
        Mail.priority,
        Delivery.id,
        Delivery.state,
        Delivery.recipient_key,
        Delivery.stood_in_by,
    )
    .join(Mail, Mail.id == Delivery.mail_id)
    .where(
        Mail.about.in_(bindparam("about", expanding=True)),
        Delivery.recipient_key.in_(bindparam("keys", expanding=True)),
    )
)
_names = select(User.id, User.name).where(User.id.in_(bindparam("ids", expanding=True)))


class LeftOut(NamedTuple):
    """A delivery that waits and will not go out, of the mail about `about`; `reason` as the Zustellbericht has it."""

    about: str
    delivery_id: int
    state: DeliveryState
    reason: str


def counts(about: Collection[str]) -> dict[str, Counter[DeliveryState]]:
    """Return how many of those that wait for the outbox, and for a digest, are left out, for each of these things."""
    counted: dict[str, Counter[DeliveryState]] = defaultdict(Counter)
    for one in left_out(about):
        counted[one.about][one.state] += 1
    return counted


def left_out(about: Collection[str]) -> Iterator[LeftOut]:
    """Yield the deliveries of mails about these things ("message:34") that wait and will not go out."""
    audiences = [audience for (audience,) in read(_audiences, {"about": list(about)})]
    deputies = {one: deputies_in(ids_in(one)) for one in audiences if one.startswith(HAS_DEPUTIES)}
    silent = silent_now() if audiences else frozenset()
    concerned = silent.union(*deputies.values(), *(found.values() for found in deputies.values()))
    if not concerned:
        return
    rows = read(_deliveries, {"about": list(about), "keys": [f"user:{id}" for id in concerned]}).all()
    have_it = {(row.about, row.message_id, row.recipient_key) for row in rows if row.state not in _LOST}
    ids = {id for found in deputies.values() for id in found.values()}
    names = dict(read(_names, {"ids": list(ids)}).all())
    for row in rows:
        if row.state not in _WAITING:
            continue
        deputy_id = _deputy_of(row, deputies)
        if deputy_id and (row.about, row.message_id, f"user:{deputy_id}") in have_it:
            yield LeftOut(row.about, row.id, row.state, standing_in.reason(names[deputy_id]))
        elif not deputy_id and _id_in(row.recipient_key) in silent and row.priority >= Priority.BULK:
            yield LeftOut(row.about, row.id, row.state, SILENT_ADDRESS)


def _deputy_of(row: Any, deputies: dict[str, dict[int, int]]) -> int | None:
    if row.stood_in_by == row.recipient_key:  # it is the person's after all
        return None
    return deputies.get(row.audience, {}).get(_id_in(row.recipient_key))


def _id_in(key: str) -> int:
    return int(key.partition(":")[2])
