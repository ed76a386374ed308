"""Entering a series, and changing or cancelling a meeting together with those that follow it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.database import db, utc_now
from app.meetings.agenda import hold
from app.meetings.clashing import Span
from app.meetings.forms import in_utc
from app.meetings.models import Meeting
from app.meetings.numbering import number_of, numbered
from app.meetings.reminding import take_back
from app.meetings.series_models import Repeat, Series, SeriesMeeting
from app.templating import berlin


def span_on(meeting: Meeting, day: date) -> Span:
    """Return the meeting's times on another day, as clocks show them: winter or summer.

    Raises `ValidationError` for a time that clocks skip that night.
    """
    starts, ends = berlin(meeting.starts_at), berlin(meeting.ends_at)
    last_day = day + (ends.date() - starts.date())
    return Span(in_utc(day, starts.time()), in_utc(last_day, ends.time()))


def series_of(meeting: Meeting) -> Series | None:
    """Return the series a meeting belongs to."""
    return db.session.scalar(Series.of_meeting(meeting))


def hold_all(meeting: Meeting) -> None:
    """Hold all meetings of this one's series, as they are now, until the unit of work ends."""
    if series_of(meeting) is None:
        # A series that somebody begins with it at this moment is there afterwards.
        hold(meeting.id)
    if series := series_of(meeting):
        # In the order of their ids, so that of two who hold them none waits for the other's.
        held = series.meetings().order_by(None).order_by(Meeting.id).with_for_update(of=Meeting, key_share=True)
        db.session.scalars(held.execution_options(populate_existing=True)).all()


def days_taken(meeting: Meeting) -> set[date]:
    """Return on which days the meeting's series has a meeting, its own among them."""
    series = series_of(meeting)
    meetings = db.session.scalars(series.meetings()).all() if series else [meeting]
    return {each.day for each in meetings}


def enter(meeting: Meeting, repeat: Repeat, every: int, days: Collection[date]) -> list[Meeting]:
    """Enter meetings like this one on these days; nobody is told yet.

    Those that its series has already are left as they are, so that a form sent twice makes nothing twice. A number at
    the front of the title counts on.
    """
    hold_all(meeting)  # whoever comes second finds what the first has entered
    new_days = sorted(set(days) - days_taken(meeting))
    series = series_of(meeting) or _begin(meeting, repeat, every)
    entered = [_like(meeting, day, number) for number, day in enumerate(new_days, start=1)]
    db.session.add_all(entered)
    db.session.flush()
    db.session.add_all(SeriesMeeting(meeting_id=each.id, series_id=series.id) for each in entered)
    db.session.flush()
    return entered


def following(meeting: Meeting) -> Sequence[Meeting]:
    """Return this meeting and those after it in its series that still take place."""
    series = series_of(meeting)
    if series is None:
        return [meeting]
    query = series.meetings().where(
        Meeting.starts_at >= meeting.starts_at, Meeting.ends_at >= utc_now(), Meeting.cancelled_at.is_(None)
    )
    return db.session.scalars(query).all()


def cancel(meetings: Sequence[Meeting]) -> None:
    """Let these meetings not take place, and remind nobody of them any more."""
    for each in meetings:
        each.cancel()
        take_back(each)


@dataclass(frozen=True)
class Change:
    """What a form says that differs from the meeting it was filled with; None: nothing, each keeps its own."""

    title: str | None
    place: str | None
    span: Span | None
    shift: timedelta

    @classmethod
    def of(cls, meeting: Meeting, title: str, place: str, span: Span) -> Change:
        """Return the difference between a meeting and what a form says of it."""
        return cls(
            title=title if title != meeting.title else None,
            place=place if place != meeting.place else None,
            span=span if span != (meeting.starts_at, meeting.ends_at) else None,
            shift=span.day - meeting.day,
        )

    def span_of(self, meeting: Meeting) -> Span:
        """Return when this meeting of the series will be: as many days later as the first, at the same time of day."""
        if self.span is None:
            return Span(meeting.starts_at, meeting.ends_at)
        starts, ends = berlin(self.span.starts_at), berlin(self.span.ends_at)
        day = meeting.day + self.shift
        return Span(in_utc(day, starts.time()), in_utc(day + (ends.date() - starts.date()), ends.time()))

    def apply(self, meeting: Meeting) -> None:
        """Make the change in one meeting of the series. A number at the front of its title stays its own."""
        if self.title is not None:
            meeting.title = numbered(self.title, number_of(meeting.title))
        starts_at, ends_at = self.span_of(meeting)
        if meeting.move(starts_at, ends_at, self.place if self.place is not None else meeting.place):
            take_back(meeting)


def _begin(meeting: Meeting, repeat: Repeat, every: int) -> Series:
    series = Series(repeat=repeat, every=every)
    db.session.add(series)
    db.session.flush()
    db.session.add(SeriesMeeting(meeting_id=meeting.id, series_id=series.id))
    return series


def _like(meeting: Meeting, day: date, number: int) -> Meeting:
    starts_at, ends_at = span_on(meeting, day)
    first = number_of(meeting.title)
    return Meeting(
        home=meeting.home,
        networks=list(meeting.networks),
        title=numbered(meeting.title, first + number if first else None),
        starts_at=starts_at,
        ends_at=ends_at,
        place=meeting.place,
        agenda=meeting.agenda,
        letter=meeting.letter,
    )
