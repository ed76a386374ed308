"""`netz outbox`: what waits, what failed."""

from __future__ import annotations

import json
import sys

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from app.mail import crashing, outbox


@click.command("outbox")
@click.option("--json", "as_json", is_flag=True, help="Als JSON ausgeben.")
@with_appcontext
def show_outbox(as_json: bool) -> None:
    """Zeigt, welche Mails warten und welche gescheitert sind. Ende mit 0, wenn nichts fällig oder unterwegs ist."""
    figures = outbox.figures()
    if as_json:
        click.echo(json.dumps(figures))
    else:
        click.echo(_("wartet: %(waiting)d, davon fällig: %(due)d", **figures))
        click.echo(_("wird übergeben: %(in_flight)d", **figures))
        click.echo(_("gescheitert: %(failed)d", **figures))
        for subject, reason, number in crashing.set_aside():
            click.echo(
                _(
                    "  davon beiseitegelegt: „%(subject)s“ an %(number)d: %(reason)s",
                    subject=subject,
                    number=number,
                    reason=reason,
                )
            )
    sys.exit(1 if figures["due"] or figures["in_flight"] else 0)
