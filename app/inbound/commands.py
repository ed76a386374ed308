"""`netz mail receive` and `netz lmtp`: the doors a mail server knocks at."""

from __future__ import annotations

import os
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.health.database import demand_database
from app.inbound import lmtp
from app.inbound.taking import take
from app.mail.reading_commands import mail_group
from app.processes import REFUSED, TRY_LATER


def init_app(app: Flask) -> None:
    """Add the commands; the group `netz mail` stands beside the reading of mail."""
    group: click.Group = mail_group  # Flask gives its class no types
    group.add_command(receive)
    app.cli.add_command(listen)


@click.command("receive")
@click.option("--recipient", required=True, help="Die Adresse, an die die Mail ging.")
@with_appcontext
def receive(recipient: str) -> None:
    """Nimmt eine Mail von der Standardeingabe. Ende mit 0: behalten, 65: abgelehnt, 75: bitte später noch einmal."""
    limit = current_app.config["INBOUND_LIMIT"]
    octets = sys.stdin.buffer.read(limit + 1)
    if len(octets) > limit:
        _refuse("5.3.4 Diese Mail ist zu groß.")
    verdict = take(_without_mbox_line(octets), recipient)
    if verdict.is_later:
        sys.exit(TRY_LATER)
    if not verdict.is_kept:
        # Postfix sends what the pipe prints to the sender, the enhanced status code first (pipe(8)).
        _refuse(f"5.1.1 {verdict.refusal}")


@click.command("lmtp")
@with_appcontext
def listen() -> None:
    """Nimmt Mails über LMTP an, wo INBOUND_LMTP es sagt."""
    if not current_app.config["INBOUND_LMTP"]:
        raise click.ClickException("INBOUND_LMTP ist nicht gesetzt, zum Beispiel: INBOUND_LMTP=127.0.0.1:8024")
    demand_database()
    try:
        lmtp.serve(current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001  # documented way
    except OSError as error:
        raise click.ClickException(
            f"An {current_app.config['INBOUND_LMTP']} lässt sich nicht lauschen ({os.strerror(error.errno or 0)}). "
            "Beenden Sie, was dort läuft, oder ändern Sie INBOUND_LMTP."
        ) from error


def _refuse(sentence: str) -> None:
    click.echo(sentence)
    sys.exit(REFUSED)


def _without_mbox_line(octets: bytes) -> bytes:
    """Some pipes write an mbox's "From " line in front of the mail."""
    return octets.partition(b"\n")[2] if octets.startswith(b"From ") else octets
