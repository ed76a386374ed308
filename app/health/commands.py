"""`netz check`, and the worker's sign of life."""

from __future__ import annotations

import os
import socket
import sys

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy import delete

from app.database import db, utc_now
from app.health import checks
from app.health.models import SILENCE, Worker
from app.queue import job


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(check)


@job("health", every_minute=True)
def note_that_we_live() -> None:
    """Leave the sign of life of this process, and forget those of dead ones."""
    db.session.execute(delete(Worker).where(Worker.seen_at < utc_now() - 10 * SILENCE))
    db.session.merge(Worker(name=_own_name(), seen_at=utc_now()))
    db.session.commit()


def note_that_we_end() -> None:
    """Take the sign of life of this process away: nobody shall wait for what is gone to fall silent."""
    db.session.execute(delete(Worker).where(Worker.name == _own_name()))
    db.session.commit()


@click.command("check")
@with_appcontext
def check() -> None:
    """Sagt, ob Datenbank, Warteschlange, Dateien, Arbeitsprozess und Mailserver funktionieren."""
    works = True
    for finding in checks.of_everything():
        lines = finding.sentence.replace("\n", "\n  ")
        click.echo(f"{'✓' if finding.works else '✗'} {lines}")
        works = works and finding.works
    sys.exit(0 if works else 1)


def _own_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}"
