"""The fixed cast: a small world of named people, made anew for each test.

    ost   "Jugendliche in Ausbildung": Lena leads it, Bob and Carla take part, Gast only receives
    west  "Sprache im Beruf": Carla and Wim take part

Anke is the Verwaltung and takes part in nothing. Wim is the outsider of ost, without whom "refuses the outsider"
would mean nothing. What a test gets are plain values, not rows, because no session is open around a client's calls.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert, select

from app.accounts.models import User
from app.database import db, utc_now
from app.networks.models import Network, Participant
from tests.factories import make_network, make_organisation, make_participant, make_seat, make_user


@dataclass(frozen=True)
class Person:
    """A user's id and what other people see of them; `key` stands for them in the outbox."""

    id: int
    name: str
    email: str
    organisation: str = ""

    @property
    def key(self) -> str:
        return f"user:{self.id}"


@dataclass(frozen=True)
class Net:
    """A network's id, slug and name; `participants` maps a person's id to the id of their Participant in it."""

    id: int
    slug: str
    name: str
    participants: dict[int, int]

    def path(self, *parts: object) -> str:
        """The URL path below the network: `ost.path("nachrichten", 3)` is "/netze/ost/nachrichten/3"."""
        return "/".join(["/netze", self.slug, *map(str, parts)])

    def participant(self, person: Person) -> int:
        """The id of this person's Participant in the network."""
        return self.participants[person.id]


@dataclass(frozen=True)
class Cast:
    anke: Person
    lena: Person
    bob: Person
    carla: Person
    wim: Person
    gast: Person
    ost: Net
    west: Net

    @property
    def everyone_in_ost(self) -> list[Person]:
        """Who gets a message to ost by mail."""
        return [self.lena, self.bob, self.carla, self.gast]


@dataclass
class Stage:
    """Makes the cast for one test after the other: once by the factories, later by the rows they made.

    The tests are many, and each row that is flushed alone takes its time.
    """

    cast: Cast | None = None
    rows: dict[Table, list[dict[str, Any]]] = field(default_factory=dict)

    def enter(self) -> Cast:
        """Make the world; call it where rows may be added, and commit afterwards."""
        if db.session.scalars(select(User.id).limit(1)).first():
            return _make_cast()  # this test began with people of its own
        if self.cast is None:
            self.cast = _make_cast()
            self.rows = {table: rows for table in db.metadata.sorted_tables if (rows := _rows_of_cast(table))}
        else:
            now = utc_now()
            for table, rows in self.rows.items():
                db.session.execute(insert(table), [_as_of(now, row) for row in rows])
        return self.cast


def _rows_of_cast(table: Table) -> list[dict[str, Any]]:
    made = ("user", "user_address", "organisation", "seat", "holding", "network", "participant")
    return [dict(row) for row in db.session.execute(select(table)).mappings()] if table.name in made else []


def _as_of(now: datetime, row: dict[str, Any]) -> dict[str, Any]:
    return {name: now if isinstance(value, datetime) else value for name, value in row.items()}


def _make_cast() -> Cast:
    people = {
        "anke": make_user("Anke Amtmann", "anke.amtmann@stadt.example.org", is_admin=True),
        "lena": make_user("Lena Leitner", "lena.leitner@jobcenter.example.org"),
        "bob": make_user("Bob Bergmann", "bob.bergmann@berufskolleg.example.org"),
        "carla": make_user("Carla Çelik", "carla.celik@sprachwerk.example.org"),
        "wim": make_user("Wim Weber", "wim.weber@handwerk.example.org"),
        "gast": make_user("Gaststelle Beirat", "beirat@example.org", receives_only=True),
    }
    organisations = {
        "anke": "Stadtverwaltung",
        "lena": "Jobcenter",
        "bob": "Berufskolleg am Kanal",
        "carla": "Sprachwerk e. V.",
        "wim": "Kreishandwerkerschaft",
        "gast": "Beirat für Arbeit",
    }
    seats = {
        who: make_seat(
            user, make_organisation(organisations[who]), task=f"Aufgabe von {user.name}", phone="0999 123 45"
        )
        for who, user in people.items()
        if who != "anke"
    }
    ost = make_network("ost", "Jugendliche in Ausbildung", goal="Niemand geht auf dem Weg in die Ausbildung verloren.")
    west = make_network("west", "Sprache im Beruf", goal="Deutsch lernen, während man arbeitet.")
    for who in ("lena", "bob", "carla", "gast"):
        make_participant(ost, seat=seats[who], is_lead=who == "lena")
    for who in ("carla", "wim"):
        make_participant(west, seat=seats[who])
    persons = {who: _person(user, organisations[who]) for who, user in people.items()}
    return Cast(**persons, ost=_net(ost), west=_net(west))


def _person(user: User, organisation: str) -> Person:
    return Person(user.id, user.name, user.email, organisation)


def _net(network: Network) -> Net:
    present = db.session.execute(Participant.present_in(network.id)).all()
    return Net(network.id, network.slug, network.name, {user.id: participant.id for participant, user in present})
