"""A new meeting begins as the last one was, or as a Muster says, so that little more than its date is left to enter.

What differs each time stands in a Muster as a placeholder: {nummer}, {datum}, {uhrzeit}, {ort}, and in the letter
{tagesordnung}. Whoever types one into a meeting's form gets it filled in, too.
"""

from __future__ import annotations

import re
from typing import Any

from flask_babel import force_locale, format_date
from flask_babel import gettext as _
from sqlalchemy import select

from app.database import db
from app.meetings.agenda import without_points
from app.meetings.agenda_models import AgendaItem, ItemState
from app.meetings.models import Meeting
from app.meetings.numbering import number_of, numbered
from app.meetings.planning_models import MeetingTemplate
from app.networks.models import Network
from app.templating import berlin, clock

_PLACEHOLDER = re.compile(r"\{(nummer|datum|uhrzeit|ort|tagesordnung)\}", re.IGNORECASE)


def suggestion(network: Network, template: MeetingTemplate | None) -> dict[str, Any]:
    """Return what the form for a new meeting says at first: as the Muster, else as the last meeting."""
    if template is None:
        return _as_the_last_one(network)
    return {
        "title": fill_in(template.title, {"nummer": str(next_number(network))}),
        "starts": template.starts,
        "ends": template.ends,
        "place": template.place,
        "agenda": template.agenda,
        "letter": template.letter,
    }


def beginning_of_template(network: Network) -> dict[str, Any]:
    """Return what the form for a new Muster says at first: the last meeting, its number made a placeholder."""
    values = _as_the_last_one(network)
    if values:
        values["title"] = numbered(values["title"], "{nummer}")
    return values


def last_meeting(network: Network) -> Meeting | None:
    """Return the meeting of this network that was last, or comes last.

    One of several networks, or a cancelled one, only where there is no other: the next is seldom like these.
    """
    own = select(Meeting).where(Meeting.home_id == network.id)
    is_joint = Meeting.networks.any(Network.id != network.id)
    ordered = own.order_by(Meeting.cancelled_at.is_not(None), is_joint, Meeting.starts_at.desc(), Meeting.id.desc())
    return db.session.scalars(ordered.limit(1)).first()


def next_number(network: Network) -> int:
    """Return the number after the highest that a meeting's title of this network begins with ("8. Netzwerktreffen")."""
    titles = db.session.scalars(select(Meeting.title).where(Meeting.home_id == network.id))
    return max((number_of(title) or 0 for title in titles), default=0) + 1


def complete(meeting: Meeting) -> None:
    """Fill in the placeholders of title and agenda. Those of its letter stay until it is written, as its date may."""
    values = facts_of(meeting)
    if "{nummer}" in meeting.title.lower() + meeting.agenda.lower():
        values["nummer"] = str(next_number(meeting.home))
    meeting.title = fill_in(meeting.title, values)[:200]
    meeting.agenda = fill_in(meeting.agenda, values)


def letter_of(meeting: Meeting) -> str:
    """Return the text of the invitation as the Muster worded it, filled in; "" where it is the usual one."""
    number = number_of(meeting.title)
    values = facts_of(meeting) | {"nummer": "" if number is None else str(number), "tagesordnung": meeting.agenda}
    return fill_in(meeting.letter, values)


def facts_of(meeting: Meeting) -> dict[str, str]:
    """Return what stands for the placeholders of date, time and place; German, as all that is sent."""
    with force_locale("de"):
        first, last = clock(meeting.starts_at), clock(meeting.ends_at)
        return {
            "datum": format_date(berlin(meeting.starts_at).date(), "EEEE, d. MMMM y"),
            "uhrzeit": str(_("%(start)s bis %(end)s Uhr", start=first, end=last)),
            "ort": meeting.place,
        }


def fill_in(text: str, values: dict[str, str]) -> str:
    """Return the text with those placeholders filled in that have a value here."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1].lower(), found[0]), text)


def _as_the_last_one(network: Network) -> dict[str, Any]:
    last = last_meeting(network)
    if last is None:
        return {}
    return {
        "title": numbered(last.title, next_number(network)),
        "starts": berlin(last.starts_at).time(),
        "ends": berlin(last.ends_at).time(),
        "place": last.place,
        "agenda": _without_proposals(last),
        "letter": last.letter,
        "also_for": [each.id for each in last.co_networks],
    }


def _without_proposals(meeting: Meeting) -> str:
    """Return the agenda without the points somebody proposed for that one meeting."""
    accepted = AgendaItem.of_meeting(meeting.id).where(AgendaItem.state == ItemState.ACCEPTED)
    return without_points(meeting.agenda, db.session.scalars(accepted))
