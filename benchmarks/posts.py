"""Posting a message with a file of 200 KB through the real web process, to few and to many."""

from __future__ import annotations

import http.client
import re
import time
import uuid
from statistics import median

from benchmarks.machine import cpu_seconds
from benchmarks.portal import FILE_SIZE, Portal, pdf
from benchmarks.report import Figure

MILLISECONDS_GOAL = 150
RATIO_GOAL = 1.5

_ROUNDS = 15  # each to both networks; a person may post sixty times an hour
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def measure(portal: Portal) -> list[Figure]:
    """Return how long a post to 500 takes, and how that compares to a post to 10."""
    with portal.web() as web:
        poster = Poster(portal, portal.sign_in())
        many: list[float] = []
        few: list[float] = []
        for network in ("zehn", "fuenfhundert"):
            poster.post(network)
        cpu = {"fuenfhundert": 0.0, "zehn": 0.0}
        for _ in range(_ROUNDS):
            for network, times in (("fuenfhundert", many), ("zehn", few)):
                before = cpu_seconds(web)
                times.append(poster.post(network))
                cpu[network] += cpu_seconds(web) - before
    milliseconds, ratio = 1000 * median(many), median(many) / median(few)
    work = {network: f"{1000 * seconds / _ROUNDS:.0f}" for network, seconds in cpu.items()}
    return [
        Figure(
            "Nachricht mit 200 KB an 500: Antwortzeit",
            f"CPU {work['fuenfhundert']} ms",
            f"{milliseconds:.0f} ms",
            f"< {MILLISECONDS_GOAL} ms",
            met=milliseconds < MILLISECONDS_GOAL,
        ),
        Figure(
            "  gegen dieselbe an 10",
            f"{milliseconds:.0f} zu {1000 * median(few):.0f} ms, CPU {work['fuenfhundert']} zu {work['zehn']} ms",
            f"{ratio:.2f}",
            f"< {RATIO_GOAL}",
            met=ratio < RATIO_GOAL,
        ),
    ]


class Poster:
    """Somebody signed in who writes to networks."""

    def __init__(self, portal: Portal, cookie: str) -> None:
        self._portal = portal
        self._cookie = cookie
        self._connection = http.client.HTTPConnection("127.0.0.1", portal.port)

    def post(self, network: str, **fields: str) -> float:
        """Write a message with a file of its own and these fields besides; return the seconds until the answer."""
        path = self._portal.path(network, "nachrichten", "neu")
        token = self._csrf_token(path)
        body, content_type = _form(token, fields)
        began = time.perf_counter()
        self._connection.request("POST", path, body, {"Cookie": self._cookie, "Content-Type": content_type})
        answer = self._connection.getresponse()
        answer.read()
        seconds = time.perf_counter() - began
        if answer.status != 302:
            raise RuntimeError(f"posting ended with {answer.status}")
        return seconds

    def _csrf_token(self, path: str) -> str:
        self._connection.request("GET", path, headers={"Cookie": self._cookie})
        answer = self._connection.getresponse()
        # The token stays the same for a session, so a cookie that this answer renews need not be kept.
        if renewed := answer.headers["Set-Cookie"]:
            self._cookie = renewed.partition(";")[0]
        found = _TOKEN.search(answer.read().decode())
        if found is None:
            raise RuntimeError(f"no form at {path}: {answer.status}")
        return found[1]


def _form(token: str, more: dict[str, str]) -> tuple[bytes, str]:
    boundary = uuid.uuid4().hex
    fields = more | {
        "csrf_token": token,
        "submission": str(uuid.uuid4()),
        "kind": "message",
        "subject": "Räume gesucht",
        "body": "Wer hat einen Raum für vierzig Personen?\n\n" * 20,
    }
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="Plan.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    body = "".join([*parts, head]).encode() + pdf(FILE_SIZE) + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"
