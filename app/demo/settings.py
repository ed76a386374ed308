"""The settings of the demo: a database of its own, and a mail server on this machine that delivers nothing.

They replace whatever the environment says, so that no demo can ever send a real mail.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
from pathlib import Path
from typing import IO

import click

import config
from app import processes

FOLDER = config.INSTANCE / "demo"
POSTBOX = FOLDER / "postfach"

#: The lock file of the demo that this process runs; closed with it, however it ends.
_held: list[IO[str]] = []


def begin(*, reset: bool) -> None:
    """Make this the only demo on its data for as long as the process lives; `reset` removes what is there.

    Raises `click.ClickException` while another one runs, or something listens on the port; nothing is removed then.
    """
    config.INSTANCE.mkdir(parents=True, exist_ok=True)
    lock = (config.INSTANCE / "demo.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise click.ClickException(
            "Die Vorführung läuft schon. Beenden Sie sie dort mit Strg+C, dann starten Sie sie hier noch einmal. "
            "Gelöscht ist nichts."
        ) from None
    _held.append(lock)
    port = os.environ.get("PORT", "5000")
    if port.isdecimal() and 0 < int(port) < 65536 and processes.is_taken(int(port)):
        raise click.ClickException(
            f"Port {port} ist schon belegt. Beenden Sie, was dort läuft, oder wählen Sie einen anderen: "
            "PORT=5001 make demo"
        )
    if reset:
        shutil.rmtree(FOLDER, ignore_errors=True)


def enter() -> None:
    """Write the demo's settings into the environment, for the processes started later, too."""
    POSTBOX.mkdir(parents=True, exist_ok=True)
    for name in [name for name in os.environ if name.startswith(("MAIL_", "INBOUND_", "STORAGE_"))]:
        del os.environ[name]
    port = os.environ.get("PORT", "5000")
    os.environ |= {
        "NETZ_DEMO": "true",
        "SECRET_KEY": _secret(FOLDER / "secret"),
        "BASE_URL": f"http://localhost:{port}",
        "DATABASE_URL": f"sqlite:///{FOLDER / 'netz.db'}",
        "QUEUE_URL": f"sqlite:///{FOLDER / 'queue.db'}",
        "STORAGE_URL": f"file://{FOLDER / 'uploads'}",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(_free_port()),
        "MAIL_DOMAIN": "netz.musterhausen.example",
        "MAIL_UNDO_SECONDS": "10",
        # The postbox page hands answers to the portal as a mail server's pipe would.
        "INBOUND_PIPE": "true",
        "CITY_NAME": "Stadt Musterhausen",
        "OFFICE_NAME": "Sozialamt",
    }


def _secret(path: Path) -> str:
    if not path.exists():
        path.write_text(secrets.token_urlsafe(48))
        path.chmod(0o600)
    return path.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
