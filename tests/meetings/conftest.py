"""What tests of meetings are given: makers of meetings and papers, and a day on which it is always before them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.database import db
from app.files import keeping
from app.meetings.models import Document, Meeting, Paper
from app.networks.models import Network
from tests.cast import Net
from tests.conftest import Given

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
