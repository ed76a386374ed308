"""Who looks after a meeting, and who takes part in it; also of people who are not signed in but came by a mail."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.meetings.models import Meeting
from app.networks.direct import AUDIENCE as DIRECT
from app.networks.models import Participant
from app.networks.taking_part import leads_any, participation_through


def looks_after(user: User, meeting: Meeting) -> bool:
    """Whether this person leads the meeting's home or is Verwaltung."""
    return leads_any(user, [meeting.home_id])


def participation_in(user: User, meeting: Meeting) -> Participant | None:
    """Return how this person takes part in the meeting's open networks, by its home first; None: not at all."""
    return participation_through(user, meeting.networks, meeting.home_id)


def in_charge_of(meeting: Meeting) -> list[tuple[str, str]]:
    """Return whom to write to about a meeting, as (key, audience): the leads of its home; without any, Verwaltung."""
    return in_charge_at(meeting.home_id)


def in_charge_at(network_id: int) -> list[tuple[str, str]]:
    """Return whom to write to about the meetings of a network, in the same way."""
    leads = db.session.execute(Participant.present_in(network_id).where(Participant.is_lead)).all()
    if leads:
        keys = dict.fromkeys(user.key for _participant, user in leads)
        return [(key, f"{DIRECT}:{network_id}") for key in keys]
    admins = db.session.scalars(select(User).where(User.is_admin).order_by(User.id))
    return [(user.key, "person") for user in admins]
