"""Who looks after a meeting, and who takes part in it; also of people who are not signed in but came by a mail."""

from __future__ import annotations

from sqlalchemy import Select, case, select

from app.accounts.models import User
from app.database import db
from app.meetings.models import Meeting
from app.networks.direct import AUDIENCE as DIRECT
from app.networks.models import Holding, Participant


def looks_after(user: User, meeting: Meeting) -> bool:
    """Whether this person leads the meeting's home or is Verwaltung."""
    if user.is_admin:
        return True
    led = _present(user.id, [meeting.home_id]).where(Participant.is_lead).with_only_columns(Participant.id)
    return db.session.scalar(led.limit(1)) is not None


def participation_in(user: User, meeting: Meeting) -> Participant | None:
    """Return how this person takes part in the meeting's open networks, by its home first; None: not at all."""
    networks = [network.id for network in meeting.networks if network.closed_at is None]
    order = case((Participant.network_id == meeting.home_id, 0), else_=1)
    return db.session.scalars(_present(user.id, networks).order_by(order, Participant.id)).first()


def in_charge_of(meeting: Meeting) -> list[tuple[str, str]]:
    """Return whom to write to about a meeting, as (key, audience): the leads of its home; without any, Verwaltung."""
    leads = db.session.execute(Participant.present_in(meeting.home_id).where(Participant.is_lead)).all()
    if leads:
        keys = dict.fromkeys(user.key for _participant, user in leads)
        return [(key, f"{DIRECT}:{meeting.home_id}") for key in keys]
    admins = db.session.scalars(select(User).where(User.is_admin).order_by(User.id))
    return [(user.key, "person") for user in admins]


def _present(user_id: int, network_ids: list[int]) -> Select[Participant]:
    return (
        select(Participant)
        .join(Holding, Holding.seat_id == Participant.seat_id)
        .where(
            Holding.user_id == user_id,
            Holding.until.is_(None),
            Participant.until.is_(None),
            Participant.network_id.in_(network_ids),
        )
    )
