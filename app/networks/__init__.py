"""Networks, seats and participants."""

from flask import Flask

from app import registry
from app.networks import commands, mail_links, panels, recipients, scope, views
from app.networks import own_views as _own_views  # registers its routes when imported
from app.networks import participant_views as _participant_views  # the same


def init_app(app: Flask) -> None:
    """Bind the pages, and answer the outbox who still takes part."""
    scope.init_app(app)
    app.register_blueprint(views.bp)
    registry.recipients_now["networks"] = recipients.answer
    registry.mail_actions["pause"] = mail_links.pause
    registry.mail_actions["resume"] = mail_links.resume
    panels.init_app()
    commands.init_app(app)
