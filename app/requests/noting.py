"""The one short mail that tells a network that somebody takes care of a request."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select

from app.database import utc_now
from app.mail import outbox
from app.mail.envelope import new_message_id
from app.networks.models import Network
from app.networks.recipients import keys_through
from app.networks.rhythm import HOLD_REASONS, next_moment
from app.requests.composing import compose
from app.requests.contacts import owner_of, requester_of
from app.requests.models import Request


def note(request: Request) -> None:
    """One short mail to everybody else whom the request reached; in a digest it is a line."""
    networks = [network for network in _home_first(request) if network.closed_at is None]
    apart = [user.key for user in (request.requester, request.owner) if user]
    message_id = new_message_id()  # of all copies, so that a deputy gets one
    for index, network in enumerate(networks):
        others = [network, *networks[:index], *networks[index + 1 :]]
        owner = owner_of(request, networks=[network])
        mail = compose(
            request,
            "request-note",
            request.key,
            audience="networks:" + ",".join(str(each.id) for each in others),
            network=network,
            message_id=message_id,
            reply_to=owner.answers,
            owner=owner,
            requester=requester_of(request),
        )
        due_at = max(utc_now(), request.message.mails_at)
        outbox.enqueue(mail, to=_apart_from(apart, keys_through(network, networks)), due_at=due_at)
        for rhythm, reason in HOLD_REASONS.items():
            collecting = _apart_from(apart, keys_through(network, networks, (rhythm,)))
            outbox.hold(mail, collecting, due_at=next_moment(rhythm, due_at), reason=reason)


def _apart_from(keys: Sequence[str], reached: Select[str]) -> Select[str]:
    key = reached.subquery().columns[0]
    return select(key).where(key.not_in(keys))


def _home_first(request: Request) -> list[Network]:
    home = request.thread.home
    return [home, *(network for network in request.thread.networks if network is not home)]
