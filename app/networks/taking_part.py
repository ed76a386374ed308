"""How somebody takes part in what several networks share: a meeting, a request."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import case

from app.accounts.models import User
from app.database import db
from app.networks.models import Network, Participant


def participation_through(user: User, networks: Iterable[Network], home_id: int) -> Participant | None:
    """Return how this person takes part in those of the networks that are open, by its home first; None: not at all."""
    open_ids = [network.id for network in networks if network.closed_at is None]
    home_first = case((Participant.network_id == home_id, 0), else_=1)
    mine = Participant.of_user(user.id).where(Participant.network_id.in_(open_ids)).order_by(None)
    return db.session.scalars(mine.order_by(home_first, Participant.id)).first()


def leads_any(user: User, network_ids: Iterable[int]) -> bool:
    """Whether this person leads one of the networks, or is Verwaltung."""
    return user.is_admin or bool(
        set(network_ids).intersection(db.session.scalars(Participant.network_ids_of(user.id, lead=True)))
    )
