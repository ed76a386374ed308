"""Minutes that somebody mails file themselves: from the mail program through LMTP to the page of the meeting."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.forum.posting import post_message
from app.meetings.models import Document, Meeting, Paper
from app.networks.models import Network
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.inbound.conftest import letter
from tests.inbound.test_doors import lmtp_port  # noqa: F401  # a fixture
from tests.mailserver import MailServer

Address = Callable[[str, Person, int], str]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
#: Thursday, 3 December 2026, 14:00 in Germany, and the day after it.
THEN, AFTER_IT = datetime(2026, 12, 3, 13, tzinfo=UTC), datetime(2026, 12, 4, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_day_after() -> Iterator[None]:
    with time_machine.travel(AFTER_IT):
        yield


@pytest.fixture
def meeting_id(given: Given, cast: Cast) -> int:
    with given():
        home = db.session.get_one(Network, cast.ost.id)
        ends = THEN.replace(hour=15)
        meeting = Meeting(home=home, networks=[home], title="12. Netzwerktreffen", starts_at=THEN, ends_at=ends)
        db.session.add(meeting)
        db.session.flush()
        return meeting.id


def test_minutes_that_answer_a_mail_stand_under_their_meeting(
    meeting_id: int,
    lmtp_port: int,  # noqa: F811  # the fixture
    cast: Cast,
    address: Address,
    client_of: ClientOf,
    anonymous: Browser,
    given: Given,
    smtp: MailServer,
    deliver: Deliver,
) -> None:
    with given():
        author, network = db.session.get_one(User, cast.lena.id), db.session.get_one(Network, cast.ost.id)
        thread = post_message(author, network, subject="Danke für gestern", body="Wer schreibt mit?").thread_id
    deliver()
    smtp.forget()
    token = address("antwort", cast.bob, thread)
    octets = letter(
        cast.bob.email, token, "Hier das Protokoll.", files={"Protokoll 03.12.2026.pdf": PDF, "image001.png": PDF}
    )

    with smtplib.LMTP("127.0.0.1", lmtp_port) as client:
        assert client.sendmail(cast.bob.email, [token], octets) == {}
    deliver()

    with given():
        [document] = db.session.scalars(select(Document)).all()
        assert (document.kind, document.meeting_id, document.title) == (
            Paper.MINUTES,
            meeting_id,
            "Protokoll 03.12.2026",
        )
    carla = client_of(cast.carla)
    assert "Protokoll 03.12.2026" in carla.see(cast.ost.path("sitzungen", meeting_id)).text
    [own] = smtp.to(cast.bob.email)
    link = re.search(r"^Ablage ändern:\s+(\S+)", own.text, re.MULTILINE)
    assert link, own.text
    anonymous.submit(urlsplit(link[1]).path, button="Anlage")
    with given():
        assert [document.kind for document in db.session.scalars(select(Document))] == [Paper.ATTACHMENT]
