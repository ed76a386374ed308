"""One year of Bob, who never signs in: everything he does, he does from his mail program.

Every mail of his crosses a real SMTP server on its way to him and the LMTP door on its way back, and each step takes
addresses and links out of the mail he got, as he would.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parseaddr
from urllib.parse import urlsplit

import pytest
import time_machine
from icalendar import Calendar
from sqlalchemy import func, select

from app.accounts.models import Device
from app.database import db
from app.forum.models import Message, Thread
from app.mail.models import Delivery, DeliveryState
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.models import Document, Meeting, Paper
from app.networks.models import Participant
from app.requests.models import Request
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.inbound.calendar_samples import OUTLOOK, calendar_mail, sample
from tests.inbound.conftest import letter
from tests.inbound.test_doors import lmtp_port  # noqa: F401  # a fixture
from tests.mailserver import MailServer, Received

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

WINTER = datetime(2027, 1, 12, 8, tzinfo=UTC)
SPRING = datetime(2027, 3, 9, 8, tzinfo=UTC)
INVITED = datetime(2027, 5, 11, 8, tzinfo=UTC)
#: Tuesday, 15 June 2027, 14:00 in Germany.
MEETING = datetime(2027, 6, 15, 12, tzinfo=UTC)
AFTER_IT = datetime(2027, 6, 17, 7, tzinfo=UTC)
SUMMER = datetime(2027, 8, 3, 8, tzinfo=UTC)
AUTUMN = datetime(2027, 10, 12, 8, tzinfo=UTC)
BACK = datetime(2027, 10, 27, 8, tzinfo=UTC)


class World:
    """Bob's mail program, his colleagues' browsers, and the calendar on the wall."""

    def __init__(
        self,
        clock: time_machine.Traveller,
        cast: Cast,
        client_of: ClientOf,
        anonymous: Browser,
        deliver: Deliver,
        smtp: MailServer,
        lmtp_port: int,  # noqa: F811  # the fixture's value
    ) -> None:
        self.clock, self.cast, self.client_of, self.browser = clock, cast, client_of, anonymous
        self.deliver, self.smtp, self.lmtp_port = deliver, smtp, lmtp_port

    def on(self, day: datetime) -> None:
        """A new season begins, with empty mailboxes."""
        self.clock.move_to(day)
        self.smtp.forget()

    def somebody_posts(self, person: Person, subject: str, body: str, **more: object) -> None:
        self.client_of(person).submit(
            self.cast.ost.path("nachrichten", "neu"), {"subject": subject, "body": body, **more}
        )
        self.deliver()

    def mail_to(self, person: Person) -> Received:
        """The newest mail this person got."""
        return self.smtp.to(person.email)[-1]

    def bob_mails(self, to: str, octets: bytes) -> None:
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as door:
            assert door.sendmail(self.cast.bob.email, [to], octets) == {}
        self.deliver()

    def bob_answers(self, mail: Received, text: str, files: dict[str, bytes] | None = None) -> None:
        to = parseaddr(str(mail.message["Reply-To"]))[1]
        subject = f"AW: {mail.subject}"
        self.bob_mails(to, letter(self.cast.bob.email, to, text, Subject=subject, files=files))

    def bob_presses(self, mail: Received, button: str, page_button: str = "", **fields: object) -> str:
        """Bob opens a link of a mail, fills in what he finds, and presses the button; returns what he then reads."""
        self.browser.see(link_in(mail, button))
        assert self.browser.send(fields, form="/mail/", button=page_button).status_code == 200
        return str(self.browser.page.text)


def link_in(mail: Received, button: str) -> str:
    found = re.search(rf"^{re.escape(button)}[^:\n]*:\s+(\S+)", mail.text, re.MULTILINE)
    assert found, mail.text
    return urlsplit(found[1]).path


@pytest.fixture
def world(
    cast: Cast,
    client_of: ClientOf,
    anonymous: Browser,
    deliver: Deliver,
    smtp: MailServer,
    lmtp_port: int,  # noqa: F811  # the fixture
) -> Iterator[World]:
    with time_machine.travel(WINTER) as clock:
        yield World(clock, cast, client_of, anonymous, deliver, smtp, lmtp_port)


def test_a_year_of_a_participant_who_never_signs_in(world: World, cast: Cast, given: Given) -> None:
    _he_receives_and_answers(world, cast)
    _he_takes_a_request(world, cast)
    meeting = _he_says_yes_and_later_no(world, cast, given)
    _he_sends_the_minutes(world, cast, given, meeting)
    _he_corrects_his_phone_number(world, cast)
    _he_is_away_with_a_deputy(world, cast)
    _what_the_network_looks_like_then(cast, given, meeting)


def _he_receives_and_answers(world: World, cast: Cast) -> None:
    world.somebody_posts(cast.lena, "Offene Sprechstunde", "Ab Februar dienstags. Passt das allen?")
    mail = world.mail_to(cast.bob)
    assert "Ab Februar dienstags" in mail.text
    world.bob_answers(mail, "Ja, gern.\n\n> Ab Februar dienstags. Passt das allen?\n")
    for colleague in (cast.lena, cast.carla):
        assert "Ja, gern." in world.mail_to(colleague).text


def _he_takes_a_request(world: World, cast: Cast) -> None:
    world.on(SPRING)
    world.somebody_posts(cast.carla, "Praktikum im Lager", "Für drei Wochen im Mai.", kind="request")
    world.bob_presses(world.mail_to(cast.bob), "Ich kümmere mich")
    world.deliver()
    assert any(cast.bob.name in mail.text and "0999 123 45" in mail.text for mail in world.smtp.to(cast.carla.email))


def _he_says_yes_and_later_no(world: World, cast: Cast, given: Given) -> int:
    world.on(INVITED)
    lena = world.client_of(cast.lena)
    lena.submit(
        cast.ost.path("sitzungen", "neu"),
        {"title": "9. Netzwerktreffen", "date": "2027-06-15", "starts": "14:00", "ends": "16:00", "place": "Raum 3"},
        button="Anlegen und einladen",
    )
    world.deliver()
    invitation = world.mail_to(cast.bob)
    assert "Dienstag, 15. Juni 2027, 14:00 bis 16:00 Uhr" in invitation.text
    world.bob_presses(invitation, "Zusage", number="2")
    with given():
        meeting = db.session.scalars(select(Meeting.id)).one()
        assert _answer(meeting, cast.bob) == (Coming.YES, 2)

    world.clock.move_to(datetime(2027, 5, 20, 8, tzinfo=UTC))
    [part] = [part for part in invitation.message.walk() if part.get_content_type() == "text/calendar"]
    [event] = Calendar.from_ical(str(part.get_content())).walk("VEVENT")
    organizer = str(event["ORGANIZER"]).removeprefix("mailto:")
    refusal = sample(
        OUTLOOK,
        uid=event["UID"],
        sequence=0,
        status="DECLINED",
        stamp="20270520T080000Z",
        attendee=cast.bob.email,
        organizer=organizer,
    )
    world.bob_mails(organizer, calendar_mail(cast.bob.email, organizer, refusal))
    return meeting


def _he_sends_the_minutes(world: World, cast: Cast, given: Given, meeting: int) -> None:
    world.on(MEETING)
    world.on(AFTER_IT)
    world.somebody_posts(cast.lena, "Danke für Dienstag", "Wer hat mitgeschrieben?")
    mail = world.mail_to(cast.bob)
    world.bob_answers(mail, "Ich. Hier ist das Protokoll.", files={"Protokoll 15.06.2027.pdf": PDF})
    assert world.mail_to(cast.lena).files == {"Protokoll 15.06.2027.pdf": PDF}


def _he_corrects_his_phone_number(world: World, cast: Cast) -> None:
    world.on(SUMMER)
    world.somebody_posts(cast.carla, "Sommerfest", "Am Freitag um vier.")
    settings = world.browser.see(link_in(world.mail_to(cast.bob), "E-Mails einstellen"))
    [own_data] = {link for link in settings.links if "/mail/" in link}
    world.browser.submit(own_data, {"phone": "0999 777 1"})
    assert "Ihre Angaben sind gespeichert." in world.browser.page.text
    world.deliver()


def _he_is_away_with_a_deputy(world: World, cast: Cast) -> None:
    world.on(AUTUMN)
    world.somebody_posts(cast.lena, "Herbstferien", "Wer ist da?")
    fields = {f"netz{cast.ost.id}-away_until": "2027-10-26", f"netz{cast.ost.id}-deputy": cast.carla.name}
    settings = link_in(world.mail_to(cast.bob), "E-Mails einstellen")
    world.browser.submit(settings, fields, button="Abwesenheit speichern")
    world.deliver()
    world.smtp.forget()
    world.somebody_posts(cast.lena, "Neue Kurse", "Sie beginnen im November.")
    assert world.smtp.to(cast.bob.email) == []
    assert "in Vertretung für Bob Bergmann" in world.mail_to(cast.carla).text

    world.on(BACK)
    world.somebody_posts(cast.lena, "Alle wieder da", "Willkommen zurück.")
    assert "Willkommen zurück." in world.mail_to(cast.bob).text
    assert "Vertretung" not in world.mail_to(cast.carla).text


def _what_the_network_looks_like_then(cast: Cast, given: Given, meeting: int) -> None:
    with given():
        said = db.session.execute(
            select(Thread.subject, Message.body)
            .join(Message)
            .where(Message.author_id == cast.bob.id)
            .order_by(Message.id)
        )
        assert said.all() == [
            ("Offene Sprechstunde", "Ja, gern."),
            ("Danke für Dienstag", "Ich. Hier ist das Protokoll."),
        ]
        [request] = db.session.scalars(select(Request))
        assert request.owner
        assert request.owner.id == cast.bob.id
        assert _answer(meeting, cast.bob) == (Coming.NO, 1)
        [minutes] = db.session.scalars(select(Document))
        assert (minutes.kind, minutes.meeting_id) == (Paper.MINUTES, meeting)
        assert [each.seat.phone for each in db.session.scalars(Participant.of_user(cast.bob.id))] == ["0999 777 1"]
        assert db.session.scalar(select(func.count(Device.id)).where(Device.user_id == cast.bob.id)) == 0
        # Nothing of the year waits or failed; what Bob did not get while he was away went to his deputy.
        assert set(db.session.scalars(select(Delivery.state))) == {DeliveryState.SENT, DeliveryState.CANCELLED}
        cancelled = select(Delivery.recipient_key, Delivery.reply).where(Delivery.state == DeliveryState.CANCELLED)
        assert db.session.execute(cancelled).all() == [(cast.bob.key, "vertreten durch Carla Çelik")]


def _answer(meeting: int, person: Person) -> tuple[Coming, int] | None:
    found = db.session.scalar(Attendance.of(meeting, person.id))
    return (found.answer, found.number) if found and found.answer else None
