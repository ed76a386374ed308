"""The box of a series on the page of each of its meetings."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy.orm import selectinload

from app.database import db
from app.forum.models import Message
from app.meetings.models import Meeting, Notice
from app.meetings.series import series_of
from app.meetings.series_forms import rule_said
from app.networks.models import Network
from app.networks.scope import leads
from app.registry import panels

# What there is to tell of each.
_told = selectinload(Meeting.notices).joinedload(Notice.message).joinedload(Message.thread)


def init_app() -> None:
    """Register the box."""
    panels.add("meeting", 40, series_box)


def series_box(meeting: Meeting, network: Network, **_context: Any) -> str:
    """Show the other meetings of the series, and to leads how to change those that follow."""
    series = series_of(meeting)
    if series is None:
        return ""
    may_change = leads(network) and network is meeting.home
    meetings = db.session.scalars(series.meetings().options(*([_told] if may_change else []))).all()
    at = meetings.index(meeting)
    return render_template(
        "meetings/_series.html",
        network=network,
        meeting=meeting,
        meetings=meetings,
        rule=rule_said(series.repeat, meetings[0].day, series.every),
        number=at + 1,
        before=meetings[at - 1] if at else None,
        after=meetings[at + 1] if at + 1 < len(meetings) else None,
        may_change=may_change,
    )
