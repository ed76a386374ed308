"""The command line: `netz`. The same commands stand under `flask`; features add theirs in `init_app()`."""

from __future__ import annotations

import sys

import click
from flask import Flask, current_app
from flask.cli import AppGroup, FlaskGroup, ScriptInfo, with_appcontext

import config
from app import migrating, processes
from app.demo import settings as demo_settings

db_group = AppGroup("db", help="Die Datenbank.")


def init_app(app: Flask) -> None:
    """Add the commands that belong to no feature."""
    for command in (db_group, run, web, worker):
        app.cli.add_command(command)


class _Netz(FlaskGroup):
    """Flask's group without what is Flask's: our commands alone, and a sentence where settings are wrong."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        ctx.ensure_object(ScriptInfo).load_app()  # Flask would print a traceback and go on without our commands
        return [name for name in super().list_commands(ctx) if name != "limiter"]


def main() -> None:
    """Run `netz`."""
    from app import create_app

    if sys.argv[1:2] == ["demo"]:
        # The demo's settings must stand before the application reads any.
        demo_settings.enter(reset="--reset" in sys.argv)
    try:
        netz = _Netz(
            create_app=create_app,
            add_default_commands=False,
            add_version_option=False,
            name="netz",
            help="Das virtuelle Netz: starten, einrichten, nachsehen. Mehr dazu steht in docs/betrieb.md.",
        )
        # Which application to load, and from which file of settings, is no question here.
        netz.params = [option for option in netz.params if option.name not in ("env_file", "app", "debug")]
        netz()
    except config.ConfigurationError as error:
        click.echo("Das Portal kann mit diesen Einstellungen nicht starten:", err=True)
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)
        sys.exit(78)  # EX_CONFIG of sysexits.h


@db_group.command("upgrade")
def upgrade() -> None:
    """Bringt die Datenbank auf den neuesten Stand."""
    migrating.upgrade(_app())
    click.echo("Die Datenbank ist auf dem neuesten Stand.")


@click.command("run")
@with_appcontext
def run() -> None:
    """Startet Web und Arbeitsprozess zusammen, auf einer Maschine."""
    migrating.upgrade(_app())
    sys.exit(processes.together("web", "worker"))


@click.command("web")
@with_appcontext
def web() -> None:
    """Startet nur das Web."""
    processes.web(_app())


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Startet nur den Arbeitsprozess, der Mails übergibt."""
    processes.worker(_app())


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # documented way


if __name__ == "__main__":
    main()
