"""Who sees somebody's phone number and e-mail address: what its owner says, field by field.

The participant list of a network asks `Participant.listed_in()`; what goes by mail, or beyond one network, asks here.
Somebody whose address is not shown can still be answered: mail to them goes by way of the portal.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select

from app.accounts.models import User, Visibility
from app.database import db
from app.mail import answering
from app.networks.models import Holding, Network, Participant, Seat


def sees(viewer: User, owner: User, seen_by: Visibility) -> bool:
    """Whether `viewer` may see what `owner` shows to `seen_by`."""
    if viewer.is_admin or viewer.id == owner.id or seen_by is Visibility.ALL:
        return True
    if seen_by is Visibility.HIDDEN:
        return False
    if owner.is_admin:
        return True  # Verwaltung belongs to every network
    mine = Participant.network_ids_of(viewer.id)
    shared = Participant.network_ids_of(owner.id).where(Participant.network_id.in_(mine))
    return db.session.scalar(shared.limit(1)) is not None


def all_see(networks: Sequence[Network], owner: User, seen_by: Visibility) -> bool:
    """Whether everybody in these networks may see what `owner` shows to `seen_by`."""
    if seen_by is Visibility.NETWORK and not owner.is_admin:
        mine = Participant.network_ids_of(owner.id).where(Participant.network_id.in_([each.id for each in networks]))
        return len(set(db.session.scalars(mine))) == len(networks)
    return seen_by is not Visibility.HIDDEN


def phone_for(networks: Sequence[Network], owner: User | None, seat: Seat | None) -> str:
    """Return the number of the seat if everybody in these networks may see it, else nothing."""
    return seat.phone if seat and owner and all_see(networks, owner, seat.phone_seen_by) else ""


def reply_to(owner: User, *, is_seen: bool) -> str:
    """Return where answers to a mail of this person go: to their own address, or by way of the portal.

    Nothing where their address is not to be seen and incoming mail is not read.
    """
    if not owner.email or not (is_seen or answering.is_offered()):
        return ""
    if is_seen:
        return f"{owner.name} <{owner.email}>"
    return answering.reply_to(_("Nur an %(name)s", name=owner.name), answering.TO_ONE, owner.id)


def answers_to(networks: Sequence[Network], owner: User) -> str:
    """Return where answers go to a mail of this person that everybody in these networks gets; see `reply_to()`."""
    return reply_to(owner, is_seen=all_see(networks, owner, owner.email_seen_by))


def unseen_by(viewer: User, user_ids: Collection[int]) -> set[int]:
    """Return whose e-mail address, of these people, `viewer` may not see."""
    if viewer.is_admin or not user_ids:
        return set()
    mine = Participant.network_ids_of(viewer.id)
    present = select(Holding.user_id).join(Participant, Participant.seat_id == Holding.seat_id)
    beside = present.where(Participant.network_id.in_(mine), Participant.until.is_(None), Holding.until.is_(None))
    is_foreign = and_(User.email_seen_by == Visibility.NETWORK, User.id.not_in(beside), User.is_admin.is_(False))
    hides = or_(User.email_seen_by == Visibility.HIDDEN, is_foreign)
    return set(db.session.scalars(select(User.id).where(User.id.in_(user_ids), User.id != viewer.id, hides)))
