"""What the list of offers and the page of one show, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from app.accounts.models import User
from app.database import by_name, db
from app.files.models import StoredFile
from app.networks.models import Network, Participant
from app.networks.visibility import sees
from app.offers.models import Kind, Offer

PAGE_SIZE = 20
EXCERPT_LENGTH = 240  # characters
MOST_SUGGESTIONS = 100


@dataclass(frozen=True)
class Choice:
    """What the visitor of a list asked for: one kind or all, and current offers or those that are over."""

    kind: Kind | None
    over: bool
    page: int


@dataclass(frozen=True)
class Counts:
    """How many offers of each kind a network has."""

    current: Counter[Kind]
    over: Counter[Kind]

    def of(self, choice: Choice) -> int:
        """Return how many offers the choice finds."""
        counted = self.over if choice.over else self.current
        return counted[choice.kind] if choice.kind else counted.total()


def counts_in(network: Network) -> Counts:
    """Count the network's offers."""
    is_current = Offer.is_current().label("is_current")
    query = (
        select(Offer.kind, is_current, func.count(Offer.id))
        .where(Offer.network_id == network.id)
        .group_by(Offer.kind, is_current)
    )
    counts = Counts(Counter(), Counter())
    for kind, current, number in db.session.execute(query):
        (counts.current if current else counts.over)[kind] += number
    return counts


def page_of_offers(network: Network, choice: Choice) -> Sequence[Row[Any]]:
    """Return one page of the chosen offers, the newest first, as rows: a list is no place for whole texts."""
    query = (
        select(
            Offer.id,
            Offer.kind,
            Offer.title,
            Offer.organisation_name,
            Offer.target_group,
            Offer.starts_on,
            Offer.ends_on,
            Offer.place,
            Offer.created_at,
            func.substr(Offer.description, 1, EXCERPT_LENGTH + 1).label("excerpt"),
        )
        .where(Offer.network_id == network.id, ~Offer.is_current() if choice.over else Offer.is_current())
        .order_by(Offer.created_at.desc(), Offer.id.desc())
        .limit(PAGE_SIZE)
        .offset((choice.page - 1) * PAGE_SIZE)
    )
    return db.session.execute(query.where(Offer.kind == choice.kind) if choice.kind else query).all()


def flyers_of(ids: Iterable[int]) -> dict[int, list[StoredFile]]:
    """Return the flyers of these offers by the offer's id."""
    flyers: dict[int, list[StoredFile]] = defaultdict(list)
    for file in db.session.scalars(StoredFile.owned_by(*(f"offer:{id}" for id in ids))):
        flyers[int(file.owner.removeprefix("offer:"))].append(file)
    return flyers


def contacts_of(offer: Offer, viewer: User) -> Sequence[Any]:
    """Return whom to ask when no contact was typed: rows with name, email, phone and organisation, as
    `viewer` sees them.

    These are the present holders of the offer's seat as far as it still takes part, or else, for an offer without
    a seat, its author.
    """
    if offer.seat_id:
        return db.session.execute(
            Participant.listed_in(offer.network_id, hidden_too=viewer.is_admin)
            .where(Participant.seat_id == offer.seat_id)
            .order_by(by_name(User.name))
        ).all()
    if offer.author is None:
        return []
    is_seen = sees(viewer, offer.author, offer.author.email_seen_by)
    email = offer.author.email if is_seen else ""
    return [{"name": offer.author.name, "organisation": "", "phone": "", "email": email}]


def target_groups_in(network: Network) -> Sequence[str]:
    """Return the target groups that offers of this network already name, so that the next one names them alike."""
    query = (
        select(Offer.target_group)
        .where(Offer.network_id == network.id, Offer.target_group != "")
        .group_by(Offer.target_group)
        .order_by(func.count(Offer.id).desc(), Offer.target_group)
        .limit(MOST_SUGGESTIONS)
    )
    return db.session.scalars(query).all()
