"""What tests of digests need: wishes, messages written at a moment, the job that makes the digests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from flask import Flask

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Message, Thread
from app.forum.posting import post_message, reply
from app.networks import wishes
from app.networks.models import Network, Rhythm
from tests.cast import Net, Person
from tests.conftest import Given

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int = 12, minute: int = 0, month: int = 3) -> datetime:
    """A moment of March 2026 by the clocks of Germany; the 2nd is a Monday, on the 29th the clocks change."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


class Town:
    """People who write and wish at moments of a moved clock."""

    def __init__(self, app: Flask, given: Given) -> None:
        self.app = app
        self.given = given

    @contextmanager
    def when(self, moment: datetime) -> Iterator[None]:
        with time_machine.travel(moment, tick=False):
            yield

    def wish(self, person: Person, net: Net, rhythm: Rhythm) -> None:
        with self.given():
            wishes.set_rhythm(person.id, net.id, rhythm)

    def write(self, author: Person, *nets: Net, **fields: Any) -> int:
        """Post a message and return the id of its thread."""
        with self.given():
            networks = [db.session.get_one(Network, net.id) for net in nets]
            fields = {"subject": "Räume", "body": f"geschrieben {utc_now().isoformat()}"} | fields
            user = db.session.get_one(User, author.id)
            message = post_message(user, networks[0], also_to=networks[1:], **fields)
            return message.thread_id

    def answer(self, author: Person, thread_id: int, body: str) -> None:
        with self.given():
            reply(db.session.get_one(User, author.id), db.session.get_one(Thread, thread_id), body=body)

    def run(self, job: str = "digests") -> None:
        """Run a job as the worker does."""
        self.app.extensions["run_job"].call_local(job)

    def bodies(self) -> set[str]:
        with self.given():
            return set(db.session.scalars(db.select(Message.body)))
