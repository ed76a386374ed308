"""Anfragen: a thread that wants someone to take care, so that "everybody" becomes somebody."""

from flask import Flask

from app.forum import extending
from app.forum.forms import MessageForm
from app.forum.models import Kind
from app.requests import beginning, mail_links, panels, reminding, views  # noqa: F401  # registers its job
from app.requests.forms import FACTS


def init_app(app: Flask) -> None:
    """Bind the pages and the links in mails, and take part in the forum's threads of kind request."""
    app.register_blueprint(views.bp)
    extending.features[Kind.REQUEST] = beginning.feature()
    extending.digest_notes["request"] = beginning.notes
    extending.going.append(beginning.going)
    MessageForm.add_fields(FACTS)
    mail_links.init_app()
    panels.init_app()
