"""Who has chosen English reads English on every page; mails stay German, whoever writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale

from app import templating
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.mailserver import MailServer
from tests.page import Page, text_of
from tests.test_catalogue import PLACEHOLDER, catalogue
from tests.walking import walk
from tests.world import furnish

#: A shorter piece of a sentence may stand in an English text by chance, or in a name ("Tagesordnung.pdf").
_SHORTEST = 13
#: What is said to a person without standing on the page.
_SPOKEN = ("aria-label", "title", "placeholder", "data-confirm", "alt")


pytestmark = pytest.mark.once


@pytest.fixture
def furnished(cast: Cast, client_of: ClientOf, deliver: Deliver) -> Cast:
    furnish(cast, client_of)
    deliver()
    return cast


@pytest.mark.parametrize("role", ["anke", "lena", "bob"])
def test_no_german_sentence_is_left_on_the_pages_of(
    app: Flask, furnished: Cast, client_of: ClientOf, role: str
) -> None:
    browser = in_english(client_of(getattr(furnished, role)))
    pages = walk(app, browser).pages
    assert len(pages) > 10
    assert {str(node.attrs["lang"]) for page in pages.values() for node in page.query("html")} == {"en"}
    assert {url: left for url, page in pages.items() if (left := german_on(page))} == {}


def test_no_german_sentence_is_left_for_a_stranger(app: Flask, cast: Cast, anonymous: Browser) -> None:
    pages = walk(app, in_english(anonymous)).pages
    assert {url: left for url, page in pages.items() if (left := german_on(page))} == {}


def test_what_is_wrong_is_said_in_english(cast: Cast, client_of: ClientOf) -> None:
    bob = in_english(client_of(cast.bob))
    for way in (("nachrichten", "neu"), ("angebote", "neu"), ("teilnehmende", "schreiben")):
        bob.submit(cast.ost.path(*way), {}, form=way[-1])
        assert bob.page.errors
        assert german_on(bob.page) == set()
    bob.get(cast.west.path("nachrichten"))
    assert bob.page.heading == "This page does not exist"
    assert german_on(bob.page) == set()


def test_the_mail_of_somebody_who_reads_english_is_german(
    cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    bob = in_english(client_of(cast.bob))
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Raum gesucht", "body": "Wer hat einen?"})
    assert "Your message goes to 4 participants in 4 organisations." in bob.page.text
    deliver()
    assert "Sie bekommen diese Mail, weil Sie an" in smtp.messages[0].text


@pytest.mark.parametrize(
    ("locale", "this_year", "another_year", "size"),
    [("de", "Do., 3. Dezember", "2. Januar 2028", "2,4 MB"), ("en_GB", "Thu 3 December", "2 January 2028", "2.4 MB")],
)
def test_days_and_sizes_look_as_the_language_has_them(
    app: Flask, locale: str, this_year: str, another_year: str, size: str
) -> None:
    with (
        app.test_request_context(),
        force_locale(locale),
        time_machine.travel(datetime(2026, 11, 2, tzinfo=UTC), tick=False),
    ):
        assert templating.day(date(2026, 12, 3)) == this_year
        assert templating.day(date(2028, 1, 2)) == another_year
        assert templating.filesize(2_500_000) == size


def in_english(browser: Browser) -> Browser:
    browser.submit("/", {}, button="English")
    return browser


def german_on(page: Page) -> set[str]:
    """The German sentences that somebody sees or hears on this page."""
    heard = (str(node.attrs[name]) for node in page.all() for name in _SPOKEN if node.attrs.get(name))
    text = page.text
    # What says itself that it is German, and what a person is about to write: mails and public pages are German.
    for node in page.query('body [lang="de"], textarea'):
        text = text.replace(text_of(node), "")
    everything = "\n".join([text, *map(text_of, page.all("title")), *heard])
    return {
        sentence
        for sentence, piece, pattern in german_sentences()
        if piece in everything and pattern.search(everything)
    }


@cache
def german_sentences() -> list[tuple[str, str, re.Pattern[str]]]:
    """The sentences that English says otherwise, each with its longest piece and how it stands on a page."""
    english = " ".join(each for message in catalogue("en") for each in _several(message.string))
    found = []
    for message in catalogue("en"):
        for sentence in _several(message.id):
            pieces = [piece for piece in PLACEHOLDER.sub("\0", sentence).split("\0") if piece.strip()]
            longest = max(pieces, key=len, default="")
            if len(longest) >= _SHORTEST and longest not in english:
                pattern = re.compile(rf"(?<!\w){'.{1,200}?'.join(map(re.escape, pieces))}(?!\w)")
                found.append((sentence, longest, pattern))
    return found


def _several(text: Any) -> tuple[str, ...]:
    return tuple(text) if isinstance(text, tuple | list) else (text,)
