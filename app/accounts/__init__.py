"""People and their way in: mailed links, passwords, devices, profile."""

from __future__ import annotations

from flask import Flask, render_template

from app.accounts import cli, devices, people_views, profile_views, recipients  # noqa: F401  # views register themselves
from app.accounts.models import Stranger
from app.accounts.views import bp
from app.extensions import login_manager
from app.registry import panels, recipients_now


def init_app(app: Flask) -> None:
    """Register the pages, the commands and what the outbox asks about people."""
    login_manager.user_loader(devices.load_user)
    login_manager.anonymous_user = Stranger
    # Flask-Login would tie a session to one network address, and phones change theirs on the way to work.
    login_manager.session_protection = None
    recipients_now.update(
        {
            "person": recipients.persons,
            "sign-in": recipients.who_signs_in,
            "new-address": recipients.given_addresses,
            "held-address": recipients.given_addresses,
        }
    )
    panels.add("admin", 50, _desk)
    app.register_blueprint(bp)
    app.cli.add_command(cli.admin)
    app.cli.add_command(cli.sign_in_link)


def _desk() -> str:
    """The way to everyone, on the desk of the Verwaltung."""
    return render_template("accounts/_desk.html")
