"""Working days in Germany: Monday to Friday without the public holidays of the region (HOLIDAY_REGION).

Nine days are free everywhere, the others in some of the Länder; the laws of the Länder say which. Mariä Himmelfahrt
counts for the whole of Bavaria, though it is free only where most people are Catholic: a reminder may wait a day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.templating import BERLIN, berlin

_EARLIEST, _LATEST = time(9), time(16)

#: month and day, free everywhere
_FIXED = {
    (1, 1): _l("Neujahr"),
    (5, 1): _l("Tag der Arbeit"),
    (10, 3): _l("Tag der Deutschen Einheit"),
    (12, 25): _l("1. Weihnachtstag"),
    (12, 26): _l("2. Weihnachtstag"),
}
#: days from Easter Sunday, free everywhere
_FROM_EASTER = {
    -2: _l("Karfreitag"),
    1: _l("Ostermontag"),
    39: _l("Christi Himmelfahrt"),
    50: _l("Pfingstmontag"),
}

#: month and day, free in some of the Länder
_SOMEWHERE = {
    (1, 6): _l("Heilige Drei Könige"),
    (3, 8): _l("Internationaler Frauentag"),
    (8, 15): _l("Mariä Himmelfahrt"),
    (9, 20): _l("Weltkindertag"),
    (10, 31): _l("Reformationstag"),
    (11, 1): _l("Allerheiligen"),
}
_EPIPHANY, _WOMEN, _ASSUMPTION, _CHILDREN, _REFORMATION, _ALL_SAINTS = _SOMEWHERE
_CORPUS_CHRISTI = 60  # days from Easter Sunday

#: the further free days of each Land by month and day
_REGIONAL: dict[str, tuple[tuple[int, int], ...]] = {
    "BW": (_EPIPHANY, _ALL_SAINTS),
    "BY": (_EPIPHANY, _ASSUMPTION, _ALL_SAINTS),
    "BE": (_WOMEN,),
    "BB": (_REFORMATION,),
    "HB": (_REFORMATION,),
    "HH": (_REFORMATION,),
    "HE": (),
    "MV": (_WOMEN, _REFORMATION),
    "NI": (_REFORMATION,),
    "NW": (_ALL_SAINTS,),
    "RP": (_ALL_SAINTS,),
    "SL": (_ASSUMPTION, _ALL_SAINTS),
    "SN": (_REFORMATION,),
    "ST": (_EPIPHANY, _REFORMATION),
    "SH": (_REFORMATION,),
    "TH": (_CHILDREN, _REFORMATION),
}
_WITH_CORPUS_CHRISTI = frozenset({"BW", "BY", "HE", "NW", "RP", "SL"})
_WITH_REPENTANCE_DAY = frozenset({"SN"})


def working_moment(now: datetime, days: int, region: str) -> datetime:
    """Return the moment so many working days after `now`, at an hour when people work.

    What comes at the weekend or on a holiday counts from the morning of the next working day.
    """
    here = berlin(now)
    day, clock = here.date(), min(max(here.time(), _EARLIEST), _LATEST)
    if not is_working_day(day, region):
        day, clock = _next_working_day(day, region), _EARLIEST
    for _ in range(days):
        day = _next_working_day(day, region)
    return datetime.combine(day, clock, BERLIN)


def is_working_day(day: date, region: str) -> bool:
    """Whether people work on this day."""
    return day.weekday() < 5 and day not in holidays(day.year, region)


def free_day(day: date) -> str:
    """Return what this public holiday of the portal's region is called, or ""."""
    return str(holidays(day.year, current_app.config["HOLIDAY_REGION"]).get(day, ""))


@lru_cache(maxsize=50)
def holidays(year: int, region: str) -> dict[date, Any]:
    """Return the public holidays of a Land ("NW") in a year from 2023 on that are no Sundays by their nature.

    Each with its name, in the language of whoever reads it.
    """
    easter = easter_sunday(year)
    moving = _FROM_EASTER | ({_CORPUS_CHRISTI: _l("Fronleichnam")} if region in _WITH_CORPUS_CHRISTI else {})
    fixed = _FIXED | {day: _SOMEWHERE[day] for day in _REGIONAL[region]}
    repentance = {_repentance_day(year): _l("Buß- und Bettag")} if region in _WITH_REPENTANCE_DAY else {}
    return (
        {date(year, month, day): name for (month, day), name in fixed.items()}
        | {easter + timedelta(days): name for days, name in moving.items()}
        | repentance
    )


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    leaps, centuries = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    fours, rest = divmod(of_century, 4)
    to_sunday = (32 + 2 * centuries + 2 * fours - epact - rest) % 7
    late = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _repentance_day(year: int) -> date:
    """Buß- und Bettag: the Wednesday before 23 November."""
    last = date(year, 11, 22)
    return last - timedelta(days=(last.weekday() - 2) % 7)


def _next_working_day(day: date, region: str) -> date:
    day += timedelta(days=1)
    while not is_working_day(day, region):
        day += timedelta(days=1)
    return day
