"""Who may do what with offers. Whoever enters a network reads all of its offers."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from sqlalchemy import select

from app.database import db
from app.networks.models import Holding, Network
from app.networks.scope import leads
from app.offers.models import Offer


def may_add(network: Network) -> bool:
    """Whether the person signed in may enter an offer: everyone but mailboxes that only receive."""
    return _takes_changes(network) and not current_user.receives_only


def may_change(offer: Offer, network: Network) -> bool:
    """Whether the person signed in may change or remove this offer of the network.

    These are the leads, Verwaltung, and whoever holds the offer's seat now: the successor of its author, too.
    """
    return _takes_changes(network) and (leads(network) or _speaks_for(offer))


def may_read(offer_id: str, user: Any) -> bool:
    """Whether this person may read the flyers of an offer (`registry.readable_by`)."""
    return db.session.scalar(Offer.visible_to(user).where(Offer.id == int(offer_id))) is not None


def _takes_changes(network: Network) -> bool:
    return bool(network.closed_at is None or current_user.is_admin)


def _speaks_for(offer: Offer) -> bool:
    if offer.seat_id is None:
        return bool(offer.author_id == current_user.id)
    holds = select(Holding.id).filter_by(seat_id=offer.seat_id, user_id=current_user.id, until=None)
    return db.session.scalar(holds) is not None
