"""The lines of an invitation's calendar object that are its recipient's own: whom it asks, and where they answer to.

A calendar program takes part in an invitation only if it finds its owner among the attendees, and it mails the answer
to the organizer (RFC 5546 3.2.2, 3.2.3). So the organizer's address bears the recipient's token
(app/mail/answering.py); both lines are filled in for each copy, and every other octet is shared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from app.mail import answering, envelope
from app.mail.headers import one_line

#: Stands, like the action of a link, for the line with the recipient in a calendar object.
ATTENDEE = "attendee"

#: More octets than the line with the recipient has, encoded for the mail.
LONGEST_LINE = 700

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")

Link = tuple[str, int]

_LINE = 75  # octets without the line break (RFC 5545 3.1)
# What may stand in a mailto address as it is (RFC 6068 2); the rest would end it or begin its parameters.
_PLAIN = "@!$'*+-._~/="


def asking_for_answer(event: str, organizer: str, number: int) -> str:
    """Return the lines to put into a VEVENT of METHOD:REQUEST or CANCEL: the organizer, and the recipient as attendee.

    `event` is the object so far and `number` what the answers' address is signed for. They stand first in the event,
    each line folded so that what is filled in has a line of its own.
    """
    name = folded(f'ORGANIZER;CN="{_parameter(organizer)}"')
    own = f"{name} :mailto:{answering.placeholder(answering.TO_MEETING, number)}\r\n"
    return event.replace("BEGIN:VEVENT\r\n", f"BEGIN:VEVENT\r\n{own}{envelope.personal_link(ATTENDEE)}", 1)


def attendee(name: str, address: str) -> str:
    """Return the line of the one who is asked; folded, with its line break."""
    common_name = f'CN="{_parameter(name)}";' if name else ""
    asked = f"ATTENDEE;{common_name}CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
    return folded(f"{asked}:mailto:{quote(address, safe=_PLAIN)}")


def pieces(calendar: str) -> Iterator[tuple[str, Link | None]]:
    """Return the object in pieces that are equal for all, each with what is filled in after it (the last: nothing)."""
    parts = envelope.PLACEHOLDER.split(calendar)
    after = ""
    for position in range(0, len(parts) - 1, 3):
        static, action, argument = parts[position : position + 3]
        link = (action, int(argument))
        if action == ATTENDEE:
            yield after + static, link
            after = ""
        else:
            before, following = envelope.around(action)
            yield f"{after}{static}{before}\r\n ", link
            after = f"\r\n {following}"
    yield after + parts[-1], None


def folded(line: str) -> str:
    """Return a content line in lines of at most 75 octets, no character torn apart, with its line break."""
    lines, octets = [""], 0
    for character in line:
        width = len(character.encode(errors="replace"))
        if octets + width > _LINE:
            lines.append(" ")
            octets = 1
        lines[-1] += character
        octets += width
    return "\r\n".join([*lines, ""])


def _parameter(text: str) -> str:
    """A quoted parameter value holds no quotation mark and no control (RFC 5545 3.1), nor what turns text around."""
    return one_line(_TURNING.sub("", text)).replace('"', "'")
