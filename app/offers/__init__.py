"""Offers: what organisations have for the clients of the others, and what they look for ("Beiträge Dritter")."""

from __future__ import annotations

from flask import Flask

from app.offers import entering, rights
from app.offers.panels import CURRENT, count_of_offers, words_of_offers
from app.offers.views import bp
from app.registry import figures, panels, readable_by, seat_replaced, words_of


def init_app(app: Flask) -> None:
    """Register the pages, the count at the tab, and who may read the flyers."""
    app.register_blueprint(bp)
    figures["offers"] = CURRENT.scalar_subquery()
    panels.add("tab:offers", 0, count_of_offers)
    words_of["offers"] = words_of_offers
    readable_by["offer"] = rights.may_read
    seat_replaced.append(entering.follow_seat)
