"""Whether the portal works: `/gesund` for machines, `netz check` for people."""

from flask import Flask

from app.health import commands, views


def init_app(app: Flask) -> None:
    """Bind the page and the command."""
    app.register_blueprint(views.bp)
    commands.init_app(app)
