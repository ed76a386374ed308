"""What a test lets another process do: keep a file and be killed, say in which order it writes, count its memory.

Started as a program with a mode; it reads its settings from the environment like the portal and prints JSON.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, request
from sqlalchemy import event

from app import create_app
from app.database import db, writing
from app.files import keeping, views
from app.files.models import StoredFile

MEGABYTE = 1024 * 1024
NOBODY = 65534
HEAD = b'--limit\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n'
TAIL = b"\r\n--limit--\r\n"


def main() -> None:
    app = create_app()
    modes = {"killed": killed, "unfinished": unfinished, "order": order, "large": large, "hostile": hostile}
    print(json.dumps(modes[sys.argv[1]](app)))  # noqa: T201  # the parent reads it


def killed(app: Flask) -> None:
    """Keep a file, commit, and die at once."""
    with app.app_context(), writing():
        keeping.keep_bytes(b"Guten Tag", "a.txt", "probe:1")
        db.session.commit()
        os.kill(os.getpid(), signal.SIGKILL)


def unfinished(app: Flask) -> None:
    """Keep a file and die before the commit."""
    with app.app_context(), writing():
        keeping.keep_bytes(b"Guten Tag", "a.txt", "probe:1")
        os.kill(os.getpid(), signal.SIGKILL)


def order(app: Flask) -> list[list[str]]:
    """Keep a file and tell what was synced, renamed and committed, in this order."""
    root = Path(app.extensions["storage"].root)
    told: list[list[str]] = []

    def place(path: Path | str) -> str:
        parts = Path(path).relative_to(root).parts
        return (
            "root" if not parts else "incoming" if parts[0] == "incoming" else "folder" if len(parts) == 1 else "file"
        )

    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        real_fsync(descriptor)
        told.append(["fsync", place(Path(f"/proc/self/fd/{descriptor}").readlink())])

    def replace(source: str, target: str) -> None:
        real_replace(source, target)
        told.append(["rename", place(source), place(target)])

    os.fsync, os.replace = fsync, replace  # type: ignore[assignment]  # told, and then done as before
    with app.app_context(), writing():
        event.listen(db.engine, "commit", lambda connection: told.append(["commit"]))
        keeping.keep_bytes(b"Guten Tag", "a.txt", "probe:1")
        db.session.commit()
    return told


def large(app: Flask) -> dict[str, float]:
    """Take in and hand out a file of so many octets as a server would; tell the memory that took, in megabytes."""
    size = int(sys.argv[2])
    body = Body(b"bericht.bin", size)
    take_in(app, Body(b"warm.bin", MEGABYTE))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    file_id = take_in(app, body)
    seconds_after_last_octet = time.perf_counter() - body.ended_at
    received = hand_out(app, file_id)
    _, peak = tracemalloc.get_traced_memory()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident
    return {
        "received": received,
        "python_peak": peak / MEGABYTE,
        "resident_growth": grown / 1024,
        "seconds_after_last_octet": seconds_after_last_octet,
    }


def hostile(app: Flask) -> list[str]:
    """As nobody, take in files whose names lead out of the storage; tell the names they got."""
    with app.app_context():
        db.create_all()
    # Everything that is loaded late is loaded now: nobody may not be allowed to read where Python lies.
    take_in(app, Body(b"warm.txt", 10))
    canary = sys.argv[2]
    become_nobody(Path(canary).parent)
    names = [canary, f"../../../../../..{canary}", "..\\..\\x", "/etc/passwd", "a/../../b", "incoming"]
    ids = [take_in(app, Body(name.encode(), 100 + number)) for number, name in enumerate(names)]
    with app.app_context():
        return [db.session.get_one(StoredFile, file_id).name for file_id in ids]


def become_nobody(folder: Path) -> None:
    """Give the folder to nobody and become nobody, so that a way out of the storage could do no harm."""
    if os.geteuid() != 0:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def take_in(app: Flask, body: Body) -> int:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "wsgi.url_scheme": "http", "wsgi.input": io.BufferedReader(body),
        "CONTENT_TYPE": "multipart/form-data; boundary=limit", "CONTENT_LENGTH": str(body.length),
    }  # fmt: skip
    with app.request_context(environ):
        upload = request.files["files"]
        with writing():
            stored_file = keeping.keep(upload, "probe:1")
            db.session.commit()
        return stored_file.id


def hand_out(app: Flask, file_id: int) -> int:
    with app.test_request_context():
        file = views.find(file_id)
        assert file
        response = views.send(file)
        octets = sum(len(chunk) for chunk in response(request.environ, lambda *_: lambda _: None))
        response.close()
    return octets


class Body(io.RawIOBase):
    """The body of a form with one file, made while it is read."""

    def __init__(self, name: bytes, size: int) -> None:
        self.length = len(HEAD % name) + size + len(TAIL)
        self.ended_at = 0.0
        self._parts = self._made(name, size)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._parts, b"")
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _made(self, name: bytes, size: int) -> Iterator[bytes]:
        yield HEAD % name
        block = b"Zeile um Zeile\n" * 4096
        for start in range(0, size, len(block)):
            yield block[: size - start]
        self.ended_at = time.perf_counter()
        yield TAIL


if __name__ == "__main__":
    main()
