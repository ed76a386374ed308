"""The calendars people subscribe to: one for all their networks, one for each network, and both only theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from app.database import db, utc_now
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast, Net, Person
from tests.conftest import ClientOf, Given
from tests.meetings.conftest import TODAY, MakeMeeting


def address_shown(browser: Browser, path: str) -> str:
    """The path and query of the calendar address on this page."""
    (field,) = browser.see(path).query("#kalender")
    parts = urlsplit(str(field.attrs["value"]))
    return f"{parts.path}?{parts.query}"


def titles(anonymous: Browser, address: str) -> list[str]:
    """What a calendar program finds at the address."""
    answer = anonymous.get(address)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return [str(event["summary"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")]


def remove(given: Given, person: Person, network: Net) -> None:
    with given():
        db.session.get_one(Participant, network.participant(person)).until = utc_now()


def test_the_own_calendar_has_the_meetings_of_all_own_networks(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="In Ost")
    make_meeting(cast.west, title="In West")

    assert titles(anonymous, address_shown(client_of(cast.carla), "/profil")) == ["In Ost", "In West"]
    assert titles(anonymous, address_shown(client_of(cast.bob), "/profil")) == ["In Ost"]


def test_a_network_calendar_has_its_meetings_cancelled_ones_marked(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="Sommer", starts_at=datetime(2026, 7, 2, 12, tzinfo=UTC))
    make_meeting(cast.ost, title="Winter", cancelled_at=TODAY, sequence=1)
    make_meeting(cast.west, title="In West")

    answer = anonymous.get(address_shown(client_of(cast.bob), cast.ost.path("sitzungen")))
    whole = Calendar.from_ical(answer.data)
    summer, winter = whole.walk("VEVENT")

    assert whole["name"] == "Jugendliche in Ausbildung"
    assert summer.decoded("dtstart").hour == 14
    assert summer.decoded("dtstart") == datetime(2026, 7, 2, 12, tzinfo=UTC)
    assert (winter["status"], winter["sequence"]) == ("CANCELLED", 1)
    assert max(len(line) for line in answer.data.split(b"\r\n")) <= 75
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "token", ["", "?token=", "?token=1-aaaa", "?token=😀-x", "?token=²-x", f"?token={'9' * 5000}-x"]
)
def test_without_the_right_token_there_is_no_calendar(token: str, cast: Cast, anonymous: Browser) -> None:
    assert anonymous.get(f"/termine.ics{token}").status_code == 404
    assert anonymous.get(f"/netze/ost/termine.ics{token}").status_code == 404
    assert anonymous.get(f"/netze/gibt-es-nicht/termine.ics{token}").status_code == 404


def test_being_signed_in_is_no_token(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.bob).get("/termine.ics").status_code == 404


def test_a_token_opens_only_its_own_calendar(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    carla = client_of(cast.carla)
    own = address_shown(carla, "/profil").partition("?")[2]
    of_ost = address_shown(carla, cast.ost.path("sitzungen")).partition("?")[2]

    assert anonymous.get(f"/netze/west/termine.ics?{of_ost}").status_code == 404
    assert anonymous.get(f"/termine.ics?{of_ost}").status_code == 404
    assert anonymous.get(f"/netze/ost/termine.ics?{own}").status_code == 404
    assert anonymous.get(f"/netze/ost/termine.ics?{of_ost.replace('=', f'={cast.bob.id}', 1)}").status_code == 404


def test_who_is_removed_gets_nothing_more_at_once(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting, given: Given
) -> None:
    make_meeting(cast.ost, title="In Ost")
    make_meeting(cast.west, title="In West")
    carla = client_of(cast.carla)
    own, of_ost = address_shown(carla, "/profil"), address_shown(carla, cast.ost.path("sitzungen"))

    remove(given, cast.carla, cast.ost)

    assert titles(anonymous, own) == ["In West"]
    assert anonymous.get(of_ost).status_code == 404


def test_a_person_makes_their_own_addresses_void(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    bob, carla = client_of(cast.bob), client_of(cast.carla)
    own, of_ost = address_shown(bob, "/profil"), address_shown(bob, cast.ost.path("sitzungen"))
    of_carla = address_shown(carla, cast.ost.path("sitzungen"))

    bob.submit("/profil", form="neue-adresse")

    assert anonymous.get(own).status_code == anonymous.get(of_ost).status_code == 404
    assert anonymous.get(of_carla).status_code == 200
    assert anonymous.get(address_shown(bob, "/profil")).status_code == 200


def test_a_lead_makes_all_addresses_of_the_network_void(cast: Cast, client_of: ClientOf, anonymous: Browser) -> None:
    bob, lena = client_of(cast.bob), client_of(cast.lena)
    own, of_ost = address_shown(bob, "/profil"), address_shown(bob, cast.ost.path("sitzungen"))

    lena.submit(cast.ost.path("sitzungen"), form="neue-adressen")

    assert anonymous.get(of_ost).status_code == 404
    assert anonymous.get(own).status_code == 200
    assert anonymous.get(address_shown(bob, cast.ost.path("sitzungen"))).status_code == 200


def test_only_leads_and_verwaltung_reset_a_network_calendar(cast: Cast, client_of: ClientOf) -> None:
    bob, wim = client_of(cast.bob), client_of(cast.wim)
    token = {"csrf_token": bob.see(cast.ost.path("sitzungen")).query('input[name="csrf_token"]')[0].attrs["value"]}

    assert bob.post(cast.ost.path("termine", "neue-adressen"), data=token).status_code == 403
    token = {"csrf_token": wim.see(cast.west.path("sitzungen")).query('input[name="csrf_token"]')[0].attrs["value"]}
    assert wim.post(cast.ost.path("termine", "neue-adressen"), data=token).status_code == 404


def test_text_of_a_meeting_comes_through_unharmed(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting
) -> None:
    make_meeting(
        cast.ost, title="Treffen, groß; 🎉", place="Haus \\ Nord, Raum 3; links", agenda="1. Eins\n2. Zwei, drei"
    )

    answer = anonymous.get(address_shown(client_of(cast.bob), "/profil"))
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")

    assert event["summary"] == "Treffen, groß; 🎉"
    assert event["location"] == "Haus \\ Nord, Raum 3; links"
    assert str(event["description"]).startswith("1. Eins\n2. Zwei, drei\n\nhttp")
