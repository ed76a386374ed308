"""A mail server that answers as a plan says: refuses, hangs up, is slow, talks nonsense."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any, cast

#: (step, how many times this step was reached) -> what to do instead of the usual: an answer ("451 4.3.0 later"),
#: "drop" (hang up), "accept and drop" (keep the mail, hang up before saying so), "slow:<seconds>", bytes as they are.
#: Steps: connect ehlo mail rcpt data content rset quit
Plan = Callable[[str, int], "str | bytes | None"]

_USUAL = {"mail": "250 2.1.0 ok", "rcpt": "250 2.1.5 ok", "data": "354 go on", "content": "250 2.0.0 kept",
          "rset": "250 2.0.0 ok", "quit": "221 2.0.0 bye"}  # fmt: skip


class HangUp(Exception):
    pass


class RudeServer:
    """`kept` has (recipient, raw content) of all it took; `steps` all it was asked."""

    def __init__(
        self,
        extensions: tuple[str, ...] = ("PIPELINING", "SIZE 100000000", "8BITMIME"),
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.extensions = extensions
        self.context = context
        self.plan: Plan = lambda step, number: None
        self.kept: list[tuple[str, bytes]] = []
        self.steps: list[str] = []
        self.commands: list[bytes] = []
        self.most_connections = 0
        self.open_connections = 0
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.rude = self
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> RudeServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def recipients(self) -> list[str]:
        return [recipient for recipient, _ in self.kept]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    rude: RudeServer

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.rude.context:
            connection = self.rude.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What goes wrong here is what the test wants."""


class _Handler(socketserver.StreamRequestHandler):
    def setup(self) -> None:
        super().setup()
        self.has_sender = False
        self.recipient = ""
        self.rude = cast(_Server, self.server).rude
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.rude.lock:
            self.rude.open_connections += 1
            self.rude.most_connections = max(self.rude.most_connections, self.rude.open_connections)

    def finish(self) -> None:
        with self.rude.lock:
            self.rude.open_connections -= 1
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(HangUp, OSError):
            self.answer("connect", "220 rude.example.org ESMTP")
            while line := self.rfile.readline(4096):
                self.rude.commands.append(line.strip())
                self.obey(line.strip())

    def obey(self, line: bytes) -> None:
        verb = line.split(b" ")[0].decode().lower()
        if verb == "ehlo":
            names = ["rude.example.org", *self.rude.extensions]
            lines = [f"250{'-' if name != names[-1] else ' '}{name}" for name in names]
            self.answer("ehlo", "\r\n".join(lines))
            self.recipient = ""
        elif verb == "data":
            if not self.recipient:
                self.say("554 5.5.1 no valid recipients")
            elif self.answer("data", _USUAL["data"]).startswith("354"):
                self.take_in()
        elif verb == "rcpt" and not self.has_sender:
            self.say("503 5.5.1 need MAIL")
        elif verb in _USUAL:
            answer = self.answer(verb, _USUAL[verb])
            match = re.search(rb"<(.*?)>", line)
            if verb == "rcpt" and answer.startswith("2") and match:
                self.recipient = match[1].decode()
            if verb in ("rset", "mail"):
                self.recipient = ""
                self.has_sender = verb == "mail" and answer.startswith("2")
            if verb == "quit":
                raise HangUp
        else:
            self.say("502 5.5.2 no such command")

    def take_in(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise HangUp
            lines.append(line[1:] if line.startswith(b".") else line)
        content = b"".join(lines)
        self.answer("content", _USUAL["content"], lambda: self.rude.kept.append((self.recipient, content)))
        self.recipient = ""

    def answer(self, step: str, usual: str, keep: Callable[[], Any] = lambda: None) -> str:
        with self.rude.lock:
            self.rude.steps.append(step)
            number = self.rude.steps.count(step)
        said = self.rude.plan(step, number)
        if said == "drop":
            raise HangUp
        if said == "accept and drop":
            keep()
            raise HangUp
        if isinstance(said, bytes):
            self.wfile.write(said)
            return ""
        if said and said.startswith("slow:"):
            time.sleep(float(said.partition(":")[2]))
            said = None
        words = said or usual
        if words.startswith("2"):
            keep()
        self.say(words)
        if words.startswith("421"):
            raise HangUp
        return words

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")
