"""Walks through the portal as a curious person does: from the first page on, every link that a page shows."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.browser import Browser
from tests.page import Page

#: An endpoint and the names of what is asked for.
Kind = tuple[str, frozenset[str]]

#: So many pages of one kind are looked at: two threads of a list are enough to know how a thread looks.
_OF_A_KIND = 4


@dataclass
class Walk:
    """What somebody saw: HTML pages by address, all that was answered, endpoints, and links that led nowhere."""

    pages: dict[str, Page] = field(default_factory=dict)
    answers: dict[str, TestResponse] = field(default_factory=dict)
    endpoints: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)


def walk(app: Flask, browser: Browser, start: str = "/", within: str = "/") -> Walk:
    """Follow every link of the portal's own that can be reached from `start` and lies below `within`.

    Forms are not sent.
    """
    seen, found, waiting = set[str](), Walk(), deque([(start, "")])
    kinds = Counter[Kind]()
    while waiting:
        url, origin = waiting.popleft()
        kind = kind_of(app, url)
        if url in seen or kinds[kind] >= _OF_A_KIND:
            continue
        seen.add(url)
        kinds[kind] += 1
        response = browser.get(url, follow_redirects=True)
        if response.status_code != 200:
            found.dead.append(f"{url} on {origin}: {response.status}")
            continue
        found.answers[url] = response
        found.endpoints |= {kind[0], kind_of(app, response.request.path)[0]}
        if response.mimetype == "text/html":
            found.pages[response.request.path if response.history else url] = browser.page
            waiting += [(link, url) for link in links_of(browser.page) if link.startswith(within)]
        response.close()
    return found


def links_of(page: Page) -> list[str]:
    """The addresses within the portal that this page links to, without fragments."""
    whole = (urldefrag(urljoin(f"http://localhost{page.path}", link)).url for link in page.links)
    own = (urlsplit(url) for url in whole)
    return [
        f"{url.path}?{url.query}" if url.query else url.path
        for url in own
        if url.scheme == "http" and url.netloc == "localhost"
    ]


def kind_of(app: Flask, url: str) -> Kind:
    """What sort of page this is: its endpoint and the names of what is asked for."""
    parts = urlsplit(url)
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path)
    except HTTPException:
        return "", frozenset({url})
    return str(endpoint), frozenset(parse_qs(parts.query))
