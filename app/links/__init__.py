"""Links: the websites of the organisations in a network, and other addresses worth knowing."""

from __future__ import annotations

from flask import Flask

from app.links.views import bp


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(bp)
