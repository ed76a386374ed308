"""The processes of the portal: the web server, the worker, and both together."""

from __future__ import annotations

import gc
import os
import socket
import sys
from pathlib import Path
from typing import NoReturn

from flask import Flask
from honcho.manager import Manager

import config
from app import queue
from app.database import begin_writing
from app.health.commands import note_that_we_end

THREADS = 8

#: Exit codes of `netz mail receive` (sysexits.h), which an MTA's pipe understands.
REFUSED = 65
TRY_LATER = 75


def web(app: Flask) -> NoReturn:
    """Become gunicorn: one process with threads, on loopback; a proxy in front of it speaks TLS."""
    arguments = [
        "gunicorn",
        *("--bind", f"127.0.0.1:{app.config['PORT']}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", str(THREADS)),
        *("--timeout", "120", "--graceful-timeout", "20", "--no-control-socket"),
        *("--chdir", str(config.ROOT)),
        # Who looks at the demo is told in German that it is ready (app/demo/commands.py).
        *(("--log-level", "warning") if app.config["DEMO"] else ()),
        "wsgi:app",
    ]
    os.execv(_beside_python("gunicorn"), arguments)  # noqa: S606  # our own arguments, no shell


def worker(app: Flask) -> None:
    """Run jobs until a signal ends it; the mail that is being handed over is finished first."""
    huey = app.extensions["queue"]
    consumer = huey.create_consumer(
        workers=2, worker_type="thread", initial_delay=0.1, max_delay=1.0, backoff=1.3, graceful_signal="TERM"
    )
    app.extensions["stop_flag"] = consumer.stop_flag
    with app.app_context():
        queue.wake_all()
    # All this stays until the process ends. Looking through it for cycles takes a tenth of a second, in which every
    # connection to the mail server stands still.
    gc.collect()
    gc.freeze()
    consumer.run()
    with app.app_context():
        begin_writing()
        note_that_we_end()


def together(*names: str) -> int:
    """Run these `netz` commands side by side and return the exit code; when one ends, the others are ended too."""
    manager = Manager()
    netz = _beside_python("netz")
    for name in names:
        manager.add_process(name, f"exec '{netz}' {name}", quiet=False, env=dict(os.environ))
    manager.loop()
    return int(manager.returncode or 0)


def is_taken(port: int) -> bool:
    """Whether something listens on this port of this machine already."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).parent / name)
