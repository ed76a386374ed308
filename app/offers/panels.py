"""What offers show on pages of other features."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.database import db
from app.networks.models import Network
from app.offers.models import Offer


def count_of_offers(network: Network, **_context: Any) -> str:
    """Return how many offers of the network are current, for its tab; nothing where there are none."""
    current = select(func.count(Offer.id)).where(Offer.network_id == network.id, Offer.is_current())
    return str(db.session.scalar(current) or "")
