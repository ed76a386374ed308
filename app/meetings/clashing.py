"""What speaks against a date, said before it is saved: many of the same people meet elsewhere, or nobody works.

A warning names networks, times and a number, never people: whoever plans may not see who belongs to another network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, distinct, func, select

from app.database import db, utc_now
from app.holidays import free_day
from app.meetings.models import Meeting, MeetingNetwork
from app.networks.models import Holding, Network, Participant
from app.templating import berlin, clock, midnight

#: So many people may belong to both without anybody being warned.
SHARED_WITHOUT_WARNING = 3

#: The field in which a form says that a date stays as it is, by the mark of what was said against it.
ALL_THE_SAME = "trotzdem"


class Span(NamedTuple):
    """From when until when, as aware datetimes."""

    starts_at: datetime
    ends_at: datetime

    @property
    def day(self) -> date:
        """The day it begins on, in Germany."""
        return berlin(self.starts_at).date()


class Clash(NamedTuple):
    """A meeting of other networks on the same day, and how many people belong to both."""

    names: str
    span: Span
    people: int


@dataclass(frozen=True)
class Objections:
    """What speaks against a date, in sentences; `mark` stands for exactly these."""

    sentences: tuple[str, ...]

    @property
    def mark(self) -> str:
        """What a form sends back to say that the date stays all the same."""
        return hashlib.sha256("\n".join(self.sentences).encode()).hexdigest()[:16]

    @property
    def are_open(self) -> bool:
        """Whether there are any that the form in this request has not answered."""
        return bool(self.sentences) and request.form.get(ALL_THE_SAME) != self.mark


def objections(networks: Sequence[Network], span: Span, meeting: Meeting | None = None) -> Objections:
    """Return what speaks against a meeting of these networks then; of one that is entered, only if that moves it.

    What is past is entered for the archive, and nothing speaks against it.
    """
    if span.ends_at < utc_now() or (meeting and not _moves(meeting, networks, span)):
        return Objections(())
    [sentences] = said_against(networks, [span], apart_from=[meeting.id] if meeting else ())
    return Objections(tuple(sentences))


def said_against(networks: Sequence[Network], spans: Sequence[Span], apart_from: Iterable[int] = ()) -> list[list[str]]:
    """Return for each of these dates what speaks against it; `apart_from` are the ids of the meetings in question."""
    found = _clashes([network.id for network in networks], spans, list(apart_from))
    return [
        [*_free(span), *(_sentence(clash, span) for clash in found if _same_day(clash.span, span))] for span in spans
    ]


def _moves(meeting: Meeting, networks: Sequence[Network], span: Span) -> bool:
    before = (meeting.starts_at, meeting.ends_at, {network.id for network in meeting.networks})
    return before != (*span, {network.id for network in networks})


def _clashes(network_ids: Sequence[int], spans: Sequence[Span], apart_from: Sequence[int]) -> list[Clash]:
    if not spans:
        return []
    shared = _shared(network_ids, spans, apart_from).subquery()
    query = select(Meeting, shared.c.people).join(shared, shared.c.id == Meeting.id).order_by(Meeting.starts_at)
    return [
        Clash(_names(meeting, network_ids), Span(meeting.starts_at, meeting.ends_at), people)
        for meeting, people in db.session.execute(query)
    ]


def _shared(network_ids: Sequence[int], spans: Sequence[Span], apart_from: Sequence[int]) -> Select[int, int]:
    """The meetings of others in these days, with how many people of ours belong to them; each person counts once."""
    seats = select(Participant.seat_id).where(Participant.network_id.in_(network_ids), Participant.until.is_(None))
    ours = select(Holding.user_id).where(Holding.seat_id.in_(seats), Holding.until.is_(None))
    people = func.count(distinct(Holding.user_id)).label("people")
    with_others = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id.not_in(network_ids))
    return (
        select(Meeting.id, people)
        .join(MeetingNetwork, MeetingNetwork.meeting_id == Meeting.id)
        .join(Network, Network.id == MeetingNetwork.network_id)
        .join(Participant, Participant.network_id == Network.id)
        .join(Holding, Holding.seat_id == Participant.seat_id)
        .where(
            Meeting.starts_at < midnight(max(berlin(span.ends_at).date() for span in spans) + timedelta(days=1)),
            Meeting.ends_at > midnight(min(span.day for span in spans)),
            Meeting.cancelled_at.is_(None),
            Meeting.id.not_in(apart_from),
            Meeting.id.in_(with_others),
            Network.closed_at.is_(None),
            Participant.until.is_(None),
            Holding.until.is_(None),
            Holding.user_id.in_(ours),
        )
        .group_by(Meeting.id)
        .having(people > SHARED_WITHOUT_WARNING)
    )


def _names(meeting: Meeting, network_ids: Sequence[int]) -> str:
    return ", ".join(f"„{network.name}“" for network in meeting.networks if network.id not in network_ids)


def _same_day(one: Span, other: Span) -> bool:
    return one.day <= berlin(other.ends_at).date() and other.day <= berlin(one.ends_at).date()


def _sentence(clash: Clash, span: Span) -> str:
    overlaps = clash.span.starts_at < span.ends_at and span.starts_at < clash.span.ends_at
    words = {"names": clash.names, "start": clock(clash.span.starts_at), "end": clock(clash.span.ends_at)}
    if overlaps:
        when = _("Zur selben Zeit tagt %(names)s (%(start)s–%(end)s Uhr).", **words)
    else:
        when = _("Am selben Tag tagt %(names)s (%(start)s–%(end)s Uhr).", **words)
    people = ngettext("%(num)s Person gehört zu beiden.", "%(num)s Personen gehören zu beiden.", clash.people)
    return f"{when} {people}"


def _free(span: Span) -> list[str]:
    name = free_day(span.day)
    return [_("An diesem Tag ist ein Feiertag: %(name)s.", name=name)] if name else []
