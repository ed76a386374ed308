"""The invitation as calendar programs take it: METHOD:REQUEST to one attendee, who answers to an own address."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from icalendar import Event

from app.database import db
from app.mail import answering, inviting
from app.mail.models import Mail
from app.mail.rendering import prepare
from app.registry import Recipient
from tests.cast import Cast
from tests.conftest import ClientOf
from tests.mailserver import MailServer
from tests.meetings.conftest import Invited, Tell, calendar_in

pytestmark = pytest.mark.usefixtures("reads_mail")


def test_each_recipient_is_the_one_attendee_and_answers_to_an_address_of_their_own(
    app: Flask, cast: Cast, invited: Invited, smtp: MailServer
) -> None:
    meeting = invited()
    organizers = set()
    for person in cast.everyone_in_ost:
        whole = calendar_in(smtp.to(person.email)[0])
        assert whole["method"] == "REQUEST"
        (event,) = whole.walk("VEVENT")
        assert event["attendee"] == f"mailto:{person.email}"
        asked = event["attendee"].params
        assert (asked["CN"], asked["PARTSTAT"], asked["RSVP"]) == (person.name, "NEEDS-ACTION", "TRUE")
        assert event["organizer"].params["CN"] == cast.ost.name
        organizer = str(event["organizer"])
        assert re.fullmatch(r"mailto:termin\+[a-z2-7]+@netz\.example\.org", organizer)
        assert len(organizer.removeprefix("mailto:").partition("@")[0]) <= 64
        with app.app_context():
            opened = answering.opened(organizer.removeprefix("mailto:").partition("@")[0])
        assert opened
        assert (opened.owner_id, opened.target_id, opened.has_ended) == (person.id, meeting, False)
        organizers.add(organizer)
    assert len(organizers) == 4


def test_a_change_and_a_cancellation_come_from_the_same_organizer_with_a_higher_sequence(
    cast: Cast, client_of: ClientOf, invited: Invited, tell: Tell, smtp: MailServer
) -> None:
    meeting = invited()
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"date": "2026-12-10"})
    tell(meeting, "Änderung mitteilen")
    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")
    tell(meeting, "Absage mitteilen")

    objects = [calendar_in(mail) for mail in smtp.to(cast.bob.email)]
    events = [whole.walk("VEVENT")[0] for whole in objects]
    assert [str(whole["method"]) for whole in objects] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert len({str(event["uid"]) for event in events}) == 1
    assert len({str(event["organizer"]) for event in events}) == 1
    assert {str(event["attendee"]) for event in events} == {f"mailto:{cast.bob.email}"}
    assert "Zusage" not in smtp.to(cast.bob.email)[-1].text


def test_feeds_only_publish(cast: Cast, client_of: ClientOf, invited: Invited) -> None:
    invited()
    bob = client_of(cast.bob)
    address = re.search(r'value="[^"]*(/termine\.ics\?token=[^"]+)"', bob.get("/profil").text)
    assert address
    feed = bob.get(address[1]).text
    assert "METHOD:PUBLISH" in feed
    assert "ATTENDEE" not in feed
    assert "termin+" not in feed


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ('Ada "die Erste"; :,\r\nATTENDEE:mailto:x@example.org', "ada@example.org"),
        ("Ö" * 200, "a" * 60 + "@" + "b" * 60 + ".example.org"),
        ("", "a%b&c=d?e#f@example.org"),
        ("\ue000termin:1\ue001 شكرا 🎉", "o'brien+netz@example.org"),
    ],
)
def test_no_name_and_no_address_breaks_the_line(name: str, address: str) -> None:
    line = inviting.attendee(name, address)
    assert line.endswith("\r\n")
    lines = line.removesuffix("\r\n").split("\r\n")
    assert all(len(each.encode()) <= 75 for each in lines)
    assert all(each.startswith(" ") for each in lines[1:])
    whole = f"BEGIN:VEVENT\r\nUID:1\r\n{line}END:VEVENT\r\n"
    event = Event.from_ical(whole)
    assert isinstance(event["attendee"].params.get("CN", ""), str)
    assert not isinstance(event["attendee"], list)


def test_all_but_the_recipients_own_lines_is_shared_between_copies(app: Flask, invited: Invited) -> None:
    invited()
    with app.app_context():
        mail = db.session.scalars(db.select(Mail).where(Mail.event == "message")).one()
        prepared = prepare(mail, [], lambda _: None)  # type: ignore[arg-type, return-value]  # it has no files
        one, other = (
            prepared.copy_for(number, Recipient(f"p{number}@example.org", f"Person {number}", number))
            for number in (1, 2)
        )
    different = [a for a, b in zip(one.content, other.content, strict=True) if a is not b]
    assert sum(map(len, different)) < 3000
    assert sum(map(len, one.content)) <= one.size
