"""A meeting is repeated by a rule: its dates are shown first, each becomes a meeting of its own, linked as a series."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.database import db
from app.meetings.models import Meeting, Notice
from app.meetings.series_days import MOST, days_after, repeats_of
from app.meetings.series_models import Repeat, Series
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer
from tests.meetings.conftest import MakeMeeting
from tests.queries import asked

#: The second Thursday of December, at 14:00.
SECOND_THURSDAY = datetime(2026, 12, 10, 13, tzinfo=UTC)


def dates(given: Given) -> list[str]:
    """When the meetings are, as clocks in Germany show it."""
    with given():
        meetings = db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at))
        return [berlin(each.starts_at).strftime("%Y-%m-%d %H:%M") for each in meetings]


def offered(browser: Browser) -> dict[str, bool]:
    return {str(box.attrs["value"]): "checked" in box.attrs for box in browser.page.query('input[name="dates"]')}


def repeat(lena: Browser, cast: Cast, meeting: int, **rule: object) -> None:
    """Ask for the dates of a rule and enter those that are ticked."""
    lena.submit(cast.ost.path("sitzungen", meeting, "wiederholen"), rule, form="wiederholen")
    lena.send(form="wiederholen", button="Angekreuzte eintragen")


def test_the_dates_are_shown_before_anything_is_entered(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=SECOND_THURSDAY)
    lena = client_of(cast.lena)

    lena.submit(
        cast.ost.path("sitzungen", meeting, "wiederholen"),
        {"repeat": "weeks", "every": "2", "ends": "number", "number": "4"},
        form="wiederholen",
    )

    assert offered(lena) == {"2026-12-24": True, "2027-01-07": True, "2027-01-21": True}
    assert "Donnerstag, 7. Januar 2027" in lena.page.text
    assert dates(given) == ["2026-12-10 14:00"]


def test_what_is_ticked_is_entered_and_belongs_together(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, cast.west, starts_at=SECOND_THURSDAY)
    lena = client_of(cast.lena)
    lena.submit(
        cast.ost.path("sitzungen", meeting, "wiederholen"), {"repeat": "weeks", "every": "2", "number": "4"},
        form="wiederholen",
    )  # fmt: skip
    lena.send({"dates": ["2027-01-07", "2027-01-21"]}, form="wiederholen", button="Angekreuzte eintragen")

    assert dates(given) == ["2026-12-10 14:00", "2027-01-07 14:00", "2027-01-21 14:00"]
    assert "2 Sitzungen sind eingetragen. Eingeladen ist dazu noch niemand." in lena.page.text
    assert "Die 1. von 3 Sitzungen, alle 2 Wochen." in lena.page.text
    with given():
        meetings = db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at)).all()
        assert len({each.uid for each in meetings}) == 3
        assert [each.title for each in meetings] == ["8. Netzwerktreffen", "9. Netzwerktreffen", "10. Netzwerktreffen"]
        assert {each.agenda for each in meetings} == {"1. Begrüßung\n2. Praktika"}
        assert [[network.slug for network in each.networks] for each in meetings] == [["ost", "west"]] * 3
    assert "8. Netzwerktreffen" in client_of(cast.wim).see(cast.west.path("sitzungen")).text


def test_each_month_on_the_same_weekday_at_the_same_time_in_winter_and_summer(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=SECOND_THURSDAY)
    lena = client_of(cast.lena)
    assert "jeden Monat am zweiten Donnerstag" in lena.see(cast.ost.path("sitzungen", meeting, "wiederholen")).text

    repeat(lena, cast, meeting, repeat="months", ends="until", until="2027-05-31")

    assert dates(given)[1:] == [
        "2027-01-14 14:00", "2027-02-11 14:00", "2027-03-11 14:00", "2027-04-08 14:00", "2027-05-13 14:00",
    ]  # fmt: skip


def test_holidays_are_shown_and_left_out_unless_somebody_ticks_them(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=datetime(2026, 12, 11, 13, tzinfo=UTC))
    lena = client_of(cast.lena)
    rule = {"repeat": "weeks", "every": "1", "number": "4"}

    lena.submit(cast.ost.path("sitzungen", meeting, "wiederholen"), rule, form="wiederholen")

    assert offered(lena) == {"2026-12-18": True, "2026-12-25": False, "2027-01-01": False}
    assert "Freitag, 25. Dezember 2026. An diesem Tag ist ein Feiertag: 1. Weihnachtstag." in lena.page.text
    lena.send({"dates": ["2026-12-25"]}, form="wiederholen", button="Angekreuzte eintragen")
    assert dates(given) == ["2026-12-11 14:00", "2026-12-25 14:00"]


def test_the_form_sent_twice_enters_once_and_a_series_can_be_prolonged(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=SECOND_THURSDAY)
    lena = client_of(cast.lena)
    path = cast.ost.path("sitzungen", meeting, "wiederholen")
    lena.submit(path, {"repeat": "weeks", "every": "4", "number": "3"}, form="wiederholen")
    form = next(form for form in lena.page.forms if form.action.endswith("wiederholen"))
    for _ in range(2):
        assert lena.post(path, data=form.values() | {"enter": "yes"}).status_code == 302
    assert dates(given) == ["2026-12-10 14:00", "2027-01-07 14:00", "2027-02-04 14:00"]

    lena.submit(path, {"number": "4"}, form="wiederholen")
    assert offered(lena) == {"2027-03-04": True}
    lena.send(form="wiederholen", button="Angekreuzte eintragen")
    with given():
        assert db.session.query(Series).count() == 1
    assert len(dates(given)) == 4


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"every": "0"}, "Bitte geben Sie eine Zahl von 1 bis 26 an."),
        ({"every": "abc"}, "Bitte geben Sie eine Zahl von 1 bis 26 an."),
        ({"every": "1" * 3000}, "Bitte geben Sie eine Zahl von 1 bis 26 an."),
        ({"number": "25"}, "Bitte geben Sie eine Zahl von 2 bis 24 an."),
        ({"number": "-1"}, "Bitte geben Sie eine Zahl von 2 bis 24 an."),
        ({"ends": "until"}, "Bitte geben Sie den letzten Tag an."),
        ({"ends": "until", "until": "2026-12-11"}, "Bis zu diesem Tag gibt es keinen weiteren Termin."),
        ({"ends": "until", "until": "2030-12-31"}, "Das wären mehr als 24 Sitzungen."),
        ({"ends": "until", "until": "morgen"}, "Bitte geben Sie ein Datum wie 3.12.2026 an."),
    ],
)
def test_a_rule_that_gives_no_dates_is_said_at_the_field(
    wrong: dict[str, str], sentence: str, cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=SECOND_THURSDAY)
    lena = client_of(cast.lena)

    lena.submit(cast.ost.path("sitzungen", meeting, "wiederholen"), {"repeat": "weeks"} | wrong, form="wiederholen")

    assert any(sentence in error for error in lena.page.errors), lena.page.errors
    assert len(dates(given)) == 1


def test_days_outside_the_rule_and_no_days_enter_nothing(
    cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given
) -> None:
    meeting = make_meeting(cast.ost, starts_at=SECOND_THURSDAY)
    lena = client_of(cast.lena)
    path = cast.ost.path("sitzungen", meeting, "wiederholen")
    lena.submit(path, {"repeat": "weeks"}, form="wiederholen")
    form = next(form for form in lena.page.forms if form.action.endswith("wiederholen"))

    for days in ([], ["2027-01-01", "x" * 10_000, "😀"]):
        answer = lena.post(path, data=form.values() | {"enter": "yes", "dates": days})
        assert "Bitte kreuzen Sie mindestens einen Termin an." in answer.text
    assert len(dates(given)) == 1


@pytest.fixture
def series(cast: Cast, client_of: ClientOf, make_meeting: MakeMeeting, given: Given) -> list[int]:
    """The ids of four meetings, every four weeks from 10 December on."""
    first = make_meeting(cast.ost, starts_at=SECOND_THURSDAY)
    repeat(client_of(cast.lena), cast, first, repeat="weeks", every="4", number="4")
    with given():
        return list(db.session.scalars(db.select(Meeting.id).order_by(Meeting.starts_at)))


def test_this_one_and_those_that_follow_move_together(
    cast: Cast, client_of: ClientOf, given: Given, series: list[int]
) -> None:
    lena = client_of(cast.lena)
    path = cast.ost.path("sitzungen", series[1], "folgende")

    lena.submit(
        path, {"date": "2027-01-05", "starts": "09:00", "ends": "10:30", "place": "Stadthalle"}, form="folgende"
    )
    assert "Dienstag, 5. Januar 2027, 09:00–10:30 Uhr, statt Donnerstag, 7. Januar 2027." in lena.page.text
    assert dates(given)[1] == "2027-01-07 14:00"
    lena.send(button="Alle 3 ändern")

    assert dates(given) == ["2026-12-10 14:00", "2027-01-05 09:00", "2027-02-02 09:00", "2027-03-02 09:00"]
    with given():
        places = [each.place for each in db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at))]
        sequences = [each.sequence for each in db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at))]
    assert places == ["Begegnungszentrum Nord, Raum 3", *["Stadthalle"] * 3]
    assert sequences == [0, 1, 1, 1]


def test_what_is_not_changed_stays_as_it_is_with_each(
    cast: Cast, client_of: ClientOf, given: Given, series: list[int]
) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", series[2], "bearbeiten"), {"starts": "15:00", "place": "Volkshochschule"})
    lena.submit(cast.ost.path("sitzungen", series[1], "folgende"), {"title": "9. Runder Tisch"}, form="folgende")
    lena.send(button="Alle 3 ändern")

    with given():
        meetings = db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at)).all()
        assert [each.title for each in meetings] == [
            "8. Netzwerktreffen", "9. Runder Tisch", "10. Runder Tisch", "11. Runder Tisch",
        ]  # fmt: skip
        assert meetings[2].place == "Volkshochschule"
    assert dates(given)[2] == "2027-02-04 15:00"


def test_a_holiday_among_the_new_dates_is_said(cast: Cast, client_of: ClientOf, series: list[int]) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", series[0], "folgende"), {"date": "2026-12-04"}, form="folgende")

    assert (
        "Freitag, 1. Januar 2027, 14:00–16:00 Uhr, statt Donnerstag, 7. Januar 2027. "
        "An diesem Tag ist ein Feiertag: Neujahr."
    ) in lena.page.text


@pytest.mark.once
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Bitte geben Sie der Sitzung einen Titel."),
        ({"title": "x" * 10_000}, "Bitte kürzen Sie auf höchstens 200 Zeichen."),
        ({"place": "<script>" * 100}, "Bitte kürzen Sie auf höchstens 500 Zeichen."),
        ({"date": ""}, "Bitte geben Sie das Datum an."),
        ({"date": "morgen"}, "Bitte geben Sie ein Datum wie 3.12.2026 an."),
        ({"date": "9999-12-31"}, "Bitte geben Sie ein Datum von"),
        ({"starts": "gleich"}, "Bitte geben Sie eine Uhrzeit wie 14:00 an."),
        ({"starts": "17:00"}, "Das Ende muss nach dem Beginn liegen."),
        # It exists on 3 January, and not on 28 March, when the last of the four would be.
        ({"date": "2027-01-03", "starts": "02:30", "ends": "04:00"}, "Diese Uhrzeit gibt es an dem Tag nicht"),
    ],
)
def test_a_change_that_cannot_be_is_said_and_what_was_typed_stays(
    wrong: dict[str, str], sentence: str, cast: Cast, client_of: ClientOf, given: Given, series: list[int]
) -> None:
    lena, before = client_of(cast.lena), dates(given)
    lena.submit(cast.ost.path("sitzungen", series[0], "folgende"), {"place": "Stadthalle"} | wrong, form="folgende")

    assert sentence in lena.page.text
    assert "Alle 4 ändern" not in lena.page.text
    typed = {field.attrs["name"]: field.attrs.get("value", "") for field in lena.page.query("form.form input")}
    assert {name: typed[name] for name in wrong if name in ("title", "place")} == {
        name: value.strip() for name, value in wrong.items() if name in ("title", "place")
    }
    assert dates(given) == before


def test_a_mark_of_other_dates_changes_nothing_and_pressed_twice_it_is_one_change(
    cast: Cast, client_of: ClientOf, given: Given, series: list[int]
) -> None:
    lena = client_of(cast.lena)
    path = cast.ost.path("sitzungen", series[0], "folgende")
    lena.submit(path, {"starts": "15:00"}, form="folgende")
    lena.send({"starts": "15:30"}, button="Alle 4 ändern")
    assert "15:30–16:00 Uhr" in lena.page.text
    assert dates(given)[0] == "2026-12-10 14:00"

    form = next(form for form in lena.page.forms if form.action.endswith("folgende"))
    for _ in range(2):
        lena.post(path, data=form.values())
    with given():
        meetings = db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at)).all()
        assert [(berlin(each.starts_at).strftime("%H:%M"), each.sequence) for each in meetings] == [("15:30", 1)] * 4


@pytest.mark.parametrize("act", ["folgende", "folgende/absagen"])
def test_of_what_is_cancelled_or_over_nothing_follows(
    act: str, cast: Cast, client_of: ClientOf, given: Given, series: list[int]
) -> None:
    lena = client_of(cast.lena)
    token = {"csrf_token": lena.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]}
    with given():
        db.session.get_one(Meeting, series[0]).cancel()
        over = db.session.get_one(Meeting, series[1])
        over.starts_at, over.ends_at = SECOND_THURSDAY - timedelta(60), SECOND_THURSDAY - timedelta(59)
    for meeting in series[:2]:
        answer = lena.post(cast.ost.path("sitzungen", meeting, act), data=token)
        assert answer.status_code == 400
        assert "Diese Sitzung ist schon vorbei oder abgesagt." in answer.text
    with given():
        assert [each.sequence for each in db.session.scalars(db.select(Meeting).order_by(Meeting.id))] == [1, 0, 0, 0]


def test_this_one_and_those_that_follow_are_cancelled_and_the_invited_are_told(
    cast: Cast, client_of: ClientOf, given: Given, series: list[int], deliver: Deliver, smtp: MailServer, app: Flask
) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", series[2], "einladen"), form="einladen")
    deliver()

    lena.submit(cast.ost.path("sitzungen", series[1]), form="folgende/absagen")

    assert "3 Sitzungen sind abgesagt." in lena.page.text
    with given():
        cancelled = [
            each.cancelled_at is not None for each in db.session.scalars(db.select(Meeting).order_by(Meeting.starts_at))
        ]
    assert cancelled == [False, True, True, True]
    told = [link for link in lena.page.links if link.endswith("einladen")]
    assert told == [cast.ost.path("sitzungen", series[2], "einladen")]
    smtp.forget()
    lena.submit(told[0], form="einladen")
    deliver()
    assert len(smtp.to(cast.bob.email)) == 1
    assert "CANCEL" in smtp.to(cast.bob.email)[0].raw.decode(errors="replace")

    lena.submit(cast.ost.path("sitzungen", series[2]), form="zuruecknehmen")
    with asked(app) as statements:
        page = lena.see(cast.ost.path("sitzungen", series[0]))
    assert "Mitteilen, dass sie stattfindet" in page.text
    assert len([each for each in statements if "FROM meeting_notice" in each]) <= 2, (
        "one for all, however many they are"
    )


def test_one_alone_is_changed_and_cancelled_as_before(
    cast: Cast, client_of: ClientOf, given: Given, series: list[int]
) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("sitzungen", series[1], "bearbeiten"), {"date": "2027-01-08"})
    lena.submit(cast.ost.path("sitzungen", series[2]), form="/absagen", button="Jetzt absagen")

    assert dates(given) == ["2026-12-10 14:00", "2027-01-08 14:00", "2027-02-04 14:00", "2027-03-04 14:00"]
    with given():
        assert db.session.query(Notice).count() == 0
        assert db.session.query(Meeting).filter(Meeting.cancelled_at.is_not(None)).count() == 1


@pytest.mark.parametrize("act", ["wiederholen", "folgende", "folgende/absagen"])
def test_only_leads_of_the_home_and_verwaltung_do_so(
    act: str, cast: Cast, client_of: ClientOf, series: list[int]
) -> None:
    path = cast.ost.path("sitzungen", series[0], act)
    bob = client_of(cast.bob)
    token = {"csrf_token": bob.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]}
    wim = client_of(cast.wim)
    own = {"csrf_token": wim.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"]}

    assert bob.post(path, data=token).status_code == 403
    assert wim.post(path, data=own).status_code == 404
    page = bob.see(cast.ost.path("sitzungen", series[0]))
    assert "Die 1. von 4 Sitzungen" in page.text
    assert not any(link.endswith(act) for link in page.links)


def test_rules_give_the_days_that_people_mean() -> None:
    third_thursday, last_friday, fifth = date(2027, 1, 21), date(2027, 1, 29), date(2027, 4, 30)
    assert days_after(third_thursday, Repeat.MONTHS, 1, number=4) == [
        date(2027, 2, 18), date(2027, 3, 18), date(2027, 4, 15),
    ]  # fmt: skip
    assert days_after(last_friday, Repeat.MONTHS_LAST, 1, number=4) == [
        date(2027, 2, 26), date(2027, 3, 26), date(2027, 4, 30),
    ]  # fmt: skip
    assert days_after(third_thursday, Repeat.WEEKS, 3, until=date(2027, 3, 4)) == [date(2027, 2, 11), date(2027, 3, 4)]
    assert len(days_after(third_thursday, Repeat.WEEKS, 1, until=date(2040, 1, 1))) == MOST
    assert repeats_of(third_thursday) == [Repeat.WEEKS, Repeat.MONTHS]
    assert repeats_of(fifth) == [Repeat.WEEKS, Repeat.MONTHS_LAST]
    assert repeats_of(date(2027, 2, 26)) == [Repeat.WEEKS, Repeat.MONTHS, Repeat.MONTHS_LAST]
