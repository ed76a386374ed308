"""What tests of meetings are given: makers of meetings and papers, and a day on which it is always before them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar

from app.database import db
from app.files import keeping
from app.meetings.attendance_models import Attendance
from app.meetings.models import Document, Meeting, Paper
from app.networks.models import Network
from tests.cast import Cast, Net, Person
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import Received

#: Saturday, 21 November 2026, noon in Germany.
TODAY = datetime(2026, 11, 21, 11, tzinfo=UTC)
#: Thursday, 3 December 2026, 14:00 in Germany.
THEN = datetime(2026, 12, 3, 13, tzinfo=UTC)

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

MakeMeeting = Callable[..., int]
MakePaper = Callable[..., int]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """The clock runs, but the date is fixed."""
    with time_machine.travel(TODAY):
        yield


@pytest.fixture
def make_meeting(given: Given) -> MakeMeeting:
    """`make_meeting(cast.ost)` returns the id of a meeting of ost on 3 December; fields replace what it has."""

    def make(home: Net, *also: Net, starts_at: datetime = THEN, **fields: Any) -> int:
        fields = {
            "title": "8. Netzwerktreffen",
            "place": "Begegnungszentrum Nord, Raum 3",
            "agenda": "1. Begrüßung\n2. Praktika",
            "ends_at": starts_at + timedelta(hours=2),
        } | fields
        with given():
            networks = [db.session.get_one(Network, net.id) for net in (home, *also)]
            meeting = Meeting(home=networks[0], networks=networks, starts_at=starts_at, **fields)
            db.session.add(meeting)
            db.session.flush()
            return meeting.id

    return make


@pytest.fixture
def make_paper(given: Given) -> MakePaper:
    """`make_paper(cast.ost, "Protokoll.pdf")` returns the id of a document with that one file."""

    def make(network: Net, name: str, meeting_id: int | None = None, content: bytes = PDF, **fields: Any) -> int:
        fields = {"title": name.rpartition(".")[0], "kind": Paper.MINUTES, "dated": date(2026, 9, 10)} | fields
        with given():
            document = Document(network_id=network.id, meeting_id=meeting_id, **fields)
            db.session.add(document)
            db.session.flush()
            keeping.keep_bytes(content, name, document.key)
            return document.id

    return make


#: `invited()` makes a meeting of ost, sends Lena's invitation to everybody, and returns the meeting's id.
Invited = Callable[..., int]

#: `tell(meeting, "Änderung mitteilen")`: Lena sends the mail that the meeting's page offers, as it is suggested.
Tell = Callable[..., None]

#: `answer_of(meeting, bob)` is what this person answered so far, as a row to look at; None without one.
AnswerOf = Callable[[int, Person], Attendance | None]


@pytest.fixture
def reads_mail(app: Flask, configured: Configured) -> Iterator[None]:
    """The portal reads incoming mail, so that calendar programs may answer."""
    with configured(MAIL_IS_READ=True):
        yield


@pytest.fixture
def tell(cast: Cast, client_of: ClientOf, deliver: Deliver) -> Tell:
    def send(meeting: int, label: str, **data: object) -> None:
        lena = client_of(cast.lena)
        assert label in lena.see(cast.ost.path("sitzungen", meeting)).text
        lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), data, form="einladen")
        assert "Ihre Mail geht an" in lena.page.text
        deliver()

    return send


@pytest.fixture
def invited(cast: Cast, make_meeting: MakeMeeting, tell: Tell) -> Invited:
    def invite(*also: Net, **fields: Any) -> int:
        meeting = make_meeting(cast.ost, *also, **fields)
        tell(meeting, "Einladung verschicken")
        return meeting

    return invite


@pytest.fixture
def answer_of(given: Given) -> AnswerOf:
    def find(meeting: int, person: Person) -> Attendance | None:
        with given():
            found = db.session.scalar(Attendance.of(meeting, person.id))
            db.session.expunge_all()
            return found

    return find


def link_in(mail: Received, button: str) -> str:
    """The path behind a button of a mail."""
    found = re.search(rf"^{re.escape(button)}:\s+(\S+)", mail.text, re.MULTILINE)
    assert found, mail.text
    return urlsplit(found[1]).path


def calendar_in(mail: Received) -> Any:
    """The calendar object of a mail; the part that programs act on and the file say the same."""
    (inline,) = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    octets = inline.get_payload(decode=True)
    assert octets == mail.files["termin.ics"]
    assert max(map(len, octets.split(b"\r\n"))) <= 75
    assert b"\n" not in octets.replace(b"\r\n", b"")
    whole = Calendar.from_ical(octets)
    assert whole["method"] == inline["Content-Type"].params["method"]
    return whole
