"""Whether the portal can work with its database, and what a person does about it if not."""

from __future__ import annotations

from flask import Flask, current_app
from flask_babel import gettext as _
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app import migrating


class Unhealthy(Exception):
    """A part of the portal does not work as it should; the message says what a person does about it."""


def demand_database() -> None:
    """Raise `Unhealthy` unless the database answers and has seen every migration."""
    try:
        is_current = migrating.is_current(_app())
    except SQLAlchemyError as error:
        raise Unhealthy(_unreachable(error)) from error
    if not is_current and not migrating.is_set_up(_app()):
        raise Unhealthy(_("Die Datenbank ist noch nicht eingerichtet. Führen Sie „netz db upgrade“ aus."))
    if not is_current:
        raise Unhealthy(_("Die Datenbank passt nicht zu diesem Programm. Führen Sie „netz db upgrade“ aus."))


def _unreachable(error: SQLAlchemyError) -> str:
    url = make_url(current_app.config["DATABASE_URL"]).render_as_string()
    return _(
        "Die Datenbank %(url)s ist nicht zu erreichen: %(error)s. Läuft sie, und stimmt DATABASE_URL?",
        url=url,
        error=_first_line(error),
    )


def _first_line(error: SQLAlchemyError) -> str:
    """What the driver says, without the statement that SQLAlchemy adds to it."""
    words: str = str(getattr(error, "orig", None) or error).strip() or type(error).__name__
    return words.splitlines()[0][:300].rstrip(".")


def _app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # documented way
