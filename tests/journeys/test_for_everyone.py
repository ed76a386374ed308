"""Every page for everyone: WCAG 2.2 AA in light and dark, 320 px wide, touch targets of 44 px."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.journeys.conftest import Visit
from tests.walking import Kind, kind_of, walk
from tests.world import furnish

AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}

NARROW = {"width": 320, "height": 640}
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


def each_page(visit: Visit, cast: Cast, addresses: dict[str, list[str]], **options: Any) -> Any:
    """Yield a browser's page for each address, opened by somebody who may."""
    for role, urls in addresses.items():
        page = visit(getattr(cast, role, None), **options)
        for url in urls:
            page.goto(url)
            yield url, page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(visit: Visit, cast: Cast, addresses: dict[str, list[str]], scheme: str) -> None:
    found = [
        f"{url}: {violation['id']} {[node['target'] for node in violation['nodes']][:3]}"
        for url, page in each_page(visit, cast, addresses, color_scheme=scheme)
        for violation in _violations(page)
    ]
    assert found == []


def test_no_page_needs_to_be_scrolled_sideways_at_320_pixels_and_all_targets_can_be_hit(
    visit: Visit, cast: Cast, addresses: dict[str, list[str]]
) -> None:
    faults = []
    for url, page in each_page(visit, cast, addresses, viewport=NARROW, has_touch=True):
        faults += [f"{url}: too wide: {element}" for element in page.evaluate(TOO_WIDE)]
        faults += [f"{url}: too small: {element}" for element in page.evaluate(TOO_SMALL, TARGET)]
    assert faults == []


def test_pages_fit_when_text_is_twice_as_large(visit: Visit, cast: Cast, addresses: dict[str, list[str]]) -> None:
    """WCAG 1.4.4: 200 % on a window of 1280 px, which a browser shows like one of 640."""
    faults = []
    for url, page in each_page(visit, cast, addresses, viewport={"width": 640, "height": 512}):
        faults += [f"{url}: {element}" for element in page.evaluate(TOO_WIDE)]
    assert faults == []


def test_a_mail_can_be_read_by_everyone(visit: Visit, cast: Cast, addresses: dict[str, list[str]], smtp: Any) -> None:
    """The HTML part of each kind of mail, shown by itself, in light, dark and 320 px wide."""
    faults = []
    page = visit(viewport=NARROW)
    for mail in {message.subject: message for message in smtp.messages}.values():
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.set_content(mail.html)
            faults += [f"{mail.subject} {scheme}: {violation['id']}" for violation in _violations(page)]
            faults += [f"{mail.subject}: too wide: {element}" for element in page.evaluate(TOO_WIDE)]
    assert len(smtp.messages) > 4
    assert faults == []


def _violations(page: Page) -> list[dict[str, Any]]:
    violations: list[dict[str, Any]] = Axe().run(page, options=AXE).response["violations"]
    return violations
