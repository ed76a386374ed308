"""What offers show on pages of other features."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, or_, select

from app.networks.models import Network
from app.networks.scope import figure
from app.offers.models import Offer

# `Offer.is_current()` with the day left open.
CURRENT = select(func.count(Offer.id)).where(
    Offer.network_id == bindparam("network_id"), or_(Offer.ends_on.is_(None), Offer.ends_on >= bindparam("today"))
)


def count_of_offers(network: Network, **_context: Any) -> str:
    """Return how many offers of the network are current, for its tab; nothing where there are none."""
    return str(figure(network, "offers") or "")
