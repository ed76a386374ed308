"""Who gets the mail of a network in somebody's place, at this moment.

A deputy is somebody who gets that network's mail themselves, now: taking part, with mail, not away, and at an address
that is not silent (app/mail/health.py). Without one the mail goes to the person after all. A deputy's own deputy does
not count, so that nothing is passed on in a circle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import and_, bindparam, or_, select

from app.accounts.models import User
from app.database import db, read, utc_now
from app.networks.absence_models import Absence
from app.networks.models import Holding, Network, Participant, Preference, Rhythm
from app.networks.silent import silent_now

# Built once, because every batch of mail asks the first.
_absences = select(Absence.user_id, Absence.network_id, Absence.deputy_id).where(
    Absence.until > bindparam("now"), Absence.network_id.in_(bindparam("network_ids", expanding=True))
)
_getting_mail = (
    select(Holding.user_id, Participant.network_id)
    .join(Participant, Participant.seat_id == Holding.seat_id)
    .join(Network, Network.id == Participant.network_id)
    .outerjoin(Preference, and_(Preference.user_id == Holding.user_id, Preference.network_id == Participant.network_id))
    .where(
        Participant.network_id.in_(bindparam("network_ids", expanding=True)),
        Holding.user_id.in_(bindparam("user_ids", expanding=True)),
        Network.closed_at.is_(None),
        Participant.until.is_(None),
        Holding.until.is_(None),
        or_(Preference.id.is_(None), and_(~Preference.pausing(), Preference.rhythm != Rhythm.WEB)),
    )
)


def deputies_in(network_ids: Sequence[int]) -> dict[int, int]:
    """Return who gets the mail of these networks in whose place now: the deputy, by whom they stand in for.

    Whoever is away from some of the networks only still gets the mail themselves, because of the others.
    """
    rows = read(_absences, {"network_ids": network_ids, "now": utc_now()}).all()
    named = {(row.user_id, row.network_id): row.deputy_id for row in rows}
    concerned = {id for row in rows if row.deputy_id for id in (row.user_id, row.deputy_id)}
    if not concerned:
        return {}
    have_mail: dict[int, list[int]] = defaultdict(list)
    for user_id, network_id in read(_getting_mail, {"network_ids": network_ids, "user_ids": list(concerned)}):
        have_mail[user_id].append(network_id)
    deputies = {}
    for user_id in {row.user_id for row in rows}:
        here = sorted(have_mail[user_id], key=network_ids.index)
        deputy_ids = [named.get((user_id, network_id)) for network_id in here]
        are_there = (
            id is not None and network_id in have_mail[id] and (id, network_id) not in named
            for id, network_id in zip(deputy_ids, here, strict=True)
        )
        if here and all(are_there) and deputy_ids[0]:
            deputies[user_id] = deputy_ids[0]
    unreached = silent_now() if deputies else ()
    return {user_id: deputy_id for user_id, deputy_id in deputies.items() if deputy_id not in unreached}


def names_for(deputy_id: int, network_ids: Sequence[int]) -> Sequence[str]:
    """Return the names of those this person stands in for in these networks now."""
    return names_of([user_id for user_id, id in deputies_in(network_ids).items() if id == deputy_id])


def names_of(user_ids: Sequence[int]) -> Sequence[str]:
    """Return the names of these people, always in the same order."""
    return db.session.scalars(select(User.name).where(User.id.in_(user_ids)).order_by(User.id)).all()
