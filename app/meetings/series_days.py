"""On which days a series falls."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import takewhile

from app.meetings.series_models import Repeat

#: So many meetings make up a series at most, the first one among them.
MOST = 24
_WEEK = timedelta(days=7)


def days_after(
    first: date, repeat: Repeat, every: int, *, number: int | None = None, until: date | None = None
) -> list[date]:
    """Return the days that follow `first`: so many that there are `number` with it, or as far as `until`.

    Not more than one beyond `MOST`, which tells whoever asked that there would be too many.
    """
    following = _every_weeks(first, every) if repeat is Repeat.WEEKS else _each_month(first, repeat)
    wanted = number - 1 if number else MOST
    days = [day for day, _counted in zip(following, range(wanted), strict=False)]
    return list(takewhile(lambda day: day <= until, days)) if until else days


def repeats_of(first: date) -> list[Repeat]:
    """Return the rules under which a series can begin on this day."""
    is_last = (first + _WEEK).month != first.month
    by_month = [Repeat.MONTHS] if position(first) < 5 else []
    return [Repeat.WEEKS, *by_month, *([Repeat.MONTHS_LAST] if is_last else [])]


def position(day: date) -> int:
    """Return which of its weekday a day is in its month: 1 for the first Thursday, at most 5."""
    return (day.day - 1) // 7 + 1


def _every_weeks(first: date, every: int) -> Iterator[date]:
    day = first
    while True:
        day += every * _WEEK
        yield day


def _each_month(first: date, repeat: Repeat) -> Iterator[date]:
    year, month = first.year, first.month
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        yield _weekday_in(year, month, first.weekday(), -1 if repeat is Repeat.MONTHS_LAST else position(first))


def _weekday_in(year: int, month: int, weekday: int, number: int) -> date:
    """Return the first, second ... day of this weekday in a month; -1 is the last."""
    days_in_month = monthrange(year, month)[1]
    begin = date(year, month, 1)
    earliest = begin + timedelta(days=(weekday - begin.weekday()) % 7)
    if number > 0:
        return earliest + (number - 1) * _WEEK
    return earliest + (days_in_month - earliest.day) // 7 * _WEEK
