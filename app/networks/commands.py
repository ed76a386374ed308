"""The commands of this feature."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app.database import begin_writing, db
from app.forms import one_line
from app.networks.forms import is_free_slug
from app.networks.models import Network

network_group = AppGroup("network", help="Netze anlegen.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(network_group)


@network_group.command("add")
@click.argument("slug")
@click.argument("name")
def add(slug: str, name: str) -> None:
    """Legt das Netz NAME mit dem Kurznamen SLUG an."""
    begin_writing()
    if not is_free_slug(slug):
        raise click.ClickException(f"„{slug}“ geht nicht als Kurzname: kleine Buchstaben, Ziffern und Bindestriche.")
    if db.session.scalar(select(Network).filter_by(slug=slug)):
        raise click.ClickException(f"Es gibt schon ein Netz mit dem Kurznamen {slug}.")
    db.session.add(Network(slug=slug, name=one_line(name)[:200]))
    db.session.commit()
    click.echo(f"Das Netz „{name}“ ist angelegt: {slug}")
