"""Offers for tests."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.database import db
from app.networks.models import Participant
from app.offers.models import Kind, Offer
from tests.cast import Net, Person


def make_offer(network: Net, author: Person | None = None, **fields: Any) -> int:
    """Add an offer, entered from the author's seat in the network, and return its id. Call it in `given()`."""
    seat_id = None
    if author and author.id in network.participants:
        seat_id = db.session.get_one(Participant, network.participant(author)).seat_id
    values: dict[str, Any] = {
        "kind": Kind.OFFER,
        "title": "Bewerbungstraining",
        "organisation_name": "Sprachwerk e. V.",
    }
    offer = Offer(
        network_id=network.id,
        submission=str(uuid.uuid4()),
        seat_id=seat_id,
        author_id=author.id if author else None,
        **(values | fields),
    )
    db.session.add(offer)
    db.session.flush()
    return offer.id


def offers(app: Flask) -> list[Offer]:
    """Return all offers, the oldest first."""
    with app.app_context():
        return list(db.session.scalars(select(Offer).order_by(Offer.id)))


def token(html: str) -> str:
    """Return the csrf token of a page."""
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]
