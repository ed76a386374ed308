"""What this feature shows on pages of others: beside the messages, beside a thread, on the profile."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask_login import current_user

from app.database import db, utc_now
from app.forum.models import Thread
from app.meetings.calendar import event_of, token_of
from app.meetings.forms import PAPER_NAMES
from app.meetings.models import Document, Meeting
from app.networks.models import Network
from app.registry import panels

NEW_PAPERS = 3


def init_app() -> None:
    """Register the boxes."""
    panels.add("network_aside", 10, next_meeting)
    panels.add("network_aside", 20, new_papers)
    panels.add("thread", 10, meeting_of_thread)
    panels.add("profile", 30, calendar_subscription)


def next_meeting(network: Network, **_context: Any) -> str:
    """Show the coming meeting of the network with its date and place."""
    coming = Meeting.of_network(network).where(Meeting.ends_at >= utc_now(), Meeting.cancelled_at.is_(None))
    meeting = db.session.scalars(coming.limit(1)).first()
    return render_template("meetings/_next_meeting.html", network=network, meeting=meeting) if meeting else ""


def new_papers(network: Network, **_context: Any) -> str:
    """Show the papers that were filed last."""
    papers = db.session.scalars(Document.of_network(network).limit(NEW_PAPERS)).all()
    if not papers:
        return ""
    return render_template("meetings/_new_papers.html", network=network, papers=papers, paper_names=PAPER_NAMES)


def meeting_of_thread(thread: Thread, **context: Any) -> str:
    """Show the meeting a thread invites to, as it stands now."""
    meeting = db.session.scalar(Meeting.of_thread(thread.id))
    if meeting is None:
        return ""
    network = context.get("network") or thread.home
    return render_template(
        "meetings/_meeting_of_thread.html", meeting=meeting, network=network, when=event_of(meeting).when
    )


def calendar_subscription(**_context: Any) -> str:
    """Show the address under which this person's calendar program finds the meetings of all their networks."""
    return render_template("meetings/_calendar_subscription.html", token=token_of(current_user))
