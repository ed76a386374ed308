"""A date as an iCalendar object and in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar, Timezone

from app.forum.calendar_event import CalendarEvent, calendar
from app.templating import BERLIN

NASTY = 'Raum 3; Haus "B", Nord\\Ost\nzweiter Stock 🎉 شكرا <script>\x00\x07' + "ü" * 120


def an_event(**fields: Any) -> CalendarEvent:
    return CalendarEvent(
        **{
            "uid": "1@netz.example.org",
            "sequence": 0,
            "summary": "8. Netzwerktreffen",
            "starts_at": datetime(2026, 12, 3, 13, tzinfo=UTC),
            "ends_at": datetime(2026, 12, 3, 15, tzinfo=UTC),
            "place": "Begegnungszentrum Nord",
            "url": "https://netz.example.org/sitzungen/1",
            **fields,
        }
    )


def read(event: CalendarEvent) -> Any:
    (component,) = Calendar.from_ical(event.ics()).walk("VEVENT")
    return component


def test_a_calendar_program_reads_what_was_written() -> None:
    event = an_event(sequence=3, organizer=("Jugendliche in Ausbildung", "ost@netz.example.org"))

    component = read(event)

    assert component["uid"] == "1@netz.example.org"
    assert component["sequence"] == 3
    assert component["summary"] == "8. Netzwerktreffen"
    assert component["location"] == "Begegnungszentrum Nord"
    assert component["status"] == "CONFIRMED"
    assert component["organizer"] == "mailto:ost@netz.example.org"
    assert component["organizer"].params["CN"] == "Jugendliche in Ausbildung"
    assert component.decoded("dtstamp") == event.stamped_at.replace(microsecond=0)


def test_it_is_published_with_a_method_and_lasts_through_a_second_writing() -> None:
    event = an_event()

    assert Calendar.from_ical(event.ics())["method"] == "PUBLISH"
    assert event.ics() == event.ics()


def test_a_cancelled_date_says_so_and_blocks_no_time() -> None:
    event = an_event(is_cancelled=True)
    component = read(event)

    assert Calendar.from_ical(event.ics())["method"] == "CANCEL"
    assert (component["status"], component["transp"]) == ("CANCELLED", "TRANSPARENT")


@pytest.mark.parametrize(
    ("local", "offset"),
    [
        (datetime(2026, 12, 3, 14, tzinfo=BERLIN), 1),
        (datetime(2026, 7, 2, 14, tzinfo=BERLIN), 2),
        (datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN), 1),
        (datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN), 2),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN), 2),
        (datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN), 1),
        (datetime(2026, 10, 25, 3, 30, tzinfo=BERLIN), 1),
    ],
)
def test_its_moment_is_the_same_on_both_sides_of_the_change_of_clocks(local: datetime, offset: int) -> None:
    starts_at = local.astimezone(UTC)

    component = read(an_event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)))

    start = component.decoded("dtstart")
    assert start.astimezone(UTC) == starts_at == local.replace(tzinfo=UTC, fold=0) - timedelta(hours=offset)
    assert component.decoded("dtend").astimezone(UTC) == starts_at + timedelta(hours=2)


@pytest.mark.parametrize("year", [1996, 2026, 2036])
def test_the_zone_it_brings_along_changes_its_clocks_as_germany_does(year: int) -> None:
    (zone,) = Calendar.from_ical(an_event().ics()).walk("VTIMEZONE")
    assert isinstance(zone, Timezone)
    rules = zone.to_tz(lookup_tzid=False)

    for day in range(366):
        noon = datetime(year, 4, 1, 12, tzinfo=BERLIN) + timedelta(days=day)
        assert noon.replace(tzinfo=rules).utcoffset() == noon.utcoffset(), noon


def test_text_comes_back_as_it_was_but_for_controls() -> None:
    component = read(an_event(summary=NASTY, place=NASTY, description=NASTY))

    one_line = NASTY.replace("\n", " ").replace("\x00\x07", " ")
    assert component["summary"] == component["location"] == one_line
    assert component["description"] == NASTY.replace("\x00\x07", " ")


def test_text_cannot_add_a_property() -> None:
    injected = "Treffen\r\nATTENDEE:mailto:wim@example.org\nEND:VEVENT"
    event = an_event(
        summary=injected,
        place=injected,
        description=injected,
        organizer=(f'"{injected}', "ost@netz.example.org"),
    )

    component = read(event)

    assert "attendee" not in component
    assert event.ics().split("\r\n").count("END:VEVENT") == 1


def test_no_line_is_longer_than_75_octets_and_all_end_in_crlf() -> None:
    event = an_event(summary=NASTY * 20, place=NASTY * 20, description=NASTY * 20, organizer=(NASTY, "ost@example.org"))

    octets = event.ics().encode()

    assert octets.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert b"\r" not in octets.replace(b"\r\n", b"")
    assert max(len(line) for line in octets.split(b"\r\n")) <= 75
    for line in octets.split(b"\r\n"):
        line.decode()  # no character is torn apart


def test_a_subscription_has_a_name_and_any_number_of_dates() -> None:
    whole = Calendar.from_ical(calendar([an_event(uid=f"{n}@x.example.org") for n in range(3)], name="Ost; Süd"))

    assert whole["name"] == whole["x-wr-calname"] == "Ost; Süd"
    assert len(whole.walk("VEVENT")) == 3
    assert len(whole.walk("VTIMEZONE")) == 1
    assert Calendar.from_ical(calendar([], name="leer")).walk("VEVENT") == []


def test_the_mail_says_when_in_words(app: Flask) -> None:
    with app.app_context():
        assert an_event().when == "Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr"
        over_night = an_event(ends_at=datetime(2026, 12, 4, 11, tzinfo=UTC))
        assert over_night.when == "Donnerstag, 3. Dezember 2026, 14:00 Uhr bis Freitag, 4. Dezember 2026, 12:00 Uhr"
