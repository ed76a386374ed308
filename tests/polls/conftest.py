"""What tests of polls are given: a poll of Lena's with three dates, its mails delivered, and the links in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import select

from app.database import db
from app.polls.models import Poll, Vote
from app.templating import BERLIN
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer

#: Monday, 16 November 2026.
MONDAY = datetime(2026, 11, 16, 10, tzinfo=BERLIN)

PROPOSAL = {
    "title": "9. Netzwerktreffen",
    "place": "Rathaus, Raum 12",
    "deadline": "2026-11-27",
    "body": "Wann passt es Ihnen?",
    "day1": "2026-12-08",
    "starts1": "14:00",
    "ends1": "16:00",
    "day2": "2026-12-10",
    "day3": "2026-12-15",
    "starts3": "09:30",
    "ends3": "11:00",
}
FIRST, SECOND, THIRD = (
    "Dienstag, 8. Dezember 2026, 14:00–16:00 Uhr",
    "Donnerstag, 10. Dezember 2026, 14:00–16:00 Uhr",
    "Dienstag, 15. Dezember 2026, 09:30–11:00 Uhr",
)

#: link_to(person) is the path of the button in the last mail of a poll that they got.
LinkTo = Callable[[Person], str]
#: answer(person, "yes", "no", "maybe") says that to the three dates through the link in their mail.
SayTo = Callable[..., str]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=True) as travelled:
        yield travelled


@pytest.fixture
def asked(cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver) -> int:
    """The id of the thread in which Lena asks ost for a date."""
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("terminumfragen", "neu"), PROPOSAL, form="terminumfragen")
    assert lena.page.heading == "9. Netzwerktreffen", lena.page.errors
    deliver()
    with given():
        return db.session.scalars(select(Poll.thread_id)).one()


@pytest.fixture
def link_to(smtp: MailServer) -> LinkTo:
    def link(person: Person) -> str:
        for mail in reversed(smtp.to(person.email)):
            if found := re.search(r"^Termine ankreuzen:\s+(\S+)", mail.text, re.MULTILINE):
                return urlsplit(found[1]).path
        raise AssertionError(f"{person.name} got no mail of a poll")

    return link


@pytest.fixture
def say(anonymous: Browser, link_to: LinkTo, given: Given) -> SayTo:
    def answer(person: Person, *choices: str) -> str:
        path = link_to(person)
        anonymous.submit(path, dict(zip(date_fields(given), choices, strict=True)), form=path)
        return str(anonymous.page.text)

    return answer


def date_fields(given: Given) -> list[str]:
    """The names of the fields of the dates, in their order."""
    with given():
        poll = db.session.scalars(select(Poll)).one()
        return [f"date{each.id}" for each in poll.dates]


def said(given: Given) -> dict[int, list[str]]:
    """What everybody has said, by the id of the person, in the order of the dates."""
    with given():
        found: dict[int, list[str]] = {}
        for answer in db.session.scalars(select(Vote).order_by(Vote.user_id, Vote.date_id)):
            found.setdefault(answer.user_id, []).append(answer.choice.value)
        return found
