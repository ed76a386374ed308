"""Commands about people: a first Verwaltung, and a way in for somebody whose mail does not arrive."""

from __future__ import annotations

import click
from flask.cli import AppGroup, with_appcontext

from app.accounts import sign_in
from app.accounts.models import User
from app.accounts.people import find_or_create_user
from app.database import db, writing
from app.forms import is_email

admin = AppGroup("admin", help="Verwaltung des Portals.")


@admin.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Vor- und Nachname.")
def add_admin(email: str, name: str) -> None:
    """Legt eine Verwaltung an (oder macht eine Person dazu) und gibt einen Anmeldelink aus."""
    if not is_email(email):
        raise click.ClickException(f"„{email}“ ist keine E-Mail-Adresse.")
    if not name.strip() or len(name) > 200:
        raise click.ClickException("Der Name braucht 1 bis 200 Zeichen.")
    with writing():
        user = find_or_create_user(email, name)
        user.is_admin, user.receives_only = True, False
        url = sign_in.link_for(user)
        db.session.commit()
    click.echo(f"{user.name} ist Verwaltung. Der Link gilt 30 Minuten und einmal:")
    click.echo(url)


@click.command("sign-in-link")
@click.argument("email")
@with_appcontext
def sign_in_link(email: str) -> None:
    """Gibt einen Anmeldelink für eine Person aus, die keinen empfangen kann."""
    with writing():
        user = db.session.scalar(User.by_email(email))
        if user is None:
            raise click.ClickException(f"Niemand hier hat die Adresse „{email}“.")
        if user.receives_only:
            raise click.ClickException(f"{user.name} empfängt nur und kann sich nicht anmelden.")
        url = sign_in.link_for(user)
        db.session.commit()
    click.echo(url)
