"""A mail to a network with a calendar entry is a message as always, and a draft of a meeting for the leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.accounts.models import User
from app.database import db
from app.forum import taking_down
from app.forum.models import Message
from app.mail.models import Mail
from app.meetings.draft_models import MeetingDraft
from app.meetings.models import Meeting
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.inbound.calendar_samples import calendar_mail
from tests.inbound.conftest import Arrives
from tests.inbound.test_answering_by_mail import button_of, to
from tests.mailserver import MailServer, Received

TODAY = datetime(2026, 11, 21, 11, tzinfo=UTC)
OST = "ost@netz.example.org"
BOBS_DOMAIN = "berufskolleg.example.org"
VOUCHED = f"mx.example.org; dmarc=pass header.from={BOBS_DOMAIN}"

EVENT = """\
BEGIN:VCALENDAR
METHOD:REQUEST
VERSION:2.0
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E008
SUMMARY;LANGUAGE=de-DE:Runder Tisch\\, zweiter Teil
DTSTART;TZID=W. Europe Standard Time:20261210T140000
DTEND;TZID=W. Europe Standard Time:20261210T153000
LOCATION:Rathaus\\; Saal 2
DTSTAMP:20261120T100000Z
SEQUENCE:0
END:VEVENT
END:VCALENDAR
"""

START = "DTSTART;TZID=W. Europe Standard Time:20261210T140000"
END = "DTEND;TZID=W. Europe Standard Time:20261210T153000"

Sends = Callable[..., None]
Drafts = Callable[[], list[MeetingDraft]]


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with time_machine.travel(TODAY):
        yield


@pytest.fixture
def sends(arrives: Arrives, cast: Cast) -> Sends:
    """Bob invites to a date from his calendar, and puts the network's address among the guests."""

    def send(
        calendar: str = EVENT, *, as_file: bool = False, vouched: str = VOUCHED, sender: Person | None = None
    ) -> None:
        address = (sender or cast.bob).email
        octets = calendar.replace("\n", "\r\n").encode()
        head = {"Authentication_Results": vouched.replace(BOBS_DOMAIN, address.partition("@")[2])} if vouched else {}
        mail = calendar_mail(
            address, OST, octets, text="Ich lade ein.", as_file=as_file, method="REQUEST",
            Subject="Runder Tisch", **head,
        )  # fmt: skip
        assert arrives(mail, OST).is_kept

    return send


@pytest.fixture
def drafts(given: Given) -> Drafts:
    def rows() -> list[MeetingDraft]:
        with given():
            found = list(db.session.scalars(db.select(MeetingDraft)))
            db.session.expunge_all()
            return found

    return rows


@pytest.mark.parametrize("as_file", [False, True])
def test_the_message_is_posted_and_the_leads_see_a_draft(
    as_file: bool, cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    sends(as_file=as_file)
    (draft,) = drafts()
    assert (draft.title, draft.place) == ("Runder Tisch, zweiter Teil", "Rathaus; Saal 2")
    assert draft.starts_at == datetime(2026, 12, 10, 13, tzinfo=UTC)
    assert draft.ends_at == datetime(2026, 12, 10, 14, 30, tzinfo=UTC)
    deliver()
    assert "Ich lade ein." in to(cast.carla, smtp, "Runder Tisch").text
    for path in (cast.ost.path("sitzungen"), cast.ost.path("nachrichten", draft.message.thread_id)):
        page = client_of(cast.lena).see(path)
        assert "Entwurf" in page.text
        assert "14:00–15:30 Uhr" in page.text
        assert "Als Sitzung eintragen" not in client_of(cast.bob).see(path).text


def told(cast: Cast, smtp: MailServer, deliver: Deliver) -> Received:
    """The mail that tells Lena of the date; nobody else gets it."""
    deliver()
    [mail] = [mail for mail in smtp.messages if "Termin aus einer Mail" in mail.subject]
    assert mail.to == cast.lena.email
    return mail


def test_who_looks_after_the_network_is_told_and_decides_from_the_mail(
    cast: Cast, sends: Sends, drafts: Drafts, smtp: MailServer, deliver: Deliver, anonymous: Browser, given: Given
) -> None:
    sends()
    (draft,) = drafts()
    mail = told(cast, smtp, deliver)
    assert_expected(mail, "meeting-draft", {f"nachrichten/{draft.message.thread_id}": "nachrichten/<id>"})
    link = button_of(mail)
    for _ in range(10):
        anonymous.see(link)
    assert "Donnerstag, 10. Dezember 2026, 14:00 bis 15:30 Uhr" in anonymous.page.text
    assert len(drafts()) == 1
    anonymous.submit(link, button="Als Sitzung eintragen")
    assert "Eingeladen ist noch niemand." in anonymous.page.text
    for act in (anonymous.see, anonymous.post):
        act(link)
        assert "Über diesen Entwurf ist schon entschieden." in anonymous.page.text
    assert drafts() == []
    with given():
        assert db.session.scalars(db.select(Meeting.title)).all() == ["Runder Tisch, zweiter Teil"]


def test_it_is_discarded_from_the_mail(
    cast: Cast, sends: Sends, drafts: Drafts, smtp: MailServer, deliver: Deliver, anonymous: Browser, given: Given
) -> None:
    sends(EVENT.replace(START, "DTSTART;VALUE=DATE:20261210").replace(END, "X-NO:END"))
    link = button_of(told(cast, smtp, deliver))
    assert "nennt keine Uhrzeit" in anonymous.see(link).text
    anonymous.send(button="Verwerfen")
    assert "Der Entwurf ist verworfen" in anonymous.page.text
    assert drafts() == []
    with given():
        assert db.session.scalars(db.select(Meeting.id)).all() == []


def test_the_link_is_worth_nothing_to_who_leads_no_more_nor_when_it_is_forged(
    cast: Cast, sends: Sends, drafts: Drafts, smtp: MailServer, deliver: Deliver, anonymous: Browser, given: Given
) -> None:
    sends()
    link = button_of(told(cast, smtp, deliver))
    assert anonymous.post(link[:-1] + ("a" if link[-1] != "a" else "b")).status_code == 404
    with given():
        db.session.execute(db.update(Participant).values(is_lead=False))
    for answer in (anonymous.get(link), anonymous.post(link)):
        assert answer.status_code == 400
        assert "Über Entwürfe entscheidet die Netzleitung." in answer.text
    assert len(drafts()) == 1


def test_without_leads_verwaltung_is_told(
    cast: Cast, sends: Sends, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    with given():
        db.session.execute(db.update(Participant).values(is_lead=False))
    sends()
    deliver()
    told = [mail.to for mail in smtp.messages if "Termin aus einer Mail" in mail.subject]
    assert told == [cast.anke.email]


def test_one_click_makes_it_a_meeting(cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf) -> None:
    sends()
    lena = client_of(cast.lena)
    form = cast.ost.path("sitzungen", "entwuerfe", drafts()[0].id, "uebernehmen")
    lena.submit(cast.ost.path("sitzungen"), form=form)
    assert "Eingeladen ist noch niemand" in lena.page.text
    assert "Runder Tisch, zweiter Teil" in lena.page.text
    assert drafts() == []
    lena.post(form)
    assert "Als Sitzung eintragen" not in lena.see(cast.ost.path("sitzungen")).text


def test_pressed_twice_it_is_one_meeting(
    cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf, given: Given
) -> None:
    sends()
    lena = client_of(cast.lena)
    lena.see(cast.ost.path("sitzungen"))
    form = next(form for form in lena.page.forms if "uebernehmen" in form.action)
    for _ in range(2):
        lena.post(form.action, data=form.values(), follow_redirects=True)
    assert "schon entschieden" in lena.page.text
    with given():
        assert len(db.session.scalars(db.select(Meeting)).all()) == 1


def test_the_other_discards_it_and_the_message_stays(
    cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf, given: Given
) -> None:
    sends()
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen"), form="verwerfen")
    assert drafts() == []
    assert "Runder Tisch" in lena.see(cast.ost.path("nachrichten")).text
    with given():
        assert db.session.scalars(db.select(Meeting)).all() == []


def test_only_leads_decide(cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf) -> None:
    sends()
    id = drafts()[0].id
    for verb in ("uebernehmen", "verwerfen"):
        path = cast.ost.path("sitzungen", "entwuerfe", id, verb)
        assert client_of(cast.bob).post(path).status_code in (400, 403)
        assert client_of(cast.wim).post(path).status_code in (400, 404)
    assert drafts()


@pytest.mark.once
@pytest.mark.parametrize(
    ("start", "end", "starts_at", "ends_at", "marks"),
    [
        ("DTSTART:20261210T130000Z", "DTEND:20261210T143000Z", "2026-12-10T13:00", "2026-12-10T14:30", ""),
        ("DTSTART:20261210T140000", "DTEND:20261210T153000", "2026-12-10T13:00", "2026-12-10T14:30", "f"),
        ("DTSTART;VALUE=DATE:20261210", "DTEND;VALUE=DATE:20261211", "2026-12-09T23:00", "2026-12-10T22:59", "d"),
        (START + "\nRRULE:FREQ=WEEKLY", END, "2026-12-10T13:00", "2026-12-10T14:30", "r"),
        (START, "DURATION:PT45M", "2026-12-10T13:00", "2026-12-10T13:45", ""),
        (START, "X-NO:END", "2026-12-10T13:00", "2026-12-10T14:00", ""),
        (START, "DTEND:20261209T120000Z", "2026-12-10T13:00", "2026-12-10T14:00", ""),
        ("DTSTART;TZID=/mozilla/Europe/Paris:20261210T140000", END, "2026-12-10T13:00", "2026-12-10T14:30", ""),
        ("DTSTART;TZID=Customized Time Zone:20261210T140000", END, "2026-12-10T13:00", "2026-12-10T14:30", "f"),
    ],
)  # fmt: skip
def test_times_of_all_kinds_are_read(
    start: str, end: str, starts_at: str, ends_at: str, marks: str, sends: Sends, drafts: Drafts
) -> None:
    sends(EVENT.replace(START, start).replace(END, end))
    (draft,) = drafts()
    assert draft.starts_at.isoformat()[:16] == starts_at
    assert draft.ends_at.isoformat()[:16] == ends_at
    assert (draft.is_floating, draft.is_day, draft.recurs) == tuple(mark in marks for mark in "fdr")


def test_a_whole_day_asks_for_the_time_and_a_series_says_that_it_is_one(
    cast: Cast, sends: Sends, client_of: ClientOf
) -> None:
    sends(EVENT.replace(START, "DTSTART;VALUE=DATE:20261210\nRRULE:FREQ=DAILY").replace(END, "X-NO:END"))
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("sitzungen"))
    assert "nennt keine Uhrzeit" in page.text
    assert "Hier steht der erste Termin." in page.text
    lena.submit(cast.ost.path("sitzungen"), form="uebernehmen")
    assert "Bitte ergänzen Sie die Uhrzeit." in lena.page.text


@pytest.mark.once
@pytest.mark.parametrize(
    "calendar",
    [
        EVENT.replace("METHOD:REQUEST", "METHOD:CANCEL"),
        EVENT.replace("METHOD:REQUEST", "METHOD:REPLY"),
        EVENT.replace("20261210", "20251210"),
        EVENT.replace("20261210", "99991231"),
        EVENT.replace(START, "DTSTART:bald"),
        EVENT.replace("END:VCALENDAR", "BEGIN:VEVENT\nUID:2\nDTSTART:20261211T120000Z\nEND:VEVENT\nEND:VCALENDAR"),
        EVENT + "X" * 1_200_000,
        "kaputt",
    ],
)
def test_what_is_no_one_coming_date_is_only_a_message(
    calendar: str, cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf
) -> None:
    sends(calendar)
    assert drafts() == []
    assert "Runder Tisch" in client_of(cast.lena).see(cast.ost.path("nachrichten")).text


def test_a_sender_who_is_not_proven_presses_a_button_first(
    sends: Sends, drafts: Drafts, cast: Cast, smtp: MailServer, deliver: Deliver, anonymous: Browser
) -> None:
    sends(vouched="")
    assert drafts() == []
    deliver()
    anonymous.submit(button_of(to(cast.bob, smtp, "Haben Sie das geschrieben?")), button="Ja, senden")
    assert len(drafts()) == 1
    assert drafts()[0].created_at - TODAY < timedelta(minutes=1)


def test_a_lead_is_told_of_her_own_date_as_her_own(
    cast: Cast, sends: Sends, smtp: MailServer, deliver: Deliver, anonymous: Browser, drafts: Drafts
) -> None:
    sends(sender=cast.lena)
    mail = told(cast, smtp, deliver)
    assert "In Ihrer Mail stand ein Termin" in mail.text
    assert "Wenn Sie auf diese Mail antworten" not in mail.text
    assert "Soll dieser Termin eine Sitzung werden?" in anonymous.see(button_of(mail)).text


def test_a_message_that_is_taken_down_takes_its_date_along(
    cast: Cast, sends: Sends, drafts: Drafts, client_of: ClientOf, given: Given
) -> None:
    sends()
    (draft,) = drafts()
    with given():
        message = db.session.get_one(Message, draft.message_id)
        taking_down.take_down(message, db.session.get_one(User, cast.anke.id), "Name einer Klientin")
        kept = db.session.scalars(db.select(Mail).where(Mail.event == "meeting-draft")).one()
        assert "Rathaus" not in kept.subject + kept.text + kept.html
        assert "Runder Tisch" not in kept.subject + kept.text + kept.html
    assert drafts() == []
    assert "Rathaus" not in client_of(cast.lena).see(cast.ost.path("sitzungen")).text


def test_signs_that_turn_text_around_do_not_get_into_a_draft(sends: Sends, drafts: Drafts) -> None:
    sends(EVENT.replace("Rathaus", "\u202eRathaus\u2069").replace("Runder", "\u202dRunder"))
    (draft,) = drafts()
    assert (draft.title, draft.place) == ("Runder Tisch, zweiter Teil", "Rathaus; Saal 2")


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "Europe/" + "a/" * 1500 + "b", "Europe/../../etc/passwd"])
def test_a_zone_nobody_has_heard_of_is_read_as_german_time(zone: str, sends: Sends, drafts: Drafts) -> None:
    sends(EVENT.replace("W. Europe Standard Time", zone))
    (draft,) = drafts()
    assert draft.is_floating
    assert draft.starts_at == datetime(2026, 12, 10, 13, tzinfo=UTC)


def test_the_id_of_a_draft_is_not_used_again(sends: Sends, drafts: Drafts, given: Given) -> None:
    sends()
    (first,) = drafts()
    with given():
        db.session.delete(db.session.get_one(MeetingDraft, first.id))
    sends(EVENT.replace("zweiter", "dritter"))
    (second,) = drafts()
    assert second.id > first.id
