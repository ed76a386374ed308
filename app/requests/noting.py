"""The short mails that tell a network whether anybody has still to do something about a request.

One says that somebody takes care. If nobody does any more, and nobody else begins within an hour, another says that,
and of whoever takes it then everybody hears anew. What goes back and forth costs a network two mails an hour at most.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, select, update

from app.database import db, utc_now
from app.mail import outbox
from app.mail.envelope import new_message_id
from app.networks.models import Network
from app.networks.recipients import keys_through
from app.networks.rhythm import HOLD_REASONS, next_moment
from app.requests.composing import compose
from app.requests.contacts import owner_of, requester_of
from app.requests.models import Request, State

_PATIENCE = timedelta(hours=1)


def taken(request: Request) -> None:
    """Tell everybody else whom the request reached that somebody takes care, unless that is what they think."""
    if request.told_at is None:
        request.told_at = utc_now()
        _note(request, _taken_key(request))


def is_left() -> ColumnElement[bool]:
    """Whether nobody has taken care of a request for an hour, while its network thinks that somebody does."""
    return (Request.state == State.OPEN) & (Request.left_at <= utc_now() - _PATIENCE) & Request.told_at.is_not(None)


def tell_left(id: int) -> None:
    """Tell everybody else that nobody takes care any more; of two runs at once, one does."""
    told = update(Request).where(Request.id == id, is_left()).values(left_at=None, told_at=None).returning(Request.id)
    if db.session.execute(told.execution_options(synchronize_session=False)).first():
        request = db.session.get_one(Request, id, populate_existing=True)
        knowing = outbox.still_waiting(_taken_key(request))  # never heard that somebody did
        outbox.withdraw(_taken_key(request))
        _note(request, f"{request.key}:left", apart=[*knowing, *(helper.user.key for helper in request.helpers)])


def is_of_leaving(key: str) -> bool:
    """Whether what names a note says that it tells that nobody takes care any more."""
    return key.endswith(":left")


def _taken_key(request: Request) -> str:
    return f"{request.key}:taken"


def _note(request: Request, about: str, apart: Collection[str] = ()) -> None:
    """One short mail to everybody but these, who asked, and who takes care; in a digest it is a line."""
    networks = [network for network in _home_first(request) if network.closed_at is None]
    apart = [*apart, *(user.key for user in (request.requester, request.owner) if user)]
    message_id = new_message_id()  # of all copies, so that a deputy gets one
    requester = requester_of(request)
    for index, network in enumerate(networks):
        others = [network, *networks[:index], *networks[index + 1 :]]
        owner = owner_of(request, networks=[network])
        mail = compose(
            request,
            "request-note",
            about,
            audience="networks:" + ",".join(str(each.id) for each in others),
            network=network,
            message_id=message_id,
            reply_to=owner.answers if owner.name else requester.answers,
            owner=owner,
            requester=requester,
        )
        due_at = max(utc_now(), request.message.mails_at)
        outbox.enqueue(mail, to=_apart_from(apart, keys_through(network, networks)), due_at=due_at)
        for rhythm, reason in HOLD_REASONS.items():
            collecting = _apart_from(apart, keys_through(network, networks, (rhythm,)))
            outbox.hold(mail, collecting, due_at=next_moment(rhythm, due_at), reason=reason)


def _apart_from(keys: Collection[str], reached: Select[str]) -> Select[str]:
    key = reached.subquery().columns[0]
    return select(key).where(key.not_in(keys))


def _home_first(request: Request) -> list[Network]:
    home = request.thread.home
    return [home, *(network for network in request.thread.networks if network is not home)]
