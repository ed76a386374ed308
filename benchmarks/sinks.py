"""The mail servers that the measurements speak to: they take everything, keep nothing, and cost next to nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import SERVER_CORE, cpu_seconds, is_listening, running, wait_for
from benchmarks.portal import Portal

_HERE = Path(__file__).parent

#: What a slow relay takes, in microseconds: a round trip, and a mail.
SLOW = (1_000, 5_000)


@dataclass(frozen=True)
class Sink:
    """A server that listens. Postfix's cannot tell when mails came, ours can."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def begin(self) -> None:
        """Count from here."""
        self._ask(b"XZERO\r\n")

    def counted(self) -> tuple[int, float, float]:
        """Return how many mails came since `begin()`, and when the first and the last did, in seconds since 1970."""
        number, first, last = self._ask(b"XSTAT\r\n").split()[1:]
        return int(number), float(first), float(last)

    def _ask(self, command: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port)) as connection, connection.makefile("rb") as answers:
            answers.readline()
            connection.sendall(command)
            return answers.readline()


@contextlib.contextmanager
def sink(portal: Portal, *delays: int) -> Iterator[Sink]:
    """Run our sink of C on the core of the worker; where no compiler is, Postfix's or a few lines of Python.

    Only ours can be slow (`SLOW`) and count.
    """
    with running(_command(portal, *delays), core=SERVER_CORE, log=portal.folder / "sink.log") as pid:
        wait_for(lambda: is_listening(portal.mail_port), "the mail server")
        yield Sink(portal.mail_port, pid)


def has_compiler() -> bool:
    return shutil.which("cc") is not None


def _command(portal: Portal, *delays: int) -> list[str]:
    if has_compiler():
        return [str(_compiled(portal.folder)), str(portal.mail_port), *map(str, delays)]
    if delays:
        raise FileNotFoundError("cc (Debian: apt install gcc libc6-dev)")
    return _postfix_command(portal) or [sys.executable, str(_HERE / "sink.py"), str(portal.mail_port)]


def _postfix_command(portal: Portal) -> list[str] | None:
    found = shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/postfix/sbin")
    if found is None:
        return None
    # It does not run as root.
    somebody = ["-u", "nobody"] if os.geteuid() == 0 else []
    return [found, *somebody, "-c", f"127.0.0.1:{portal.mail_port}", "1000"]


def _compiled(folder: Path) -> Path:
    program = folder / "sink"
    if not program.exists():
        flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run(["cc", *flags, "-o", str(program), str(_HERE / "sink.c")], check=True)  # noqa: S603, S607  # ours
    return program
