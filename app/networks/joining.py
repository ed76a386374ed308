"""Who takes part: a person and their seat come into a network in one step, and leave it at once."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.accounts.models import User
from app.accounts.people import find_or_create_user, organisation_named
from app.database import db, utc_now
from app.errors import DomainError
from app.networks import mails
from app.networks.models import Holding, Network, Participant, Preference, Seat


@dataclass(frozen=True)
class Entry:
    """What is asked of somebody who is added: five things, of which phone and task may be empty."""

    email: str
    name: str
    organisation: str
    task: str = ""
    phone: str = ""
    receives_only: bool = False


def add_participant(network: Network, entry: Entry, added_by: User) -> Participant:
    """Make person and seat as needed, put the seat into the network and send the welcome mail.

    Raises `DomainError` when this person already takes part for the same organisation.
    """
    user = find_or_create_user(entry.email, entry.name, receives_only=entry.receives_only)
    seat = _seat_for(user, entry)
    if db.session.scalar(_present(network, seat)):
        raise DomainError(
            _(
                "%(name)s nimmt für %(organisation)s schon an diesem Netz teil.",
                name=user.name,
                organisation=seat.organisation.name,
            )
        )
    participant = Participant(network=network, seat=seat, added_by=added_by)
    db.session.add(participant)
    db.session.flush()
    mails.welcome(network, user, added_by)
    return participant


def update_participant(participant: Participant, user: User, entry: Entry) -> None:
    """Correct what the list says of a participant; a changed organisation gives them another seat there."""
    user.name = entry.name
    seat = participant.seat
    if seat.organisation.name.casefold() != entry.organisation.casefold():
        seat.organisation = organisation_named(entry.organisation)
    seat.task = entry.task
    seat.phone = entry.phone


def remove_participant(participant: Participant) -> None:
    """End the participation now. Mail that waits for this person is dropped when its turn comes (R6)."""
    participant.until = utc_now()


def pause(user_id: int, network_id: int) -> None:
    """Send this person nothing of this network until they resume; the Verwaltung sees it."""
    preference = _preference(user_id, network_id)
    preference.paused_at = preference.paused_at or utc_now()


def resume(user_id: int, network_id: int) -> None:
    """Undo `pause()`."""
    _preference(user_id, network_id).paused_at = None


def is_paused(user_id: int, network_id: int) -> bool:
    """Whether this person pauses this network."""
    return network_id in db.session.scalars(Preference.paused_by(user_id)).all()


def _preference(user_id: int, network_id: int) -> Preference:
    wanted = select(Preference).filter_by(user_id=user_id, network_id=network_id)
    preference = db.session.scalar(wanted)
    if preference is None:
        preference = Preference(user_id=user_id, network_id=network_id)
        db.session.add(preference)
    return preference


def _seat_for(user: User, entry: Entry) -> Seat:
    organisation = organisation_named(entry.organisation)
    held = (
        select(Seat)
        .join(Holding)
        .where(Holding.user_id == user.id, Holding.until.is_(None), Seat.organisation_id == organisation.id)
    )
    seat = db.session.scalar(held)
    if seat is None:
        seat = Seat(organisation=organisation, task="", phone="")
        db.session.add_all([seat, Holding(seat=seat, user=user)])
    seat.task = entry.task or seat.task
    seat.phone = entry.phone or seat.phone
    db.session.flush()
    return seat


def _present(network: Network, seat: Seat) -> Select[Participant]:
    return select(Participant).filter_by(network_id=network.id, seat_id=seat.id, until=None)
