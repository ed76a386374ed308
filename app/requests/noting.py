"""The short mails that tell a network whether anybody has still to do something about a request.

One says that somebody takes care. If nobody does any more, and nobody else begins within an hour, another says that,
and of whoever takes it then everybody hears anew. What goes back and forth costs a network four mails at most, the last
of which says that nobody takes care: then it stands on the website alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select, update

from app.database import db, utc_now
from app.mail import outbox
from app.mail.envelope import new_message_id
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.models import Network
from app.networks.recipients import keys_through
from app.networks.rhythm import HOLD_REASONS, next_moment
from app.requests.composing import compose
from app.requests.contacts import owner_of, requester_of
from app.requests.models import Request, State
from app.requests.patience import is_late

_PATIENCE = timedelta(hours=1)
_MOST = 4


def taken(request: Request) -> None:
    """Tell everybody else whom the request reached that somebody takes care, unless that is what they think."""
    hold_back(request)
    if request.told_at is None and request.notes < _MOST:
        request.told_at = utc_now()
        _note(request, _taken_key(request))


def hold_back(request: Request) -> None:
    """Withdraw what still waits of asking all: somebody takes care, or nobody needs to."""
    outbox.withdraw(_left_key(request))


def is_left() -> ColumnElement[bool]:
    """Whether nobody has taken care of a request for an hour, while its network thinks that somebody does."""
    return (Request.state == State.OPEN) & (Request.left_at <= utc_now() - _PATIENCE) & Request.told_at.is_not(None)


def tell_left(id: int) -> None:
    """Tell everybody else that nobody takes care any more, unless help would come too late; of two runs, one does."""
    left_at = db.session.scalar(select(Request.left_at).where(Request.id == id))
    told = update(Request).where(Request.id == id, is_left()).values(left_at=None, told_at=None).returning(Request.id)
    if db.session.execute(told.execution_options(synchronize_session=False)).first():
        request = db.session.get_one(Request, id, populate_existing=True)
        unaware = outbox.still_waiting(_taken_key(request))  # that somebody did
        outbox.withdraw(_taken_key(request))
        if not is_late(request):
            cannot = [refusal.user.key for refusal in request.refusals]
            _note(request, _left_key(request), [*unaware, *cannot, *_told_by_name(request, left_at)])


def _told_by_name(request: Request, left_at: datetime | None) -> Sequence[str]:
    """Return the keys of those who had to do with it and got a mail of their own when it was given back."""
    place = f"{request.key}:stands:"
    told = select(Delivery.recipient_key).join(Mail).where(Mail.about.startswith(place), Mail.about.endswith(":open"))
    return db.session.scalars(told.where(Mail.created_at >= left_at, Delivery.state != DeliveryState.CANCELLED)).all()


def is_of_leaving(key: str) -> bool:
    """Whether what names a note says that it tells that nobody takes care any more."""
    return key.endswith(":left")


def _taken_key(request: Request) -> str:
    return f"{request.key}:taken"


def _left_key(request: Request) -> str:
    return f"{request.key}:left"


def _note(request: Request, about: str, apart: Collection[str] = ()) -> None:
    """One short mail to everybody but these, who asked, and who takes care; in a digest it is a line."""
    request.notes += 1
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
