"""A phone number or address its owner does not show is handed on only when they say so, to one person, once."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts.models import User
from app.database import db, utc_now
from app.errors import DomainError
from app.requests import mails
from app.requests.models import Handover
from app.requests.rights import demand_running, participation_of


def give(user: User, handover: Handover) -> None:
    """Hand on what this person does not show, by a mail. Pressed twice it does nothing more.

    Raises `DomainError` when the request is over, or whoever it would go to has nothing to do with it any more.
    """
    if handover.given_at is not None:
        return
    request = handover.request
    demand_running(request)
    is_still_there = handover.to.is_admin or participation_of(handover.to, request) is not None
    if not is_still_there or participation_of(user, request) is None:
        raise DomainError(_("Sie nehmen beide nicht mehr an diesem Netz teil. Es ist nichts weitergegeben."))
    first = update(Handover).where(Handover.id == handover.id, Handover.given_at.is_(None))
    given = db.session.execute(first.values(given_at=utc_now()).returning(Handover.id)).first()
    db.session.refresh(handover)
    if given:
        mails.handed_over(handover)


def handover_for(user: User, id: int) -> Handover | None:
    """Return what this person was asked for, by its id."""
    return db.session.scalar(select(Handover).where(Handover.id == id, Handover.user_id == user.id))
