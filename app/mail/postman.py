"""One connection to the mail server, and what the server said.

Flask-Mail holds the settings and opens the connection; it would not verify certificates, wait for ever for an answer,
not tell whom the server refused, and copy every mail once more to double its dots. Those gaps are mended here. Errors
are sorted at this edge: handed over, again later, never; and whether the address is to blame or we are.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, NamedTuple

import flask_mail
from flask import current_app
from flask_babel import gettext as _

from app.mail.rendering import Copy

_TIMEOUT = 30.0  # seconds a command may take; MAIL_TIMEOUT says otherwise
_CONTENT_FACTOR = 10  # taking in the content may take longer: servers search it for viruses (RFC 5321 4.5.3.2.6)
_LONGEST_REPLY = 64 * 1024  # octets; a server that says more is not one
_KEPT_REPLY = 1000  # characters
_COALESCED = 64 * 1024  # octets written at once

_REPLY_CODE = re.compile(rb"[2-5][0-9][0-9](?:[ -]|$)")
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})\b")
# Servers without enhanced codes (RFC 3463) say it in words.
_ABOUT_US = re.compile(r"spam|block|black|polic|relay|reputation|dnsbl|rbl|spf|dkim|dmarc|content", re.IGNORECASE)
_SIGN_IN_REFUSED = frozenset({454, 530, 534, 535, 538})


class Verdict(Enum):
    """What becomes of a delivery."""

    ACCEPTED = "accepted"
    LATER = "later"
    NEVER = "never"


class Outcome(NamedTuple):
    """What the server said to one copy; `code` is None when no answer came."""

    verdict: Verdict
    code: int | None
    reply: str
    blames_address: bool = False
    #: The trouble is between the server and us; pressing on would make it worse.
    is_trouble: bool = False


class ServerUnavailable(Exception):
    """The mail server takes nothing from us now, whoever it is for; the message has its words."""


class _Reply(NamedTuple):
    code: int
    text: str


class _Refused(Exception):
    """The server answered a step with 4xx or 5xx."""

    def __init__(self, step: str, reply: _Reply) -> None:
        super().__init__(reply.text)
        self.step = step
        self.reply = reply


class Postman(flask_mail.Connection):
    """Hands copies over, one after another on a connection that is opened when it is needed and kept."""

    def __init__(self, mail: flask_mail.Mail) -> None:
        super().__init__(mail)
        self.host: _Server | None = None

    def __enter__(self) -> Postman:
        return self

    def __exit__(self, *error: Any) -> None:
        self.hang_up(politely=True)

    def deliver(self, copy: Copy) -> Outcome:
        """Hand one copy over. Raises `ServerUnavailable` when no connection is to be had or we may not send."""
        is_reused = self.host is not None
        try:
            outcome, has_begun = self._try(copy)
            if is_reused and not has_begun and outcome.is_trouble and outcome.code in (None, 421):
                # Servers end connections that were idle or carried enough mails; that is nobody's fault.
                outcome, has_begun = self._try(copy)
        except ServerUnavailable:
            self.hang_up()
            raise
        return outcome

    def call(self) -> None:
        """Open the connection now. Raises `ServerUnavailable`; its cause is smtplib's error or an `OSError`."""
        self._open()

    def hang_up(self, *, politely: bool = False) -> None:
        """End the connection, if there is one; whatever the server still has to say does not matter."""
        host, self.host = self.host, None
        if host is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if politely:
                host.patience = 5.0
                host.quit()
        host.close()

    def configure_host(self) -> _Server:
        """Open a connection: certificate verified, EHLO said, signed in. Raises `ServerUnavailable`."""
        settings = self.mail
        host: _Server = _TLSServer() if settings.use_ssl else _Server()
        try:
            _require(host.connect(settings.server, settings.port))
            if settings.use_tls:
                host.starttls(context=ssl.create_default_context())
            host.ehlo_or_helo_if_needed()
            if settings.username and settings.password:
                host.login(settings.username, settings.password)
        except (OSError, smtplib.SMTPException) as error:
            host.close()
            raise ServerUnavailable(_words_of(error)) from error
        assert host.sock is not None  # noqa: S101  # for mypy: it is connected
        host.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return host

    def _try(self, copy: Copy) -> tuple[Outcome, bool]:
        """Return the outcome and whether the server may have begun to take the content."""
        conversation = _Conversation(self._open(), copy)
        try:
            reply = conversation.hold()
        except _Refused as refusal:
            outcome = _sorted(refusal.step, refusal.reply)
            if outcome.is_trouble or not conversation.reset():
                self.hang_up()
            return outcome, refusal.step == "content"
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            return Outcome(Verdict.LATER, None, _words_of(error), is_trouble=True), conversation.has_begun
        return Outcome(Verdict.ACCEPTED, reply.code, reply.text), True

    def _open(self) -> _Server:
        if self.host is None:
            self.host = self.configure_host()
        return self.host


class _Conversation:
    """MAIL, RCPT, DATA and the content of one copy (RFC 5321 3.3), in one go where the server allows it (RFC 2920)."""

    def __init__(self, host: _Server, copy: Copy) -> None:
        self.host = host
        self.copy = copy
        self.has_begun = False
        self.is_stuck = False  # inside DATA, with nothing to say there

    def hold(self) -> _Reply:
        """Return the reply to the content. Raises `_Refused`, `OSError`, `smtplib.SMTPException`."""
        commands = {
            "mail": self._mail(),
            "rcpt": b"RCPT TO:<%s>\r\n" % self.copy.recipient.encode(),
            "data": b"DATA\r\n",
        }
        if self.host.has_extn("pipelining"):
            self._all_at_once(commands)
        else:
            self._one_by_one(commands)
        return self._content()

    def reset(self) -> bool:
        """Take back what was begun; False if the connection is of no use any more."""
        try:
            return not self.is_stuck and self.host.command(b"RSET\r\n").code == 250
        except (OSError, smtplib.SMTPException):
            return False

    def _mail(self) -> bytes:
        command = f"MAIL FROM:<{self.copy.sender}>"
        if self.host.has_extn("size"):
            command += f" SIZE={self.copy.size}"
        if not self.copy.recipient.isascii():
            if not self.host.has_extn("smtputf8"):
                raise _Refused("rcpt", _Reply(553, _("Der Mailserver kann keine Adressen mit Umlauten vor dem @.")))
            command += " SMTPUTF8 BODY=8BITMIME"
        return f"{command}\r\n".encode()

    def _all_at_once(self, commands: dict[str, bytes]) -> None:
        self.host.write([b"".join(commands.values())])
        refusal = None
        reply = _Reply(0, "")
        for step in commands:
            reply = self.host.reply()
            if not _is_agreement(step, reply) and refusal is None:
                refusal = _Refused(step, reply)
            if reply.code == 421:
                break
        if refusal is None:
            return
        # It may want content although it refused the rest. A dot alone (RFC 2920 3.1) could arrive as an empty mail.
        self.is_stuck = reply.code == 354
        raise refusal

    def _one_by_one(self, commands: dict[str, bytes]) -> None:
        for step, command in commands.items():
            reply = self.host.command(command)
            if not _is_agreement(step, reply):
                raise _Refused(step, reply)

    def _content(self) -> _Reply:
        self.has_begun = True
        patience = self.host.patience * _CONTENT_FACTOR
        try:
            self.host.write([*self.copy.content, b".\r\n"], seconds=patience)
        except OSError:
            # Some servers say why before they hang up.
            reply = self.host.reply(seconds=1)
        else:
            reply = self.host.reply(seconds=patience)
        if not _is_agreement("content", reply):
            raise _Refused("content", reply)
        return reply


class _Server(smtplib.SMTP):
    """smtplib's client, with replies that are bounded in time and size."""

    def __init__(self) -> None:
        self.patience = float(current_app.config.get("MAIL_TIMEOUT", _TIMEOUT))
        self._unread = b""
        # The name is given, because smtplib would ask a name server for it each time.
        super().__init__(local_hostname=current_app.config["MAIL_DOMAIN"], timeout=self.patience)

    def command(self, line: bytes, seconds: float | None = None) -> _Reply:
        """Send a command and return the reply."""
        self.write([line], seconds)
        return self.reply(seconds)

    def write(self, pieces: Iterable[bytes], seconds: float | None = None) -> None:
        """Send these octets. Raises `OSError` when that takes longer than `seconds`."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected(_("Die Verbindung ist getrennt."))
        deadline = time.monotonic() + (seconds or self.patience)
        for buffer in _coalesced(pieces):
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            self.sock.sendall(buffer)

    def reply(self, seconds: float | None = None) -> _Reply:
        """Return the next reply. Raises `OSError` when it takes too long, `SMTPServerDisconnected` for nonsense."""
        lines = self._lines(seconds)
        return _Reply(int(lines[-1][:3]), _readable(lines))

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
        while b"\n" not in self._unread:
            if self.sock is None:
                raise smtplib.SMTPServerDisconnected(_("Die Verbindung ist getrennt."))
            self.sock.settimeout(max(deadline - time.monotonic(), 0.001))
            received = self.sock.recv(8192)
            if not received or len(self._unread) > _LONGEST_REPLY:
                self.close()
                raise smtplib.SMTPServerDisconnected(_("Der Mailserver hat die Verbindung getrennt."))
            self._unread += received
        line, _newline, self._unread = self._unread.partition(b"\n")
        return line.rstrip(b"\r")


class _TLSServer(_Server):
    """With TLS from the first octet on."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # typeshed does not show this hook
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _is_agreement(step: str, reply: _Reply) -> bool:
    return reply.code // 100 == (3 if step == "data" else 2)


def _sorted(step: str, reply: _Reply) -> Outcome:
    """Say what a refusal means. `step` is "mail", "rcpt", "data" or "content"."""
    enhanced = _ENHANCED.search(reply.text)
    subject = enhanced[2] if enhanced else ""
    if reply.code in _SIGN_IN_REFUSED and (reply.code != 454 or subject == "7"):
        raise ServerUnavailable(reply.text)
    if reply.code < 500 or reply.code == 421:
        is_trouble = reply.code == 421 or step == "mail" or reply.code < 400
        blames = step == "rcpt" and not is_trouble and subject not in ("3", "4", "7")
        return Outcome(Verdict.LATER, reply.code, reply.text, blames_address=blames, is_trouble=is_trouble)
    if reply.code == 503 or (step == "mail" and reply.code != 552 and subject != "3"):
        # What it says before it knows the recipient is about us; a person has to look at our settings.
        return Outcome(Verdict.LATER, reply.code, reply.text, is_trouble=True)
    says_little = subject in ("", "0", "5")  # some write 5.5.0 for a mailbox they do not know
    blames = subject in ("1", "2") or (says_little and step == "rcpt" and not _ABOUT_US.search(reply.text))
    return Outcome(Verdict.NEVER, reply.code, reply.text, blames_address=blames and step != "mail")


def _require(greeting: tuple[int, bytes]) -> None:
    code, words = greeting
    if code != 220:
        raise smtplib.SMTPConnectError(code, words)


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return _readable([str(error.smtp_code).encode() + b" " + bytes(words)])
    if isinstance(error, TimeoutError):
        return str(_("Der Mailserver hat nicht rechtzeitig geantwortet."))
    return _readable([(str(error) or type(error).__name__).encode()])


def _readable(lines: list[bytes]) -> str:
    """Return what a server said without anything a database or a terminal would stumble over."""
    text = b"\n".join(lines).decode(errors="replace")
    if not text.isprintable():
        text = "".join(character for character in text if character.isprintable() or character == "\n")
    return text[:_KEPT_REPLY]


def _coalesced(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces: each write is a packet and a system call of its own."""
    small: list[bytes] = []
    octets = 0
    for piece in pieces:
        if len(piece) >= _COALESCED:
            if small:
                yield b"".join(small)
                small, octets = [], 0
            yield piece
            continue
        small.append(piece)
        octets += len(piece)
        if octets >= _COALESCED:
            yield b"".join(small)
            small, octets = [], 0
    if small:
        yield b"".join(small)
