"""How people of a request reach each other: what they show of phone and e-mail, or have handed on for this request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select

from app.accounts.models import User
from app.database import db
from app.networks import visibility
from app.networks.models import Network, Participant, Seat
from app.requests.models import Answer, Handover, Request
from app.requests.rights import participation_of


class Contact(NamedTuple):
    """How to reach somebody. `answers` is the Reply-To of a mail in their name, "" where nothing reaches them so.

    `is_hidden`: there is more than is shown here.
    """

    name: str
    organisation: str = ""
    phone: str = ""
    email: str = ""
    answers: str = ""
    is_hidden: bool = False
    user: User | None = None
    seat: Seat | None = None


def requester_of(request: Request, viewer: User | None = None) -> Contact:
    """How `viewer` reaches who asked; without a viewer, what everybody in its networks may see."""
    message = request.message
    if message.author is None:
        return Contact(message.author_name, message.organisation_name)
    seat = db.session.get(Seat, message.seat_id) if message.seat_id else None
    if viewer is None:
        return _for_all(request.thread.networks, message.author, seat, message.organisation_name)
    return contact_of(request, message.author, seat, message.organisation_name, viewer)


def owner_of(request: Request, viewer: User | None = None, networks: Sequence[Network] = ()) -> Contact:
    """How `viewer` reaches who takes care; without a viewer, what everybody in these `networks` may see."""
    if request.owner is None:
        return Contact(request.owner_name, request.owner_organisation)
    if viewer is None:
        networks = networks or request.thread.networks
        return _for_all(networks, request.owner, request.owner_seat, request.owner_organisation)
    return contact_of(request, request.owner, request.owner_seat, request.owner_organisation, viewer)


def suggested_by(answer: Answer, viewer: User) -> list[Contact]:
    """How `viewer` reaches whom somebody named."""
    if answer.participant is None or answer.participant.until is not None:
        return []
    present = Participant.present_in(answer.participant.network_id).where(Participant.id == answer.participant_id)
    seat = answer.participant.seat
    return [
        contact_of(answer.request, user, seat, seat.organisation.name, viewer)
        for _participant, user in db.session.execute(present)
    ]


def own_of(request: Request, user: User) -> Contact:
    """What who asked sees of this person once they help."""
    participation = participation_of(user, request)
    seat = participation.seat if participation else None
    return contact_of(request, user, seat, "", request.requester) if request.requester else Contact(user.name)


def contact_of(request: Request, user: User, seat: Seat | None, organisation: str, viewer: User) -> Contact:
    """How `viewer` reaches this person; what was handed on to them for this request is no secret any more."""
    is_given = _is_given(request, user, viewer)
    shows_email = is_given or visibility.sees(viewer, user, user.email_seen_by)
    shows_phone = seat is not None and (is_given or visibility.sees(viewer, user, seat.phone_seen_by))
    return _contact(user, seat, organisation, shows_email=shows_email, shows_phone=shows_phone)


def _for_all(networks: Sequence[Network], user: User, seat: Seat | None, organisation: str) -> Contact:
    shows_email = visibility.all_see(networks, user, user.email_seen_by)
    shows_phone = seat is not None and visibility.all_see(networks, user, seat.phone_seen_by)
    return _contact(user, seat, organisation, shows_email=shows_email, shows_phone=shows_phone)


def _contact(user: User, seat: Seat | None, organisation: str, *, shows_email: bool, shows_phone: bool) -> Contact:
    phone = seat.phone if seat else ""
    return Contact(
        user.name,
        organisation,
        phone if shows_phone else "",
        user.email if shows_email else "",
        visibility.reply_to(user, is_seen=shows_email),
        bool((phone and not shows_phone) or (user.email and not shows_email)),
        user,
        seat,
    )


def _is_given(request: Request, user: User, viewer: User) -> bool:
    given = select(Handover.id).where(
        Handover.request_id == request.id,
        Handover.user_id == user.id,
        Handover.to_id == viewer.id,
        Handover.given_at.is_not(None),
    )
    return db.session.scalar(given) is not None
