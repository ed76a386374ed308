"""What this feature shows on pages of others: beside the messages, beside a thread, on the profile."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user
from sqlalchemy import bindparam, or_, select

from app.database import db, read, utc_now
from app.mail import answering
from app.meetings import minutes
from app.meetings.agenda_models import AgendaItem, ItemState
from app.meetings.calendar import event_of, token_of
from app.meetings.forms import PAPER_NAMES
from app.meetings.models import Document, Meeting, MeetingNetwork, Paper
from app.networks.models import Network
from app.networks.scope import figure, leads
from app.registry import figures, panels
from app.unchanged import until_commit

NEW_PAPERS = 3

# Built once, because every page of messages asks them: the meetings of a network, its coming one, its newest papers.
_meetings = select(MeetingNetwork.meeting_id).where(MeetingNetwork.network_id == bindparam("network_id"))
_coming = (
    select(Meeting)
    .where(Meeting.id.in_(_meetings), Meeting.ends_at >= bindparam("now"), Meeting.cancelled_at.is_(None))
    .order_by(Meeting.starts_at, Meeting.id)
    .limit(1)
)
_papers = (
    select(Document)
    .where(or_(Document.network_id == bindparam("network_id"), Document.meeting_id.in_(_meetings)))
    .order_by(Document.created_at.desc(), Document.id.desc())
    .limit(NEW_PAPERS)
)
_of_thread = Meeting.of_thread(bindparam("thread_id")).with_only_columns(Meeting.id)


def init_app() -> None:
    """Register the boxes."""
    figures["coming_meeting"] = _coming.with_only_columns(Meeting.id).scalar_subquery()
    figures["newest_paper"] = _papers.with_only_columns(Document.id).limit(1).scalar_subquery()
    panels.add("network_aside", 10, next_meeting)
    panels.add("network_aside", 20, new_papers)
    panels.add("thread", 10, meeting_of_thread)
    panels.add("meeting", 10, points)
    panels.add("meeting", 20, minutes_of_meeting)
    panels.add("profile", 30, calendar_subscription)


def next_meeting(network: Network, **_context: Any) -> str:
    """Show the coming meeting of the network with its date and place."""
    coming = figure(network, "coming_meeting")
    meeting = db.session.get(Meeting, coming) if coming else None
    return render_template("meetings/_next_meeting.html", network=network, meeting=meeting) if meeting else ""


def new_papers(network: Network, **_context: Any) -> str:
    """Show the papers that were filed last."""
    if figure(network, "newest_paper") is None:
        return ""
    papers = db.session.scalars(_papers, {"network_id": network.id}).all()
    return render_template("meetings/_new_papers.html", network=network, papers=papers, paper_names=PAPER_NAMES)


def meeting_of_thread(thread: Any, network: Network, **_context: Any) -> str:
    """Show the meeting a thread invites to, as it stands now."""
    found = _meeting_of(thread.id)  # nearly always none
    meeting = db.session.get(Meeting, found) if found else None
    if meeting is None:
        return ""
    return render_template(
        "meetings/_meeting_of_thread.html", meeting=meeting, network=network, when=event_of(meeting).when
    )


def points(meeting: Meeting, network: Network, **_context: Any) -> str:
    """Show what was proposed for the agenda, to who decides with the two buttons, and how to propose."""
    is_open = meeting.starts_at > utc_now() and not meeting.cancelled_at
    items = db.session.scalars(AgendaItem.of_meeting(meeting.id)).all()
    decides = leads(network) and network is meeting.home
    shown = [
        item
        for item in items
        if (item.is_open and is_open)
        or (item.state is ItemState.DECLINED and (decides or item.user_id == current_user.id))
    ]
    if not shown and not is_open:
        return ""
    return render_template(
        "meetings/_points.html",
        meeting=meeting,
        network=network,
        items=shown,
        decides=decides,
        is_open=is_open,
        answerable=answering.is_offered(),
    )


@until_commit
def _meeting_of(thread_id: int) -> int | None:
    found: int | None = read(_of_thread, {"thread_id": thread_id}).scalar()
    return found


def minutes_of_meeting(meeting: Meeting, network: Network, **_context: Any) -> str:
    """Show how far the minutes are; before they are sent, only to who looks after the meeting."""
    if meeting.starts_at > utc_now() or meeting.cancelled_at:
        return ""
    decides = leads(network) and network is meeting.home
    found = minutes.of_meeting(meeting)
    is_filed = any(document.kind is Paper.MINUTES for document in meeting.documents)
    if not decides and (found is None or found.is_draft):
        return ""
    if found is None and is_filed:
        return ""
    return render_template(
        "meetings/_minutes.html",
        meeting=meeting,
        network=network,
        minutes=found,
        decides=decides,
        standing=minutes.standing(found) if found else "",
        waiting=[each for each in found.corrections if each.settled_at is None] if found and decides else [],
    )


def calendar_subscription(**_context: Any) -> str:
    """Show the address under which this person's calendar program finds the meetings of all their networks."""
    return render_template("meetings/_calendar_subscription.html", token=token_of(current_user))
