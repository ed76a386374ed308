"""Minutes that nobody wrote are asked for: two weeks after the meeting, once more two weeks later, then never again.

Several workers may run at once: each question is claimed by an UPDATE that asks whether it was sent, and commits with
its mail. What counts as minutes is any paper of that kind at the meeting, however it came there.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from app import queue
from app.accounts.models import User
from app.database import begin_reading, db, utc_now
from app.meetings import minutes_mails
from app.meetings.minutes_models import Minutes, Stage
from app.meetings.models import Document, Meeting, Paper
from app.meetings.rights import in_charge_of, looks_after
from app.networks.direct import AUDIENCE as DIRECT
from app.networks.models import Network
from app.templating import berlin

PATIENCE = timedelta(days=14)
#: Of meetings longer ago than this nobody is asked for minutes: they were entered for the archive.
_FORGOTTEN = timedelta(days=60)
#: The hours of the day, in Germany, in which people are asked.
_OFFICE_HOURS = range(8, 18)


@queue.job("missing-minutes", every_minute=True)
def ask_for_missing() -> None:
    """Send the questions that are due."""
    if berlin(utc_now()).hour not in _OFFICE_HOURS:
        return
    begin_reading()
    due = db.session.scalars(select(Meeting.id).where(or_(_is_due(), _is_due_again())))
    queue.one_by_one(due, _ask, "The question for the minutes of meeting")


def _ask(id: int) -> None:
    first = _claim(id, _is_due(), {"minutes_asked_at": utc_now()})
    if not first and not _claim(id, _is_due_again(), {"minutes_asked_again_at": utc_now()}):
        return
    meeting = db.session.get_one(Meeting, id)
    draft = db.session.scalar(Minutes.of_meeting(id))
    minutes_mails.missing(meeting, _whom(meeting), again=not first, has_draft=draft is not None)


def _whom(meeting: Meeting) -> list[tuple[str, str]]:
    """Who invited to it, if they still look after it; else all who do: what everybody is asked, nobody does."""
    organiser: User | None = meeting.notices[-1].message.author if meeting.notices else None
    if organiser is not None and looks_after(organiser, meeting):
        return [(organiser.key, "person" if organiser.is_admin else f"{DIRECT}:{meeting.home_id}")]
    return in_charge_of(meeting)


def _claim(id: int, is_due: ColumnElement[bool], values: dict[str, object]) -> bool:
    """Whether this run is the one that asks. The meeting itself did not change, so calendars learn nothing."""
    asked = update(Meeting).where(Meeting.id == id, is_due).values(**values, changed_at=Meeting.changed_at)
    claimed = asked.returning(Meeting.id).execution_options(synchronize_session=False)
    return db.session.execute(claimed).first() is not None


def _is_due() -> ColumnElement[bool]:
    now = utc_now()
    is_time = Meeting.ends_at.between(now - _FORGOTTEN, now - PATIENCE)
    return and_(Meeting.minutes_asked_at.is_(None), is_time, _is_without())


def _is_due_again() -> ColumnElement[bool]:
    now = utc_now()
    is_time = Meeting.minutes_asked_at.between(now - _FORGOTTEN, now - PATIENCE)
    return and_(Meeting.minutes_asked_again_at.is_(None), is_time, _is_without())


def _is_without() -> ColumnElement[bool]:
    filed = exists().where(Document.meeting_id == Meeting.id, Document.kind == Paper.MINUTES)
    sent = exists().where(Minutes.meeting_id == Meeting.id, Minutes.stage != Stage.DRAFT)
    is_open = exists().where(Network.id == Meeting.home_id, Network.closed_at.is_(None))
    return and_(Meeting.cancelled_at.is_(None), ~filed, ~sent, is_open)
