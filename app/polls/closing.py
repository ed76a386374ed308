"""The end of a poll: one of its dates becomes a meeting, or none does; either way everybody is told once."""

from __future__ import annotations

import uuid

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.forum.calendar_event import CalendarEvent
from app.forum.models import Kind, Message
from app.forum.posting import reply
from app.mail import outbox, recalling
from app.meetings.announcing import announce, draft
from app.meetings.calendar import event_of
from app.meetings.models import Meeting
from app.polls.answering import lock
from app.polls.models import Poll, ProposedDate


def settle(user: User, poll: Poll, chosen: ProposedDate) -> Message | None:
    """Make the meeting of this date and invite everybody to it in one step; the mail can be taken back as usual.

    Pressed twice it does nothing more. Raises `DomainError` when the poll ended otherwise, or inviting is refused.
    """
    lock(poll)
    if poll.meeting:
        return None
    _demand_running(poll)
    meeting = Meeting(
        home=poll.thread.home,
        networks=poll.open_networks,
        title=poll.title,
        starts_at=chosen.starts_at,
        ends_at=chosen.ends_at,
        place=poll.place,
    )
    db.session.add(meeting)
    db.session.flush()
    poll.meeting = meeting
    _end(poll)
    subject = draft(user, meeting)["subject"]
    return announce(
        user,
        meeting,
        subject=subject,
        body=_letter(user, meeting, event_of(meeting)),
        documents=[],
        submission=str(uuid.uuid4()),
    )


def give_up(user: User, poll: Poll, body: str) -> Message | None:
    """End the poll without a date and tell everybody in its thread. Pressed twice it does nothing more.

    Raises `DomainError` when it has ended already, unless with these very words.
    """
    lock(poll)
    if body in _farewells(poll):
        return None
    _demand_running(poll)
    _end(poll)
    message = reply(user, poll.thread, body=body)
    poll.closed_at = message.created_at  # by this `follow()` knows which message it was
    return message


def follow(message: Message) -> None:
    """End the poll whose question goes; let it run on when what told of its end goes before anybody got it."""
    poll = db.session.scalar(Poll.of_thread(message.thread_id)) if message.thread.kind is Kind.POLL else None
    if poll is None:
        return
    if poll.message_id == message.id:
        if poll.is_running:
            _end(poll)
    elif poll.meeting is None and poll.closed_at == message.created_at and not recalling.who_got(message.key):
        poll.closed_at = None


def farewell(user: User, poll: Poll) -> str:
    """Return what is suggested to tell everybody when no date was found; German, as all mail."""
    with force_locale("de"):
        return render_template("polls/farewell.txt", poll=poll, author=user)


def _letter(user: User, meeting: Meeting, event: CalendarEvent) -> str:
    with force_locale("de"):
        return render_template("polls/letter.txt", meeting=meeting, when=event.when, author=user)


def _farewells(poll: Poll) -> list[str]:
    """Return the words with which the poll was given up; `follow()` finds their message in the same way."""
    ended_by = select(Message.body).where(
        Message.thread_id == poll.thread_id, Message.id != poll.message_id, Message.created_at == poll.closed_at
    )
    return list(db.session.scalars(ended_by)) if poll.closed_at else []


def _demand_running(poll: Poll) -> None:
    if not poll.is_running:
        raise DomainError(_("Diese Terminumfrage ist schon abgeschlossen."))


def _end(poll: Poll) -> None:
    poll.closed_at = utc_now()
    outbox.withdraw(poll.key)  # a reminder that still waits would ask for nothing
    db.session.flush()
