"""Two working days before the day to answer by, those who have not answered get one reminder.

Whoever is away gets none where their deputy, who is there and knows of it, gets one.

Several workers may run at once: the reminder is claimed by an UPDATE that asks whether it was sent, and commits with
its mail.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, select, update

from app import queue
from app.database import begin_reading, db, utc_now
from app.forum.models import Thread
from app.networks.deputies import deputies_in
from app.polls import mails
from app.polls.models import Poll, ProposedDate
from app.polls.tally import silent
from app.templating import berlin


@queue.job("polls", every_minute=True)
def remind() -> None:
    """Send the reminders that are due."""
    begin_reading()
    due = db.session.scalars(select(Poll.id).where(_is_due()))
    queue.one_by_one(due, _remind, "The reminder of poll")


def _remind(id: int) -> None:
    if _claim(id):
        poll = db.session.get_one(Poll, id)
        mails.reminder(poll, _without_represented(poll, silent(poll) - {poll.message.author_id}))


def _without_represented(poll: Poll, people: set[int]) -> set[int]:
    deputies = deputies_in([network.id for network in poll.open_networks])
    return {id for id in people if deputies.get(id) not in people}


def _is_due() -> ColumnElement[bool]:
    """A worker that was off for long asks nobody whom an answer would come too late from."""
    now = utc_now()
    in_time = exists().where(Thread.id == Poll.thread_id, Thread.deadline >= berlin(now).date())
    to_come = exists().where(ProposedDate.poll_id == Poll.id, ProposedDate.starts_at > now)
    return and_(Poll.remind_at <= now, Poll.reminded_at.is_(None), Poll.closed_at.is_(None), in_time, to_come)


def _claim(id: int) -> bool:
    """Whether this run is the one that sends it."""
    claimed = update(Poll).where(Poll.id == id, _is_due()).values(reminded_at=utc_now()).returning(Poll.id)
    return db.session.execute(claimed.execution_options(synchronize_session=False)).first() is not None
