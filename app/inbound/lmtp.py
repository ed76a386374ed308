"""The door for a mail server on the same machine: LMTP (RFC 2033), with an answer of its own for each recipient.

Nothing is answered with 250 before it is committed. Who does not exist here is refused at RCPT, so that the mail server
in front tells the sender instead of us.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from app.database import begin_reading
from app.inbound.doors import door_of
from app.inbound.taking import take_for_each
from app.inbound.verdict import Verdict

log = logging.getLogger(__name__)

NO_SUCH_ADDRESS = "550 5.1.1 Diese Adresse gibt es hier nicht."
TOO_MANY = "452 4.5.3 Zu viele Empfaenger auf einmal."
TRY_LATER = "451 4.3.0 Gerade nicht moeglich, bitte spaeter noch einmal."

#: Recipients of one mail; a server must be able to name that many (RFC 5321 4.5.3.1.8).
MOST_RECIPIENTS = 100

# Two at most: reading a large mail takes memory, and SQLite has one writer anyway; so a small one passes a large one.
_AT_ONCE = 2


class _Lmtp(LMTP):
    """Lines of real mail are sometimes longer than RFC 5321 allows; they are read all the same."""

    line_length_limit = 10_000_000


class Handler:
    """Asks the portal, in threads, because the portal waits for its database."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: LMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take recipients we know; for more than a hundred the server begins another mail (RFC 5321 4.5.3.1.10)."""
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        answer = await asyncio.to_thread(self._in_context, lambda: _known(address))
        if answer == "250 2.1.5 OK":
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        """Answer for each recipient in their order (RFC 2033 4.2)."""
        content = envelope.content or b""
        octets = content if isinstance(content, bytes) else content.encode()
        # The final delivery notes the sender of the envelope (RFC 5321 4.4): an empty one tells of a machine.
        octets = f"Return-Path: <{(envelope.mail_from or '').strip('<>')}>\r\n".encode(errors="replace") + octets
        async with self._turn:
            return await asyncio.to_thread(self._in_context, lambda: _answers(octets, envelope.rcpt_tos))

    async def handle_exception(self, error: Exception) -> str:
        """Whatever goes wrong here is no fault of the mail."""
        log.error("The LMTP door failed", exc_info=error)
        return TRY_LATER

    def _in_context(self, work: Callable[[], str]) -> str:
        with self._app.app_context():
            begin_reading()
            return work()


def protocol(app: Flask, handler: Handler) -> LMTP:
    """Return what speaks with one mail server over one connection."""
    return _Lmtp(
        handler,
        data_size_limit=app.config["INBOUND_LIMIT"],
        hostname=app.config["MAIL_DOMAIN"],
        ident="Virtuelles Netz",
        enable_SMTPUTF8=True,
        loop=asyncio.get_running_loop(),
    )


def serve(app: Flask) -> None:
    """Listen where INBOUND_LMTP says until a signal ends the process; what is being taken is finished first."""
    asyncio.run(_serve(app))


async def _serve(app: Flask) -> None:
    host, _, port = str(app.config["INBOUND_LMTP"]).rpartition(":")
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    handler = Handler(app)
    server = await loop.create_server(lambda: protocol(app, handler), host.strip("[]"), int(port))
    log.warning("Mail is taken by LMTP at %s", app.config["INBOUND_LMTP"])
    await over.wait()
    server.close()
    for _ in range(_AT_ONCE):  # a mail that is being taken holds a place; a killed one comes again and is known
        await handler._turn.acquire()  # noqa: SLF001  # the same module


def _known(address: str) -> str:
    try:
        return "250 2.1.5 OK" if door_of(address) else NO_SUCH_ADDRESS
    except SQLAlchemyError:
        log.warning("A recipient could not be looked up", exc_info=True)
        return TRY_LATER


def _answers(octets: bytes, recipients: list[str]) -> str:
    return "\r\n".join(_said(verdict) for verdict in take_for_each(octets, recipients))


def _said(verdict: Verdict) -> str:
    if verdict.is_kept:
        return "250 2.0.0 Angenommen"
    return TRY_LATER if verdict.is_later else f"550 5.7.1 {_ascii(verdict.refusal)}"


def _ascii(sentence: str) -> str:
    umlauts: Any = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
    return sentence.translate(umlauts).encode("ascii", errors="replace").decode()
