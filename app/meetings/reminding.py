"""The portal reminds of a meeting seven days and one day before, whoever has not declined.

Each reminder of each date is claimed by a unique row that commits with its mails, so several workers send it once.
Nobody is reminded within a day of the invitation or of a change, nor of what was never announced: while those invited
know another date or place, or that it is cancelled, the portal waits for the mail that tells them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from app import queue
from app.database import begin_reading, db, utc_now
from app.mail import outbox
from app.meetings import reminder_mails
from app.meetings.attendance_models import Coming, Reminder
from app.meetings.models import Meeting
from app.networks.recipients import BY_MAIL, keys_through

#: Days before the meeting -> how long after that moment a worker that was off may still send it.
REMINDERS = {7: timedelta(days=2), 1: timedelta(days=1)}

_PAUSE = timedelta(days=1)  # after a mail about the meeting


@queue.job("meetings", every_minute=True)
def remind() -> None:
    """Send the reminders that are due."""
    begin_reading()
    due = [(meeting.id, days) for meeting in db.session.scalars(_coming()) for days in _due(meeting)]
    queue.one_by_one(due, lambda each: _remind(*each), "The reminder of meeting and days before it")


def take_back(meeting: Meeting) -> None:
    """Send no reminder that still waits: the meeting is cancelled or moved."""
    outbox.withdraw(reminder_mails.about(meeting))


def _coming() -> Select[Meeting]:
    now = utc_now()
    last = now + timedelta(days=max(REMINDERS))
    return select(Meeting).where(Meeting.cancelled_at.is_(None), Meeting.starts_at > now, Meeting.starts_at <= last)


def _due(meeting: Meeting) -> list[int]:
    """Return which reminders of this meeting are due and were not sent yet, in days before it."""
    now, told_at = utc_now(), _told_at(meeting)
    if meeting.cancelled_at or told_at is None or meeting.news is not None:
        return []
    sent = set(
        db.session.scalars(
            select(Reminder.days).where(
                Reminder.meeting_id == meeting.id, Reminder.dated_sequence == meeting.dated_sequence
            )
        )
    )
    moments = {days: meeting.starts_at - timedelta(days=days) for days in REMINDERS if days not in sent}
    return [
        days
        for days, moment in moments.items()
        if moment <= now < min(moment + REMINDERS[days], meeting.starts_at) and told_at <= moment - _PAUSE
    ]


def _told_at(meeting: Meeting) -> datetime | None:
    """When its networks were told of it last."""
    return max((notice.message.mails_at for notice in meeting.notices), default=None)


def _remind(id: int, days: int) -> None:
    meeting = db.session.get(Meeting, id)
    if meeting is None or days not in _due(meeting):
        return
    try:
        with db.session.begin_nested():
            db.session.add(Reminder(meeting_id=id, days=days, dated_sequence=meeting.dated_sequence))
    except IntegrityError:
        return  # another worker sends it
    answers = {f"user:{each.user_id}": each.stands for each in meeting.attendances if each.stands}
    networks = [meeting.home, *meeting.co_networks]
    networks = [network for network in networks if network.closed_at is None]
    for network in networks:
        keys = db.session.scalars(keys_through(network, networks, BY_MAIL)).all()
        for said in (Coming.YES, Coming.MAYBE, None):
            those = [key for key in keys if answers.get(key) is said]
            if those:
                reminder_mails.remind(meeting, network, networks, said, those)
