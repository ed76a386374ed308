"""The list of who comes: numbers for everybody, names for one's own network, remarks and the phone for its leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app.accounts.models import User
from app.database import db
from app.meetings.attendance_models import Attendance, Coming
from app.meetings.attending import answer
from app.meetings.models import Meeting
from app.networks.models import Participant
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import THEN, TODAY, AnswerOf, Invited, MakeMeeting


@pytest.fixture
def meeting(cast: Cast, make_meeting: MakeMeeting, given: Given) -> int:
    """A meeting of ost and west: Bob comes with two more, Carla perhaps, Wim not."""
    made = make_meeting(cast.ost, cast.west)
    with given():
        row = db.session.get_one(Meeting, made)
        for person, coming, number, remark in (
            (cast.bob, Coming.YES, 3, "Mit <b>Hund</b>"),
            (cast.carla, Coming.MAYBE, 1, "=1+1"),
            (cast.wim, Coming.NO, 1, "Bin krank"),
        ):
            answer(db.session.get_one(User, person.id), row, coming, number=number, remark=remark)
    return made


NUMBERS = "1 Zusage (3 Personen), 1 vielleicht, 1 Absage, 2 ohne Antwort"


def test_everybody_sees_the_numbers_and_the_names_of_their_network(
    cast: Cast, client_of: ClientOf, meeting: int
) -> None:
    carla = client_of(cast.carla)
    assert NUMBERS in carla.see(cast.ost.path("sitzungen", meeting)).text
    page = carla.see(cast.ost.path("sitzungen", meeting, "wer-kommt"))
    assert NUMBERS in page.text
    assert cast.bob.name in page.text
    assert cast.wim.name not in page.text
    assert "Hund" not in page.text
    west = client_of(cast.wim).see(cast.west.path("sitzungen", meeting, "wer-kommt"))
    assert cast.wim.name in west.text
    assert cast.bob.name not in west.text


def test_the_lead_sees_everybody_with_remarks(cast: Cast, client_of: ClientOf, meeting: int) -> None:
    for person in (cast.lena, cast.anke):
        page = client_of(person).see(cast.ost.path("sitzungen", meeting, "wer-kommt"))
        for shown in (cast.bob.name, cast.wim.name, "Mit <b>Hund</b>", "Bin krank"):
            assert shown in page.text


def test_the_outsider_sees_nothing_and_who_does_not_lead_gets_no_file(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    for page in ("wer-kommt", "antwort", "wer-kommt/csv", "wer-kommt/eintragen"):
        assert client_of(cast.wim).get(cast.ost.path("sitzungen", meeting, page)).status_code == 404
    for page in ("wer-kommt/csv", "wer-kommt/eintragen"):
        assert client_of(cast.bob).get(cast.ost.path("sitzungen", meeting, page)).status_code == 403


def test_the_lead_of_a_co_network_gets_no_file_of_all(
    cast: Cast, client_of: ClientOf, meeting: int, given: Given
) -> None:
    with given():
        db.session.get_one(Participant, cast.west.participant(cast.wim)).is_lead = True
    wim = client_of(cast.wim)
    assert wim.get(cast.west.path("sitzungen", meeting, "wer-kommt", "csv")).status_code == 403
    assert cast.bob.name not in wim.see(cast.west.path("sitzungen", meeting, "wer-kommt")).text


def test_the_file_opens_in_a_spreadsheet_and_calculates_nothing(cast: Cast, client_of: ClientOf, meeting: int) -> None:
    response = client_of(cast.lena).get(cast.ost.path("sitzungen", meeting, "wer-kommt", "csv"))
    lines = response.data.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "Name;Organisation;Antwort;Personen;Bemerkung"
    assert f"{cast.bob.name};{cast.bob.organisation};Zusage;3;Mit <b>Hund</b>" in lines
    assert not any(";=1+1" in line for line in lines)
    assert len(lines) == 7


@pytest.mark.parametrize("button", ["Zusage", "Vielleicht", "Absage"])
def test_one_click_on_the_page_answers(
    button: str, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, answer_of: AnswerOf
) -> None:
    meeting = make_meeting(cast.ost)
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("sitzungen", meeting), button=button)
    assert "Ihre Antwort ist eingetragen." in bob.page.text
    assert answer_of(meeting, cast.bob)


def test_the_form_keeps_number_and_remark(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, answer_of: AnswerOf
) -> None:
    meeting = make_meeting(cast.ost)
    path = cast.ost.path("sitzungen", meeting, "antwort")
    bob = client_of(cast.bob)
    bob.submit(path, {"remark": "später"}, form="antwort")
    assert "Bitte wählen Sie eine Antwort aus." in bob.page.errors
    bob.submit(path, {"answer": "yes", "number": "2", "remark": "später"}, form="antwort")
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.number, kept.remark) == (2, "später")
    bob.submit(cast.ost.path("sitzungen", meeting), button="Vielleicht")
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.number, kept.remark) == (Coming.MAYBE, 2, "später")


def test_verwaltung_that_takes_no_part_is_not_asked(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting) -> None:
    meeting = make_meeting(cast.ost)
    anke = client_of(cast.anke)
    assert "Kommen Sie?" not in anke.see(cast.ost.path("sitzungen", meeting)).text
    assert anke.get(cast.ost.path("sitzungen", meeting, "antwort")).status_code == 400


def note(client_of: ClientOf, cast: Cast, meeting: int, person: Person, **values: str) -> str:
    lena = client_of(cast.lena)
    data = {"person": str(person.id), "answer": "yes"} | values
    lena.submit(cast.ost.path("sitzungen", meeting, "wer-kommt", "eintragen"), data, form="eintragen")
    return str(lena.page.text)


def test_a_lead_notes_what_somebody_said_on_the_phone(
    cast: Cast, client_of: ClientOf, invited: Invited, answer_of: AnswerOf
) -> None:
    meeting = invited()
    said = note(client_of, cast, meeting, cast.bob, number="2", remark="rief an")
    assert "Die Antwort von Bob Bergmann ist eingetragen." in said
    assert "eingetragen von Lena Leitner" in said
    kept = answer_of(meeting, cast.bob)
    assert kept
    assert (kept.answer, kept.number, kept.remark, kept.noted_by) == (Coming.YES, 2, "rief an", "Lena Leitner")


def test_only_who_takes_part_can_be_noted(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, answer_of: AnswerOf
) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)
    path = cast.ost.path("sitzungen", meeting, "wer-kommt", "eintragen")
    for person in (str(cast.wim.id), "0", "x", "9" * 5000):
        lena.post(path, data={"person": person, "answer": "yes", "dated": "0"})
    assert answer_of(meeting, cast.wim) is None


def test_an_answer_to_the_old_date_is_shown_as_such_and_not_counted(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost)
    note(client_of, cast, meeting, cast.bob)
    with given():
        db.session.get_one(Meeting, meeting).move(THEN + timedelta(days=7), THEN + timedelta(days=7, hours=2), "")
    page = client_of(cast.carla).see(cast.ost.path("sitzungen", meeting, "wer-kommt"))
    assert "0 Zusagen, 0 vielleicht, 0 Absagen, 4 ohne Antwort" in page.text
    assert "zum alten Termin: Zusage" in page.text


def test_who_left_comes_no_longer_but_was_there(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost)
    note(client_of, cast, meeting, cast.bob)
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = TODAY
    lena = client_of(cast.lena)
    path = cast.ost.path("sitzungen", meeting, "wer-kommt")
    assert cast.bob.name not in lena.see(path).text
    with time_machine.travel(THEN + timedelta(days=1)):
        assert cast.bob.name in client_of(cast.lena).see(path).text
    with given():
        db.session.delete(db.session.get_one(User, cast.bob.id))
        db.session.flush()
        kept = db.session.scalars(db.select(Attendance)).one()
        assert (kept.user_id, kept.name, kept.organisation) == (None, cast.bob.name, cast.bob.organisation)


def test_after_the_meeting_nothing_is_noted_any_more(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, starts_at=TODAY - timedelta(days=3))
    assert client_of(cast.lena).get(cast.ost.path("sitzungen", meeting, "wer-kommt", "eintragen")).status_code == 400
