"""The portal as it runs in production: `netz web` and `netz worker` as processes, and somebody who posts over HTTP."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

import config

#: Seconds something may take on a busy machine before the test gives it up.
PATIENCE = 90

_CSRF_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def settings_of(app: Flask) -> dict[str, str]:
    """Return the environment in which a process of the portal finds the settings of `app`."""
    names = (
        "SECRET_KEY", "PORT", "BASE_URL", "DATABASE_URL", "QUEUE_URL", "STORAGE_URL", "MAIL_SERVER", "MAIL_DOMAIN",
        "MAIL_UNDO_SECONDS", "MAIL_CONNECTIONS",
    )  # fmt: skip
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ") if name in os.environ}
    return inherited | {name: str(app.config[name]) for name in names} | {"MAIL_PORT": str(app.extensions["mail"].port)}


@contextmanager
def netz(command: str, environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `netz web` or `netz worker` in a process group of its own; whatever is left of it at the end is killed."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("netz"), command],
            env=dict(environment), cwd=config.ROOT, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        if command == "web":
            port = int(environment["PORT"])
            wait_until(lambda: process.poll() is not None or _is_listening(port), f"netz web listens, see {log}")
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its children as the kernel would, without a word to them; return when all are gone."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # Gunicorn's child may outlive it by a moment, still listening and still writing.
    wait_until(lambda: not _lives(process.pid), "the process group is gone")


def wait_until(what: Callable[[], bool], told: str, seconds: float = PATIENCE) -> None:
    """Return when `what` is true; an AssertionError with `told` when that takes too long."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, f"not within {seconds} seconds: {told}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Post:
    """What somebody wrote. `submission` is the id of the form, `thread` the path that the answer named."""

    subject: str
    files: dict[str, bytes]
    submission: str = field(default_factory=lambda: str(uuid.uuid4()))
    thread: str = ""


class Poster:
    """Somebody who is signed in by the link of a mail and writes to a network."""

    def __init__(self, port: int, network_path: str, link: str) -> None:
        self._port = port
        self._path = f"{network_path}/nachrichten/neu"
        self._link = link
        self._cookie = ""
        self._token = ""

    def sign_in(self) -> None:
        """Press the button of the page that the link opens, and open the form."""
        status, _, _ = self._ask("POST", urlsplit(self._link).path)
        assert status == 302, status
        _, _, page = self._ask("GET", self._path)
        found = _CSRF_TOKEN.search(page.decode())
        assert found, page.decode()
        self._token = found[1]

    def post(self, post: Post) -> Post:
        """Send a message; return it with its thread once it is acknowledged. Raises `OSError` if no answer comes."""
        values: MultiDict[str, object] = MultiDict(
            {"csrf_token": self._token, "submission": post.submission, "kind": "message", "subject": post.subject}
        )
        values["body"] = f"Zu **{post.subject}**:\n\n" + "Wer hat einen Raum für vierzig Personen?\n" * 20
        for name, content in post.files.items():
            values.add("files", FileStorage(BytesIO(content), name))
        boundary, body = encode_multipart(values)
        status, location, page = self._ask("POST", self._path, body, f"multipart/form-data; boundary={boundary}")
        assert status == 302, f"{status}: {page.decode()}"
        return replace(post, thread=urlsplit(location).path)

    def read(self, path: str) -> bytes:
        """Return what lies at a path; an AssertionError if the answer is not 200."""
        status, _, content = self._ask("GET", path)
        assert status == 200, f"{path}: {status}"
        return content

    def _ask(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> tuple[int, str, bytes]:
        headers = {"Cookie": self._cookie} | ({"Content-Type": content_type} if content_type else {})
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        try:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        if cookie := answer.headers["Set-Cookie"]:
            self._cookie = cookie.partition(";")[0]
        return answer.status, answer.headers["Location"] or "", content


def some_post(name: str, sizes: Sequence[int] = (3_000, 300_000)) -> Post:
    """A post with files of its own, of so many octets each, and one that every post has."""
    own = {f"{name}-{size}.txt": (f"{name} {size}\n".encode() * size)[:size] for size in sizes}
    return Post(f"Frage {name}", own | {"Hausordnung.txt": b"Bitte leise sein.\n"})


def _lives(group: int) -> bool:
    """Whether a process of this group is there that is no zombie."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # After the name in parentheses, which may hold anything: state, parent, group (proc(5)).
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
