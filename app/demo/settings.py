"""The settings of the demo: a database of its own, and a mail server on this machine that delivers nothing.

They replace whatever the environment says, so that no demo can ever send a real mail.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
from pathlib import Path

import config

FOLDER = config.INSTANCE / "demo"
POSTBOX = FOLDER / "postfach"


def enter(*, reset: bool) -> None:
    """Write the demo's settings into the environment, for the processes started later, too; `reset` begins anew."""
    if reset:
        shutil.rmtree(FOLDER, ignore_errors=True)
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
