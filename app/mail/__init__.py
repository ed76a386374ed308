"""Envelopes and postmen: the outbox, the worker that empties it, and the links in mails. Knows keys, never people."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask) -> None:
    """Add the page of mail links, the command and what mail templates use, and the jobs."""
    # Imported here so that reading a mail (`netz mail read`) loads neither worker nor pages.
    from app.mail import commands, envelope, plain, reading_commands, views
    from app.mail import incoming as incoming  # registers the job "incoming"
    from app.mail import retention as retention  # registers the job "retention"
    from app.mail import worker as worker  # registers the job "outbox"

    app.register_blueprint(views.bp)
    app.cli.add_command(commands.show_outbox)
    app.cli.add_command(reading_commands.mail_group)
    app.jinja_env.filters["plain"] = plain.plain
    app.jinja_env.globals["personal_link"] = envelope.personal_link
