"""Answers as the common calendar programs write them: own samples of their shapes, with what differs filled in.

`{uid}`, `{sequence}`, `{status}`, `{stamp}`, `{attendee}` and `{organizer}` are exchanged by `sample()`.
"""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid

#: Outlook and Exchange: Windows zone, COMMENT with a language, long X- properties, folded lines.
OUTLOOK = """\
BEGIN:VCALENDAR
METHOD:REPLY
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
ATTENDEE;PARTSTAT={status};CN=Bergmann, Bob (Berufskolleg):MAILTO:{attendee}
COMMENT;LANGUAGE=de-DE:Ich komme etwas später\\, gegen 15 Uhr.\\n
UID:{uid}
SUMMARY;LANGUAGE=de-DE:Zugesagt: 8. Netzwerktreffen
DTSTART;TZID=W. Europe Standard Time:20261203T140000
DTEND;TZID=W. Europe Standard Time:20261203T160000
CLASS:PUBLIC
PRIORITY:5
DTSTAMP:{stamp}
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:{sequence}
LOCATION;LANGUAGE=de-DE:Begegnungszentrum Nord\\, Raum 3
X-MICROSOFT-CDO-APPT-SEQUENCE:{sequence}
X-MICROSOFT-CDO-OWNERAPPTID:0
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
X-MICROSOFT-CDO-IMPORTANCE:1
X-MICROSOFT-CDO-INSTTYPE:0
X-MICROSOFT-DISALLOW-COUNTER:FALSE
BEGIN:VALARM
DESCRIPTION:REMINDER
TRIGGER;RELATED=START:-PT15M
ACTION:DISPLAY
END:VALARM
END:VEVENT
END:VCALENDAR
"""

#: Google: UTC times, the organizer again, X-NUM-GUESTS, a comment beside the attendee.
GOOGLE = """\
BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:REPLY
BEGIN:VEVENT
DTSTART:20261203T130000Z
DTEND:20261203T150000Z
DTSTAMP:{stamp}
ORGANIZER;CN=Jugendliche in Ausbildung:mailto:{organizer}
UID:{uid}
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={status};CN={attendee};
 X-NUM-GUESTS=0;X-RESPONSE-COMMENT="Bringe den Beamer mit":mailto:{attendee}
X-MICROSOFT-CDO-OWNERAPPTID:-1044545455
CREATED:20261120T090000Z
DESCRIPTION:1. Begrüßung
LAST-MODIFIED:{stamp}
LOCATION:Begegnungszentrum Nord\\, Raum 3
SEQUENCE:{sequence}
STATUS:CONFIRMED
SUMMARY:8. Netzwerktreffen
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""

#: Thunderbird: copies the invitation's properties and its zone.
THUNDERBIRD = """\
BEGIN:VCALENDAR
PRODID:-//Mozilla.org/NONSGML Mozilla Calendar V1.1//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CREATED:20261121T100000Z
LAST-MODIFIED:{stamp}
DTSTAMP:{stamp}
UID:{uid}
SUMMARY:8. Netzwerktreffen
STATUS:CONFIRMED
ORGANIZER;CN=Jugendliche in Ausbildung:mailto:{organizer}
ATTENDEE;CN=Bob Bergmann;PARTSTAT={status};ROLE=REQ-PARTICIPANT;CUTYPE=INDIVIDUAL:
 mailto:{attendee}
DTSTART;TZID=Europe/Berlin:20261203T140000
DTEND;TZID=Europe/Berlin:20261203T160000
SEQUENCE:{sequence}
TRANSP:OPAQUE
END:VEVENT
END:VCALENDAR
"""

#: iOS and macOS: an EMAIL parameter, the comment in a property of Apple's own.
APPLE = """\
BEGIN:VCALENDAR
CALSCALE:GREGORIAN
METHOD:REPLY
PRODID:-//Apple Inc.//iOS 18.1//EN
VERSION:2.0
BEGIN:VEVENT
ATTENDEE;CN="Bob Bergmann";CUTYPE=INDIVIDUAL;EMAIL="{attendee}";PARTSTAT={status};ROLE=REQ-PARTICIPANT:mailto:{attendee}
DTEND;TZID=Europe/Berlin:20261203T160000
DTSTAMP:{stamp}
DTSTART;TZID=Europe/Berlin:20261203T140000
LAST-MODIFIED:{stamp}
ORGANIZER;CN="Jugendliche in Ausbildung":mailto:{organizer}
SEQUENCE:{sequence}
SUMMARY:8. Netzwerktreffen
UID:{uid}
X-CALENDARSERVER-ATTENDEE-COMMENT:Mit dem Rad
END:VEVENT
END:VCALENDAR
"""

PROGRAMS = {"outlook": OUTLOOK, "google": GOOGLE, "thunderbird": THUNDERBIRD, "apple": APPLE}

REMARKS = {
    "outlook": "Ich komme etwas später, gegen 15 Uhr.",
    "google": "Bringe den Beamer mit",
    "thunderbird": "",
    "apple": "Mit dem Rad",
}


def sample(program: str, **values: object) -> bytes:
    """The calendar object of this program, with CRLF line ends."""
    text = PROGRAMS.get(program, program)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text.replace("\n", "\r\n").encode()


def calendar_mail(
    sender: str, to: str, calendar: bytes, *, text: str = "", as_file: bool = False, method: str = "REPLY", **head: str
) -> bytes:
    """A mail with the calendar object as programs send it: beside the text, or (passed on) as a file of its own."""
    message = EmailMessage()
    fields = {"From": sender, "To": to, "Subject": "Zugesagt: 8. Netzwerktreffen", "Message-ID": make_msgid()}
    for name, value in (fields | {name.replace("_", "-"): value for name, value in head.items()}).items():
        del message[name]
        message[name] = value
    message.set_content(text)
    if as_file:
        message.add_attachment(calendar, "application", "ics", filename="invite.ics")
    else:
        message.add_alternative(calendar.decode(errors="replace"), subtype="calendar", params={"method": method})
    return message.as_bytes()
