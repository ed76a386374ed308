"""What must not happen to minutes, and to a form that two leads have open."""

from __future__ import annotations

from datetime import UTC, datetime

from app.database import db
from app.meetings.attendance_models import Attendance
from app.meetings.models import Document
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer
from tests.meetings.conftest import MakeMeeting
from tests.meetings.test_proposing_points import agenda_of, propose
from tests.page import text_of

PAST = datetime(2026, 11, 19, 13, tzinfo=UTC)
TEXT = "Beschluss: Die Liste kommt jeden Monat."


def test_where_nobody_is_ticked_nobody_is_told_they_were_absent(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, deliver: Deliver, smtp: MailServer
) -> None:
    meeting = make_meeting(cast.ost, starts_at=PAST)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting, "protokoll", "bearbeiten"), {"text": TEXT})
    lena.submit(cast.ost.path("sitzungen", meeting, "protokoll", "versenden"))
    deliver()
    assert len({mail.subject for mail in smtp.messages}) == 1
    assert len({mail.text.split("http")[0] for mail in smtp.messages}) == 1


def test_the_paper_of_sent_minutes_stays(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, starts_at=PAST)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", meeting, "protokoll", "bearbeiten"), {"text": TEXT})
    lena.submit(cast.ost.path("sitzungen", meeting, "protokoll", "versenden"))
    with given():
        paper = db.session.scalars(db.select(Document.id)).one()
    lena.submit(cast.ost.path("unterlagen", paper), form="loeschen")
    assert "Das ist das verschickte Protokoll der Sitzung." in lena.page.text
    with given():
        assert db.session.get(Document, paper)


def test_minutes_that_were_approved_meanwhile_stay_and_so_does_what_was_typed(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    path = cast.ost.path("sitzungen", make_meeting(cast.ost, starts_at=PAST), "protokoll")
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    lena.submit(f"{path}/bearbeiten", {"text": TEXT})
    lena.submit(f"{path}/versenden")
    lena.see(f"{path}/bearbeiten")
    anke.submit(path, form="genehmigen")
    lena.send({"text": "Eine Stunde Arbeit"})
    assert "Dieses Protokoll ist genehmigt und ändert sich nicht mehr." in lena.page.text
    assert "Eine Stunde Arbeit" in lena.page.html
    assert "Eine Stunde Arbeit" not in anke.see(path).text
    assert lena.get(f"{path}/bearbeiten").status_code == 400


def test_two_leads_who_write_at_a_time_lose_neither_text(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    path = cast.ost.path("sitzungen", make_meeting(cast.ost, starts_at=PAST), "protokoll")
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    for browser in (lena, anke):
        browser.see(f"{path}/bearbeiten")
    anke.send({"text": "Was Anke schrieb"})
    lena.send({"text": "Was Lena schrieb", "there": [cast.bob.id]}, {"files": ("Plan.txt", b"plan")})
    assert "Jemand anderes hat das Protokoll gerade gespeichert." in lena.page.text
    assert "Was Lena schrieb" in lena.page.html
    assert "Plan.txt" in lena.page.text
    assert "Was Anke schrieb" in anke.see(path).text
    lena.send({"text": "Was Anke schrieb. Was Lena schrieb"})
    assert "Was Anke schrieb. Was Lena schrieb" in anke.see(path).text

    for browser in (lena, anke):
        browser.see(f"{path}/bearbeiten")
    anke.send({"text": "Neu"})
    lena.send({"there": [cast.lena.id]})
    assert "Neu" in lena.see(path).text


def test_points_keep_their_numbers_and_their_stress(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting(cast.ost, starts_at=PAST, agenda="1. Begrüßung\n2. **Praktika** im Sommer")
    path = cast.ost.path("sitzungen", meeting, "protokoll")
    lena = client_of(cast.lena)
    [text] = [text_of(area) for area in lena.see(f"{path}/bearbeiten").query("textarea")]
    assert text == "**1. Begrüßung** 2. **Praktika** im Sommer"
    lena.submit(f"{path}/bearbeiten", {"text": "1. Begrüßung\n\nAlle sind da.\n\n2. Praktika"})
    starts = [each.attrs.get("start") for each in lena.see(path).query(".prose ol")]
    assert starts == [None, "2"]


def test_two_leads_who_tick_at_a_time_lose_neither_tick(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    path = cast.ost.path("sitzungen", make_meeting(cast.ost, starts_at=PAST), "protokoll")
    lena, anke = client_of(cast.lena), client_of(cast.anke)
    lena.submit(f"{path}/bearbeiten", {"text": "Eins", "there": [cast.lena.id, cast.carla.id]})
    for browser in (lena, anke):
        browser.see(f"{path}/bearbeiten")
    anke.send({"there": [cast.lena.id, cast.bob.id]})
    lena.send({"text": "Zwei"})
    with given():
        noted = {each.user_id: each.was_there for each in db.session.scalars(db.select(Attendance))}
    assert noted == {cast.lena.id: True, cast.bob.id: True, cast.carla.id: False}


def test_a_point_accepted_meanwhile_outlives_a_form_that_was_open(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    propose(client_of(cast.bob), cast, meeting)
    first, second = client_of(cast.lena), client_of(cast.lena)
    first.see(cast.ost.path("sitzungen", meeting, "bearbeiten"))
    second.submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    first.send({"place": "Rathaus"}, form="bearbeiten")
    assert "Praktika im Sommer" in agenda_of(given, meeting)
    assert "Rathaus" in second.see(cast.ost.path("sitzungen", meeting)).text


def test_whoever_changed_the_agenda_too_is_asked_once(
    cast: Cast, client_of: ClientOf, given: Given, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    propose(client_of(cast.bob), cast, meeting)
    first, second = client_of(cast.lena), client_of(cast.lena)
    first.see(cast.ost.path("sitzungen", meeting, "bearbeiten"))
    second.submit(cast.ost.path("sitzungen", meeting), form="aufnehmen")
    first.send({"agenda": "1. Ganz anders"}, form="bearbeiten")
    assert "Die Tagesordnung hat sich gerade geändert" in first.page.text
    assert "1. Ganz anders" in first.page.html
    assert "Praktika im Sommer" in agenda_of(given, meeting)
    first.send(form="bearbeiten")
    assert agenda_of(given, meeting) == "1. Ganz anders"


def test_a_muster_with_a_number_beyond_all_is_not_found(cast: Cast, client_of: ClientOf) -> None:
    path = cast.ost.path("sitzungen", "neu")
    assert client_of(cast.lena).get(path + "?muster=99999999999999999999").status_code == 404
