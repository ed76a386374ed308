"""Who gets a message and who can read it, said to the person who is about to write it, name by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from sqlalchemy import bindparam, distinct, func, select

from app.accounts.models import Organisation, User
from app.database import by_name, db
from app.networks.audience import Audience
from app.networks.deputies import deputies_in
from app.networks.models import Holding, Network, Participant, Rhythm, Seat
from app.networks.recipients import BY_MAIL, audience_of, ways_to
from app.networks.scope import figure
from app.networks.silent import silent_now


class Person(NamedTuple):
    """A participant as the list of recipients shows them; of several organisations it names all."""

    name: str
    organisations: str
    deputy: str = ""  # who gets it in their place


class Reach(NamedTuple):
    """Whom a message reaches, by name: at once, in a digest, through a deputy, on the website only, or not.

    Those it does not reach pause, or are at a silent address.
    """

    audience: Audience
    at_once: Sequence[Person]
    collected: Sequence[Person]
    represented: Sequence[Person]
    web: Sequence[Person]
    paused: Sequence[Person]
    silent: Sequence[Person]


# Built once. Somebody in several networks, or with several seats in one, counts once. Whoever only receives cannot
# sign in, and so reads nothing that no mail carries.
_present = (
    select(func.count(distinct(Holding.user_id)))
    .join(Participant, Participant.seat_id == Holding.seat_id)
    .join(User, User.id == Holding.user_id)
    .where(
        Participant.network_id.in_(bindparam("network_ids", expanding=True)),
        Participant.until.is_(None),
        Holding.until.is_(None),
    )
)
_who_can_sign_in = _present.where(User.receives_only.is_(False))


def reach_of(networks: Sequence[Network], *, at_once: bool = False, known: Sequence[int] | None = None) -> Reach:
    """Return whom a message to these networks (home first) reaches; closed ones get no mail and are left out.

    With the ids of `known` networks, whoever takes part in none of them has no name: they count, and that is all.
    """
    open_networks = [network for network in networks if not network.closed_at]
    groups: dict[str, list[Person]] = defaultdict(list)
    ways = ways_to(open_networks, at_once=at_once) if open_networks else {}
    network_ids = [network.id for network in open_networks]
    deputies = deputies_in(network_ids)
    people, silent = _people(network_ids), silent_now()
    if known is not None:
        strangers = people.keys() - _people([id for id in network_ids if id in known])
        people |= dict.fromkeys(strangers, Person("", ""))
    for id, person in people.items():
        way = ways[id]
        if id in deputies:
            groups["represented"].append(person._replace(deputy=people[deputies[id]].name))
        elif id in silent and way.rhythm in BY_MAIL and not way.paused:
            groups["silent"].append(person)
        else:
            groups["paused" if way.paused else way.rhythm.value].append(person)
    return Reach(
        audience_of(open_networks, at_once=at_once),
        at_once=groups[Rhythm.AT_ONCE],
        collected=groups[Rhythm.DAILY] + groups[Rhythm.WEEKLY],
        represented=groups["represented"],
        web=groups[Rhythm.WEB],
        paused=groups["paused"],
        silent=groups["silent"],
    )


def readers_said(networks: Sequence[Network], *, confidential: bool = False) -> str:
    """Say who can read what is written to these networks (row C8), whoever pauses or belongs to a closed one included.

    A `confidential` text stands on the website only, so only those who can sign in read it.
    """
    counting = _who_can_sign_in if confidential else _present
    number = db.session.scalar(counting, {"network_ids": [network.id for network in networks]}) or 0
    return said(number, networks)


def said(number: int, networks: Sequence[Network]) -> str:
    """Return the sentence of row C8 for so many people who take part in these networks."""
    if len(networks) == 1:
        return ngettext(
            "Lesen können das die eine Person in diesem Netz, alle, die später dazukommen, und die Verwaltung.",
            "Lesen können das die %(num)s Teilnehmenden dieses Netzes, alle, die später dazukommen, und die "
            "Verwaltung.",
            number,
        )
    names = format_list([f"„{network.name}“" for network in networks], locale=get_locale())
    return ngettext(
        "Lesen können das die eine Person in %(names)s, alle, die später dazukommen, und die Verwaltung.",
        "Lesen können das die %(num)s Teilnehmenden von %(names)s, alle, die später dazukommen, und die Verwaltung.",
        number,
        names=names,
    )


def reached(networks: Sequence[Network]) -> int:
    """Return how many people an answer reaches in these networks; of a single one it is the figure its page shows."""
    if len(networks) != 1:  # none where whoever reads may not answer
        return audience_of(networks).people
    people: int = figure(networks[0], "reached")
    return people


def _people(network_ids: Sequence[int]) -> dict[int, Person]:
    query = (
        select(User.id, User.name, Organisation.name.label("organisation"))
        .select_from(Participant)
        .join(Seat, Seat.id == Participant.seat_id)
        .join(Organisation, Organisation.id == Seat.organisation_id)
        .join(Holding, Holding.seat_id == Seat.id)
        .join(User, User.id == Holding.user_id)
        .where(Participant.network_id.in_(network_ids), Participant.until.is_(None), Holding.until.is_(None))
        .order_by(by_name(User.name), User.id, by_name(Organisation.name))
    )
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(query):
        rows[row.id].append(row)
    return {
        id: Person(found[0].name, ", ".join(dict.fromkeys(row.organisation for row in found)))
        for id, found in rows.items()
    }
