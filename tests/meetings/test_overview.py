"""The calendar over all networks one may enter: a month a page, as a list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.database import db, utc_now
from app.networks.models import Participant
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Given
from tests.meetings.conftest import TODAY, MakeMeeting
from tests.page import text_of

JULY = datetime(2027, 7, 1, 8, tzinfo=UTC)


def titles(browser: Browser, month: str = "") -> list[str]:
    page = browser.see(f"/termine?monat={month}" if month else "/termine")
    return [text_of(node) for node in page.query("h3")]


def test_each_sees_the_meetings_of_the_networks_they_may_enter(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="In Ost")
    make_meeting(cast.west, title="In West")
    make_meeting(cast.ost, cast.west, title="Gemeinsam")

    assert titles(client_of(cast.bob), "2026-12") == ["In Ost", "Gemeinsam"]
    assert titles(client_of(cast.wim), "2026-12") == ["In West", "Gemeinsam"]
    assert titles(client_of(cast.carla), "2026-12") == ["In Ost", "In West", "Gemeinsam"]
    assert titles(client_of(cast.anke), "2026-12") == ["In Ost", "In West", "Gemeinsam"]


def test_who_was_removed_sees_nothing_of_the_network_any_more(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    make_meeting(cast.ost)
    bob = client_of(cast.bob)
    with given():
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = utc_now()

    assert titles(bob, "2026-12") == []


def test_a_row_says_when_where_who_and_whether_it_takes_place(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    meeting = make_meeting(cast.ost, cast.west, cancelled_at=TODAY)
    wim = client_of(cast.wim)

    page = wim.see("/termine?monat=2026-12")

    assert "Donnerstag, 14:00–16:00 Uhr, Begegnungszentrum Nord, Raum 3" in page.text
    assert "Jugendliche in Ausbildung, Sprache im Beruf" in page.text
    assert "abgesagt" in page.text
    assert wim.see(f"/sitzungen/{meeting}").path == cast.west.path("sitzungen", meeting)


def test_the_months_follow_one_another_from_the_first_meeting_to_the_last(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="Im Dezember")
    make_meeting(cast.ost, title="Im Juli", starts_at=JULY)
    bob = client_of(cast.bob)

    page = bob.see("/termine")
    assert "In diesem Monat ist keine Sitzung. Die nächste danach ist am 3. Dezember 2026." in page.text
    assert [link for link in page.links if "monat=" in link] == ["/termine?monat=2026-12"] * 2
    assert [link for link in bob.see("/termine?monat=2026-12").links if "monat=" in link] == [
        "/termine?monat=2026-11",
        "/termine?monat=2027-01",
    ]
    assert [link for link in bob.see("/termine?monat=2027-07").links if "monat=" in link] == ["/termine?monat=2027-06"]


def test_a_meeting_over_the_end_of_a_month_stands_in_both(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    begin, end = datetime(2026, 12, 30, 9, tzinfo=UTC), datetime(2027, 1, 2, 15, tzinfo=UTC)
    make_meeting(cast.ost, title="Klausur", starts_at=begin, ends_at=end)
    bob = client_of(cast.bob)

    assert titles(bob, "2026-12") == titles(bob, "2027-01") == ["Klausur"]


def test_the_last_evening_of_a_month_belongs_to_it_as_clocks_in_germany_show_it(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="Abends", starts_at=datetime(2027, 3, 31, 20, tzinfo=UTC))
    make_meeting(cast.ost, title="Nachts", starts_at=datetime(2027, 3, 31, 22, 30, tzinfo=UTC))
    bob = client_of(cast.bob)

    assert titles(bob, "2027-03") == ["Abends"]
    assert titles(bob, "2027-04")[-1] == "Nachts"


def test_public_holidays_of_the_region_stand_between_the_meetings(
    cast: Cast, client_of: ClientOf, configured: Configured
) -> None:
    bob = client_of(cast.bob)
    assert "Feiertag: Fronleichnam" in bob.see("/termine?monat=2027-05").text
    with configured(HOLIDAY_REGION="BE"):
        assert "Fronleichnam" not in bob.see("/termine?monat=2027-05").text


@pytest.mark.parametrize("month", ["2026-13", "0000-01", "9999-12", "2026-12-01", "%00", "😀", "x" * 5000, "²026-01"])
def test_a_month_that_is_none_shows_this_one(month: str, cast: Cast, client_of: ClientOf) -> None:
    assert "November 2026" in client_of(cast.bob).see(f"/termine?monat={month}").text


def test_the_address_of_the_feed_stands_beside_it(
    cast: Cast, client_of: ClientOf, anonymous: Browser, make_meeting: MakeMeeting
) -> None:
    make_meeting(cast.ost, title="In Ost")
    [field] = client_of(cast.bob).see("/termine").query("#kalender")
    address = str(field.attrs["value"]).partition("/termine")[2]

    assert "SUMMARY:In Ost" in anonymous.get(f"/termine{address}").text


def test_a_stranger_is_asked_to_sign_in(cast: Cast, anonymous: Browser) -> None:
    assert "/anmelden" in str(anonymous.get("/termine").location)
