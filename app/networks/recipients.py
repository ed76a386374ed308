"""Who gets the mail of a network, and how: everybody who holds a seat in it now, by the rhythm they wish, each once.

Whoever takes part in several of a message's networks gets it by the fastest of their rhythms there, and only by that.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    distinct,
    func,
    literal,
    select,
)

from app.accounts.models import User, UserAddress
from app.database import db
from app.networks.audience import Audience
from app.networks.deputies import deputies_in
from app.networks.models import Holding, Network, Participant, Preference, Rhythm, Seat
from app.networks.silent import silent_now
from app.registry import Recipient, Refusal, ids_in

#: Why somebody gets no mail, as the Zustellbericht keeps it.
PAUSED = "pausiert"
WEB_ONLY = "nur auf der Website"

#: The audience of what only the person can answer, who is asked whether they come: no deputy gets it in their place.
ONESELF = "networks-oneself"

BY_MAIL = frozenset({Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY})
COLLECTED = frozenset({Rhythm.DAILY, Rhythm.WEEKLY})

_key = literal("user:") + cast(Holding.user_id, String)
_RANKS = {rhythm: rank for rank, rhythm in enumerate(Rhythm)}
_PAUSED_RANK = len(_RANKS)
_rank = case(
    (Preference.id.is_(None), _RANKS[Rhythm.AT_ONCE]),
    (Preference.pausing(), _PAUSED_RANK),
    else_=case({rhythm.value: rank for rhythm, rank in _RANKS.items()}, value=cast(Preference.rhythm, String)),
)
_prefers = and_(Preference.user_id == Holding.user_id, Preference.network_id == Participant.network_id)


def _up_to(rank: int, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(distinct(case((and_(_rank <= rank, *conditions), Holding.user_id))))


_is_reached = Holding.user_id.not_in(bindparam("unreached", expanding=True))


# Built once, because every page of messages asks it. Somebody is reached through any network they have mail from.
_audience = (
    select(
        *(_up_to(_RANKS[rhythm], _is_reached) for rhythm in (Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY)),
        *(_up_to(rank) for rank in (_RANKS[Rhythm.WEEKLY], _RANKS[Rhythm.WEB], _PAUSED_RANK)),
        func.count(distinct(case((and_(_rank <= _RANKS[Rhythm.WEEKLY], _is_reached), Seat.organisation_id)))),
        func.count(distinct(Seat.organisation_id)),
    )
    .select_from(Participant)
    .join(Network, Network.id == Participant.network_id)
    .join(Holding, Holding.seat_id == Participant.seat_id)
    .join(Seat, Seat.id == Participant.seat_id)
    .outerjoin(Preference, _prefers)
    .where(
        Participant.network_id.in_(bindparam("network_ids", expanding=True)),
        Network.closed_at.is_(None),
        Participant.until.is_(None),
        Holding.until.is_(None),
    )
)

# Built once and run past the session, because every batch of mail asks these; see `read()` in app/database.py.
_ranks_found = (
    select(Holding.user_id, Participant.network_id, Network.closed_at, _rank.label("rank"))
    .select_from(Participant)
    .join(Network, Network.id == Participant.network_id)
    .join(Holding, Holding.seat_id == Participant.seat_id)
    .outerjoin(Preference, _prefers)
    .where(Participant.until.is_(None), Holding.until.is_(None))
)
_network_ids: BindParameter[int] = bindparam("network_ids", expanding=True)
_user_ids: BindParameter[int] = bindparam("user_ids", expanding=True)
_ranks_of_all = _ranks_found.where(Participant.network_id.in_(_network_ids))
# The 0 keeps SQLite, which has no statistics, from reading a whole network for the few people asked for.
_ranks_of_some = _ranks_found.where((Participant.network_id + 0).in_(_network_ids), Holding.user_id.in_(_user_ids))
_addresses = (
    select(User.id, User.name, UserAddress.email)
    .join(UserAddress, and_(UserAddress.user_id == User.id, UserAddress.is_primary))
    .where(User.id.in_(_user_ids))
)


@dataclass(frozen=True)
class Way:
    """How a message gets to one person: through which network, by which rhythm (`WEB` and `paused`: not by mail)."""

    network_id: int
    rhythm: Rhythm
    paused: bool = False


def audience_of(networks: Sequence[Network], *, at_once: bool = False) -> Audience:
    """Count whom a message to these networks reaches; `at_once`: it goes before the digests (invitations).

    A closed network gets no mail, so its participants do not count.
    """
    network_ids = [network.id for network in networks]
    represented = deputies_in(network_ids)
    asked = {"network_ids": network_ids, "unreached": [*represented, *silent_now()]}
    counts: Any = db.session.execute(_audience, asked).one()
    at_once_now, up_to_daily, reached, by_mail, up_to_web, everybody, organisations, all_organisations = counts
    return Audience(
        people=reached,
        organisations=organisations,
        all_organisations=all_organisations,
        paused=everybody - up_to_web,
        at_once=reached if at_once else at_once_now,
        daily=0 if at_once else up_to_daily - at_once_now,
        weekly=0 if at_once else reached - up_to_daily,
        web=up_to_web - by_mail,
        represented=len(represented),
        silent=by_mail - reached - len(represented),
    )


def ways_to(networks: Sequence[Network], *, at_once: bool = False) -> dict[int, Way]:
    """Return how a message to these networks (home first) gets to each of their participants, by the id of the user."""
    return _fastest([network.id for network in networks], _ranks([network.id for network in networks]), at_once=at_once)


def keys_through(
    network: Network, networks: Sequence[Network], rhythms: Collection[Rhythm] = (Rhythm.AT_ONCE,)
) -> Select[str]:
    """The keys of those who get a message to `networks` by one of these rhythms, and through this network.

    `rhythms` are neighbours (once and daily, say). Each person is in the first network that has one of them, and in
    none if another network has mail for them faster: nobody gets a thing twice.
    """
    ranks = [_RANKS[rhythm] for rhythm in rhythms]
    reached = _ranked(network.id, ranks)
    faster = list(range(min(ranks)))
    for other in networks[: networks.index(network)]:
        reached = reached.where(_key.not_in(_ranked(other.id, faster + ranks)))
    if faster:
        for other in networks[networks.index(network) :]:
            reached = reached.where(_key.not_in(_ranked(other.id, faster)))
    return reached


def skipped_keys(networks: Sequence[Network]) -> dict[str, str]:
    """Return who takes part in these networks and gets no mail from any of them, with the reason."""
    return {
        f"user:{user_id}": PAUSED if way.paused else WEB_ONLY
        for user_id, way in sorted(ways_to(networks).items())
        if way.paused or way.rhythm is Rhythm.WEB
    }


def answer(audience: str, keys: Sequence[str]) -> dict[str, Recipient | Refusal]:
    """Say for each key whether mail of the networks in `audience` ("networks:3,5") is still wanted, and where.

    Deputies do not count here (app/networks/receiving.py does that). Whoever has chosen a digest since gets this one
    all the same: what waits for them at once is in no digest.
    """
    ways = ways_now(audience, keys)
    reached = [int(key.partition(":")[2]) for key, way in ways.items() if isinstance(way, Way)]
    rows = db.session.connection().execute(_addresses, {"user_ids": reached})
    found = {f"user:{id}": Recipient(email, name, id) for id, name, email in rows}
    return {
        key: way if isinstance(way, Refusal) else found.get(key, Refusal("nimmt nicht mehr teil"))
        for key, way in ways.items()
    }


def ways_now(audience: str, keys: Sequence[str]) -> dict[str, Way | Refusal]:
    """Return how mail of the networks in `audience` ("networks:3,5") reaches each key now, or why it does not."""
    network_ids = ids_in(audience)
    user_ids = [int(key.partition(":")[2]) for key in keys]
    rows = _ranks(network_ids, user_ids)
    is_open = {row.network_id for row in rows if row.closed_at is None}
    ways = _fastest(network_ids, [row for row in rows if row.network_id in is_open])
    belonging = {row.user_id for row in rows}
    return {f"user:{id}": _or_refusal(ways.get(id), belongs=id in belonging) for id in user_ids}


def _or_refusal(way: Way | None, *, belongs: bool) -> Way | Refusal:
    if way is None:
        return Refusal("Netz geschlossen", still_belongs=True) if belongs else Refusal("nimmt nicht mehr teil")
    if way.paused or way.rhythm is Rhythm.WEB:
        return Refusal(PAUSED if way.paused else WEB_ONLY, still_belongs=True)
    return way


def _fastest(network_ids: Sequence[int], rows: Sequence[Any], *, at_once: bool = False) -> dict[int, Way]:
    ways: dict[int, tuple[int, int]] = {}
    for row in rows:
        rank = 0 if at_once and row.rank <= _RANKS[Rhythm.WEEKLY] else row.rank
        here = (rank, network_ids.index(row.network_id))
        ways[row.user_id] = min(ways.get(row.user_id, here), here)
    rhythms = list(Rhythm)
    return {
        user_id: Way(network_ids[place], rhythms[min(rank, len(rhythms) - 1)], paused=rank == _PAUSED_RANK)
        for user_id, (rank, place) in ways.items()
    }


def _ranks(network_ids: Sequence[int], user_ids: Sequence[int] | None = None) -> Sequence[Any]:
    if user_ids is None:
        return db.session.connection().execute(_ranks_of_all, {"network_ids": network_ids}).all()
    asked = {"network_ids": network_ids, "user_ids": user_ids}
    return db.session.connection().execute(_ranks_of_some, asked).all()


def _ranked(network_id: int, ranks: Collection[int]) -> Select[str]:
    """The keys of those whose wish for this network has one of these ranks; without a wish it is the first."""
    seats = select(Participant.seat_id).where(Participant.network_id == network_id, Participant.until.is_(None))
    present = select(_key).distinct().where(Holding.until.is_(None), Holding.seat_id.in_(seats))
    with_wish = select(Preference.user_id).where(Preference.network_id == network_id)
    if 0 in ranks:
        return present.where(Holding.user_id.not_in(with_wish.where(_rank.not_in(ranks))))
    return present.where(Holding.user_id.in_(with_wish.where(_rank.in_(ranks))))
