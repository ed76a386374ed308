"""The demo's mail server: it takes every mail as a real one would and keeps it as a file instead of delivering it."""

from __future__ import annotations

import asyncio
import email.policy
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from aiosmtpd.smtp import SMTP, Envelope, Session

from app.demo.settings import POSTBOX

_numbers = itertools.count()


class _Keeper:
    """Keeps each mail under the order in which it came; the recipient is the one of the envelope."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        for recipient in envelope.rcpt_tos:
            put(_octets(envelope), recipient)
        return "250 2.0.0 Angenommen, bleibt im Postfach der Vorführung"


def put(octets: bytes, recipient: str) -> None:
    """Lay a mail into somebody's postbox."""
    path = POSTBOX / f"{time.time_ns():020d}-{next(_numbers):06d}.eml"
    path.with_suffix(".part").write_bytes(f"X-Envelope-To: {recipient}\r\n".encode() + octets)
    path.with_suffix(".part").rename(path)


def _octets(envelope: Envelope) -> bytes:
    content = envelope.content or b""
    return content if isinstance(content, bytes) else content.encode()


def serve(port: int) -> None:
    """Listen on loopback until a signal ends the process."""

    async def listen() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(_Keeper(), hostname="postfach.example", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
        )
        await server.serve_forever()

    asyncio.run(listen())


@dataclass(frozen=True)
class Letter:
    """A mail in the postbox: its head, and all of it when it is asked for, which can be megabytes."""

    path: Path
    head: EmailMessage

    @property
    def name(self) -> str:
        """What it is called in addresses of pages."""
        return self.path.stem

    @cached_property
    def raw(self) -> bytes:
        """Its octets."""
        return self.path.read_bytes()

    @cached_property
    def message(self) -> EmailMessage:
        """The mail, parsed as a mail program would."""
        return _parsed(self.raw)

    @property
    def recipient(self) -> str:
        """Whom the envelope named."""
        return str(self.head["X-Envelope-To"] or "")

    @property
    def written_at(self) -> datetime | None:
        """When it was written, as its head says."""
        date = self.head["Date"]
        return date.datetime if date else None


def letters(recipient: str = "", *, most: int) -> Iterator[Letter]:
    """Yield the newest mails first, all or one recipient's."""
    found = 0
    for path in sorted(POSTBOX.glob("*.eml"), reverse=True):
        letter = _read(path)
        if letter and recipient in ("", letter.recipient):
            yield letter
            found += 1
            if found == most:
                return


def letter(name: str) -> Letter | None:
    """Return the mail of that name; `name` comes from a URL and is only compared, never joined to a path."""
    path = next((path for path in POSTBOX.glob("*.eml") if path.stem == name), None)
    return _read(path) if path else None


def recipients() -> list[tuple[str, int]]:
    """Return every recipient with the number of mails they got, by address."""
    counted: dict[str, int] = {}
    for path in POSTBOX.glob("*.eml"):
        with path.open("rb") as file:
            address = file.readline().decode(errors="replace").removeprefix("X-Envelope-To: ").strip()
        counted[address] = counted.get(address, 0) + 1
    return sorted(counted.items())


def _read(path: Path) -> Letter | None:
    try:
        with path.open("rb") as file:
            return Letter(path, _parsed(_head_of(file)))
    except FileNotFoundError:  # a reset removed it in between
        return None


def _head_of(file: BinaryIO) -> bytes:
    head = b""
    while (line := file.readline()).strip():
        head += line
    return head


def _parsed(octets: bytes) -> EmailMessage:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise TypeError("the default policy makes EmailMessages")
    return message
