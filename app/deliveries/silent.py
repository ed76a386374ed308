"""Whom no mail reaches any more, and what Verwaltung can do about it: advice in one sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from app.accounts.models import User, UserAddress
from app.database import by_name, db
from app.mail import health
from app.mail.bounces_causes import finding
from app.mail.bounces_phrases import Cause
from app.mail.models import Address
from app.networks.models import Holding, Participant

_ADVICE = {
    Cause.FULL: _l("Rufen Sie an: Das Postfach muss aufgeräumt werden."),
    Cause.EXPIRED: _l("Fragen Sie bei der Person nach, ob dort sonst Mails ankommen."),
    Cause.MOVED: _l("Fragen Sie in der Organisation, wer die Stelle jetzt hat."),
    Cause.DISABLED: _l("Fragen Sie in der Organisation, ob die Person noch dort arbeitet."),
    Cause.NO_DOMAIN: _l("Prüfen Sie, was nach dem @ steht; vielleicht heißt die Organisation jetzt anders."),
    Cause.UNKNOWN: _l("Prüfen Sie die Schreibweise, oder fragen Sie, wer die Stelle jetzt hat."),
}
_OTHER_ADVICE = _l("Rufen Sie die Person an, und klären Sie die Adresse.")


@dataclass(frozen=True)
class SilentAddress:
    """A person's address that takes no mail; `words` are the server's own, `seats` where the person takes part."""

    id: int  # of the Address
    user_id: int
    name: str
    email: str
    failed_at: datetime
    words: str
    takes_part: list[Participant]  # in which networks, with which seats

    @property
    def reason(self) -> str:
        """Why nothing arrives, as a sentence."""
        return finding(self.words).cause.sentence

    @property
    def advice(self) -> str:
        """What to do about it, as a sentence."""
        return str(_ADVICE.get(finding(self.words).cause, _OTHER_ADVICE))


def silent_addresses() -> list[SilentAddress]:
    """Return everyone whose mail goes to a silent address, by name."""
    rows = db.session.execute(_silent(Address, User.id, User.name, UserAddress.email).order_by(by_name(User.name)))
    found = [(address, user_id, name, email) for address, user_id, name, email in rows]
    takes_part = _takes_part({user_id for _address, user_id, _name, _email in found})
    return [
        SilentAddress(address.id, user_id, name, email, address.failed_at, address.reply, takes_part.get(user_id, []))
        for address, user_id, name, email in found
    ]


def number_of_silent() -> int:
    """Return how many people no mail to many reaches."""
    return db.session.scalar(_silent(func.count())) or 0


def holder_of(address_id: int) -> tuple[Address, User] | None:
    """Return a silent address and the person whose mail goes there."""
    row = db.session.execute(_silent(Address, User).where(Address.id == address_id)).first()
    return (row[0], row[1]) if row else None


def networks_of(user: User) -> list[int]:
    """Return the ids of the networks this person takes part in."""
    return [participant.network_id for participant in _takes_part({user.id}).get(user.id, [])]


def _silent(*columns: Any) -> Select[Any]:
    mail_goes_there = (Address.email == func.lower(UserAddress.email)) & UserAddress.is_primary
    # Whose seats others hold now gets no mail to many, and Verwaltung has nothing to settle.
    takes_part = (
        select(Participant.id)
        .join(Holding, Holding.seat_id == Participant.seat_id)
        .where(Holding.user_id == User.id, Holding.until.is_(None), Participant.until.is_(None))
    )
    people = select(*columns).select_from(Address).join(UserAddress, mail_goes_there).join(User)
    return people.where(health.is_silent(), User.is_admin | takes_part.exists())


def _takes_part(user_ids: set[int]) -> dict[int, list[Participant]]:
    return {user_id: list(db.session.scalars(Participant.of_user(user_id))) for user_id in user_ids}
