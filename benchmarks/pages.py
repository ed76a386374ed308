"""Pages and downloads against the plainest Flask page and a bare `send_file`, in turns and under the same server."""

from __future__ import annotations

import contextlib
import http.client
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.processes import THREADS
from benchmarks.clients import requests_done
from benchmarks.machine import SERVER_CORE, cpu_seconds, free_port, is_listening, running, wait_for
from benchmarks.portal import FILE_SIZE, Portal, pdf
from benchmarks.report import Figure

PAGE_GOAL = 0.35  # of the minimal page's requests a second
DOWNLOAD_GOAL = 0.6

_ROUNDS = 5
_SECONDS = 2


@dataclass(frozen=True)
class Target:
    """Something to ask for, and the process that answers."""

    url: str
    cookie: str
    pid: int


def measure(portal: Portal) -> list[Figure]:
    """Return the figures of the three pages and of a download."""
    with portal.web() as web, _minimal(portal) as (minimal, minimal_url):
        cookie, minimal_cookie = portal.sign_in(), _enter(minimal_url)
        ours = {
            "Forum, 50 Nachrichten": portal.path("zweihundert", "nachrichten"),
            "Teilnehmende, 200": portal.path("zweihundert", "teilnehmende"),
            "Thread, 20 Nachrichten": portal.path("zweihundert", "nachrichten", str(portal.long_thread)),
            "Download, 200 KB": portal.file,
        }
        targets = {
            name: Target(f"http://127.0.0.1:{portal.port}{path}", cookie, web) for name, path in ours.items()
        } | {
            "page": Target(f"{minimal_url}/page", minimal_cookie, minimal),
            "file": Target(f"{minimal_url}/file", minimal_cookie, minimal),
        }
        rates, costs = _in_turns(targets)
    return [
        _figure(name, "file" if path == portal.file else "page", rates, costs, portal) for name, path in ours.items()
    ]


def _figure(
    name: str, beside: str, rates: dict[str, list[float]], costs: dict[str, list[float]], portal: Portal
) -> Figure:
    ratio = median(ours / theirs for ours, theirs in zip(rates[name], rates[beside], strict=True))
    cpu = median(theirs / ours for ours, theirs in zip(costs[name], costs[beside], strict=True))
    goal = DOWNLOAD_GOAL if beside == "file" else PAGE_GOAL
    return Figure(
        f"{name}: Anfragen je Sekunde",
        f"{median(rates[name]):.0f} zu {median(rates[beside]):.0f}",
        f"{ratio:.2f} (CPU {cpu:.2f})",
        f">= {goal}",
        met=ratio >= goal,
    )


def _in_turns(targets: dict[str, Target]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return requests a second and processor seconds a request, of every round."""
    rates, costs = defaultdict(list), defaultdict(list)
    for target in targets.values():
        requests_done(target.url, target.cookie, 1)
    for _ in range(_ROUNDS):
        for name, target in targets.items():
            before = cpu_seconds(target.pid)
            done = requests_done(target.url, target.cookie, _SECONDS)
            rates[name].append(done / _SECONDS)
            costs[name].append((cpu_seconds(target.pid) - before) / done)
    return rates, costs


@contextlib.contextmanager
def _minimal(portal: Portal) -> Iterator[tuple[int, str]]:
    file = portal.folder / "plain.pdf"
    file.write_bytes(pdf(FILE_SIZE))
    port = free_port()
    command = [
        str(Path(sys.executable).parent / "gunicorn"),
        *("--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", str(THREADS)),
        *("--no-control-socket", "benchmarks.minimal:app"),
    ]
    environment = dict(os.environ, BENCH_DATABASE=os.environ["DATABASE_URL"], BENCH_FILE=str(file))
    with running(command, core=SERVER_CORE, log=portal.folder / "minimal.log", environment=environment) as pid:
        wait_for(lambda: is_listening(port), "the minimal application")
        yield pid, f"http://127.0.0.1:{port}"


def _enter(url: str) -> str:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    connection.request("POST", "/enter")
    cookie = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
    connection.close()
    return cookie
