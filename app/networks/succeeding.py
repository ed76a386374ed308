"""Somebody else holds a seat from now on: the seat stays in its networks, with its task, its offers and its history."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.accounts.models import User
from app.accounts.people import find_or_create_user
from app.database import by_name, db, utc_now
from app.errors import DomainError
from app.networks import mails
from app.networks.joining import Entry, forget_pauses_of_newcomers
from app.networks.models import Holding, Network, Participant, Seat


def taking_part(seat: Seat) -> list[Participant]:
    """Return how this seat takes part in open networks now, by name of the network."""
    query = select(Participant).join(Network).where(Participant.seat_id == seat.id, Participant.until.is_(None))
    return list(
        db.session.scalars(query.where(Network.closed_at.is_(None)).order_by(by_name(Network.name), Network.id))
    )


def hand_over(seat: Seat, holder: User, entry: Entry, by: User) -> User:
    """Give the seat of `holder` to who `entry` names, and welcome them in each of its networks. Flushes.

    Mail that waits for `holder` because of this seat is dropped when its turn comes (R6); no mail tells them. Raises
    `DomainError` when both are the same person, or the seat was handed over meanwhile.
    """
    # One at a time for each seat: two successors at once would both sit down.
    db.session.execute(select(Seat.id).where(Seat.id == seat.id).with_for_update())
    successor = find_or_create_user(entry.email, entry.name)
    if successor.id == holder.id:
        raise DomainError(
            _(
                "Das ist %(name)s selbst. Hat sich nur die E-Mail-Adresse geändert, ändern Sie sie bei der Person.",
                name=holder.name,
            )
        )
    holders = {holding.user_id: holding for holding in db.session.scalars(_present_in(seat))}
    if holder.id not in holders:
        raise DomainError(_("Diese Stelle hat %(name)s nicht mehr.", name=holder.name))
    holders[holder.id].until = utc_now()
    seat.task, seat.phone = entry.task, entry.phone
    networks = [participant.network for participant in taking_part(seat)]
    for network in networks:
        forget_pauses_of_newcomers(network, [successor.id])
    if successor.id in holders:  # they shared it
        return successor
    db.session.add(Holding(seat=seat, user=successor))
    db.session.flush()
    for network in networks:
        mails.welcome(network, successor, by)
    return successor


def _present_in(seat: Seat) -> Select[Holding]:
    return select(Holding).where(Holding.seat_id == seat.id, Holding.until.is_(None))
