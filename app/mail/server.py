"""The client's end of an SMTP connection: smtplib, with replies that are bounded in time and size."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from flask import current_app
from flask_babel import gettext as _

_TIMEOUT = 30.0  # seconds a command may take; MAIL_TIMEOUT says otherwise
_LONGEST_REPLY = 64 * 1024  # octets; a server that says more is not one
_KEPT_REPLY = 1000  # characters
_COALESCED = 64 * 1024  # octets written at once

_REPLY_CODE = re.compile(rb"[2-5][0-9][0-9](?:[ -]|$)")


class Reply(NamedTuple):
    """What the server answered: its code and all its words, the code among them."""

    code: int
    text: str


class Server(smtplib.SMTP):
    """smtplib's client, with replies that are bounded in time and size."""

    def __init__(self) -> None:
        self.patience = float(current_app.config.get("MAIL_TIMEOUT", _TIMEOUT))
        self._unread = b""
        # The name is given, because smtplib would ask a name server for it each time.
        super().__init__(local_hostname=current_app.config["MAIL_DOMAIN"], timeout=self.patience)

    def command(self, line: bytes, seconds: float | None = None) -> Reply:
        """Send a command and return the reply."""
        self.write([line], seconds)
        return self.reply(seconds)

    def write(self, pieces: Iterable[bytes], seconds: float | None = None) -> None:
        """Send these octets. Raises `OSError` when that takes longer than `seconds`."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected(_("Die Verbindung ist getrennt."))
        deadline = time.monotonic() + (seconds or self.patience)
        for buffer in _coalesced(list(pieces)):
            _bound(self.sock, deadline)
            self.sock.sendall(buffer)

    def reply(self, seconds: float | None = None) -> Reply:
        """Return the next reply. Raises `OSError` when it takes too long, `SMTPServerDisconnected` for nonsense."""
        lines = self._lines(seconds)
        return Reply(int(lines[-1][:3]), readable(lines))

    def getreply(self) -> tuple[int, bytes]:
        """The same for smtplib's own commands (EHLO, STARTTLS, AUTH)."""
        lines = self._lines()
        return int(lines[-1][:3]), b"\n".join(line[4:].strip() for line in lines)

    def send(self, s: Any) -> None:
        """Send for smtplib's own commands."""
        self.write([s.encode() if isinstance(s, str) else bytes(s)])

    def starttls(self, *, context: ssl.SSLContext | None = None) -> tuple[int, bytes]:  # type: ignore[override]  # the old arguments are gone in 3.12
        """Go over to TLS; what the server sent before belongs to nobody (CVE-2011-0411)."""
        answer = super().starttls(context=context)
        self._unread = b""
        return answer

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        """Open the connection and return the greeting."""
        self._host = host  # the name the certificate must have; smtplib sets it only in its constructor
        self._unread = b""
        return super().connect(host, port, source_address)

    def _lines(self, seconds: float | None = None) -> list[bytes]:
        deadline = time.monotonic() + (seconds or self.patience)
        lines: list[bytes] = []
        octets = 0
        while not lines or lines[-1][3:4] == b"-":
            line = self._line(deadline)
            octets += len(line)
            if octets > _LONGEST_REPLY or not _REPLY_CODE.match(line):
                self.close()
                raise smtplib.SMTPServerDisconnected(_("Der Mailserver antwortet unverständlich."))
            lines.append(line)
        return lines

    def _line(self, deadline: float) -> bytes:
        while (end := self._unread.find(b"\n")) < 0:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected(_("Die Verbindung ist getrennt."))
            _bound(self.sock, deadline)
            received = self.sock.recv(8192)
            if not received or len(self._unread) > _LONGEST_REPLY:
                self.close()
                raise smtplib.SMTPServerDisconnected(_("Der Mailserver hat die Verbindung getrennt."))
            self._unread += received
        line, self._unread = self._unread[:end], self._unread[end + 1 :]
        return line.rstrip(b"\r")


class TLSServer(Server):
    """With TLS from the first octet on."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # typeshed does not show this hook
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def readable(lines: list[bytes]) -> str:
    """Return what a server said without anything a database or a terminal would stumble over."""
    text = b"\n".join(lines).decode(errors="replace")
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable() or character == "\n")
    return text[:_KEPT_REPLY]


def _bound(sock: socket.socket, deadline: float) -> None:
    """Let the next step last until then, give or take a hundredth: telling the socket is a system call of its own."""
    seconds = max(deadline - time.monotonic(), 0.001)
    if abs((sock.gettimeout() or 0.0) - seconds) > seconds / 100:
        sock.settimeout(seconds)


def _coalesced(pieces: list[bytes]) -> Iterator[bytes]:
    """Join small pieces: each write is a packet and a system call of its own."""
    small: list[bytes] = []
    octets = 0
    for piece in pieces:
        size = len(piece)
        if octets + size >= _COALESCED:
            if small:
                yield b"".join(small)
            small, octets = [], 0
        if size >= _COALESCED:
            yield piece  # shared by all copies, and sent as it lies there
        else:
            small.append(piece)
            octets += size
    if small:
        yield b"".join(small)
