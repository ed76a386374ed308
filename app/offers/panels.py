"""What offers show on pages of other features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from app.database import db
from app.networks.models import Holding, Network
from app.networks.scope import figure
from app.offers.models import Offer

# `Offer.is_current()` with the day left open.
CURRENT = select(func.count(Offer.id)).where(
    Offer.network_id == bindparam("network_id"), or_(Offer.ends_on.is_(None), Offer.ends_on >= bindparam("today"))
)


def count_of_offers(network: Network, **_context: Any) -> str:
    """Return how many offers of the network are current, for its tab; nothing where there are none."""
    return str(figure(network, "offers") or "")


def words_of_offers(network_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return what the present offers of these networks say, each with who holds its seat now."""
    rows = db.session.execute(
        select(Holding.user_id, Offer.title, Offer.description, Offer.target_group)
        .join(Offer, Offer.seat_id == Holding.seat_id)
        .where(Offer.network_id.in_(network_ids), Holding.until.is_(None), Offer.is_current())
    )
    return [(user_id, f"{title} {description} {target}") for user_id, title, description, target in rows]
