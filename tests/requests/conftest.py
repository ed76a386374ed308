"""What tests of requests are given: an Anfrage of Bob's, and the links of the mails it makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import select

from app.database import db, utc_now
from app.requests.models import Request
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer, Received
from tests.page import text_of

TAKE, KNOWS, CANNOT = "Ich kümmere mich", "Ich weiß jemanden", "Kann ich nicht"
RETURN = "Ich kann doch nicht"

#: link_of(person, "Ich kümmere mich") is the path of that button in the last mail they got that has it.
LinkOf = Callable[[Person, str], str]


@pytest.fixture
def asked(cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver) -> int:
    """The id of a thread in which Bob asks ost for a Praktikum; its mails are delivered."""
    client_of(cast.bob).submit(
        cast.ost.path("nachrichten", "neu"),
        {"kind": "request", "subject": "Praktikum gesucht", "body": "Wer hat einen Platz im Mai?"},
    )
    deliver()
    with given():
        return db.session.scalars(select(Request.thread_id)).one()


@pytest.fixture
def link_of(smtp: MailServer) -> LinkOf:
    def link(person: Person, button: str) -> str:
        for mail in reversed(smtp.to(person.email)):
            if found := re.search(rf"^{button}:\s+(\S+)", mail.text, re.MULTILINE):
                return urlsplit(found[1]).path
        raise AssertionError(f"{person.name} got no mail with {button!r}")

    return link


def request_now(given: Given) -> Request:
    """The one request as it is, to look at."""
    with given():
        request = db.session.scalars(select(Request)).one()
        _ = request.answers, request.owner
        db.session.expunge_all()
        return request


def within_the_hour() -> time_machine.travel:
    """Until then whoever was told just now how a request stands is told how it stands then."""
    return time_machine.travel(utc_now() + timedelta(minutes=61))


def last_to(smtp: MailServer, person: Person) -> Received:
    return smtp.to(person.email)[-1]


def follow(browser: Browser, label: str) -> None:
    """Open the link of the page that is called so."""
    [link] = [link for link in browser.page.all("a") if text_of(link) == label]
    browser.see(str(link.attrs["href"]))


def press(browser: Browser, path: str) -> str:
    """Open a mail's link, press its button and return what the page says."""
    browser.see(path)
    answer = browser.send(form=path)
    assert answer.status_code == 200, answer.text
    return str(browser.page.text)
