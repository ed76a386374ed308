"""What holds for every mail: both parts say the same, nothing acts by being looked at, lines are short.

One evening in the network makes one mail of each kind; each rule is then tried on all of them.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from app.database import db, writing
from app.networks import wishes
from app.networks.models import Rhythm
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer, Received

#: Words that only lead or separate; a sign, a bullet or Markdown's marks are no words.
WORD = re.compile(r"[\w@.:/+-]*\w", re.UNICODE)
LINK = re.compile(r"https?://[^\s<>\"]+")


@pytest.fixture
def mails(
    app: Flask,
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    smtp: MailServer,
    deliver: Deliver,
    configured: Configured,
) -> list[Received]:
    """One mail of each kind."""
    anonymous.submit("/anmelden", {"email": cast.bob.email})
    nina = {"email": "nina.neu@example.org", "name": "Nina Neu", "organisation": "Werkstatt Nord"}
    client_of(cast.anke).submit(cast.ost.path("teilnehmende", "neu"), nina)
    bob = client_of(cast.bob)
    body = (
        "Guten Tag,\n\n- erstens **fett**\n- zweitens https://praktikum.example.org/a?b=c\n\n> ein Zitat\n\nGruß, Bob"
    )
    with configured(MAIL_ATTACH_LIMIT=1000):
        bob.submit(
            cast.ost.path("nachrichten", "neu"),
            {"subject": "Größe & Maß <b>", "body": body, "kind": "request"},
            {"files": [("Klein.txt", b"klein"), ("Groß.txt", b"gross " * 400)]},
        )
    bob.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Fall", "body": "geheim", "confidential": True})
    bob.submit(
        cast.ost.path("teilnehmende", cast.ost.participant(cast.lena), "schreiben"),
        {"subject": "Nur an Sie", "body": "Haben Sie *kurz* Zeit?"},
    )
    deliver()
    [message, *_rest] = [mail for mail in smtp.to(cast.carla.email) if "Größe" in mail.subject]
    anonymous.post(urlsplit(str(message.message["List-Unsubscribe"]).strip("<>")).path)
    with app.app_context(), writing():  # the next message waits for a digest, which is wanted at once then
        wishes.set_rhythm(cast.wim.id, cast.west.id, Rhythm.DAILY)
        db.session.commit()
    client_of(cast.carla).submit(
        cast.west.path("nachrichten", "neu"),
        {"subject": "Größe & Maß <b>", "body": body},
        {"files": ("Plan.txt", b"plan")},
    )
    with app.app_context(), writing():
        wishes.set_rhythm(cast.wim.id, cast.west.id, Rhythm.AT_ONCE)
        db.session.commit()
    app.extensions["run_job"].call_local("digests")
    deliver()
    return smtp.messages


def test_there_is_one_of_each_kind(mails: list[Received]) -> None:
    subjects = {mail.subject for mail in mails}
    assert len(subjects) >= 7, subjects
    assert any("Zusammenfassung" in subject for subject in subjects)


def test_the_plain_part_has_every_word_of_the_html_part(mails: list[Received]) -> None:
    for mail in mails:
        missing = words(visible_text(mail.html)) - words(mail.text)
        assert not missing, f"{mail.subject}: {sorted(missing)}"


def test_looking_at_links_ten_times_changes_nothing(mails: list[Received], app: Flask, given: Given) -> None:
    links = {urlsplit(link).path for mail in mails for link in LINK.findall(mail.text) if "127.0.0.1" in link}
    links |= {
        urlsplit(str(mail.message["List-Unsubscribe"]).strip("<>")).path for mail in mails if "List-Id" in mail.message
    }
    assert len(links) > 20
    scanner = app.test_client()
    before = everything(given)
    for link in sorted(links):
        for _ in range(10):
            assert scanner.get(link).status_code in (200, 302), link
        scanner.head(link)
    assert everything(given) == before


def test_no_line_is_longer_than_mail_allows_and_headers_are_ascii(mails: list[Received]) -> None:
    for mail in mails:
        assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
        head, _, _ = mail.raw.partition(b"\r\n\r\n")
        assert head.isascii()


def test_from_is_always_our_own_domain(mails: list[Received]) -> None:
    for mail in mails:
        assert mail.message["From"].addresses[0].domain == "netz.example.org"


def test_html_asks_no_server_for_anything(mails: list[Received]) -> None:
    for mail in mails:
        assert not re.search(r"<(img|link|script|iframe)\b|url\(|@import", mail.html)


def words(shown: str) -> set[str]:
    return set(WORD.findall(LINK.sub(" ", shown.replace("*", " "))))


def visible_text(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    return " ".join(reader.pieces)


class _Reader(HTMLParser):
    """Collects what a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "title"):
            self._hidden = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._hidden:
            self._hidden = ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)


def everything(given: Given) -> dict[str, list[str]]:
    """Every row of every table."""
    with given():
        return {
            table.name: sorted(map(repr, db.session.execute(text(f'SELECT * FROM "{table.name}"')).all()))
            for table in db.metadata.sorted_tables
        }
