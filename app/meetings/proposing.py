"""A calendar entry in a mail to a network becomes the draft of a meeting; it never becomes more by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from app.database import db, utc_now
from app.forum.models import Message
from app.meetings import draft_mails
from app.meetings.calendar_reading import Moment, ReadEvent, read_calendar
from app.meetings.draft_models import MeetingDraft
from app.meetings.forms import YEARS_AHEAD
from app.meetings.models import Meeting

_LONGEST = timedelta(days=30)
_USUAL = timedelta(hours=1)


def propose(message: Message, calendar: bytes) -> None:
    """Note the coming date of this calendar object beside the message it came with, if it holds exactly one.

    Who looks after the network's meetings is told.
    """
    event = _one_event(calendar)
    if event is None or event.starts is None:
        return
    starts_at = event.starts.at
    if not utc_now() < starts_at < utc_now() + timedelta(days=365 * YEARS_AHEAD):
        return
    draft = MeetingDraft(
        message=message,
        title=(event.summary or message.thread.subject)[:200],
        starts_at=starts_at,
        ends_at=_end(event, event.starts),
        place=event.place[:500],
        is_day=event.starts.is_day,
        is_floating=event.starts.is_floating,
        recurs=event.recurs,
    )
    db.session.add(draft)
    db.session.flush()
    draft_mails.proposed(draft)


def accept(draft: MeetingDraft) -> Meeting:
    """Make it a meeting of the message's home; nobody is told yet."""
    home = draft.message.thread.home
    meeting = Meeting(
        home=home,
        networks=[home],
        title=draft.title,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        place=draft.place,
    )
    db.session.add(meeting)
    db.session.delete(draft)
    return meeting


def forget(message: Message) -> None:
    """Let the date that came with a message go with it, when it is taken back or removed."""
    db.session.execute(delete(MeetingDraft).where(MeetingDraft.message_id == message.id))
    draft_mails.forget(message)


def _one_event(octets: bytes) -> ReadEvent | None:
    calendar = read_calendar(octets)
    if calendar is None or calendar.method not in ("", "REQUEST", "PUBLISH"):
        return None
    # Changed dates of a series stand beside it as instances of their own.
    events = [event for event in calendar.events if not event.is_instance]
    return events[0] if len(events) == 1 and not events[0].is_cancelled else None


def _end(event: ReadEvent, starts: Moment) -> datetime:
    ends_at = event.ends.at if event.ends else starts.at + (event.length or _USUAL)
    if starts.is_day:  # the end of whole days is the first day that does not belong to them (RFC 5545 3.6.1)
        ends_at = max(ends_at, starts.at + timedelta(days=1)) - timedelta(minutes=1)
    if not starts.at < ends_at <= starts.at + _LONGEST:
        ends_at = starts.at + _USUAL
    return ends_at
