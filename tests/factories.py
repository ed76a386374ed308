"""Makers of rows for tests: sensible values for what a test does not care about.

Call them inside `with given():` (tests/conftest.py), which commits at its end. They flush, so that ids are known.
"""

from __future__ import annotations

from itertools import count
from typing import Any, TypeVar

from app.accounts.models import Organisation, User, UserAddress, email_key
from app.database import db
from app.networks.models import Holding, Network, Participant, Seat

Row = TypeVar("Row")

_numbers = count(1)


def make_user(name: str = "", email: str = "", **fields: Any) -> User:
    """A person with one address; `is_admin=True` makes them Verwaltung."""
    number = next(_numbers)
    name = name or f"Person {number}"
    email = email or f"person{number}@example.org"
    address = UserAddress(email=email, email_key=email_key(email), is_primary=True)
    return _kept(User(name=name, addresses=[address], **fields))


def make_organisation(name: str = "", **fields: Any) -> Organisation:
    return _kept(Organisation(name=name or f"Organisation {next(_numbers)}", **fields))


def make_network(slug: str = "", name: str = "", **fields: Any) -> Network:
    slug = slug or f"netz-{next(_numbers)}"
    return _kept(Network(slug=slug, name=name or slug.capitalize(), **fields))


def make_seat(user: User, organisation: Organisation | None = None, **fields: Any) -> Seat:
    """A seat that this person holds now."""
    seat = _kept(Seat(organisation=organisation or make_organisation(), **fields))
    _kept(Holding(seat=seat, user=user))
    return seat


def make_participant(
    network: Network, user: User | None = None, seat: Seat | None = None, **fields: Any
) -> Participant:
    """A present participant; without a seat the person gets one in a new organisation."""
    seat = seat or make_seat(user or make_user())
    return _kept(Participant(network=network, seat=seat, **fields))


def make_participants(network: Network, number: int) -> list[User]:
    """So many further people who take part."""
    users = [make_user() for _ in range(number)]
    for user in users:
        make_participant(network, user)
    return users


def _kept(row: Row) -> Row:
    db.session.add(row)
    db.session.flush()
    return row
