"""What the forum asks of this feature: a poll begins with its thread, says how far it is, goes with its thread."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import bindparam, select

from app.accounts.models import User
from app.database import db, read, utc_now
from app.errors import DomainError
from app.forum import drafting, taking_down
from app.forum.extending import Feature, Mark
from app.forum.models import Kind, Message, Thread
from app.forum.posting import made_from, post_message
from app.holidays import is_working_day
from app.meetings.clashing import Span
from app.networks.models import Network
from app.networks.scope import leads
from app.polls.models import Poll, ProposedDate, Vote
from app.registry import Origin
from app.templating import BERLIN

#: So many working days before the day to answer by, those are reminded who have not answered.
DAYS_TO_REMIND = 2
_OFFICE_OPENS = time(9)

_states = select(Poll.thread_id, Poll.closed_at, Poll.meeting_id).where(
    Poll.thread_id.in_(bindparam("ids", expanding=True))
)


def feature() -> Feature:
    """Return what the forum calls for threads of kind poll."""
    return Feature(begin=_begin, typed=_typed, marks=_marks)


def propose(
    author: User,
    networks: Sequence[Network],
    spans: Sequence[Span],
    *,
    title: str,
    place: str,
    body: str,
    deadline: date,
    submission: str,
    draft_id: str | None = None,
) -> Message:
    """Ask everybody in these networks, home first, which of the dates suit them.

    The same `submission` twice returns the message already made; the draft `draft_id` is done with, and so is every
    other proposal that the author took back there. Raises `DomainError` like `post_message()`.
    """
    if made := made_from(submission, author):
        return made
    message = post_message(
        author,
        networks[0],
        subject=title,
        body=body,
        kind=Kind.POLL,
        also_to=networks[1:],
        deadline=deadline,
        submission=submission,
        draft_id=draft_id,
        networks_decided=True,
        typed={"place": place, "spans": [[moment.isoformat() for moment in span] for span in spans]},
    )
    # Sent again from a tab older than the draft, that would be offered once more, and mailed to everybody twice.
    for draft in drafting.drafts_at(author, place_of_drafts(networks[0])):
        drafting.discard(draft)
    return message


def mark_of(poll: Poll) -> Mark:
    """Return how far a poll is."""
    return _mark(closed=not poll.is_running, has_date=poll.meeting_id is not None)


def place_of_drafts(network: Network) -> str:
    """Where drafts of proposals of this network belong."""
    return f"poll:{network.id}"


def origin_of(message: Message) -> Origin | None:
    """Return the form in which a proposal was written, if the person signed in may write one there again."""
    thread = message.thread
    if thread.kind is not Kind.POLL or thread.messages[0] is not message or not leads(thread.home):
        return None
    return Origin(place_of_drafts(thread.home), url_for("polls.new", network=thread.home))


def moment_to_remind(deadline: date, now: datetime) -> datetime | None:
    """Return when to remind of a poll that is to be answered by this day; None where a reminder would come at once."""
    day = deadline
    for _number in range(DAYS_TO_REMIND):
        day = _working_day_before(day)
    moment = datetime.combine(day, _OFFICE_OPENS, BERLIN)
    return moment if moment > now + timedelta(days=1) else None


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while not is_working_day(day, current_app.config["HOLIDAY_REGION"]):
        day -= timedelta(days=1)
    return day


def forget(message: Message) -> None:
    """Let the place go with the message that named it, when that is taken down; its reminders say nothing more."""
    poll = db.session.scalar(select(Poll).where(Poll.message_id == message.id))
    if poll:
        poll.place = ""
        taking_down.redact(poll.key, message)


def _begin(message: Message, typed: Mapping[str, Any]) -> None:
    thread = message.thread
    moments = [[datetime.fromisoformat(moment) for moment in span] for span in typed["spans"]]
    poll = Poll(
        thread=thread,
        message=message,
        place=typed["place"],
        remind_at=moment_to_remind(thread.deadline, utc_now()) if thread.deadline else None,
        dates=[ProposedDate(starts_at=starts_at, ends_at=ends_at) for starts_at, ends_at in moments],
    )
    db.session.add(poll)
    db.session.flush()


def _typed(thread: Thread) -> dict[str, Any]:
    poll = db.session.scalar(Poll.of_thread(thread.id))
    if poll is None:
        return {}
    if not poll.is_running or db.session.scalar(Vote.to_poll(poll).limit(1)):
        raise DomainError(_("Auf diese Terminumfrage hat schon jemand geantwortet. Sie lässt sich nicht zurückholen."))
    spans = [[each.starts_at.isoformat(), each.ends_at.isoformat()] for each in poll.dates]
    return {"place": poll.place, "spans": spans}


def _marks(thread_ids: Collection[int]) -> dict[int, Mark]:
    rows = read(_states, {"ids": list(thread_ids)}).all()
    return {id: _mark(closed=closed_at is not None, has_date=meeting is not None) for id, closed_at, meeting in rows}


def _mark(*, closed: bool, has_date: bool) -> Mark:
    if not closed:
        return Mark(str(_("läuft")), "warning")
    return Mark(str(_("Termin steht")), "success") if has_date else Mark(str(_("ohne Termin beendet")), "info")
