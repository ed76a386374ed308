"""Leads and Verwaltung enter, change and cancel meetings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.database import db
from app.meetings.models import Meeting
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import MakeMeeting

ENTRY = {
    "title": "9. Netzwerktreffen",
    "date": "2027-01-14",
    "starts": "14:00",
    "ends": "16:30",
    "place": "Rathaus, Raum 12",
    "agenda": "1. Begrüßung",
}


def stored(given: Given) -> dict[str, Any]:
    with given():
        (meeting,) = db.session.scalars(db.select(Meeting)).all()
        return {
            "title": meeting.title,
            "starts_at": meeting.starts_at,
            "ends_at": meeting.ends_at,
            "place": meeting.place,
            "sequence": meeting.sequence,
            "uid": meeting.uid,
            "networks": [network.slug for network in meeting.networks],
            "cancelled": meeting.cancelled_at is not None,
        }


def test_a_lead_enters_a_meeting_and_nobody_is_told(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", "neu"), ENTRY)

    assert lena.page.heading == "9. Netzwerktreffen"
    assert "Donnerstag, 14. Januar 2027, 14:00 bis 16:30 Uhr" in lena.page.text
    assert "Eingeladen ist noch niemand" in lena.page.text
    assert stored(given)["starts_at"] == datetime(2027, 1, 14, 13, tzinfo=UTC)
    assert stored(given)["networks"] == ["ost"]
    assert stored(given)["sequence"] == 0


def test_verwaltung_does_so_too(cast: Cast, client_of: ClientOf, given: Given) -> None:
    client_of(cast.anke).submit(cast.ost.path("sitzungen", "neu"), ENTRY)

    assert stored(given)["title"] == "9. Netzwerktreffen"


def test_dates_and_times_may_be_typed_as_people_write_them(cast: Cast, client_of: ClientOf, given: Given) -> None:
    typed = ENTRY | {"date": "2.7.2027", "starts": "14.15", "ends": "16"}

    client_of(cast.lena).submit(cast.ost.path("sitzungen", "neu"), typed)

    assert stored(given)["starts_at"] == datetime(2027, 7, 2, 12, 15, tzinfo=UTC)
    assert stored(given)["ends_at"] == datetime(2027, 7, 2, 14, tzinfo=UTC)


def test_a_date_in_the_past_is_welcome_in_the_archive(cast: Cast, client_of: ClientOf) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", "neu"), ENTRY | {"date": "1999-05-06"})

    assert "6. Mai 1999" in lena.page.text
    assert "Einladung verschicken" not in lena.page.text


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": "  "}, "Bitte geben Sie der Sitzung einen Titel."),
        ({"title": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 200 Zeichen."),
        ({"date": ""}, "Bitte geben Sie das Datum an."),
        ({"date": "übermorgen"}, "Bitte geben Sie ein Datum wie 3.12.2026 an."),
        ({"date": "2026-02-30"}, "Bitte geben Sie ein Datum wie 3.12.2026 an."),
        ({"date": "0001-01-01"}, "Bitte geben Sie ein Datum von 1996 bis 2036 an."),
        ({"date": "9999-12-31"}, "Bitte geben Sie ein Datum von 1996 bis 2036 an."),
        ({"starts": ""}, "Bitte geben Sie an, wann die Sitzung beginnt."),
        ({"starts": "halb drei"}, "Bitte geben Sie eine Uhrzeit wie 14:00 an."),
        ({"ends": "25:00"}, "Bitte geben Sie eine Uhrzeit wie 14:00 an."),
        ({"ends": "14:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"ends": "09:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"date": "2027-03-28", "starts": "02:30"}, "Diese Uhrzeit gibt es an dem Tag nicht"),
        ({"place": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 500 Zeichen."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    wrong: dict[str, str], sentence: str, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", "neu"), ENTRY | wrong)

    assert any(sentence in error for error in lena.page.errors), lena.page.errors
    kept = (ENTRY | wrong)["agenda"]
    assert kept in lena.page.html
    with given():
        assert db.session.scalars(db.select(Meeting)).all() == []


@pytest.mark.parametrize("text", ["😀 שלום <script>alert(1)</script>", "Null\x00Byte", "zwei\r\nZeilen"])
def test_any_text_is_shown_as_text(text: str, cast: Cast, client_of: ClientOf) -> None:
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", "neu"), ENTRY | {"title": text, "place": text, "agenda": text})

    assert lena.page.path.startswith(cast.ost.path("sitzungen/"))
    assert "<script>alert" not in lena.page.html


def test_the_hour_that_comes_twice_means_the_first(cast: Cast, client_of: ClientOf, given: Given) -> None:
    twice = ENTRY | {"date": "2027-10-31", "starts": "02:30", "ends": "03:30"}

    client_of(cast.lena).submit(cast.ost.path("sitzungen", "neu"), twice)

    assert stored(given)["starts_at"] == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert stored(given)["ends_at"] == datetime(2027, 10, 31, 2, 30, tzinfo=UTC)


def test_a_changed_date_or_place_is_news_for_calendars_and_a_changed_title_is_not(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost)
    before = stored(given)
    lena = client_of(cast.lena)
    edit = cast.ost.path("sitzungen", meeting, "bearbeiten")

    lena.submit(edit, {"title": "Das achte Treffen"})
    assert stored(given) == before | {"title": "Das achte Treffen"}

    lena.submit(edit, {"date": "2026-12-10"})
    lena.submit(edit, {"place": "Stadthalle"})
    after = stored(given)
    assert after["sequence"] == 2
    assert after["uid"] == before["uid"]
    assert after["starts_at"] == datetime(2026, 12, 10, 13, tzinfo=UTC)


def test_cancelling_can_be_taken_back(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given) -> None:
    meeting = make_meeting(cast.ost)
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", meeting), form="absagen")
    assert "abgesagt" in lena.page.text
    assert stored(given)["cancelled"]
    assert stored(given)["sequence"] == 1

    lena.submit(cast.ost.path("sitzungen", meeting), form="zuruecknehmen")
    assert not stored(given)["cancelled"]
    assert stored(given)["sequence"] == 2


def test_verwaltung_lets_two_networks_meet_and_a_lead_does_not_part_them(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    anke, lena = client_of(cast.anke), client_of(cast.lena)

    anke.submit(cast.ost.path("sitzungen", "neu"), ENTRY | {"also_for": [cast.west.id]})
    assert stored(given)["networks"] == ["ost", "west"]
    meeting = anke.page.path.rpartition("/")[2]

    lena.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"place": "Stadthalle"})
    assert stored(given)["networks"] == ["ost", "west"]

    anke.submit(cast.ost.path("sitzungen", meeting, "bearbeiten"), {"also_for": []})
    assert stored(given)["networks"] == ["ost"]


def test_nobody_adds_a_network_they_do_not_lead(cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("sitzungen", "neu"))
    form = next(form for form in page.forms if "title" in form.names)

    lena.post(cast.ost.path("sitzungen", "neu"), data=form.values() | ENTRY | {"also_for": [str(cast.west.id), "abc"]})

    assert stored(given)["networks"] == ["ost"]


@pytest.mark.parametrize("act", ["bearbeiten", "absagen", "absage-zuruecknehmen", "einladen", "unterlagen/neu"])
def test_a_participant_may_read_but_not_change(
    act: str, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost)
    bob = client_of(cast.bob)
    page = bob.see(cast.ost.path("sitzungen", meeting))
    token = page.query('input[name="csrf_token"]')[0].attrs["value"]

    assert not any(link.endswith(act) for link in page.links)
    answer = bob.post(cast.ost.path("sitzungen", meeting, act), data={"csrf_token": token})
    assert answer.status_code == 403
    assert client_of(cast.wim).post(cast.ost.path("sitzungen", meeting, act), data={"csrf_token": "x"}).status_code in (
        400,
        404,
    )


def test_a_lead_of_a_network_that_is_a_guest_changes_nothing(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.west, cast.ost)
    lena = client_of(cast.lena)

    assert "Bearbeiten" not in lena.see(cast.ost.path("sitzungen", meeting)).text
    assert lena.get(cast.ost.path("sitzungen", meeting, "bearbeiten")).status_code == 403
    assert lena.get(cast.west.path("sitzungen", meeting, "bearbeiten")).status_code == 404
