"""What was read holds until anybody commits, and not one reader longer (app/unchanged.py)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import bindparam, func, insert, select

from app.accounts.models import Organisation
from app.database import db, read, utc_now, writing
from app.unchanged import until_commit
from tests.conftest import Given

_named = select(func.count()).select_from(Organisation).where(Organisation.name == bindparam("name"))


class Counter:
    """Counts organisations, and how often it was asked to."""

    def __init__(self) -> None:
        self.asked = 0
        self.count = until_commit(self._count)

    def _count(self, name: str) -> int:
        self.asked += 1
        number: int = read(_named, {"name": name}).scalar_one()
        return number


@pytest.fixture
def counter(app: Flask) -> Iterator[Counter]:
    if db_kind(app) != "sqlite":
        pytest.skip("PostgreSQL tells of no commit, so nothing is kept there")
    with time_machine.travel(utc_now(), tick=False):
        yield Counter()


def db_kind(app: Flask) -> str:
    with app.app_context():
        return db.engine.dialect.name


def count(app: Flask, counter: Counter, name: str = "Verein") -> int:
    with app.app_context():
        return counter.count(name)


def add(given: Given) -> None:
    with given():
        db.session.add(Organisation(name="Verein"))


def test_the_second_reader_is_told_what_the_first_was(app: Flask, counter: Counter) -> None:
    assert [count(app, counter), count(app, counter)] == [0, 0]
    assert counter.asked == 1
    assert count(app, counter, "Schule") == 0
    assert counter.asked == 2


def test_a_commit_of_this_connection_ends_it(app: Flask, given: Given, counter: Counter) -> None:
    assert count(app, counter) == 0
    add(given)
    assert count(app, counter) == 1


def test_a_commit_of_another_connection_ends_it(app: Flask, counter: Counter) -> None:
    assert count(app, counter) == 0
    with app.app_context(), db.engine.connect() as held:
        held.begin()  # keeps the connection that has answered so far, so that another one writes
        with writing(), db.engine.begin() as other:
            other.execute(insert(Organisation).values(name="Verein", website="", created_at=utc_now()))
    assert count(app, counter) == 1


def test_who_writes_is_told_what_they_wrote_and_nobody_else_before_the_commit(app: Flask, counter: Counter) -> None:
    assert count(app, counter) == 0
    with app.app_context(), writing():
        db.session.add(Organisation(name="Verein"))
        db.session.flush()
        assert counter.count("Verein") == 1
        db.session.rollback()
    assert count(app, counter) == 0


def test_what_depends_on_the_time_is_a_minute_old_at_most(app: Flask, counter: Counter) -> None:
    count(app, counter)
    with time_machine.travel(utc_now() + timedelta(minutes=1), tick=False):
        count(app, counter)
    assert counter.asked == 2


def test_what_is_kept_needs_no_transaction(app: Flask, counter: Counter) -> None:
    assert count(app, counter) == 0
    with app.app_context():
        assert counter.count("Verein") == 0
        assert not db.session().in_transaction()


def test_a_transaction_that_began_before_keeps_nothing_for_others(app: Flask, given: Given, counter: Counter) -> None:
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Organisation)) == 0  # what it sees from now on
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(add, given).result()
        assert counter.count("Verein") == 0
    assert count(app, counter) == 1
