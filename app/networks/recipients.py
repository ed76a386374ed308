"""Who gets the mail of a network: everybody who holds a seat in it now and has not paused it, each person once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, String, and_, bindparam, case, cast, distinct, func, literal, select

from app.accounts.models import User, UserAddress
from app.database import db
from app.networks.models import Holding, Network, Participant, Preference, Seat
from app.registry import Recipient, Refusal

_key = literal("user:") + cast(Holding.user_id, String)


# Built once, because every page of messages asks it. Somebody is reached through any network they do not pause.
_audience = (
    select(
        func.count(distinct(Holding.user_id)),
        func.count(distinct(case((Preference.paused_at.is_(None), Holding.user_id)))),
        func.count(distinct(case((Preference.paused_at.is_(None), Seat.organisation_id)))),
    )
    .select_from(Participant)
    .join(Holding, Holding.seat_id == Participant.seat_id)
    .join(Seat, Seat.id == Participant.seat_id)
    .outerjoin(Preference, and_(Preference.user_id == Holding.user_id, Preference.network_id == Participant.network_id))
    .where(
        Participant.network_id.in_(bindparam("network_ids", expanding=True)),
        Participant.until.is_(None),
        Holding.until.is_(None),
    )
)


@dataclass(frozen=True)
class Audience:
    """How many people in how many organisations a message reaches, and how many of its participants pause."""

    people: int
    organisations: int
    paused: int

    @property
    def said(self) -> str:
        """Whom it reaches as people say it: "34 Teilnehmende in 14 Organisationen"."""
        people = ngettext("%(num)s teilnehmende Person", "%(num)s Teilnehmende", self.people)
        organisations = ngettext("%(num)s Organisation", "%(num)s Organisationen", self.organisations)
        return str(_("%(people)s in %(organisations)s", people=people, organisations=organisations))


def keys_through(network: Network, earlier: Sequence[Network]) -> Select[str]:
    """The recipient keys reached through this network and none of the `earlier` ones: nobody gets a thing twice."""
    reached = _reached(network.id)
    for other in earlier:
        reached = reached.where(_key.not_in(_reached(other.id)))
    return reached


def paused_keys(networks: Sequence[Network]) -> list[str]:
    """The keys of those who take part in these networks and pause every one they take part in."""
    reached = {key for network in networks for key in db.session.scalars(_reached(network.id))}
    present = {key for network in networks for key in db.session.scalars(_present(network.id))}
    return sorted(present - reached)


def audience_of(networks: Sequence[Network]) -> Audience:
    """Count whom a message to these networks reaches."""
    ids = [network.id for network in networks]
    everybody, people, organisations = db.session.execute(_audience, {"network_ids": ids}).one()
    return Audience(people, organisations, everybody - people)


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Say for each key whether mail of the networks in `audience` ("networks:3,5") is still wanted, and where."""
    network_ids = [int(number) for number in audience.partition(":")[2].split(",")]
    user_ids = [int(key.partition(":")[2]) for key in keys]
    rows = db.session.execute(
        select(User.id, User.name, UserAddress.email, Preference.paused_at, Network.closed_at)
        .select_from(Participant)
        .join(Network, Network.id == Participant.network_id)
        .join(Holding, Holding.seat_id == Participant.seat_id)
        .join(User, User.id == Holding.user_id)
        .join(UserAddress, and_(UserAddress.user_id == User.id, UserAddress.is_primary))
        .outerjoin(Preference, and_(Preference.user_id == User.id, Preference.network_id == Participant.network_id))
        .where(
            Participant.network_id.in_(network_ids),
            Participant.until.is_(None),
            Holding.until.is_(None),
            User.id.in_(user_ids),
        )
    )
    answers: dict[str, Recipient | Refusal] = {key: Refusal("nimmt nicht mehr teil") for key in keys}
    for user_id, name, email, paused_at, closed_at in rows:
        key = f"user:{user_id}"
        if paused_at is None and closed_at is None:
            answers[key] = Recipient(email, name, user_id)
        elif isinstance(answers[key], Refusal):
            answers[key] = Refusal("Netz geschlossen" if closed_at else "pausiert", still_belongs=True)
    return answers


def _reached(network_id: int) -> Select[str]:
    pausing = select(Preference.user_id).where(Preference.network_id == network_id, Preference.paused_at.is_not(None))
    return _present(network_id).where(Holding.user_id.not_in(pausing))


def _present(network_id: int) -> Select[str]:
    seats = select(Participant.seat_id).where(Participant.network_id == network_id, Participant.until.is_(None))
    return select(_key).distinct().where(Holding.until.is_(None), Holding.seat_id.in_(seats))
