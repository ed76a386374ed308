"""Answers of calendar programs (METHOD:REPLY) at the address that stands in the invitation as its organizer."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from app.accounts.models import User, UserAddress
from app.database import db
from app.forum.models import Kind, Message
from app.forum.posting import post_message
from app.forum.taking_down import take_down
from app.mail.incoming import Fate
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.calendar_reading import LARGEST, read_calendar
from app.meetings.models import Meeting, Notice
from app.networks.models import Network, Participant
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import Deliver, Given
from tests.inbound.calendar_samples import OUTLOOK, PROGRAMS, REMARKS, THUNDERBIRD, calendar_mail, sample
from tests.inbound.conftest import Arrives, Kept, letter
from tests.inbound.test_answering_by_mail import button_of, to
from tests.inputs import once_but_for_nul
from tests.mailserver import MailServer

Address = Callable[[str, Person, int], str]
KeptMails = Callable[[], list[Kept]]
Replies = Callable[..., None]
AnswerOf = Callable[[Person], Attendance | None]

VOUCHED: dict[str, Any] = {"Authentication_Results": "mx.example.org; dmarc=pass header.from=berufskolleg.example.org"}

TODAY = datetime(2026, 11, 21, 11, tzinfo=UTC)
THEN = datetime(2026, 12, 3, 13, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(_reads_mail: None) -> object:
    with time_machine.travel(TODAY):
        yield


@pytest.fixture
def meeting(given: Given, cast: Cast) -> int:
    """A meeting of ost on 3 December, made an hour ago."""
    with given():
        home = db.session.get_one(Network, cast.ost.id)
        made = Meeting(
            home=home, networks=[home], title="8. Netzwerktreffen", starts_at=THEN, ends_at=THEN + timedelta(hours=2),
            uid="5e1f", changed_at=TODAY - timedelta(hours=1),
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        return made.id


@pytest.fixture
def answer_of(given: Given, meeting: int) -> AnswerOf:
    def find(person: Person) -> Attendance | None:
        with given():
            found = db.session.scalar(Attendance.of(meeting, person.id))
            db.session.expunge_all()
            return found

    return find


@pytest.fixture
def replies(arrives: Arrives, address: Address, meeting: int, cast: Cast) -> Replies:
    """`replies("outlook", "ACCEPTED")`: Bob's program answers so."""

    def send(
        program: str,
        status: str = "ACCEPTED",
        *,
        sender: str | None = None,
        stamp: datetime = TODAY,
        as_file: bool = False,
        text: str = "",
        head: dict[str, str] | None = None,
        **values: object,
    ) -> None:
        door = address("termin", cast.bob, meeting)
        values = {
            "uid": "5e1f@netz.example.org", "sequence": 0, "status": status, "stamp": f"{stamp:%Y%m%dT%H%M%SZ}",
            "attendee": cast.bob.email, "organizer": door,
        } | values  # fmt: skip
        mail = calendar_mail(
            sender or cast.bob.email, door, sample(program, **values), as_file=as_file, text=text, **(head or {})
        )
        assert arrives(mail, door).is_kept

    return send


@pytest.mark.once
@pytest.mark.parametrize("as_file", [False, True])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_answers_of_all_programs_are_understood(
    program: str, as_file: bool, replies: Replies, answer_of: AnswerOf, cast: Cast, kept: KeptMails,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    replies(program, "ACCEPTED", as_file=as_file)
    found = answer_of(cast.bob)
    assert found
    assert (found.answer, found.remark, found.sequence) == (Coming.YES, REMARKS[program], 0)
    assert found.answered_at == TODAY
    assert kept()[-1].fate is Fate.USED
    deliver()
    assert smtp.messages == []


@pytest.mark.parametrize(
    ("status", "coming"), [("TENTATIVE", Coming.MAYBE), ("DECLINED", Coming.NO), ("accepted", Coming.YES)]
)
def test_each_answer_has_its_word(
    status: str, coming: Coming, replies: Replies, answer_of: AnswerOf, cast: Cast
) -> None:
    replies("outlook", status)
    found = answer_of(cast.bob)
    assert found
    assert found.answer is coming


def test_google_says_that_it_is_automatic_and_is_heard_all_the_same(
    replies: Replies, answer_of: AnswerOf, cast: Cast
) -> None:
    head = {"Auto_Submitted": "auto-generated", "Sender": "Google Calendar <calendar-notification@google.com>"}
    replies("google", "DECLINED", head=head)
    assert answer_of(cast.bob)


def test_an_absence_note_to_that_address_is_nothing(
    arrives: Arrives, address: Address, meeting: int, cast: Cast, kept: KeptMails, smtp: MailServer, deliver: Deliver
) -> None:
    door = address("termin", cast.bob, meeting)
    arrives(letter(cast.bob.email, door, "Ich bin im Urlaub.", Auto_Submitted="auto-replied"), door)
    deliver()
    assert kept()[-1].fate is Fate.IGNORED
    assert smtp.messages == []


def test_an_older_answer_that_arrives_later_changes_nothing(replies: Replies, answer_of: AnswerOf, cast: Cast) -> None:
    replies("outlook", "ACCEPTED", stamp=TODAY - timedelta(minutes=5))
    replies("outlook", "DECLINED", stamp=TODAY - timedelta(minutes=20))
    found = answer_of(cast.bob)
    assert found
    assert found.answer is Coming.YES
    replies("outlook", "TENTATIVE", stamp=TODAY - timedelta(minutes=1))
    found = answer_of(cast.bob)
    assert found
    assert found.answer is Coming.MAYBE


def test_a_program_that_copies_our_time_stamp_is_believed_by_the_date_of_its_mail(
    replies: Replies, answer_of: AnswerOf, cast: Cast
) -> None:
    replies("outlook", "ACCEPTED", stamp=TODAY - timedelta(minutes=30))
    copied = TODAY - timedelta(hours=1)
    replies("thunderbird", "DECLINED", stamp=copied, head={"Date": "Sat, 21 Nov 2026 11:50:00 +0100"})
    found = answer_of(cast.bob)
    assert found
    assert (found.answer, found.answered_at) == (Coming.NO, TODAY - timedelta(minutes=10))


def test_a_clock_that_is_fast_does_not_shut_out_later_answers(
    replies: Replies, answer_of: AnswerOf, cast: Cast
) -> None:
    replies("outlook", "ACCEPTED", stamp=TODAY + timedelta(days=300), sequence=99)
    found = answer_of(cast.bob)
    assert found
    assert found.answered_at
    assert found.sequence == 0
    assert found.answered_at - TODAY < timedelta(minutes=1)
    with time_machine.travel(TODAY + timedelta(minutes=1)):
        replies("outlook", "DECLINED", stamp=TODAY + timedelta(minutes=1))
    found = answer_of(cast.bob)
    assert found
    assert found.answer is Coming.NO


def test_an_answer_to_the_old_date_counts_for_that_and_never_replaces_a_newer_one(
    replies: Replies, answer_of: AnswerOf, cast: Cast, given: Given, meeting: int
) -> None:
    with given():
        db.session.get_one(Meeting, meeting).move(THEN + timedelta(days=7), THEN + timedelta(days=7, hours=2), "")
    replies("outlook", "ACCEPTED", sequence=0)
    with given():
        found = db.session.scalars(Attendance.of(meeting, cast.bob.id)).one()
        assert (found.is_of_old_date, found.stands) == (True, None)
    replies("outlook", "DECLINED", sequence=1, stamp=TODAY - timedelta(minutes=30))
    replies("outlook", "ACCEPTED", sequence=0)
    with given():
        found = db.session.scalars(Attendance.of(meeting, cast.bob.id)).one()
        assert found.stands is Coming.NO


def test_the_attendee_may_be_another_address_of_theirs_but_the_sender_proves_who_it_is(
    replies: Replies, answer_of: AnswerOf, cast: Cast, given: Given
) -> None:
    replies("outlook", "ACCEPTED", attendee="vorname.nachname@schulen.example.org")
    assert answer_of(cast.bob)
    with given():
        bob = db.session.get_one(User, cast.bob.id)
        bob.addresses.append(UserAddress(email="bob@zwei.example", email_key="bob@zwei.example", is_primary=False))
    replies("google", "DECLINED", sender="Bob <bob@zwei.example>", attendee="bob@zwei.example")
    found = answer_of(cast.bob)
    assert found
    assert found.answer is Coming.NO


def test_somebody_else_with_the_forwarded_invitation_does_not_answer_for_its_owner(
    replies: Replies, answer_of: AnswerOf, cast: Cast, kept: KeptMails, smtp: MailServer, deliver: Deliver,
    anonymous: Browser,
) -> None:  # fmt: skip
    replies("outlook", "DECLINED", sender=cast.carla.email)
    assert answer_of(cast.bob) is None
    assert answer_of(cast.carla) is None
    assert kept()[-1].fate is Fate.WAITING
    deliver()
    question = to(cast.bob, smtp, "Haben Sie das geschrieben?")
    assert "die Leitung der Sitzung „8. Netzwerktreffen“" in question.text
    anonymous.submit(button_of(question), button="Ja, senden")
    found = answer_of(cast.bob)
    assert found
    assert found.answer is Coming.NO


def test_a_forged_sender_is_asked_first(replies: Replies, answer_of: AnswerOf, cast: Cast, kept: KeptMails) -> None:
    said = "mx.example.org; dkim=fail header.d=evil.example; spf=fail smtp.mailfrom=evil.example"
    replies("outlook", "DECLINED", head={"Authentication_Results": said})
    assert answer_of(cast.bob) is None
    assert kept()[-1].fate is Fate.WAITING


@pytest.mark.once
@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (OUTLOOK.replace("METHOD:REPLY", "METHOD:COUNTER"), "einen anderen Termin vorgeschlagen"),
        (OUTLOOK.replace("{status}", "DELEGATED"), "an jemand anderen weitergegeben"),
        (OUTLOOK.replace("{status}", "NEEDS-ACTION"), "weder Zusage noch Absage"),
        (OUTLOOK.replace("{uid}", "fremd@example.org"), "gehört zu einem anderen Termin"),
        (THUNDERBIRD.replace("SEQUENCE", "RECURRENCE-ID:20261203T130000Z\nSEQUENCE"), "zu einem anderen Termin"),
        (THUNDERBIRD.replace("SEQUENCE", "RRULE:FREQ=SECONDLY\nSEQUENCE"), "zu einem anderen Termin"),
        (OUTLOOK.replace("ATTENDEE;PARTSTAT={status}", "X-ATTENDEE"), "sagt nicht, wer sie gibt"),
        (OUTLOOK.replace("METHOD:REPLY", "METHOD:PUBLISH"), "nichts anfangen"),
        ("BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR\n", "gehört zu einem anderen Termin"),
        ("Das ist kein Kalender.", "konnte das Portal nicht lesen"),
        (OUTLOOK + "X" * 1_200_000, "konnte das Portal nicht lesen"),
    ],
)
def test_what_is_no_answer_changes_nothing_and_is_answered_with_a_sentence(
    calendar: str, words: str, replies: Replies, answer_of: AnswerOf, cast: Cast, kept: KeptMails,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    replies(calendar, "ACCEPTED")
    assert answer_of(cast.bob) is None
    assert kept()[-1].fate is Fate.ANSWERED
    deliver()
    (answer,) = smtp.to(cast.bob.email)
    assert words in answer.text


@pytest.mark.parametrize(
    "damage",
    once_but_for_nul(
        [
            ("DTSTART", "DTSTART;TZID=Mars/Olympus:99999999T999999\nX-A"),
            ("SEQUENCE:{sequence}", "SEQUENCE:viele"),
            ("DTSTAMP:{stamp}", "DTSTAMP:20261121T110000"),
            ("DTSTAMP:{stamp}", "DTSTAMP:gestern"),
            ("CLASS:PUBLIC", "RDATE"),
            ("END:VEVENT\nEND:VCALENDAR\n", ""),
            ("BEGIN:VTIMEZONE", "BEGIN:VTIMEZONE\nBEGIN:VTIMEZONE"),
            ("PRIORITY:5", 'COMMENT;X="offen:\x00\ue000termin:1\ue001'),
            ("PRIORITY:5", "DTEND:" + "9" * 5000),
        ]
    ),
)
def test_what_is_broken_around_a_clear_answer_does_no_harm(
    damage: tuple[str, str], replies: Replies, answer_of: AnswerOf, cast: Cast, kept: KeptMails
) -> None:
    replies(OUTLOOK.replace(*damage, 1), "ACCEPTED")
    found = answer_of(cast.bob)
    assert found is None or found.answer is Coming.YES
    assert kept()[-1].fate in (Fate.USED, Fate.ANSWERED)


def test_a_huge_or_endless_calendar_takes_no_time() -> None:
    lines = "".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:p{n}@example.org\n" for n in range(4000))
    whole = sample(OUTLOOK.replace("CLASS:PUBLIC\n", lines))
    endless = sample(OUTLOOK.replace("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY"))
    nested = b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 4000
    begun = time.monotonic()
    for octets in (whole, endless, nested, b"BEGIN:VCALENDAR\r\n" + b"A" * (LARGEST - 20), b"\xff\xfe" * 1000):
        read_calendar(octets)
    assert read_calendar(whole + b" " * LARGEST) is None
    assert time.monotonic() - begun < 2


def test_after_a_cancellation_a_declining_calendar_is_only_tidying_up(
    replies: Replies, answer_of: AnswerOf, cast: Cast, given: Given, meeting: int, kept: KeptMails,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    with given():
        db.session.get_one(Meeting, meeting).cancel()
    replies("outlook", "DECLINED")
    assert kept()[-1].fate is Fate.USED
    replies("outlook", "ACCEPTED")
    deliver()
    assert "Diese Sitzung ist abgesagt." in to(cast.bob, smtp, "").text
    assert answer_of(cast.bob) is None


def test_what_a_person_writes_to_that_address_reaches_who_looks_after_the_meeting(
    arrives: Arrives, address: Address, meeting: int, cast: Cast, kept: KeptMails, smtp: MailServer,
    deliver: Deliver, answer_of: AnswerOf,
) -> None:  # fmt: skip
    door = address("termin", cast.bob, meeting)
    arrives(letter(cast.bob.email, door, "Gibt es dort einen Aufzug?"), door)
    deliver()
    (note,) = smtp.to(cast.lena.email)
    assert "Gibt es dort einen Aufzug?" in note.text
    assert "Bob Bergmann" in note.text
    assert cast.bob.email not in note.text
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]
    assert kept()[-1].fate is Fate.USED
    assert answer_of(cast.bob) is None


def test_who_was_removed_writes_to_nobody_by_the_address_of_an_old_invitation(
    arrives: Arrives, address: Address, meeting: int, cast: Cast, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    door = address("termin", cast.bob, meeting)
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = TODAY
    arrives(letter(cast.bob.email, door, "Ich bin noch da."), door)
    deliver()
    assert {mail.to for mail in smtp.messages} <= {cast.bob.email}


def test_the_answer_comes_back_through_the_address_that_the_invitation_carries(
    app: Flask, arrives: Arrives, cast: Cast, address: Address, meeting: int, answer_of: AnswerOf
) -> None:
    """Programs change the case of addresses; the token bears that."""
    door = address("termin", cast.bob, meeting)
    octets = calendar_mail(
        cast.bob.email.upper(), door, sample("google", uid="5E1F@NETZ.example.org", sequence=0, status="ACCEPTED",
        stamp="20261121T110000Z", attendee=cast.bob.email, organizer=door),
    )  # fmt: skip
    assert arrives(octets, door.upper()).is_kept
    assert answer_of(cast.bob)


def test_the_writer_of_a_letter_to_a_meeting_hears_of_a_refused_file(
    arrives: Arrives, cast: Cast, address: Address, meeting: int, smtp: MailServer, deliver: Deliver
) -> None:
    door = address("termin", cast.bob, meeting)
    arrives(letter(cast.bob.email, door, "Mit Anlage.", files={"virus.exe": b"MZ\x90\x00" * 50}, **VOUCHED), door)
    deliver()
    assert any("virus.exe" in mail.text for mail in smtp.to(cast.bob.email))
    assert any("Mit Anlage." in mail.text for mail in smtp.to(cast.lena.email))


def test_a_letter_to_a_meeting_quotes_nothing_that_was_taken_down(
    arrives: Arrives, cast: Cast, address: Address, meeting: int, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    secret = "Frau Mustermann aus der Langen Straße braucht dringend einen Platz bei uns"
    with given():
        home, lena = db.session.get_one(Network, cast.ost.id), db.session.get_one(User, cast.lena.id)
        message = post_message(lena, home, subject="Einladung", body=secret, kind=Kind.INVITATION)
        db.session.add(Notice(meeting=db.session.get_one(Meeting, meeting), message=message, sequence=0))
        db.session.flush()
        id, message_id = message.id, message.message_id
    deliver()
    with given():
        take_down(db.session.get_one(Message, id), db.session.get_one(User, cast.anke.id), "Name")
    deliver()
    smtp.forget()
    door = address("termin", cast.bob, meeting)
    body = f"Hallo Lena,\n\n> {secret}\n\nDazu sage ich: ja.\n"
    arrives(letter(cast.bob.email, door, body, In_Reply_To=f"<{message_id}>", **VOUCHED), door)
    deliver()
    (mail,) = smtp.to(cast.lena.email)
    assert "Dazu sage ich: ja." in mail.text
    assert "Mustermann" not in mail.text
