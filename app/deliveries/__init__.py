"""Zustellbericht: what became of each mail of a message, honestly."""

from flask import Flask

from app.deliveries import views


def init_app(app: Flask) -> None:
    """Bind the pages."""
    app.register_blueprint(views.bp)
