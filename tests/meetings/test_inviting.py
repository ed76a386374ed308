"""The invitation, a change and a cancellation, each as a mail with the date in words and as a calendar object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar

from app.database import db
from app.meetings.models import Paper
from app.networks.models import Network, Participant, Posting
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.mailserver import MailServer, Received
from tests.meetings.conftest import PDF, TODAY, MakeMeeting, MakePaper
from tests.page import text_of

Announce = Callable[..., None]


def event_in(mail: Received, method: str = "PUBLISH") -> Any:
    """The event of the mail's calendar object, as a calendar program reads it."""
    objects = [Calendar.from_ical(data) for name, data in mail.files.items() if name.endswith(".ics")]
    assert len(objects) == 1, f"the mail carries {sorted(mail.files)}"
    assert objects[0]["method"] == method
    (inline,) = [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    assert inline["Content-Type"].params["method"] == method
    (event,) = objects[0].walk("VEVENT")
    return event


@pytest.fixture
def announce(cast: Cast, client_of: ClientOf, deliver: Deliver) -> Announce:
    """Lena presses the button that is offered on the meeting's page, sends the mail as it is, and it goes out."""

    def send(meeting: int, label: str, **data: object) -> None:
        lena = client_of(cast.lena)
        assert label in lena.see(cast.ost.path("sitzungen", meeting)).text
        lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), data, form="einladen")
        assert "Ihre Mail geht an" in lena.page.text
        deliver()

    return send


def test_everybody_gets_the_invitation_with_date_place_agenda_and_calendar_object(
    cast: Cast, announce: Announce, make_meeting: MakeMeeting, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost)

    announce(meeting, "Einladung verschicken")

    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)
    (mail,) = smtp.to(cast.bob.email)
    assert mail.subject == "[Jugendliche in Ausbildung] Einladung: 8. Netzwerktreffen am 3. Dezember 2026"
    for text in (mail.text, mail.html):
        assert "Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr" in text
        assert "Begegnungszentrum Nord, Raum 3" in text
        assert "Praktika" in text
    event = event_in(mail)
    assert event.decoded("dtstart") == datetime(2026, 12, 3, 13, tzinfo=UTC)
    assert event.decoded("dtend") == datetime(2026, 12, 3, 15, tzinfo=UTC)
    assert event["location"] == "Begegnungszentrum Nord, Raum 3"
    assert event["sequence"] == 0
    assert event["organizer"] == "mailto:ost@netz.example.org"


@pytest.mark.parametrize("words", [{}, {"body": "Bitte kommen Sie."}])
def test_date_and_place_are_said_once_whatever_the_lead_wrote(
    cast: Cast, announce: Announce, make_meeting: MakeMeeting, smtp: MailServer, words: dict[str, str]
) -> None:
    announce(make_meeting(cast.ost), "Einladung verschicken", **words)
    (mail,) = smtp.to(cast.bob.email)
    for text in (mail.text, mail.html):
        assert text.count("Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr") == 1
        assert text.count("Begegnungszentrum Nord, Raum 3") == 1


def test_the_form_says_how_many_it_reaches_and_suggests_the_text(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)

    page = client_of(cast.lena).see(cast.ost.path("sitzungen", meeting, "einladen"))

    assert "Geht an 4 Teilnehmende in 4 Organisationen" in page.text
    (body,) = page.query("textarea")
    assert "Wann: Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr" in text_of(body)
    assert "Lena Leitner" in text_of(body)


def test_the_chosen_papers_go_along_and_stay_where_they_are(
    cast: Cast,
    client_of: ClientOf,
    announce: Announce,
    make_meeting: MakeMeeting,
    make_paper: MakePaper,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    agenda = make_paper(cast.ost, "Tagesordnung.pdf", meeting, kind=Paper.AGENDA)
    make_paper(cast.ost, "Protokoll.pdf", meeting, kind=Paper.MINUTES)
    lena = client_of(cast.lena)

    announce(meeting, "Einladung verschicken")

    (mail,) = smtp.to(cast.bob.email)
    assert mail.files["Tagesordnung.pdf"] == PDF
    assert "Protokoll.pdf" not in mail.files
    assert "Tagesordnung" in lena.see(cast.ost.path("sitzungen", meeting)).text

    lena.submit(cast.ost.path("unterlagen", agenda), form="loeschen")
    thread = next(link for link in lena.see(cast.ost.path("sitzungen", meeting)).links if "/nachrichten/" in link)
    chip = next(link for link in client_of(cast.bob).see(thread).links if link.endswith("Tagesordnung.pdf"))
    assert client_of(cast.bob).get(chip).data == PDF


def test_a_new_date_is_told_with_the_same_uid_and_a_higher_sequence(
    cast: Cast, client_of: ClientOf, announce: Announce, make_meeting: MakeMeeting, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost)
    announce(meeting, "Einladung verschicken")
    first = event_in(smtp.to(cast.bob.email)[0])
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"date": "2026-12-10", "place": "Stadthalle"})
    assert "Die Eingeladenen wissen noch nichts von der Änderung" in lena.page.text
    announce(meeting, "Änderung mitteilen")

    mail = smtp.to(cast.bob.email)[-1]
    second = event_in(mail)
    assert mail.subject.endswith("8. Netzwerktreffen am 10. Dezember 2026 (geändert)")
    for text in (mail.text, mail.html):
        assert "Donnerstag, 10. Dezember 2026, 14:00 bis 16:00 Uhr (statt Donnerstag, 3. Dezember, 14:00 Uhr)" in text
        assert "Wo: Stadthalle (statt Begegnungszentrum Nord, Raum 3)" in text
    assert second["uid"] == first["uid"]
    assert second["sequence"] > first["sequence"]
    assert second["location"] == "Stadthalle"
    assert "Änderung mitteilen" not in lena.see(cast.ost.path("sitzungen", meeting)).text


def test_a_cancellation_is_told_and_takes_the_date_out_of_calendars(
    cast: Cast, client_of: ClientOf, announce: Announce, make_meeting: MakeMeeting, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost)
    announce(meeting, "Einladung verschicken")
    first = event_in(smtp.to(cast.bob.email)[0])
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")
    form = lena.see(cast.ost.path("sitzungen", meeting, "einladen"))
    assert "Die meisten Kalenderprogramme nehmen ihn damit heraus. Sonst löscht man ihn selbst." in form.text

    announce(meeting, "Absage mitteilen")

    mail = smtp.to(cast.bob.email)[-1]
    event = event_in(mail, "CANCEL")
    assert "fällt aus" in mail.subject
    assert mail.text.index("fällt aus") < mail.text.index(str(event["location"]))
    assert "Wann:" not in mail.text, "first of all, that it does not take place"
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)
    assert (event["uid"], event["organizer"]) == (first["uid"], "mailto:ost@netz.example.org")


def test_what_people_know_of_is_cancelled_and_takes_place_after_all(
    cast: Cast, client_of: ClientOf, announce: Announce, make_meeting: MakeMeeting, smtp: MailServer
) -> None:
    """It was moved before it was cancelled, and nobody had been told of that."""
    meeting = make_meeting(cast.ost)
    announce(meeting, "Einladung verschicken")
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"starts": "15:00", "ends": "17:00", "place": ""})
    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")
    announce(meeting, "Absage mitteilen")
    cancelled = smtp.to(cast.bob.email)[-1]
    said = ["Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr", "Begegnungszentrum Nord, Raum 3"]
    assert set(said) <= set(cancelled.text.splitlines())

    lena.submit(cast.ost.path("sitzungen", meeting), form="zuruecknehmen")
    announce(meeting, "Mitteilen, dass sie stattfindet")
    back = smtp.to(cast.bob.email)[-1]
    assert back.subject.endswith("8. Netzwerktreffen am 3. Dezember 2026 findet doch statt")
    assert "die Sitzung „8. Netzwerktreffen“ findet doch statt:" in back.text


def test_a_change_taken_back_and_put_right_is_told_beside_what_people_know(
    cast: Cast,
    client_of: ClientOf,
    announce: Announce,
    make_meeting: MakeMeeting,
    configured: Configured,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    announce(meeting, "Einladung verschicken")
    lena = client_of(cast.lena)
    page = cast.ost.path("sitzungen", meeting, "bearbeiten")
    lena.submit(page, {"date": "2027-01-14"})
    with configured(MAIL_UNDO_SECONDS=300):
        lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
        lena.send(button="Zurückholen")
    lena.submit(page, {"date": "2026-12-03", "ends": "17:00"})

    announce(meeting, "Änderung mitteilen")

    text = smtp.to(cast.bob.email)[-1].text
    assert "Donnerstag, 3. Dezember 2026, 14:00 bis 17:00 Uhr (statt 14:00 bis 16:00 Uhr)" in text
    assert "Wo: Begegnungszentrum Nord, Raum 3" in text.splitlines()


def test_a_mail_taken_back_was_never_told(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, configured: Configured
) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)
    with configured(MAIL_UNDO_SECONDS=300):
        lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
        assert "Eingeladen ist noch niemand" not in client_of(cast.lena).see(cast.ost.path("sitzungen", meeting)).text
        lena.send(button="Zurückholen")

    assert "Eingeladen ist noch niemand" in lena.see(cast.ost.path("sitzungen", meeting)).text


def test_the_same_form_sent_twice_is_one_mail(
    cast: Cast,
    client_of: ClientOf,
    make_meeting: MakeMeeting,
    make_paper: MakePaper,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    make_paper(cast.ost, "Anlage.pdf", meeting, kind=Paper.ATTACHMENT)
    lena = client_of(cast.lena)
    form = next(f for f in lena.see(cast.ost.path("sitzungen", meeting, "einladen")).forms if "einladen" in f.action)

    for _ in range(2):
        lena.post(form.action, data=form.values(), follow_redirects=True)
    deliver()

    assert len(smtp.to(cast.bob.email)) == 1


def test_other_words_in_the_same_form_are_another_mail(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    """After "back" the browser shows the form as it was, with the id it had."""
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)
    form = next(f for f in lena.see(cast.ost.path("sitzungen", meeting, "einladen")).forms if "einladen" in f.action)
    other = form.values() | {"body": "Bitte bringen Sie Ihre Zahlen mit."}
    for fields in (form.values(), other, other):
        lena.post(form.action, data=fields, follow_redirects=True)
    deliver()

    assert len(smtp.to(cast.bob.email)) == 2
    assert [mail for mail in smtp.to(cast.bob.email) if "Bitte bringen Sie Ihre Zahlen mit." in mail.text]


def test_the_id_of_another_leads_form_is_no_hindrance(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    path = cast.ost.path("sitzungen", make_meeting(cast.ost), "einladen")
    for person in (cast.lena, cast.anke):
        browser = client_of(person)
        form = next(f for f in browser.see(path).forms if "einladen" in f.action)
        same = {"submission": str(UUID(int=1)), "subject": "Sitzung", "body": "Bitte kommen Sie."}
        for _ in range(2):
            assert browser.post(form.action, data=form.values() | same).status_code == 302
    deliver()

    assert len(smtp.to(cast.bob.email)) == 2


def test_the_same_words_tell_of_the_new_date(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)
    form = next(f for f in lena.see(cast.ost.path("sitzungen", meeting, "einladen")).forms if "einladen" in f.action)
    lena.post(form.action, data=form.values())
    lena.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"place": "Bücherei"}, form="bearbeiten")
    lena.post(form.action, data=form.values())
    deliver()

    assert len([mail for mail in smtp.to(cast.bob.email) if "Bücherei" in mail.text]) == 1


def test_two_networks_are_invited_and_who_is_in_both_gets_one_mail(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost, cast.west)

    client_of(cast.anke).submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    deliver()

    everybody = [*cast.everyone_in_ost, cast.wim]
    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in everybody)
    link = event_in(smtp.to(cast.wim.email)[0])["url"]
    assert link.endswith(f"/sitzungen/{meeting}")


@pytest.mark.parametrize("posting", Posting)
def test_the_homes_lead_invites_every_network_of_the_meeting_whoever_chose_it(
    posting: Posting,
    cast: Cast,
    client_of: ClientOf,
    given: Given,
    make_meeting: MakeMeeting,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    with given():
        db.session.get_one(Network, cast.west.id).posting = posting
    lena = client_of(cast.lena)

    assert "Geht an 5 Teilnehmende" in lena.see(cast.ost.path("sitzungen", meeting, "einladen")).text
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    deliver()

    assert sorted(mail.to for mail in smtp.messages) == sorted(
        person.email for person in [*cast.everyone_in_ost, cast.wim]
    )
    assert "8. Netzwerktreffen" in client_of(cast.wim).see(cast.west.path("nachrichten")).text


def test_a_network_closed_since_is_not_invited_and_hinders_nobody(
    cast: Cast,
    client_of: ClientOf,
    given: Given,
    make_meeting: MakeMeeting,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    with given():
        db.session.get_one(Network, cast.west.id).closed_at = TODAY
    lena = client_of(cast.lena)

    assert "Geht an 4 Teilnehmende" in lena.see(cast.ost.path("sitzungen", meeting, "einladen")).text
    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), form="einladen")
    deliver()

    assert sorted(mail.to for mail in smtp.messages) == sorted(person.email for person in cast.everyone_in_ost)


def test_a_lead_of_another_network_of_the_meeting_invites_nobody(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, cast.west)
    with given():
        db.session.get_one(Participant, cast.west.participant(cast.wim)).is_lead = True
    wim = client_of(cast.wim)

    assert wim.get(cast.west.path("sitzungen", meeting, "einladen")).status_code == 403
    assert wim.get(cast.ost.path("sitzungen", meeting, "einladen")).status_code == 404


def test_nobody_is_invited_to_a_meeting_that_is_over(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, starts_at=datetime(2026, 9, 10, 12, tzinfo=UTC))
    lena = client_of(cast.lena)

    assert "Einladung verschicken" not in lena.see(cast.ost.path("sitzungen", meeting)).text
    answer = lena.get(cast.ost.path("sitzungen", meeting, "einladen"))
    assert answer.status_code == 400
    assert "Diese Sitzung ist schon vorbei." in lena.page.text


def test_a_cancelled_meeting_nobody_knows_of_has_nothing_to_tell(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, cancelled_at=TODAY)

    assert client_of(cast.lena).get(cast.ost.path("sitzungen", meeting, "einladen")).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"subject": " "}, "Bitte geben Sie einen Betreff an."),
        ({"subject": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 200 Zeichen."),
        ({"body": ""}, "Bitte schreiben Sie einen Text."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(
    wrong: dict[str, str],
    sentence: str,
    cast: Cast,
    client_of: ClientOf,
    make_meeting: MakeMeeting,
    deliver: Deliver,
    smtp: MailServer,
) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", meeting, "einladen"), wrong, form="einladen")
    deliver()

    assert sentence in lena.page.errors
    assert smtp.messages == []
