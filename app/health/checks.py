"""Each part of the portal, tried once: does it work, and if not, what does a person do about it?"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select, text

from app import registry
from app.database import db, utc_now
from app.files import storage
from app.health.database import Unhealthy, demand_database
from app.health.models import Worker
from app.mail.outcomes import ServerUnavailable
from app.mail.postman import Postman


@dataclass(frozen=True)
class Finding:
    """What a check found: the part, whether it works, and a sentence; what belongs to it stands on further lines."""

    part: str
    works: bool
    sentence: str


def of_this_machine() -> Iterator[Finding]:
    """Ask what must work for a page to be served and a mail to be kept. It only reads, because anybody may ask."""
    return _found({"database": _database, "queue": _queue, "files": _room_for_files, "worker": _worker})


def of_everything() -> Iterator[Finding]:
    """Try the same in earnest, writing a file, and whether the mail server takes us; yield each part when it is done.

    Without a database only those parts are tried that need none.
    """
    database = _tried("database", _whole_database)
    yield database
    yield from (Finding("settings", False, each) for each in _misspelt())
    yield from _found({"queue": _queue, "files": _files, "mail": _mail_server})
    if database.works:
        yield from _found({"worker": _worker} | registry.checks)


def _found(checks: dict[str, Callable[[], str]]) -> Iterator[Finding]:
    return (_tried(part, check) for part, check in checks.items())


def _tried(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except Unhealthy as error:
        return Finding(part, False, str(error))
    except Exception as error:  # noqa: BLE001  # whatever a driver raises is what this page is there to tell
        db.session.rollback()
        return Finding(part, False, f"{type(error).__name__}: {error}".splitlines()[0][:300])


def _misspelt() -> Iterator[str]:
    for name, meant in current_app.config.get("MISSPELT", {}).items():
        yield (
            _("Die Einstellung %(name)s kennt das Portal nicht. Meinten Sie %(meant)s?", name=name, meant=meant)
            if meant
            else _("Die Einstellung %(name)s kennt das Portal nicht.", name=name)
        )


def _whole_database() -> str:
    demand_database()
    return _database()


def _database() -> str:
    db.session.execute(text("SELECT 1 FROM network LIMIT 1"))
    return _("Die Datenbank antwortet (%(kind)s).", kind=db.engine.dialect.name)


def _queue() -> str:
    try:
        waiting = current_app.extensions["queue"].pending_count()
    except Exception as error:  # each queue has errors of its own
        raise Unhealthy(
            _(
                "Die Warteschlange ist nicht zu erreichen: %(error)s. Läuft sie, und stimmt QUEUE_URL? Mails gehen "
                "trotzdem hinaus, bis zu einer Minute später.",
                error=str(error).partition("\n")[0][:300].rstrip("."),
            )
        ) from error
    return _("Die Warteschlange antwortet, %(waiting)s Weckrufe warten.", waiting=waiting)


def _room_for_files() -> str:
    return _said_of_files(storage.current().has_room(current_app.config["UPLOAD_LIMIT"]))


def _files() -> str:
    return _said_of_files(storage.current().is_writable())


def _said_of_files(is_writable: bool) -> str:
    if not is_writable:
        raise Unhealthy(_("Die Dateiablage nimmt nichts an. Prüfen Sie den freien Platz und die Rechte."))
    return _("Die Dateiablage ist beschreibbar.")


def _worker() -> str:
    alive = Worker.alive().subquery()
    workers, heard = db.session.execute(select(func.count(), func.max(alive.c.seen_at))).one()
    if not workers:
        raise Unhealthy(
            _("Kein Arbeitsprozess läuft: Mails bleiben liegen. Starten Sie „netz worker“ oder „netz run“.")
        )
    # A database that was just restored holds the signs of life of processes that ended; the age tells.
    return ngettext(
        "%(num)s Arbeitsprozess läuft (zuletzt gemeldet vor %(age)s s).",
        "%(num)s Arbeitsprozesse laufen (zuletzt gemeldet vor %(age)s s).",
        workers,
        age=max(0, round((utc_now() - heard).total_seconds())),
    )


def _mail_server() -> str:
    server = f"{current_app.config['MAIL_SERVER']}:{current_app.config['MAIL_PORT']}"
    try:
        with Postman(current_app.extensions["mail"]) as postman:
            postman.call()
    except ServerUnavailable as error:
        if isinstance(error.__cause__, smtplib.SMTPAuthenticationError):
            raise Unhealthy(
                _(
                    "Der Mailserver %(server)s lehnt Name oder Passwort ab. Prüfen Sie MAIL_USERNAME, MAIL_PASSWORD.",
                    server=server,
                )
            ) from error
        raise Unhealthy(
            _("Der Mailserver %(server)s ist nicht zu erreichen.", server=server)
            + "\n"
            + f"{_what_to_look_at(error.__cause__)} {_('Im Wortlaut: „%(error)s“', error=error)}".strip()
        ) from error
    return _("Der Mailserver %(server)s nimmt uns an.", server=server)


def _what_to_look_at(trouble: BaseException | None) -> str:
    """Say in the reader's words what mail servers and operating systems say in English."""
    match trouble:
        case ConnectionRefusedError():
            return _("Dort nimmt niemand Verbindungen an. Läuft er, und stimmt MAIL_PORT?")
        case socket.gaierror():
            return _("Einen Rechner dieses Namens gibt es nicht. Stimmt MAIL_SERVER?")
        case TimeoutError():
            return _("Er antwortet nicht. Lässt die Firewall uns zu ihm?")
        case ssl.SSLCertVerificationError():
            return _("Sein Zertifikat ist nicht gültig oder gilt für einen anderen Namen als MAIL_SERVER.")
        case ssl.SSLError() | smtplib.SMTPNotSupportedError() | smtplib.SMTPServerDisconnected():
            return _("Passen MAIL_USE_TLS, MAIL_USE_SSL und MAIL_USERNAME zu ihm und zu MAIL_PORT?")
    return ""
