"""The command line: `netz`. The same commands stand under `flask`; features add theirs in `init_app()`."""

from __future__ import annotations

import gettext
import logging
import sys
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, FlaskGroup, ScriptInfo, with_appcontext

from app import __version__

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

    _speak_german()
    if sys.argv[1:2] == ["demo"]:
        _enter_demo()
    # Who asks for help has no settings yet.
    settings = config.to_tell_of() if not sys.argv[1:] or "--help" in sys.argv else None
    group = PortalGroup(create_app=lambda: create_app(settings), name="netz", help="Das Portal der virtuellen Netze.")
    if sys.argv[1:3] == ["mail", "receive"]:
        _keep_mail_safe(group)
    try:
        group()
    except config.ConfigurationError as error:
        _tell(error.faults)
        sys.exit(78)  # EX_CONFIG of sysexits.h


def _speak_german() -> None:
    """Let click's own words be German, too: it asks gettext's domain of the process, in the language of `LANGUAGE`."""
    import config

    config.speak("de")
    gettext.bindtextdomain("click", Path(__file__).parent / "translations")
    gettext.textdomain("click")


def _enter_demo() -> None:
    """The demo's settings must stand before the application reads any, and its database be gone before it is opened."""
    from app.demo import settings

    if "--help" not in sys.argv:
        try:
            settings.begin(reset="--reset" in sys.argv)
        except click.ClickException as trouble:
            trouble.show()
            sys.exit(trouble.exit_code)
    settings.enter()


def _tell(faults: list[str]) -> None:
    click.echo("Das Portal kann mit diesen Einstellungen nicht starten:", err=True)
    for fault in faults:
        click.echo(f"  {fault}", err=True)


class PortalGroup(FlaskGroup):
    """The commands of the portal, without those that Flask and its extensions bring."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(
            add_default_commands=False, add_version_option=False, subcommand_metavar="BEFEHL [ANGABEN]...", **attributes
        )
        version = click.version_option(__version__, message="Virtuelles Netz %(version)s", help="Zeigt die Fassung.")
        # Flask's own options would be a second way to give settings.
        self.params = version(lambda: None).__click_params__  # type: ignore[attr-defined]  # click's way to keep them

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands. Raises `ConfigurationError`."""
        return sorted(ctx.ensure_object(ScriptInfo).load_app().cli.list_commands(ctx))

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; what is wrong with the database or another part ends it with a sentence."""
        from sqlalchemy.exc import SQLAlchemyError

        from app.health.database import Unhealthy, demand_database

        try:
            try:
                return super().invoke(ctx)
            except SQLAlchemyError:
                # Mostly it is no fault of ours: the database is not there, or not migrated.
                with ctx.ensure_object(ScriptInfo).load_app().app_context():
                    demand_database()
                raise
        except Unhealthy as trouble:
            raise click.ClickException(str(trouble)) from trouble


def _keep_mail_safe(group: FlaskGroup) -> None:
    """End with 75 whatever goes wrong: by any other code the mail server would give the mail back to its sender."""
    import config
    from app import processes

    try:
        group()
    except config.ConfigurationError as error:
        _tell(error.faults)
        sys.exit(processes.TRY_LATER)
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
    from app.health.database import demand_database

    demand_database()
    if processes.is_taken(current_app.config["PORT"]):
        raise click.ClickException(
            f"Port {current_app.config['PORT']} ist schon belegt. Beenden Sie, was dort läuft, oder ändern Sie PORT."
        )
    processes.web(_app())


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Startet nur den Arbeitsprozess, der Mails übergibt."""
    from app import processes
    from app.health.database import demand_database

    demand_database()
    processes.worker(_app())


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # documented way


if __name__ == "__main__":
    main()
