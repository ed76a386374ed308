"""Something that asks for pages faster than they are made: wrk, or where it is missing a small one of our own."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from urllib.parse import urlsplit

from benchmarks.machine import CLIENT_CORE

_CONNECTIONS = 4


def requests_done(url: str, cookie: str, seconds: float) -> int:
    """Ask for `url` on four connections for so long; return how many answers came. Raises if any was not a 200."""
    if shutil.which("wrk") and shutil.which("taskset"):
        return _wrk(url, cookie, seconds)
    return asyncio.run(_ask(url, cookie, seconds))


def _wrk(url: str, cookie: str, seconds: float) -> int:
    command = ["taskset", "--cpu-list", str(CLIENT_CORE), "wrk", "--threads", "1"]
    command += ["--connections", str(_CONNECTIONS), "--duration", f"{round(seconds)}s", "--header", f"Cookie: {cookie}"]
    said = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout  # noqa: S603  # wrk
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = re.search(r"(\d+) requests in", said)
    if found is None:
        raise RuntimeError(said)
    return int(found[1])


async def _ask(url: str, cookie: str, seconds: float) -> int:
    until = time.monotonic() + seconds
    return sum(await asyncio.gather(*(_ask_one_by_one(url, cookie, until) for _ in range(_CONNECTIONS))))


async def _ask_one_by_one(url: str, cookie: str, until: float) -> int:
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    done = 0
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if not head.startswith(b"HTTP/1.1 200") or length is None:
            raise RuntimeError(head.decode("latin-1"))
        await reader.readexactly(int(length[1]))
        done += 1
    writer.close()
    return done
