"""A meeting of several networks: one invitation each, seen in each of them, read by all, looked after by one."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]  # it has no type hints
from icalendar import Calendar

from app.database import db, utc_now
from app.meetings.models import Meeting, Paper
from app.meetings.series import enter
from app.meetings.series_days import days_after
from app.meetings.series_models import Repeat
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer
from tests.meetings.conftest import PDF, TODAY, MakeMeeting, MakePaper

ENTRY = {"title": "Jahrestreffen", "date": "2027-01-14", "starts": "14:00", "ends": "16:30", "place": "Rathaus"}


def feed(browser: Browser, anonymous: Browser, page: str) -> Calendar:
    """The calendar whose address this page shows, read without a word of complaint."""
    [field] = browser.see(page).query("#kalender")
    parts = urlsplit(str(field.attrs["value"]))
    octets = anonymous.get(f"{parts.path}?{parts.query}").data
    assert all(len(line) <= 75 for line in octets.split(b"\r\n"))
    whole = Calendar.from_ical(octets)
    assert [part.errors for part in whole.walk() if part.errors] == []
    return whole


def test_everybody_gets_one_invitation_however_many_of_the_networks_they_are_in(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    client_of(cast.anke).submit(
        cast.ost.path("sitzungen", "neu"), ENTRY | {"also_for": [cast.west.id]}, button="Anlegen und einladen"
    )
    deliver()

    assert sorted(mail.to for mail in smtp.messages) == sorted(
        person.email for person in (*cast.everyone_in_ost, cast.wim)
    )
    assert "[Jugendliche in Ausbildung]" in smtp.to(cast.carla.email)[0].subject
    assert "[Sprache im Beruf]" in smtp.to(cast.wim.email)[0].subject
    assert all(any(name.endswith(".ics") for name in mail.files) for mail in smtp.messages)


def test_it_stands_in_the_pages_and_feeds_of_each_network_once(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, cast.west, title="Jahrestreffen")
    for person, net in ((cast.bob, cast.ost), (cast.carla, cast.west), (cast.wim, cast.west)):
        browser = client_of(person)
        assert "Jahrestreffen" in browser.see(net.path("sitzungen")).text
        for page in (net.path("sitzungen"), "/profil", "/termine"):
            [event] = feed(browser, anonymous, page).walk("VEVENT")
            assert event["summary"] == "Jahrestreffen"


def test_its_papers_are_read_by_all_of_them_and_by_nobody_else(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, make_paper: MakePaper, given: Given
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    make_paper(cast.ost, "Protokoll.pdf", meeting, kind=Paper.MINUTES)
    alone = make_meeting(cast.ost, title="Ost allein")
    make_paper(cast.ost, "Intern.pdf", alone)
    wim = client_of(cast.wim)

    [paper] = {link for link in wim.see(cast.west.path("sitzungen", meeting)).links if link.endswith("Protokoll.pdf")}
    assert wim.get(paper).data == PDF
    assert "Protokoll" in wim.see(cast.west.path("unterlagen")).text
    assert "Intern" not in wim.page.text
    with given():
        db.session.get_one(Participant, cast.west.participant(cast.wim)).until = utc_now()
    assert wim.get(paper).status_code == 404


def test_only_the_leads_of_its_home_look_after_it(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    with given():
        db.session.get_one(Participant, cast.west.participant(cast.wim)).is_lead = True
    wim, lena = client_of(cast.wim), client_of(cast.lena)

    for act in ("bearbeiten", "einladen", "wiederholen"):
        assert wim.get(cast.west.path("sitzungen", meeting, act)).status_code == 403
        assert lena.get(cast.ost.path("sitzungen", meeting, act)).status_code == 200


def test_who_leads_both_chooses_the_other_in_the_form(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        db.session.get_one(Participant, cast.west.participant(cast.carla)).is_lead = True
        db.session.get_one(Participant, cast.ost.participant(cast.carla)).is_lead = True
    client_of(cast.carla).submit(
        cast.west.path("sitzungen", "neu"), ENTRY | {"also_for": [cast.ost.id]}, button="Nur eintragen"
    )
    with given():
        meeting = db.session.query(Meeting).one()
        assert (meeting.home.slug, sorted(network.slug for network in meeting.networks)) == ("west", ["ost", "west"])


def test_a_feed_of_every_shape_is_read_by_calendar_programs_as_it_was_meant(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting, given: Given
) -> None:
    first = make_meeting(cast.ost, cast.west, starts_at=datetime(2026, 12, 10, 13, tzinfo=UTC), title="Serie; „A, B“\\")
    make_meeting(cast.ost, title="Abgesagt", cancelled_at=TODAY, sequence=2)
    make_meeting(
        cast.ost, title="Über Nacht 🎉", starts_at=datetime(2027, 10, 30, 20, tzinfo=UTC), place="Ort " * 100,
        ends_at=datetime(2027, 10, 31, 3, tzinfo=UTC), agenda="Zeile\n" * 300,
    )  # fmt: skip
    with given():
        meeting = db.session.get_one(Meeting, first)
        enter(meeting, Repeat.MONTHS, 1, days_after(meeting.day, Repeat.MONTHS, 1, number=8))

    whole = feed(client_of(cast.bob), anonymous, "/termine")

    events = whole.walk("VEVENT")
    assert len(events) == 10
    assert len({str(event["uid"]) for event in events}) == 10
    starts = [event.decoded("dtstart") for event in events if str(event["summary"]) == "Serie; „A, B“\\"]
    assert [moment.strftime("%H:%M") for moment in starts] == ["14:00"] * 8
    assert {moment.utcoffset().total_seconds() for moment in starts} == {3600, 7200}
    assert [event["sequence"] for event in events if event["status"] == "CANCELLED"] == [2]


@pytest.mark.parametrize(("moment", "hours"), [((2027, 1, 14, 14), 1), ((2027, 7, 1, 14), 2), ((2027, 10, 31, 9), 1)])
def test_another_parser_reads_the_rules_of_our_zone_alike(
    moment: tuple[int, int, int, int],
    hours: int,
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    make_meeting: MakeMeeting,
) -> None:
    make_meeting(cast.ost)
    whole = feed(client_of(cast.bob), anonymous, "/termine")
    [zone] = whole.walk("VTIMEZONE")

    berlin = tzical(io.StringIO(zone.to_ical().decode().replace("\r\n", "\n"))).get("Europe/Berlin")

    offset = datetime(*moment, tzinfo=berlin).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == hours * 3600
