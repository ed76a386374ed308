"""The command line: `netz`. The same commands stand under `flask`; features add theirs in `init_app()`."""

from __future__ import annotations

import logging
import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup, FlaskGroup, with_appcontext

# The portal itself is imported where a command needs it: `netz mail read` runs over hundreds of mails, one by one.

log = logging.getLogger(__name__)

db_group = AppGroup("db", help="Die Datenbank.")


def init_app(app: Flask) -> None:
    """Add the commands that belong to no feature."""
    for command in (db_group, run, web, worker):
        app.cli.add_command(command)


def main() -> None:
    """Run `netz`."""
    if sys.argv[1:3] == ["mail", "read"]:
        # People run it over hundreds of files; it needs no settings, no database, and so no portal.
        from app.mail.reading_commands import read_mail

        read_mail.main(sys.argv[3:], prog_name="netz mail read")
    import config
    from app import create_app

    if sys.argv[1:2] == ["demo"]:
        # The demo's settings must stand before the application reads any.
        from app.demo import settings as demo_settings

        demo_settings.enter(reset="--reset" in sys.argv)
    group = FlaskGroup(create_app=create_app, add_default_commands=False, name="netz", help=__doc__)
    if sys.argv[1:3] == ["mail", "receive"]:
        _keep_mail_safe(group)
    try:
        group()
    except config.ConfigurationError as error:
        click.echo("Das Portal kann mit diesen Einstellungen nicht starten:", err=True)
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)
        sys.exit(78)  # EX_CONFIG of sysexits.h


def _keep_mail_safe(group: FlaskGroup) -> None:
    """End with 75 whatever goes wrong: by any other code the mail server would give the mail back to its sender."""
    from app import processes

    try:
        group()
    except SystemExit as end:
        sys.exit(end.code if end.code in (0, None, processes.REFUSED) else processes.TRY_LATER)
    except Exception:  # wrong settings, no database, no disk: none of it is the sender's fault
        log.exception("A mail could not be taken")
        sys.exit(processes.TRY_LATER)


@db_group.command("upgrade")
def upgrade() -> None:
    """Bringt die Datenbank auf den neuesten Stand."""
    from app import migrating

    migrating.upgrade(_app())
    click.echo("Die Datenbank ist auf dem neuesten Stand.")


@click.command("run")
@with_appcontext
def run() -> None:
    """Startet Web und Arbeitsprozess zusammen, auf einer Maschine."""
    from app import migrating, processes

    migrating.upgrade(_app())
    sys.exit(processes.together("web", "worker", *(["lmtp"] if current_app.config["INBOUND_LMTP"] else [])))


@click.command("web")
@with_appcontext
def web() -> None:
    """Startet nur das Web."""
    from app import processes

    processes.web(_app())


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Startet nur den Arbeitsprozess, der Mails übergibt."""
    from app import processes

    processes.worker(_app())


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # documented way


if __name__ == "__main__":
    main()
