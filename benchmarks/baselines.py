"""What the same octets cost without a portal: by smtplib, one answer at a time, and as plainly as Python can."""

from __future__ import annotations

import os
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.machine import SERVER_CORE

_SENDER = "noreply@netz.example.org"


class Cost(NamedTuple):
    """What sending took: processor time of the sender for each mail in seconds, and mails a second."""

    cpu: float
    rate: float


def by_smtplib(port: int, ready: bytes, addresses: list[str], connections: int = 1) -> Cost:
    """Send the same ready mail to everyone over so many connections."""

    def work(mine: list[str]) -> None:
        with smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example.org") as server:
            for address in mine:
                server.sendmail(_SENDER, [address], ready)

    return _measured(work, addresses, connections)


def pipelined(port: int, ready: bytes, addresses: list[str], connections: int = 1) -> Cost:
    """The same past smtplib: dots doubled once, and what RFC 2920 lets go in one packet does."""
    content = ready.replace(b"\r\n.", b"\r\n..") + b"\r\n.\r\n"

    def work(mine: list[str]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answers:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answers.readline()
            connection.sendall(b"EHLO bench.example.org\r\n")
            while answers.readline()[3:4] == b"-":
                pass
            for address in mine:
                connection.sendall(f"MAIL FROM:<{_SENDER}>\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode())
                for _ in range(3):
                    answers.readline()
                connection.sendall(content)
                if not answers.readline().startswith(b"250"):
                    raise RuntimeError(address)

    return _measured(work, addresses, connections)


def _measured(work: Callable[[list[str]], None], addresses: list[str], connections: int) -> Cost:
    threads = [threading.Thread(target=work, args=(addresses[each::connections],)) for each in range(connections)]
    with _on_the_server_core():
        cpu, began = time.process_time(), time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Cost((time.process_time() - cpu) / len(addresses), len(addresses) / (time.monotonic() - began))


@contextmanager
def _on_the_server_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
