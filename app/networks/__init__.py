"""Networks, seats and participants."""

from flask import Flask

from app import registry
from app.networks import (
    commands,
    direct,
    direct_views,
    import_commands,
    import_views,
    mail_links,
    organisation_views,
    own_data_views,
    own_views,
    panels,
    participant_views,
    receiving,
    recipients,
    scope,
    views,
)

#: Modules that add their routes to the blueprint when they are imported.
PAGES = (organisation_views, own_data_views, participant_views, own_views, direct_views, import_views)


def init_app(app: Flask) -> None:
    """Bind the pages, and answer the outbox who still takes part."""
    scope.init_app(app)
    app.register_blueprint(views.bp)
    registry.recipients_now["networks"] = receiving.answer
    registry.recipients_now[recipients.ONESELF] = recipients.answer
    registry.recipients_now[direct.AUDIENCE] = direct.answer
    registry.mail_actions["settings"] = mail_links.settings
    registry.mail_actions["own-data"] = own_data_views.own_data
    registry.mail_actions["undo-correction"] = own_data_views.undo
    registry.mail_actions["back"] = mail_links.back
    registry.mail_actions["deputy-decline"] = mail_links.decline
    registry.mail_actions["pause"] = mail_links.pause
    registry.mail_actions["resume"] = mail_links.resume
    panels.init_app()
    commands.init_app(app)
    import_commands.init_app(app)
