"""Calendar objects of other programs (RFC 5545), read with no trust in them.

Only what is needed is read, line by line and in one pass: no zone's rules and no recurrence is ever computed, because
both can be written so that they never end. What cannot be read is left out, and nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import vDuration
from icalendar.parser import Contentline
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from app.forms import clean, one_line
from app.mail.reading import ReceivedMail
from app.templating import BERLIN

#: Octets of a calendar object that is still read; invitations have two or three thousand, with much HTML a hundred.
LARGEST = 250_000

_MOST_LINES = 5000
_LONGEST_ZONE = 200
_ESCAPED = re.compile(r"\\([\\;,nN])")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_FOLD = re.compile(r"\r?\n[ \t]")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
# "/mozilla.org/20050126_1/Europe/Berlin": what stands before the name is the program's.
_ZONE = re.compile(r"(?:^|/)((?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[A-Za-z_/+-]+)$")


@dataclass(frozen=True)
class Attendee:
    """Somebody an appointment names: the address in small letters, PARTSTAT in capitals, the comment beside them."""

    address: str
    status: str
    comment: str


@dataclass(frozen=True)
class Moment:
    """A beginning or an end, in UTC. `is_floating`: it named no zone, or an unknown one, and is read as German time."""

    at: datetime
    is_day: bool = False
    is_floating: bool = False


@dataclass
class ReadEvent:
    """One VEVENT. `starts` is None when it says nothing that can be understood."""

    uid: str = ""
    sequence: int = 0
    stamped_at: datetime | None = None
    starts: Moment | None = None
    ends: Moment | None = None
    length: timedelta | None = None
    summary: str = ""
    place: str = ""
    description: str = ""
    comment: str = ""
    attendees: list[Attendee] = field(default_factory=list)
    recurs: bool = False
    is_instance: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True)
class ReadCalendar:
    """A calendar object: its method in capitals ("" without one) and its events."""

    method: str
    events: tuple[ReadEvent, ...]


def calendar_in(mail: ReceivedMail) -> bytes:
    """Return the octets of the calendar object a mail brings, as a part or as a file; empty if there is none."""
    if mail.calendar:
        return mail.calendar
    named = (
        file.octets
        for file in mail.files
        if file.content_type in ("application/ics", "text/calendar") or file.name.lower().endswith(".ics")
    )
    return next(named, b"")


def read_calendar(octets: bytes) -> ReadCalendar | None:
    """Return what stands in a calendar object; None for one that is too large or none at all."""
    if not octets or len(octets) > LARGEST:
        return None
    text = _FOLD.sub("", octets.decode("utf-8-sig", "replace")).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.strip("\n \ufeff").split("\n")
    if lines[0].strip().upper() != "BEGIN:VCALENDAR" or len(lines) > _MOST_LINES:
        return None
    method, events = "", []
    open_ones: list[str] = []
    for name, value, parameters in _properties(lines):
        if name == "BEGIN":
            open_ones.append(value.upper())
            if open_ones == ["VCALENDAR", "VEVENT"]:
                events.append(ReadEvent())
        elif name == "END" and open_ones:
            open_ones.pop()
        elif name == "METHOD" and open_ones == ["VCALENDAR"]:
            method = value.strip().upper()
        elif open_ones == ["VCALENDAR", "VEVENT"]:
            with suppress(ValueError, OverflowError):
                _note(events[-1], name, value, parameters)
    return ReadCalendar(method, tuple(events))


def _properties(lines: list[str]) -> Iterator[tuple[str, str, dict[str, str]]]:
    for line in lines:
        name = re.split("[:;]", line, maxsplit=1)[0].strip().upper()
        if name in ("BEGIN", "END", "METHOD"):
            yield name, line.partition(":")[2].strip(), {}
        elif name in _VALUES or name in _TEXTS:
            with suppress(ValueError):
                _name, parameters, value = Contentline(line).parts()  # type: ignore[no-untyped-call]  # the same
                yield name, value, {key.upper(): _first(each) for key, each in parameters.items()}


def _first(parameter: object) -> str:
    return str(parameter[0] if isinstance(parameter, list) and parameter else parameter)


def _note(event: ReadEvent, name: str, value: str, parameters: dict[str, str]) -> None:
    if name in _TEXTS:
        _TEXTS[name](event, _text(value))
    else:
        _VALUES[name](event, value.strip(), parameters)


def _note_stamp(event: ReadEvent, value: str, _parameters: dict[str, str]) -> None:
    event.stamped_at = _moment(value, {"TZID": "UTC"}).at


def _note_start(event: ReadEvent, value: str, parameters: dict[str, str]) -> None:
    event.starts = _moment(value, parameters)


def _note_end(event: ReadEvent, value: str, parameters: dict[str, str]) -> None:
    event.ends = _moment(value, parameters)


def _note_duration(event: ReadEvent, value: str, _parameters: dict[str, str]) -> None:
    length: timedelta = vDuration.from_ical(value)  # type: ignore[no-untyped-call]  # the library has no types here
    event.length = min(length, timedelta(days=30))


def _note_attendee(event: ReadEvent, value: str, parameters: dict[str, str]) -> None:
    address = value.lower().removeprefix("mailto:")
    comment = _text(parameters.get("X-RESPONSE-COMMENT", ""))
    event.attendees.append(Attendee(address, parameters.get("PARTSTAT", "NEEDS-ACTION").upper(), comment))


def _note_comment(event: ReadEvent, text: str) -> None:
    event.comment = "\n".join(filter(None, (event.comment, text)))


_VALUES: dict[str, Callable[[ReadEvent, str, dict[str, str]], object]] = {
    "UID": lambda event, value, _: setattr(event, "uid", value),
    "SEQUENCE": lambda event, value, _: setattr(event, "sequence", min(int(value), 1_000_000)),
    "DTSTAMP": _note_stamp,
    "DTSTART": _note_start,
    "DTEND": _note_end,
    "DURATION": _note_duration,
    "ATTENDEE": _note_attendee,
    "RRULE": lambda event, *_: setattr(event, "recurs", True),
    "RDATE": lambda event, *_: setattr(event, "recurs", True),
    "RECURRENCE-ID": lambda event, *_: setattr(event, "is_instance", True),
    "STATUS": lambda event, value, _: setattr(event, "is_cancelled", value.upper() == "CANCELLED"),
}

_TEXTS: dict[str, Callable[[ReadEvent, str], object]] = {
    "SUMMARY": lambda event, text: setattr(event, "summary", one_line(text)),
    "LOCATION": lambda event, text: setattr(event, "place", one_line(text)),
    "DESCRIPTION": lambda event, text: setattr(event, "description", text),
    "COMMENT": _note_comment,
    "X-CALENDARSERVER-ATTENDEE-COMMENT": _note_comment,
}


def _text(value: str) -> str:
    """Text without its escapes (RFC 5545 3.3.11), and without signs that turn what stands beside it around."""
    value = _TURNING.sub("", value)
    return str(clean(_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)))


def _moment(value: str, parameters: dict[str, str]) -> Moment:
    """Raises `ValueError` for what is no date, `OverflowError` for one beyond all calendars."""
    found = _MOMENT.fullmatch(value.strip())
    if found is None:
        raise ValueError(f"not a date: {value!r}")
    year, month, day = (int(found[number]) for number in (1, 2, 3))
    if found[4] is None:
        midnight = datetime.combine(date(year, month, day), datetime.min.time(), BERLIN)
        return Moment(midnight.astimezone(UTC), is_day=True)
    zone = UTC if found[7] else _zone(parameters.get("TZID", ""))
    clock = datetime(year, month, day, int(found[4]), int(found[5]), min(int(found[6]), 59), tzinfo=zone or BERLIN)
    return Moment(clock.astimezone(UTC), is_floating=zone is None)


def _zone(name: str) -> ZoneInfo | None:
    """Return the zone of an IANA name, whatever a program writes before it, or of one that Windows has for it."""
    name = name.strip().strip('"')
    if len(name) > _LONGEST_ZONE:
        return None
    found = _ZONE.search(name)
    known = WINDOWS_TO_OLSON.get(name) or (found[1] if found else "") or ("UTC" if name.upper() == "UTC" else "")
    # A name is looked up before it becomes a path to a file: what others write must not choose one.
    return ZoneInfo(known) if known in _zones() else None


@cache
def _zones() -> frozenset[str]:
    """All names of zones; collected once, because that reads a folder."""
    return frozenset(available_timezones())
