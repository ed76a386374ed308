"""What is shown elsewhere of who comes: numbers and a question on the meeting's page, the answers in its mails."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user

from app.database import db
from app.forum.calendar_event import CalendarEvent
from app.meetings.attendance_forms import COMING_NAMES
from app.meetings.attendance_listing import counts_of, guests_of
from app.meetings.attendance_models import Attendance
from app.meetings.attending import why_not
from app.meetings.models import Meeting
from app.networks.models import Network
from app.registry import panels


def init_app() -> None:
    """Register the boxes."""
    panels.add("meeting", 5, who_comes)
    panels.add("mail_actions", 20, buttons_in_mail)


def who_comes(meeting: Meeting, network: Network, **_context: Any) -> str:
    """Show how many come, and ask the person signed in."""
    if meeting.cancelled_at or (meeting.is_past and not meeting.notices):
        return ""
    return render_template(
        "meetings/_who_comes.html",
        meeting=meeting,
        network=network,
        counts=counts_of(guests_of(meeting)),
        known=db.session.scalar(Attendance.of(meeting.id, current_user.id)),
        may_answer=not why_not(current_user, meeting),
        coming_names=COMING_NAMES,
    )


def buttons_in_mail(form: str, date: CalendarEvent | None = None, **_context: Any) -> str:
    """Show the three answers under a mail that invites to a date; `form` is "html" or "txt"."""
    if date is None or not date.asks_for or date.is_cancelled:
        return ""
    return render_template(f"meetings/_mail_buttons.{form}", meeting_id=date.asks_for, asks_again=date.asks_again)
