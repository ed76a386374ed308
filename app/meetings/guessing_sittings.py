"""Which sitting a text speaks of: by its day, its number, its name, or as the last or the next one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.meetings.guessing_days import Days, days_in, near_days_in, plain

#: How much a word about one sitting says, by how exact it is. What only fits is half a reason.
EXACT, TOLD, NAMED, MONTH = 6, 4, 3, 2

_SITTING = r"(?:sitzung\w*|treffen|netzwerktreffen|runden?|mal|termin|plenum|jour fixe|konferenz|\w*meeting|tagung)"
_LAST = re.compile(
    rf"\b(?:letzte[nrsm]?|vergangene[nrsm]?|vorige[nrsm]?|zurueckliegende[nrsm]?|last)\s+(?:\w+\s+)?{_SITTING}"
)
_NEXT = re.compile(rf"\b(?:naechste[nrsm]?|kommende[nrsm]?|bevorstehende[nrsm]?|next|upcoming)\s+(?:\w+\s+)?{_SITTING}")
#: It begins where a word begins: looked for from each letter on, one endless word would take half a minute.
_ANY = re.compile(rf"\b(?:{_SITTING}|\w+sitzung|\w+treffen\b)")
_NUMBER_OF_TITLE = re.compile(r"\b(\d{1,3})\.")
_NUMBER_BEFORE = re.compile(r"\b([1-9]\d{0,2})\.\s*(?=[a-z])(\w+)")
_NUMBER_BEHIND = re.compile(rf"\b(?:{_SITTING}|nt|protokoll|prot|niederschrift|nr)\.?\s+([1-9]\d{{0,2}})\b(?!\.\d)")
#: A number behind one of these words counts something else.
_OTHER_NUMBERS = re.compile(
    r"anlage|anl|v|version|tops?|teil|kl|klasse|b|q|kw|stand|seite|bild|scan|kapitel|fassung|band|jg|phase|modul"
)
_NUMBER_IN_NAME = re.compile(r"(?:\b([a-z]+) )?\b([1-9]\d{0,2})\b")
_WORD = re.compile(r"[a-z]{4,}")


@dataclass(frozen=True)
class Sitting:
    """What is known of a sitting; `day` is the one it begins on."""

    id: int
    day: date
    title: str

    @property
    def number(self) -> int | None:
        """Which one of its series it is, if its title says so: 12 of "12. Netzwerktreffen"."""
        found = _NUMBER_OF_TITLE.search(self.title)
        return int(found[1]) if found else None

    @property
    def series(self) -> str:
        """Its title without the number: sittings that are called alike follow one another."""
        return " ".join(re.findall(r"[a-z]+", plain(self.title)))


@dataclass(frozen=True)
class Evidence:
    """What speaks for each sitting, by its id; `dated` days that no sitting has; whether a sitting is spoken of."""

    points: dict[int, int]
    stray: bool
    speaks: bool

    def plus(self, other: Evidence) -> Evidence:
        """Both together."""
        ids = {*self.points, *other.points}
        points = {id: self.points.get(id, 0) + other.points.get(id, 0) for id in ids}
        return Evidence(points, self.stray or other.stray, self.speaks or other.speaks)


def in_name(stem: str, words: str, sittings: Sequence[Sitting], sent: date) -> Evidence:
    """Return what a file's name says of sittings; `words` is `words_of_name()` of it."""
    days = days_in(plain(stem), sent)
    points = _by_days(days, sittings, EXACT) or _by_number(_numbers_in_name(days.left), sittings, EXACT)
    stray = bool(days.exact) and not any(sitting.day in days.exact for sitting in sittings)
    return Evidence(_sum(points, _by_title(words, sittings)), stray, bool(_ANY.search(words)))


def in_text(text: str, sittings: Sequence[Sitting], sent: date) -> Evidence:
    """Return what a subject or a body says of sittings."""
    text = plain(text)
    days = days_in(text, sent)
    near = near_days_in(text, sent)
    points = _by_days(days, sittings, TOLD)
    points = _sum(points, {each.id: NAMED for each in sittings if each.day in near and each.id not in points})
    points = _sum(points, _by_number(_numbers_in_text(text, sittings), sittings, TOLD))
    points = _sum(points, _by_order(text, sittings, sent))
    stray = bool(days.exact) and not any(sitting.day in days.exact for sitting in sittings)
    words = set(_WORD.findall(text))
    speaks = bool(_ANY.search(text) or points or any(_words_of(each) & words for each in sittings))
    return Evidence(_sum(points, _by_title(text, sittings)), stray, speaks)


def last_and_next(sittings: Sequence[Sitting], sent: date) -> tuple[Sitting | None, Sitting | None]:
    """Return the sitting before that day, or on it, and the one after it, or on it."""
    ordered = sorted(sittings, key=lambda each: (each.day, each.id))
    past = [each for each in ordered if each.day <= sent]
    coming = [each for each in ordered if each.day >= sent]
    return (past[-1] if past else None), (coming[0] if coming else None)


def _by_days(days: Days, sittings: Sequence[Sitting], weight: int) -> dict[int, int]:
    exact = {each.id: weight for each in sittings if each.day in days.exact or each.day in days.maybe}
    if exact or days.exact:
        return exact
    return {each.id: MONTH + (weight == EXACT) for each in sittings if (each.day.year, each.day.month) in days.months}


def _by_number(numbers: set[int], sittings: Sequence[Sitting], weight: int) -> dict[int, int]:
    return {each.id: weight for each in sittings if each.number in numbers}


def _by_order(text: str, sittings: Sequence[Sitting], sent: date) -> dict[int, int]:
    points: dict[int, int] = {}
    for pattern, is_past in ((_LAST, True), (_NEXT, False)):
        if pattern.search(text):
            # Of several series the last or next of each is meant; which one, other words say.
            for series in {each.series for each in sittings}:
                of_series = [each for each in sittings if each.series == series]
                before, after = last_and_next(of_series, sent)
                meant = before if is_past else after
                if meant:
                    points[meant.id] = NAMED
    return points


def _by_title(text: str, sittings: Sequence[Sitting]) -> dict[int, int]:
    """Words of a title count where they tell one series from another."""
    words = set(_WORD.findall(text))
    common = set.intersection(*(_words_of(each) for each in sittings)) if sittings else set()
    return {each.id: NAMED for each in sittings if (_words_of(each) - common) & words}


def _words_of(sitting: Sitting) -> set[str]:
    return set(_WORD.findall(plain(sitting.title)))


def _numbers_in_name(left: str) -> set[int]:
    words = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", re.sub(r"[^a-z0-9]+", " ", left))
    found = (match for match in _NUMBER_IN_NAME.finditer(words) if not _OTHER_NUMBERS.fullmatch(match[1] or ""))
    return {int(match[2]) for match in found}


def _numbers_in_text(text: str, sittings: Sequence[Sitting]) -> set[int]:
    own = set.union(set(), *(_words_of(each) for each in sittings)) | {"nt"}
    before = {int(n) for n, word in _NUMBER_BEFORE.findall(text) if word in own or _ANY.match(word)}
    return before | {int(match) for match in _NUMBER_BEHIND.findall(text)}


def _sum(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    return {id: one.get(id, 0) + other.get(id, 0) for id in {**one, **other}}
