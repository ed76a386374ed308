"""Every page for everyone: WCAG 2.2 AA in light and dark, 320 px wide, touch targets of 44 px."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Page, ViewportSize

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.journeys.conftest import Visit
from tests.mailserver import MailServer
from tests.walking import Kind, kind_of, walk
from tests.world import furnish

AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}

COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}

#: Only what is wrong leaves the browser: all that axe looked at would be megabytes.
VIOLATIONS = """options => axe.run(options).then(found => found.violations.map(
    each => `${each.id} ${each.nodes.slice(0, 3).map(node => node.target)}`
))"""

WIDE: ViewportSize = {"width": 1280, "height": 1024}
NARROW: ViewportSize = {"width": 320, "height": 640}
#: WCAG 1.4.4: 200 % on a window of 1280 px, which a browser shows like one of 640.
ENLARGED: ViewportSize = {"width": 640, "height": 512}
TARGET = 44  # CSS pixels

#: Names what is wider than the window, so that a failure says where to look.
TOO_WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] :
    Array.from(document.querySelectorAll('body *'))
        .filter(element => element.getBoundingClientRect().right > window.innerWidth + 1)
        .map(element => `${element.tagName.toLowerCase()}.${element.className} ${element.innerText?.slice(0, 40)}`)
        .slice(0, 5)"""

#: What can be pressed, is visible, and is smaller than it must be. A link inside a sentence may be as high as its line
#: (WCAG 2.5.8, "Inline"), and what has a label may be pressed there.
TOO_SMALL = """target => {
    const inSentence = link => {
        const block = link.closest('p, li, dd, td, figcaption, h1, h2, h3, h4, h5, h6');
        return link.tagName === 'A' && getComputedStyle(link).display === 'inline' && block
            && (block.innerText.trim().length > link.innerText.trim().length || block.tagName !== 'LI');
    };
    const isHidden = element => {
        for (let each = element; each; each = each.parentElement) {
            if (getComputedStyle(each).overflow === 'hidden' && each.getBoundingClientRect().width <= 1) return true;
        }
        return element.closest('.skip-link') !== null;
    };
    const sizes = element => [element, ...(element.labels || [])].map(each => each.getBoundingClientRect());
    return Array.from(document.querySelectorAll('a[href], button, input, select, textarea, summary'))
        .filter(element => element.type !== 'hidden' && element.checkVisibility({visibilityProperty: true}))
        .filter(element => !inSentence(element) && !isHidden(element))
        .filter(element => Math.max(...sizes(element).map(box => box.height)) < target - 0.5
            || Math.max(...sizes(element).map(box => box.right))
                - Math.min(...sizes(element).map(box => box.left)) < target - 0.5)
        .map(element => {
            const box = element.getBoundingClientRect();
            const name = element.innerText || element.name || element.getAttribute('aria-label');
            return `${element.tagName.toLowerCase()} ${name.trim().slice(0, 40)} ${box.width}x${box.height}`;
        });
}"""


@pytest.fixture
def addresses(app: Flask, cast: Cast, client_of: ClientOf, deliver: Deliver) -> dict[str, list[str]]:
    """One page of every kind, by who opens it: Bob what he can, Lena and Anke what only they can."""
    furnish(cast, client_of)
    deliver()
    browsers = {"stranger": Browser(app, app.response_class)}
    browsers |= {role: client_of(getattr(cast, role)) for role in ("bob", "lena", "anke")}
    seen: set[Kind] = set()
    pages: dict[str, list[str]] = {}
    for role, browser in browsers.items():
        start = "/anmelden" if role == "stranger" else "/"
        kinds = {kind_of(app, url): url for url in walk(app, browser, start).pages}
        pages[role] = [url for kind, url in kinds.items() if kind not in seen]
        seen |= set(kinds)
    return pages


def test_every_page_is_for_everyone(visit: Visit, cast: Cast, addresses: dict[str, list[str]]) -> None:
    """Each is opened once and then looked at in light and dark, on a phone, and as if its text were twice as large."""
    faults = [
        f"{url}: {fault}"
        for role, urls in addresses.items()
        for url, page in _opened(visit(getattr(cast, role, None), has_touch=True), urls)
        for fault in [*_barriers(page), *_misfits(page)]
    ]
    assert faults == []


def _opened(page: Page, urls: list[str]) -> Iterator[tuple[str, Page]]:
    for url in urls:
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        page.goto(url)
        yield url, page


def _barriers(page: Page) -> Iterator[str]:
    """What axe finds; between light and dark only colours differ."""
    yield from _violations(page, AXE)
    page.emulate_media(color_scheme="dark")
    yield from (f"dark: {violation}" for violation in _violations(page, COLOURS))


def _misfits(page: Page) -> Iterator[str]:
    """What has to be scrolled sideways or cannot be hit by a finger."""
    page.set_viewport_size(NARROW)
    yield from (f"too wide: {element}" for element in page.evaluate(TOO_WIDE))
    yield from (f"too small: {element}" for element in page.evaluate(TOO_SMALL, TARGET))
    page.set_viewport_size(ENLARGED)
    yield from (f"too wide at 200 %: {element}" for element in page.evaluate(TOO_WIDE))


def test_a_mail_can_be_read_by_everyone(
    visit: Visit, cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    """The HTML part of each kind of mail, shown by itself, in light, dark and 320 px wide."""
    furnish(cast, client_of)
    deliver()
    faults = []
    page = visit(viewport=NARROW)
    for mail in {message.subject: message for message in smtp.messages}.values():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_content(mail.html)
            faults += [f"{mail.subject} {scheme}: {violation}" for violation in _violations(page, AXE)]
            faults += [f"{mail.subject}: too wide: {element}" for element in page.evaluate(TOO_WIDE)]
    assert len(smtp.messages) > 4
    assert faults == []


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [str(violation) for violation in page.evaluate(VIOLATIONS, options)]
