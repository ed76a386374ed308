"""The demo: an invented town, and a mail server that delivers nothing. Bound only where NETZ_DEMO is set."""

from flask import Flask

from app.demo import commands, views


def init_app(app: Flask) -> None:
    """Bind the postbox page and the commands."""
    commands.init_app(app)
    if app.config["DEMO"]:
        app.register_blueprint(views.bp)
