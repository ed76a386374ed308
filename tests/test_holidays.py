"""Public holidays and working days, against the calendars of known years."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from flask import Flask

import config
from app.holidays import easter_sunday, free_day, holidays, is_working_day, working_moment
from app.templating import BERLIN


def test_easter_falls_as_in_known_years() -> None:
    known = [date(1954, 4, 18), date(1961, 4, 2), date(2000, 4, 23), date(2008, 3, 23), date(2019, 4, 21)]
    known += [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25)]
    assert [easter_sunday(day.year) for day in known] == known


def test_north_rhine_westphalia_has_these_eleven_in_2026() -> None:
    days = [(1, 1), (4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (6, 4), (10, 3), (11, 1), (12, 25), (12, 26)]
    assert set(holidays(2026, "NW")) == {date(2026, month, day) for month, day in days}


@pytest.mark.parametrize(
    ("region", "number"),
    {"BW": 12, "BY": 13, "BE": 10, "BB": 10, "HB": 10, "HH": 10, "HE": 10, "MV": 11, "NI": 10, "NW": 11, "RP": 11,
     "SL": 12, "SN": 11, "ST": 11, "SH": 10, "TH": 11}.items(),
)  # fmt: skip
def test_every_land_has_its_number_of_days(region: str, number: int) -> None:
    assert len(holidays(2026, region)) == number


def test_every_land_that_can_be_set_is_known() -> None:
    assert all(holidays(2027, region) for region in config.REGIONS)


def test_repentance_day_is_free_in_saxony_alone() -> None:
    assert [day for day in (date(2025, 11, 19), date(2026, 11, 18)) if not is_working_day(day, "SN")] != []
    assert date(2026, 11, 18) in holidays(2026, "SN")
    assert is_working_day(date(2026, 11, 18), "NW")


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-16 10:00", "2026-11-19 10:00"),  # Monday
        ("2026-11-20 15:30", "2026-11-25 15:30"),  # Friday
        ("2026-11-21 11:00", "2026-11-26 09:00"),  # Saturday
        ("2026-11-16 23:00", "2026-11-19 16:00"),  # late in the evening
        ("2026-04-02 10:00", "2026-04-09 10:00"),  # the Thursday before Easter
        ("2026-12-23 10:00", "2026-12-29 10:00"),  # Christmas: 24, 28, 29
        ("2026-03-27 05:00", "2026-04-01 09:00"),  # the clocks change in between
    ],
)
def test_three_working_days_leave_out_weekends_and_holidays(asked: str, due: str) -> None:
    begin = datetime.fromisoformat(asked).replace(tzinfo=BERLIN)
    assert working_moment(begin, 3, "NW") == datetime.fromisoformat(due).replace(tzinfo=BERLIN)


def test_a_holiday_has_a_name_and_any_other_day_has_none(app: Flask) -> None:
    with app.app_context():
        assert free_day(date(2027, 5, 27)) == "Fronleichnam"
        assert free_day(date(2027, 5, 28)) == ""
