"""Public pages (Impressum, Datenschutz, ...), the city's contact, colour and logo, and the choice of language."""

from __future__ import annotations

from flask import Flask

from app import registry
from app.pages import panels, views
from app.pages.city import office_email
from app.pages.rendering import page_markdown


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(views.bp)
    panels.register()
    registry.contacts["email"] = office_email
    app.jinja_env.filters["page_markdown"] = page_markdown
