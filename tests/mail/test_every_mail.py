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

from app.database import db
from tests.conftest import Given
from tests.mail.every_kind import KINDS, Evening, kind_of, longest_of_each
from tests.mailserver import Received

pytestmark = pytest.mark.once

#: Words that only lead or separate; a sign, a bullet or Markdown's marks are no words.
WORD = re.compile(r"[\w@.:/+-]*\w", re.UNICODE)
NUMBERED = re.compile(r"(?m)^\d+\. ")
LINK = re.compile(r"https?://[^\s<>\"]+")


def test_there_is_one_of_each_kind(every_mail: list[Received]) -> None:
    """Whoever adds a kind of mail adds to tests/mail/every_kind.py what makes the portal send it."""
    assert {kind_of(mail) for mail in every_mail} == KINDS


def test_both_parts_have_the_same_words(every_mail: list[Received]) -> None:
    for mail in every_mail:
        in_html, in_text = words(visible_text(mail.html)), words(mail.text)
        assert in_html == in_text, f"{mail.subject}: {sorted(in_html ^ in_text)}"


@pytest.mark.once
def test_looking_at_links_ten_times_changes_nothing(evening: Evening, app: Flask, given: Given) -> None:
    mails = longest_of_each(evening.pass_by()).values()
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


def test_no_line_is_longer_than_mail_allows_and_headers_are_ascii(every_mail: list[Received]) -> None:
    for mail in every_mail:
        assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
        head, _, _ = mail.raw.partition(b"\r\n\r\n")
        assert head.isascii()


def test_from_is_always_our_own_domain(every_mail: list[Received]) -> None:
    for mail in every_mail:
        assert mail.message["From"].addresses[0].domain == "netz.example.org"


def test_html_asks_no_server_for_anything(every_mail: list[Received]) -> None:
    for mail in every_mail:
        assert not re.search(r"<(img|link|script|iframe)\b|url\(|@import", mail.html)


def words(shown: str) -> set[str]:
    return set(WORD.findall(LINK.sub(" ", NUMBERED.sub("", shown).replace("*", " "))))


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
