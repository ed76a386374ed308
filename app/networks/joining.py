"""Who takes part: a person and their seat come into a network in one step, and leave it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.accounts.people import find_or_create_user, organisation_named
from app.database import db, utc_now
from app.errors import DomainError
from app.forms import is_common_address
from app.networks import mails
from app.networks.absence_models import Absence
from app.networks.models import Holding, Network, Participant, Preference, Rhythm, Seat


@dataclass(frozen=True)
class Entry:
    """What is asked of somebody who is added: five things, of which phone and task may be empty."""

    email: str
    name: str
    organisation: str
    task: str = ""
    phone: str = ""
    receives_only: bool = False

    @property
    def has_common_address(self) -> bool:
        """False where somebody should look at the address once more."""
        return is_common_address(self.email)


def add_participant(network: Network, entry: Entry, added_by: User) -> Participant:
    """Make person and seat as needed, put the seat into the network and send the welcome mail.

    Raises `DomainError` when this person already takes part for the same organisation.
    """
    user = find_or_create_user(entry.email, entry.name, receives_only=entry.receives_only)
    seat = _seat_for(user, entry.organisation)
    seat.task = entry.task or seat.task
    seat.phone = entry.phone or seat.phone
    forget_pauses_of_newcomers(network, [user.id])
    participant = Participant(network=network, seat=seat, added_by=added_by)
    _sit_down(participant, user, seat)
    mails.welcome(network, user, added_by)
    return participant


def update_participant(participant: Participant, user: User, entry: Entry) -> None:
    """Correct what the list says of a participant.

    A changed organisation gives them another seat there, in this network only: the old seat stays as it is, with its
    task, its offers and its other networks. Raises `DomainError` when they take part for that organisation already,
    or when they share the old seat with somebody who would be moved along.
    """
    user.name = entry.name
    if participant.seat.organisation.name.casefold() != entry.organisation.casefold():
        if db.session.scalar(_holders_of(participant.seat)) != 1:
            raise DomainError(
                _(
                    "Mehrere Personen teilen sich diese Stelle. "
                    "Bitte nehmen Sie %(name)s für die neue Organisation neu auf.",
                    name=user.name,
                )
            )
        before = participant.seat
        _sit_down(participant, user, _seat_for(user, entry.organisation))
        # The phone number comes along, and so does who may see it.
        participant.seat.phone_seen_by = before.phone_seen_by.or_stricter(participant.seat.phone_seen_by)
    participant.seat.task = entry.task
    participant.seat.phone = entry.phone


def remove_participant(participant: Participant) -> None:
    """End the participation now. Mail that waits for this person is dropped when its turn comes (R6)."""
    participant.until = utc_now()


def forget_pauses_of_newcomers(network: Network, user_ids: Sequence[int]) -> None:
    """Let those of these people who do not take part yet get every mail, whatever they wanted when they left (B1)."""
    present = Participant.present_in(network.id).with_only_columns(User.id).order_by(None)
    here = (Preference.network_id == network.id) & Preference.user_id.in_(user_ids)
    newcomers = here & Preference.user_id.not_in(present)
    everything = {"rhythm": Rhythm.AT_ONCE, "paused_at": None, "paused_until": None}
    db.session.execute(update(Preference).where(newcomers).values(everything))
    away = (Absence.network_id == network.id) & Absence.user_id.in_(user_ids) & Absence.user_id.not_in(present)
    db.session.execute(delete(Absence).where(away))


def _seat_for(user: User, organisation_name: str) -> Seat:
    """Return the seat this person holds in the organisation, or a new one. Flushes."""
    organisation = organisation_named(organisation_name)
    # One at a time for each person: two at once would find no seat both and make one each.
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())
    held = (
        select(Seat)
        .join(Holding)
        .where(Holding.user_id == user.id, Holding.until.is_(None), Seat.organisation_id == organisation.id)
        .order_by(Seat.id)
    )
    seat = db.session.scalar(held.limit(1))
    if seat is None:
        seat = Seat(organisation=organisation, task="", phone="")
        db.session.add_all([seat, Holding(seat=seat, user=user)])
        db.session.flush()
    return seat


def _sit_down(participant: Participant, user: User, seat: Seat) -> None:
    """Let the participant have this seat. Flushes. Raises `DomainError` when the seat is in their network already."""
    try:
        with db.session.begin_nested():
            participant.seat = seat
            db.session.add(participant)
    except IntegrityError as error:
        raise DomainError(
            _(
                "%(name)s nimmt für %(organisation)s schon an diesem Netz teil.",
                name=user.name,
                organisation=seat.organisation.name,
            )
        ) from error


def _holders_of(seat: Seat) -> Select[int]:
    return select(func.count(Holding.id)).where(Holding.seat_id == seat.id, Holding.until.is_(None))
