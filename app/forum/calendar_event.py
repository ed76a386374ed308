"""A date that people can put into their own calendar: the iCalendar object (RFC 5545) and the words for the mail.

Times stand in it with TZID=Europe/Berlin and the zone's rules, because Outlook shows a UTC time without its zone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flask_babel import format_date
from flask_babel import gettext as _
from icalendar import Calendar, Event, Timezone, vCalAddress, vText, vUri

from app.database import utc_now
from app.mail import answering, inviting
from app.templating import berlin, clock

PRODUCT = "-//Virtuelles Netz//Termine//DE"

# The rules since 1996, which is longer than any meeting here goes back. The library would write a list of dates.
_BERLIN_RULES = Timezone.from_ical("""\
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""")

# RFC 5545 3.1 allows no control characters in text; a tab becomes a space and a line break is escaped.
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class CalendarEvent:
    """One date. `uid` stays the same through all changes, `sequence` rises with each one that people are told of.

    `starts_at` and `ends_at` are aware datetimes. `organizer` is the mailbox that invites, as (name, address): a
    published event needs one (RFC 5546 3.2.1). `stamped_at` is fixed when the event is made, so that a mail sent
    twice carries the same octets. `asks_for` is the number that answers to it are signed for, in its mail's buttons
    and in the address calendar programs answer to; with 0 nobody is asked whether they come. `asks_again`: people
    may have answered to another date.
    """

    uid: str
    sequence: int
    summary: str
    starts_at: datetime
    ends_at: datetime
    place: str
    url: str
    description: str = ""
    organizer: tuple[str, str] | None = None
    is_cancelled: bool = False
    stamped_at: datetime = field(default_factory=utc_now)
    asks_for: int = 0
    asks_again: bool = False

    @property
    def when(self) -> str:
        """The date and the times as people say them: "Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr"."""
        return when_said(self.starts_at, self.ends_at)

    def ics(self) -> str:
        """Return the iCalendar object of this one event for a mail: CRLF line ends, no line longer than 75 octets.

        Its method says what it is for: to ask whether its reader comes, with the recipient's own lines still to be
        filled in; only to enter the date, where nobody is asked or no answer would be read; or to take it out again
        (RFC 5546 3.2).
        """
        if not self.asks_for or not answering.is_offered():
            return calendar([self], method="CANCEL" if self.is_cancelled else "PUBLISH")
        whole = calendar([replace(self, organizer=None)], method="CANCEL" if self.is_cancelled else "REQUEST")
        name = self.organizer[0] if self.organizer else self.summary
        return inviting.asking_for_answer(whole, name, self.asks_for)


def when_said(starts_at: datetime, ends_at: datetime) -> str:
    """Return these moments as people say them: "Donnerstag, 3. Dezember 2026, 14:00 bis 16:00 Uhr"."""
    first, last = berlin(starts_at).date(), berlin(ends_at).date()
    words = {
        "day": format_date(first, "full"),
        "start": clock(starts_at),
        "last_day": format_date(last, "full"),
        "end": clock(ends_at),
    }
    if first == last:
        return str(_("%(day)s, %(start)s bis %(end)s Uhr", **words))
    return str(_("%(day)s, %(start)s Uhr bis %(last_day)s, %(end)s Uhr", **words))


def calendar(events: Sequence[CalendarEvent], *, name: str = "", method: str = "PUBLISH") -> str:
    """Return an iCalendar object of all these events; `name` is what a calendar program calls the subscription."""
    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", PRODUCT)
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    if name:
        _add_subscription(whole, _one_line(name))
    whole.add_component(_BERLIN_RULES)
    for event in events:
        whole.add_component(_component(event))
    octets: bytes = whole.to_ical()
    return octets.decode()


def _add_subscription(whole: Calendar, name: str) -> None:
    # The X- properties are what Outlook and older Apple programs read instead of RFC 7986.
    whole.add("name", name)
    whole.add("x-wr-calname", name)
    whole.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", "PT6H")


def _component(event: CalendarEvent) -> Event:
    component = Event()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("dtstamp", event.stamped_at.astimezone(UTC))
    component.add("dtstart", _local(event.starts_at))
    component.add("dtend", _local(event.ends_at))
    component.add("summary", _one_line(event.summary))
    component.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    component.add("transp", "TRANSPARENT" if event.is_cancelled else "OPAQUE")
    if event.place:
        component.add("location", _one_line(event.place))
    if event.description:
        component.add("description", _CONTROL.sub(" ", event.description.replace("\r\n", "\n")))
    if event.url:
        component.add("url", vUri(event.url))
    if event.organizer:
        component.add("organizer", _mailbox(*event.organizer))
    return component


def _local(moment: datetime) -> datetime:
    local = berlin(moment)
    # The second 02:30 of an autumn night cannot be said in local time: a zone's name then means the first.
    return moment.astimezone(UTC) if local.fold else local


def _mailbox(name: str, address: str) -> vCalAddress:
    mailbox = vCalAddress(f"mailto:{address}")
    mailbox.params["CN"] = vText(_one_line(name).replace('"', "'"))
    return mailbox


def _one_line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())
