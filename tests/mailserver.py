"""A real SMTP server on loopback that keeps what it is given."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One mail as it crossed the wire: the envelope and the raw octets."""

    mail_from: str
    rcpt_to: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The octets parsed."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def to(self) -> str:
        """The one recipient of the envelope."""
        (address,) = self.rcpt_to
        return address

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        """The HTML part."""
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""

    @property
    def files(self) -> dict[str, bytes]:
        """The attachments by name."""
        return {
            part.get_filename() or "": part.get_payload(decode=True) or b""  # type: ignore[misc]  # a leaf holds bytes
            for part in self.message.iter_attachments()
        }


class MailServer:
    """`messages` is what came in; `answers` maps an address to what RCPT TO answers for it ("550 5.1.1 unknown").

    `at_data` is called with each envelope before it is kept. A string it returns is the answer, and
    the mail is not kept.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.messages: list[Received] = []
        self.answers: dict[str, str] = {}
        self.at_data: Callable[[Envelope], str | None] | None = None
        self._arrived = threading.Condition()
        self._controller: Controller | None = None

    def start(self) -> None:
        """Listen; also again after `stop()`, on the same port."""
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Refuse connections, as a server that is down does."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def forget(self) -> None:
        """Be as new: nothing received, everything accepted, running."""
        self.messages.clear()
        self.answers.clear()
        self.at_data = None
        if self._controller is None:
            self.start()

    def to(self, address: str) -> list[Received]:
        """What came for this address."""
        return [message for message in self.messages if address in message.rcpt_to]

    def wait_for(self, count: int, seconds: float = 20) -> list[Received]:
        """Return the messages as soon as there are `count`; an AssertionError when that takes too long."""
        with self._arrived:
            arrived = self._arrived.wait_for(lambda: len(self.messages) >= count, seconds)
        assert arrived, f"{len(self.messages)} of {count} mails arrived"
        return self.messages

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.answers.get(address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        refusal = self.at_data(envelope) if self.at_data else None
        if refusal is not None:
            return refusal
        raw = envelope.original_content or b""
        with self._arrived:
            self.messages.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), raw))
            self._arrived.notify_all()
        return "250 2.0.0 kept"


class _Controller(Controller):
    def factory(self) -> Any:
        # The name is given so that nobody asks a name server for it; 64 MiB is more than any mail of ours.
        return SMTP(self.handler, hostname="test.example.org", data_size_limit=64 * 1024 * 1024)


def free_port() -> int:
    """Return a TCP port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
