"""Two working days before the day to answer by, those who have not answered get one reminder.

Several workers may run at once: the reminder is claimed by an UPDATE that asks whether it was sent, and commits with
its mail.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update

from app import queue
from app.database import begin_reading, begin_writing, db, utc_now
from app.polls import mails
from app.polls.models import Poll
from app.polls.tally import silent


@queue.job("polls", every_minute=True)
def remind() -> None:
    """Send the reminders that are due."""
    begin_reading()
    due = db.session.scalars(select(Poll.id).where(_is_due())).all()
    db.session.remove()
    begin_writing()
    for id in due:
        if _claim(id):
            poll = db.session.get_one(Poll, id)
            mails.reminder(poll, silent(poll) - {poll.message.author_id})
        db.session.commit()
    if due:
        queue.wake("outbox")


def _is_due() -> ColumnElement[bool]:
    return (Poll.remind_at <= utc_now()) & Poll.reminded_at.is_(None) & Poll.closed_at.is_(None)


def _claim(id: int) -> bool:
    """Whether this run is the one that sends it."""
    claimed = update(Poll).where(Poll.id == id, _is_due()).values(reminded_at=utc_now()).returning(Poll.id)
    return db.session.execute(claimed.execution_options(synchronize_session=False)).first() is not None
