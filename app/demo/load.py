"""Load data: as many networks, participants and messages as asked for, invented and the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from app.accounts.models import Organisation, User, UserAddress
from app.database import db, utc_now
from app.demo import world
from app.forum.models import Kind, Message, Thread, ThreadNetwork
from app.networks.models import Holding, Network, Participant, Posting, Seat

#: Participants per organisation, replies per thread.
PEOPLE_EACH = 3
REPLIES_EACH = 2
_BATCH = 5000


def load(networks: int, participants: int, messages: int) -> Iterator[int]:
    """Add that many networks, each with so many participants and messages; yield the rows written, batch by batch.

    Beside other load data it fails on the slugs: it is meant for an empty database. The caller commits.
    """
    rng = random.Random(2015)  # noqa: S311  # invented data, the same each time
    first = {model: _last_id(model) + 1 for model in (Network, Organisation, User, Seat, Thread, Message)}
    for number in range(networks):
        network_id = first[Network] + number
        rows = [{"id": network_id, "slug": f"last-{number + 1}", "name": f"Lastnetz {number + 1}"} | _NETWORK]
        yield _insert(Network, rows)
        offset = number * participants
        yield from _people(network_id, offset, participants, first)
        authors = range(first[User] + offset, first[User] + offset + participants)
        yield from _messages(network_id, number * messages, messages, authors, first, rng)
    if db.engine.dialect.name == "postgresql":
        _catch_up_sequences(first)


_NETWORK = {
    "goal": "",
    "target_groups": "",
    "posting": Posting.EVERYONE,
    "calendar_key": "",
    "closed_at": None,
}


def _people(network_id: int, offset: int, number: int, first: dict[Any, int]) -> Iterator[int]:
    numbers = range(offset, offset + number)
    organisations = -(-number // PEOPLE_EACH)
    organisation = first[Organisation] + offset // max(number, 1) * organisations
    names = [person["name"] for person in world.PEOPLE]
    yield _insert(
        Organisation,
        [
            {"id": n, "name": f"Organisation {n}", "website": ""}
            for n in range(organisation, organisation + organisations)
        ],
    )
    yield _insert(User, [{"id": first[User] + n, "name": f"{names[n % len(names)]} {n + 1}"} | _USER for n in numbers])
    yield _insert(UserAddress, [_address(first[User] + n, f"person{n + 1}@example.org") for n in numbers])
    yield _insert(Seat, [_seat(first[Seat] + n, organisation + (n - offset) // PEOPLE_EACH, n) for n in numbers])
    yield _insert(Holding, [{"seat_id": first[Seat] + n, "user_id": first[User] + n} for n in numbers])
    yield _insert(
        Participant, [{"network_id": network_id, "seat_id": first[Seat] + n, "is_lead": n == offset} for n in numbers]
    )


def _address(user_id: int, email: str) -> dict[str, Any]:
    return {"user_id": user_id, "email": email, "email_key": email, "is_primary": True}


def _seat(id: int, organisation_id: int, number: int) -> dict[str, Any]:
    phone = f"0999 {number % 1000:03d} {number % 100:02d}"
    return {"id": id, "organisation_id": organisation_id, "task": "Beratung und Vermittlung", "phone": phone}


_USER = {"is_admin": False, "receives_only": False, "password_hash": "", "calendar_key": ""}


def _messages(
    network_id: int, offset: int, number: int, authors: range, first: dict[Any, int], rng: random.Random
) -> Iterator[int]:
    if not authors:
        return
    threads: list[dict[str, Any]] = []
    messages: list[dict[str, Any]] = []
    begun = utc_now() - timedelta(hours=number + 1)
    for n in range(number):
        note = world.MESSAGES[n % len(world.MESSAGES)]
        at = begun + timedelta(hours=n)
        if n % (REPLIES_EACH + 1) == 0:
            threads.append(
                {
                    "id": first[Thread] + offset + n,
                    "home_id": network_id,
                    "subject": note["subject"],
                    "kind": Kind(note["kind"]),
                    "confidential": False,
                    "last_message_at": at,
                    "created_at": at,
                }
            )
        threads[-1]["last_message_at"] = at
        messages.append(_message(first[Message] + offset + n, threads[-1]["id"], rng.choice(authors), note, at))
    yield _insert(Thread, threads)
    yield _insert(ThreadNetwork, [{"thread_id": row["id"], "network_id": network_id} for row in threads])
    yield _insert(Message, messages)


def _message(id: int, thread_id: int, author_id: int, note: dict[str, Any], at: Any) -> dict[str, Any]:
    return {
        "id": id,
        "thread_id": thread_id,
        "submission": str(UUID(int=id)),
        "message_id": f"load-{id}@example.org",
        "author_id": author_id,
        "seat_id": None,
        "author_name": f"Person {author_id}",
        "organisation_name": "Organisation",
        "body": note["body"],
        "mails_at": at,
        "created_at": at,
    }


def _insert(model: Any, rows: list[dict[str, Any]]) -> int:
    for start in range(0, len(rows), _BATCH):
        db.session.execute(insert(model), rows[start : start + _BATCH])
    return len(rows)


def _last_id(model: Any) -> int:
    return db.session.scalar(db.select(db.func.max(model.id))) or 0


def _catch_up_sequences(models: dict[Any, int]) -> None:
    """Rows that came with an id of their own do not move PostgreSQL's sequences on."""
    for model in models:
        table = model.__tablename__
        db.session.execute(
            db.text(f"""SELECT setval(pg_get_serial_sequence('"{table}"', 'id'), (SELECT max(id) FROM "{table}"))""")  # noqa: S608  # our own names
        )
