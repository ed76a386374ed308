"""Days that a text or the name of a file speaks of, as people in Germany write them: 3.12., 2026-12-03, 03_12."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

#: Names of months in plain letters, German and English, long and short.
MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "januar january jaenner jan",
            "februar february feb",
            "maerz march mrz maer mar",
            "april apr",
            "mai may",
            "juni june jun",
            "juli july jul",
            "august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "dezember december dez dec",
        ),
        start=1,
    )
    for word in words.split()
}
_WEEKDAYS = {
    word: number
    for number, words in enumerate(
        (
            "montag monday",
            "dienstag tuesday",
            "mittwoch wednesday",
            "donnerstag thursday",
            "freitag friday",
            "samstag sonnabend saturday",
            "sonntag sunday",
        )
    )
    for word in words.split()
}
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = "|".join(_WEEKDAYS)
#: Words that say of which day a text was, and not of which day its sitting is.
_OF_THE_TEXT = r"(?<!stand )(?<!stand_)(?<!stand: )"

# In this order: what is found is taken out, so that the shorter forms below find nothing in it.
_EXACT = (
    re.compile(r"(?<!\d)(?P<y>20\d\d)[-_. ](?P<m>0?[1-9]|1[0-2])[-_. ](?P<d>0?[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(
        _OF_THE_TEXT + r"(?<!\d)(?P<d>0?[1-9]|[12]\d|3[01])[-_. ]{1,2}(?P<m>0?[1-9]|1[0-2])[-_. ]{1,2}"
        r"(?P<y>20\d\d|2\d)(?!\d)"
    ),
    re.compile(
        r"(?<!\d)(?P<d>0?[1-9]|[12]\d|3[01])(?:\.|st|nd|rd|th)?[-_ ]*"
        rf"(?P<name>{_MONTH})(?![a-z])\.?[-_ ]*(?P<y>20\d\d)?(?!\d)"
    ),
    re.compile(rf"(?<![a-z])(?P<name>{_MONTH})\.?[-_ ]*(?P<d>0?[1-9]|[12]\d|3[01])(?!\d)(?:[-_, ]+(?P<y>20\d\d))?"),
    re.compile(_OF_THE_TEXT + r"(?<![\d.])(?P<d>0?[1-9]|[12]\d|3[01])\.\s?(?P<m>0?[1-9]|1[0-2])(?:\.|(?=\D|$))(?!\d)"),
)
# What may be a day, or a number of another kind: it counts where there is a sitting on it, and else says nothing.
_MAYBE = (
    re.compile(r"(?<!\d)(?P<d>0[1-9]|[12]\d|3[01])[-_ ](?P<m>0[1-9]|1[0-2])(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>0[1-9]|[12]\d|3[01])(?P<m>0[1-9]|1[0-2])(?P<y>2\d)(?!\d)"),
    re.compile(r"(?<!\d)(?P<y>2\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(r"(?<!\d)(?!20[12]\d)(?P<d>0[1-9]|[12]\d|3[01])(?P<m>0[1-9]|1[0-2])(?!\d)"),
)
_ONLY_MONTH = re.compile(rf"(?<![a-z])(?P<name>{_MONTH})(?![a-z])(?:[-_ ]*(?P<y>20\d\d))?")
_ONLY_WEEKDAY = re.compile(rf"(?<![a-z])(?P<name>{_WEEKDAY})(?:s|abend)?(?![a-z])")
_NEAR_DAYS = (
    (re.compile(r"\bvorgestern\b"), -2),
    (re.compile(r"\b(?:gestern|gestrige\w*|yesterday)\b"), -1),
    (re.compile(r"\b(?:heute|heutige\w*|today)\b"), 0),
    (re.compile(r"(?<!guten )(?<!good )\b(?:morgen|morgigen?|tomorrow)\b"), 1),
)
_GREETING = re.compile(r"\b(?:guten|schoenen) morgen\b")


@dataclass(frozen=True)
class Days:
    """What a text says of days: `exact` ones, what `maybe` is one, `months` as (year, month), and what is `left`."""

    exact: frozenset[date]
    maybe: frozenset[date]
    months: frozenset[tuple[int, int]]
    left: str


def days_in(text: str, near: date) -> Days:
    """Return the days that `text`, in plain small letters (`plain()`), speaks of.

    Of a day without a year the one nearest to `near` is meant, the day on which the text was sent.
    """
    exact, left = _taken(_EXACT, text, near)
    maybe, _rest = _taken(_MAYBE, left, near)
    return Days(frozenset(exact), frozenset(maybe), frozenset(_months(left, near)), left)


def near_days_in(text: str, sent: date) -> frozenset[date]:
    """Return the days meant by "gestern", "morgen" or a weekday: of those the last before and the next one after."""
    text = _GREETING.sub(" ", text)
    found = {sent + timedelta(days=days) for pattern, days in _NEAR_DAYS if pattern.search(text)}
    for match in _ONLY_WEEKDAY.finditer(text):
        ahead = (_WEEKDAYS[match["name"]] - sent.weekday()) % 7
        found |= {sent + timedelta(days=ahead), sent + timedelta(days=ahead - 7)}
    return frozenset(found)


def plain(text: str) -> str:
    """Return `text` in small letters without umlauts, as all words and days here are looked for."""
    return text.lower().translate(_PLAIN)


_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "\u0308": "e", "\u00a0": " "})


def _taken(patterns: tuple[re.Pattern[str], ...], text: str, near: date) -> tuple[set[date], str]:
    found: set[date] = set()
    for pattern in patterns:
        for match in list(pattern.finditer(text)):
            if day := _day(match.groupdict(), near):
                found.add(day)
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    return found, text


def _day(parts: dict[str, str | None], near: date) -> date | None:
    name = parts.get("name")
    month = MONTHS[name] if name else int(parts["m"] or 0)
    year = parts.get("y")
    years = [int(year) % 100 + 2000] if year else [near.year - 1, near.year, near.year + 1]
    days = list(_existing(years, month, int(parts["d"] or 0)))
    return min(days, key=lambda day: abs(day - near), default=None)


def _existing(years: list[int], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:  # the thirtieth of February
            continue


def _months(text: str, near: date) -> Iterator[tuple[int, int]]:
    for match in _ONLY_MONTH.finditer(text):
        if match["name"] in ("may", "mar", "jan") and not match["y"]:
            continue  # words and names, too
        middle = _day({"name": match["name"], "d": "15", "y": match["y"]}, near)
        if middle:
            yield middle.year, middle.month
