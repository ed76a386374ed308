"""A real browser in front of the real portal: Debian's Chromium, a WSGI server on loopback, the SMTP server of `smtp`.

`visit(person)`  a page of a browser of its own in which this person is signed in; None is a stranger
`page`           a stranger's page, as pytest-playwright gives it
`watched`        what all pages asked of the network and complained about; a fault in it fails the journey
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, Request, Response
from werkzeug.serving import make_server

from tests.cast import Person
from tests.conftest import ClientOf, in_ci

Visit = Callable[..., Page]

_SECONDS = 10_000  # milliseconds a page may take; the machine may be busy


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How Chromium is started; the journeys are skipped where it is missing, but not in CI."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        explanation = "The journeys need the system package 'chromium' (Debian: apt install chromium)."
        pytest.fail(explanation) if in_ci() else pytest.skip(explanation)
    return {
        "executable_path": chromium,
        "args": [
            "--no-sandbox",  # as root there is none; only our own pages are opened
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def base_url(portal: Flask) -> str:
    """Where the portal answers; links in mails begin with it."""
    return str(portal.config["BASE_URL"])


@pytest.fixture(scope="session")
def _web_server(portal: Flask) -> Iterator[None]:
    server = make_server("127.0.0.1", portal.config["PORT"], portal, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="web", daemon=True)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Watched:
    """What the browsers of one journey did: `foreign` requests to other servers, `faults` to look into."""

    base_url: str
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of this browser."""
        context.set_default_timeout(_SECONDS)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self.faults.append(f"script error: {error.error}"))

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(f"{self.base_url}/"):
            self.foreign.append(request.url)

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} for {response.request.method} {response.url}")

    def _said(self, kind: str, text: str) -> None:
        # The browser itself reports every 403 and 404 here; a journey that expects one says so in its own words.
        if kind == "error" and "status of 4" not in text:
            self.faults.append(f"console: {text}")


@pytest.fixture
def watched(app: Flask, base_url: str, _web_server: None) -> Iterator[Watched]:
    """No request to anybody else's server, no script error, no broken policy, no 5xx in any journey."""
    seen = Watched(base_url)
    yield seen
    assert seen.foreign == []
    assert seen.faults == []


@pytest.fixture
def context(context: BrowserContext, watched: Watched) -> BrowserContext:
    """pytest-playwright's own context, watched."""
    watched.watch(context)
    return context


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """German, in Germany."""
    return {**browser_context_args, "locale": "de-DE", "timezone_id": "Europe/Berlin"}


@pytest.fixture
def visit(
    browser: Chromium, browser_context_args: dict[str, Any], client_of: ClientOf, watched: Watched, base_url: str
) -> Iterator[Visit]:
    """`visit(cast.bob, java_script_enabled=False, color_scheme="dark")` opens a browser of his."""
    contexts: list[BrowserContext] = []

    def open_browser(person: Person | None = None, **options: Any) -> Page:
        context = browser.new_context(**(browser_context_args | options))
        contexts.append(context)
        watched.watch(context)
        if person is not None:
            cookie = client_of(person).get_cookie("netz")
            assert cookie is not None
            context.add_cookies([{"name": "netz", "value": cookie.value, "url": base_url}])
        return context.new_page()

    yield open_browser
    for context in contexts:
        context.close()
