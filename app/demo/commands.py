"""`netz demo`: a whole town on this machine, to try everything with."""

from __future__ import annotations

import sys
import time
from threading import Thread

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app import migrating, processes
from app.accounts.models import User
from app.accounts.sign_in import link_for
from app.database import begin_writing, db
from app.demo import load, postbox, seed, world

#: What Strg+C ends with, which is how a demo is meant to end.
_ENDED_BY_A_KEY = 130


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(demo)
    app.cli.add_command(demo_postbox)
    app.cli.add_command(seed_load)


@click.command("demo")
@click.option("--reset", is_flag=True, help="Beginnt von vorn.")
@with_appcontext
def demo(reset: bool) -> None:
    """Zeigt das Portal mit drei erfundenen Netzen; verschickt keine echte Mail."""
    # `--reset` is carried out before the application exists (demo/settings.py), because it removes its database.
    if not current_app.config["DEMO"]:
        raise click.ClickException("„demo“ läuft nur über das Kommando netz.")
    migrating.upgrade(click.get_current_context().obj.load_app())
    begin_writing()
    if not seed.is_seeded():
        click.echo("Die Stadt Musterhausen wird aufgebaut …")
        seed.seed()
    links = [(_person(local).name, role, link_for(_person(local))) for local, role in world.ROLES.items()]
    db.session.commit()
    _greet(current_app.config["BASE_URL"], links)
    ended = processes.together("web", "worker", "demo-postbox")
    sys.exit(0 if ended == _ENDED_BY_A_KEY else ended)


@click.command("demo-postbox", hidden=True)
@with_appcontext
def demo_postbox() -> None:
    """Nimmt die Mails der Vorführung entgegen."""
    Thread(target=_say_when_ready, args=(current_app.config["PORT"],), daemon=True).start()
    postbox.serve(current_app.config["MAIL_PORT"])


@click.command("seed")
@click.option("--networks", type=click.IntRange(1, 1000), default=3, show_default=True, help="Wie viele Netze.")
@click.option("--participants", type=click.IntRange(1, 100_000), default=200, show_default=True, help="Je Netz.")
@click.option("--messages", type=click.IntRange(0, 1_000_000), default=500, show_default=True, help="Je Netz.")
@with_appcontext
def seed_load(networks: int, participants: int, messages: int) -> None:
    """Füllt eine leere Datenbank mit erfundenen Lastdaten, jedes Mal denselben."""
    begin_writing()
    rows = networks * (participants * 5 + messages)
    with click.progressbar(length=rows, label="Zeilen") as bar:
        for written in load.load(networks, participants, messages):
            bar.update(written)
    db.session.commit()


def _person(local: str) -> User:
    return db.session.scalars(User.by_email(world.address(local))).one()


def _say_when_ready(port: int) -> None:
    while not processes.is_taken(port):
        time.sleep(0.2)
    click.echo(f"Bereit: http://localhost:{port}")


def _greet(base_url: str, links: list[tuple[str, str, str]]) -> None:
    click.echo(f"\nDas Portal läuft gleich unter {base_url}\n")
    click.echo("Melden Sie sich an, jeder Link gilt einmal und 30 Minuten:\n")
    for name, role, link in links:
        click.echo(f"  {name} {role}:\n    {link}\n")
    click.echo(f"Alle Mails, die das Portal verschickt: {base_url}/demo/postfach")
    click.echo("Beenden mit Strg+C. „make demo RESET=1“ beginnt von vorn.\n")
