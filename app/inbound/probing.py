"""`netz check` writes to one address of each kind and waits for it: only a mail that came back proves the way in."""

from __future__ import annotations

import secrets
import socket
import time
from email.utils import format_datetime

import click
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.database import db, utc_now
from app.health.database import Unhealthy
from app.mail import answering, envelope
from app.mail.headers import field
from app.mail.incoming import IncomingMail
from app.mail.outcomes import ServerUnavailable, Verdict
from app.mail.postman import Postman
from app.mail.reading import ReceivedMail
from app.mail.rendering import Copy
from app.networks.models import Network

_ACTION = "probe"

#: Seconds a mail may take through the town's servers; IMAP is looked into every minute.
PATIENCE = 100
_CONNECTING = 5  # seconds


def name_of(mail: ReceivedMail) -> str:
    """Return the name of the probe this mail is ("probe:17:3"), or "" for every other mail."""
    local = mail.message_id.partition("@")[0]
    opened = envelope.open_token(envelope.signing_key(), local, [_ACTION]) if local else None
    return f"{_ACTION}:{opened.delivery_id}:{opened.argument}" if opened else ""


def way_in() -> str:
    """Say that mail to all kinds of our addresses comes in. Raises `Unhealthy` with what is to be done."""
    if not current_app.config["MAIL_IS_READ"]:
        return _("Das Portal liest keine eingehende Mail: Antworten gehen nur an die Person, die geschrieben hat.")
    _demand_listener()
    number = secrets.randbelow(1 << 30) + 1
    probes = {f"{_ACTION}:{number}:{kind}": address for kind, address in enumerate(_addresses(number))}
    try:
        refusals = _sent(probes, number)
    except ServerUnavailable as error:
        raise Unhealthy(
            _("Ob Mail hereinkommt, zeigt sich erst, wenn der Mailserver des Portals uns annimmt (siehe oben).")
        ) from error
    missing = {name: probes[name] for name in _missing({name for name in probes if name not in refusals})} | refusals
    if missing:
        raise Unhealthy(_advice(missing))
    return _("Mails an %(number)s Adressen des Portals gingen hinaus und kamen zurück.", number=len(probes))


def _demand_listener() -> None:
    """Whoever hands mail over by LMTP must find somebody; asked first, because the probes would wait in vain."""
    listen = str(current_app.config["INBOUND_LMTP"])
    if not listen:
        return
    host, _colon, port = listen.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECTING).close()
    except OSError as error:
        raise Unhealthy(
            _(
                "„netz lmtp“ läuft nicht: An %(address)s nimmt niemand Mail an. Starten Sie den Dienst netz-lmtp.",
                address=listen,
            )
        ) from error


def _addresses(number: int) -> list[str]:
    """One address of each kind."""
    back = envelope.seal(envelope.signing_key(), envelope.RETURN_PATH, 0, number)
    slug = db.session.scalar(select(Network.slug).order_by(Network.id).limit(1))
    own = [envelope.address_of(f"{envelope.RETURN_PATH}+{back}")]
    own += [answering.address(way, 0, 0) for way in (answering.TO_ALL, answering.TO_ONE)]
    return own + ([envelope.address_of(slug)] if slug else [])


def _sent(probes: dict[str, str], number: int) -> dict[str, str]:
    """Send each probe; return what the server said to those it did not take. Raises `ServerUnavailable`."""
    refused = {}
    with Postman(current_app.extensions["mail"]) as postman:
        for kind, (name, address) in enumerate(probes.items()):
            outcome = postman.deliver(_probe(address, number, kind))
            if outcome.verdict is not Verdict.ACCEPTED:
                refused[name] = f"{address} ({outcome.reply})"
    return refused


def _probe(address: str, number: int, kind: int) -> Copy:
    sender = envelope.sender() or envelope.address_of("noreply")
    token = envelope.seal(envelope.signing_key(), _ACTION, number, kind)
    head = {
        "From": sender,
        "To": address,
        "Subject": "netz check",
        "Date": format_datetime(utc_now()),
        "Message-ID": f"<{token}@{sender.rpartition('@')[2]}>",
        "Auto-Submitted": "auto-generated",
    }
    octets = b"".join(field(name, value) for name, value in head.items()) + b"\r\nEine Probe von netz check.\r\n"
    return Copy(sender, address, [octets], len(octets))


def _missing(names: set[str]) -> set[str]:
    """Wait until all of these came in; return those that did not."""
    if names:  # whoever sits before it would take a minute of silence for a fault
        said = _("Proben sind unterwegs; bis zu %(seconds)s Sekunden, bis sie da sind …", seconds=PATIENCE)
        click.echo(said, err=True)
    until = time.monotonic() + PATIENCE
    while names and time.monotonic() < until:
        db.session.rollback()  # each look sees what was committed meanwhile
        names = names - set(db.session.scalars(select(IncomingMail.about).where(IncomingMail.about.in_(names))))
        time.sleep(0.2)
    return names


def _advice(missing: dict[str, str]) -> str:
    domain = str(current_app.config["MAIL_DOMAIN"])
    lines = [
        _("Mails an diese Adressen kamen nicht an:"),
        *(f"  {address}" for address in missing.values()),
        _("Die IT richtet ein:"),
        "  " + _("Mail an %(domain)s samt Plus-Adressen (Wort+Zeichen@) geht unverändert an den Weg,", domain=domain),
        "  " + _("den das Portal liest (LMTP, Postfach oder Pipe);"),
        "  " + _("im DNS MX für %(domain)s, SPF mit dem Relay (v=spf1 a:RELAY -all),", domain=domain),
        "  " + _("den Schlüssel für DKIM, und DMARC (_dmarc.%(domain)s).", domain=domain),
    ]
    return "\n".join(lines)
