"""One connection to the mail server, and what the server said.

Flask-Mail holds the settings and opens the connection; it would not verify certificates, wait for ever for an answer,
not tell whom the server refused, and copy every mail once more to double its dots. Those gaps are mended here. Errors
are sorted at this edge: handed over, again later, never; and whether the address is to blame or we are.
"""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
from typing import Any

import flask_mail
from flask_babel import gettext as _

from app.mail.outcomes import Outcome, Refused, ServerUnavailable, Verdict, is_agreement, sorted_refusal
from app.mail.rendering import Copy
from app.mail.server import Reply, Server, TLSServer, readable

_CONTENT_FACTOR = 10  # taking in the content may take longer: servers search it for viruses (RFC 5321 4.5.3.2.6)


class Postman(flask_mail.Connection):
    """Hands copies over, one after another on a connection that is opened when it is needed and kept."""

    def __init__(self, mail: flask_mail.Mail) -> None:
        super().__init__(mail)
        self.host: Server | None = None

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

    def configure_host(self) -> Server:
        """Open a connection: certificate verified, EHLO said, signed in. Raises `ServerUnavailable`."""
        settings = self.mail
        host: Server = TLSServer() if settings.use_ssl else Server()
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
        except Refused as refusal:
            outcome = sorted_refusal(refusal.step, refusal.reply)
            if outcome.is_trouble or not conversation.reset():
                self.hang_up()
            return outcome, refusal.step == "content"
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            return Outcome(Verdict.LATER, None, _words_of(error), is_trouble=True), conversation.has_begun
        return Outcome(Verdict.ACCEPTED, reply.code, reply.text), True

    def _open(self) -> Server:
        if self.host is None:
            self.host = self.configure_host()
        return self.host


class _Conversation:
    """MAIL, RCPT, DATA and the content of one copy (RFC 5321 3.3), in one go where the server allows it (RFC 2920)."""

    def __init__(self, host: Server, copy: Copy) -> None:
        self.host = host
        self.copy = copy
        self.has_begun = False
        self.is_stuck = False  # inside DATA, with nothing to say there

    def hold(self) -> Reply:
        """Return the reply to the content. Raises `Refused`, `OSError`, `smtplib.SMTPException`."""
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
                raise Refused("rcpt", Reply(553, _("Der Mailserver kann keine Adressen mit Umlauten vor dem @.")))
            command += " SMTPUTF8 BODY=8BITMIME"
        return f"{command}\r\n".encode()

    def _all_at_once(self, commands: dict[str, bytes]) -> None:
        self.host.write([b"".join(commands.values())])
        refusal = None
        reply = Reply(0, "")
        for step in commands:
            reply = self.host.reply()
            if not is_agreement(step, reply) and refusal is None:
                refusal = Refused(step, reply)
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
            if not is_agreement(step, reply):
                raise Refused(step, reply)

    def _content(self) -> Reply:
        self.has_begun = True
        patience = self.host.patience * _CONTENT_FACTOR
        try:
            self.host.write([*self.copy.content, b".\r\n"], seconds=patience)
        except OSError:
            # Some servers say why before they hang up.
            reply = self.host.reply(seconds=1)
        else:
            reply = self.host.reply(seconds=patience)
        if not is_agreement("content", reply):
            raise Refused("content", reply)
        return reply


def _require(greeting: tuple[int, bytes]) -> None:
    code, words = greeting
    if code != 220:
        raise smtplib.SMTPConnectError(code, words)


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return readable([str(error.smtp_code).encode() + b" " + bytes(words)])
    if isinstance(error, TimeoutError):
        return str(_("Der Mailserver hat nicht rechtzeitig geantwortet."))
    return readable([(str(error) or type(error).__name__).encode()])
