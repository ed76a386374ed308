"""What befalls the portal while mail goes out: locks, clocks, limits, greylists. Nothing is lost or doubled."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, create_engine, event, exc, text

from app import registry
from app.database import db, utc_now
from app.mail import ledger
from app.mail.models import DeliveryState
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.mail.rude_server import RudeServer
from tests.mail.test_delivering import run, run_until_done
from tests.mailserver import MailServer

Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]
Post = Callable[..., int]
PostBulk = Callable[..., list[str]]

_LOCKED_SECONDS = 1.0


def test_a_database_that_is_locked_for_a_while_doubles_nothing(
    app: Flask, post_bulk: PostBulk, smtp: MailServer
) -> None:
    addresses = post_bulk(40)
    holders: list[threading.Thread] = []

    def lock(_envelope: object) -> None:
        if len(smtp.messages) == 5 and not holders:
            is_locked = threading.Event()
            holders.append(threading.Thread(target=_hold_the_database, args=(app, is_locked)))
            holders[0].start()
            is_locked.wait(10)

    smtp.at_data = lock
    run(app)
    holders[0].join()
    assert Counter(received.to for received in smtp.messages) == Counter(addresses)


def test_a_post_while_the_database_is_locked_waits_and_is_there_once(
    app: Flask, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    bob, is_locked = client_of(cast.bob), threading.Event()
    bob.see(cast.ost.path("nachrichten", "neu"))
    holder = threading.Thread(target=_hold_the_database, args=(app, is_locked))
    holder.start()
    assert is_locked.wait(10)
    began = time.monotonic()
    bob.send({"subject": "Räume", "body": "Wer hat einen?"}, form="nachrichten/neu")
    assert time.monotonic() - began > _LOCKED_SECONDS / 2, "it was not locked"
    holder.join()
    deliver()
    assert sorted(received.to for received in smtp.messages) == sorted(one.email for one in cast.everyone_in_ost)


def _hold_the_database(app: Flask, is_locked: threading.Event) -> None:
    with app.app_context():
        url = db.engine.url
    engine = create_engine(url)
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        connection.execute(text("SELECT 1"))
        if is_sqlite:
            connection.rollback()
            connection.connection.dbapi_connection.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]  # it is open
        else:
            connection.execute(text("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"))
        is_locked.set()
        threading.Event().wait(_LOCKED_SECONDS)
        if is_sqlite:
            connection.connection.dbapi_connection.execute("ROLLBACK")  # type: ignore[union-attr]  # it is open
    engine.dispose()


def test_a_clock_that_is_set_back_delays_but_loses_and_doubles_nothing(
    app: Flask, post_bulk: PostBulk, smtp: MailServer
) -> None:
    addresses = post_bulk(30)
    began = utc_now()
    with time_machine.travel(began, tick=True) as clock:
        smtp.at_data = lambda _envelope: clock.move_to(began - timedelta(hours=2)) if len(smtp.messages) == 12 else None
        run(app)
        smtp.at_data = None
        clock.move_to(utc_now() + timedelta(hours=2, minutes=2))
        run(app)
    assert Counter(received.to for received in smtp.messages) == Counter(addresses)


_PASSING = [
    exc.OperationalError("UPDATE", None, Exception("the server is starting up")),
    exc.InterfaceError("UPDATE", None, Exception("the connection is closed")),
    exc.TimeoutError("no connection is free"),
]


@pytest.mark.parametrize("passing", _PASSING)
def test_a_database_that_fails_again_and_again_is_no_fault_of_the_mail(
    passing: Exception, app: Flask, post_bulk: PostBulk, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = post_bulk(2)
    monkeypatch.setattr(ledger, "_WAITS", (0, 0, 0))

    def fail(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE mail SET preparing"):
            raise passing

    with time_machine.travel(utc_now(), tick=True) as clock:
        event.listen(Engine, "before_cursor_execute", fail)
        try:
            for _ in range(4):
                run(app)
                clock.shift(timedelta(hours=1))
        finally:
            event.remove(Engine, "before_cursor_execute", fail)
        assert smtp.messages == []
        run(app)
    assert Counter(received.to for received in smtp.messages) == Counter(addresses)


@pytest.mark.parametrize("passing", _PASSING)
def test_a_database_that_cannot_say_who_gets_it_delays_but_fails_no_mail(
    passing: Exception, app: Flask, post_bulk: PostBulk, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = post_bulk(2)

    def fail(_audience: str, _keys: object) -> None:
        raise passing

    with time_machine.travel(utc_now(), tick=True) as clock:
        with monkeypatch.context() as fault:
            fault.setitem(registry.recipients_now, "list", fail)
            for _ in range(4):
                with pytest.raises(type(passing)):
                    run(app)
                clock.shift(timedelta(hours=1))
        run(app)
    assert Counter(received.to for received in smtp.messages) == Counter(addresses)


def test_one_audience_our_queries_fail_for_does_not_stop_the_rest(
    app: Flask, post: Post, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post("a@example.org", audience="broken:1")
    post("b@example.org")

    def fail(_audience: str, _keys: object) -> None:
        raise exc.ProgrammingError("SELECT", None, Exception("no such function"))

    monkeypatch.setitem(registry.recipients_now, "broken", fail)
    run(app)
    assert [received.to for received in smtp.messages] == ["b@example.org"]


def test_a_greylist_delays_each_mail_once(app: Flask, post_bulk: PostBulk, smtp: MailServer) -> None:
    addresses = post_bulk(20)
    smtp.answers = dict.fromkeys(addresses, "451 4.7.1 greylisted, try again in five minutes")
    run(app)
    assert smtp.messages == []
    smtp.answers = {}
    run_until_done(app)
    assert Counter(received.to for received in smtp.messages) == Counter(addresses)


def test_a_server_that_allows_two_connections_gets_no_more(
    app: Flask, post_bulk: PostBulk, rude: RudeServer, delivered: Delivered
) -> None:
    def plan(step: str, _number: int) -> str | None:
        if step == "connect" and rude.open_connections > 2:
            return "421 4.7.0 too many connections"
        return "slow:0.01" if step == "content" else None

    rude.plan = plan
    addresses = post_bulk(120)
    run(app)
    assert Counter(rude.recipients) == Counter(addresses)
    assert {state for state, _ in delivered().values()} == {DeliveryState.SENT}
    # Whoever was turned away does not come back again and again.
    assert rude.steps.count("connect") <= app.config["MAIL_CONNECTIONS"]


def test_a_server_that_ends_each_connection_after_ten_mails_is_called_again(
    app: Flask, post_bulk: PostBulk, rude: RudeServer
) -> None:
    def plan(step: str, number: int) -> str | None:
        return "421 4.7.0 enough for one connection" if step == "mail" and number % 11 == 0 else None

    rude.plan = plan
    addresses = post_bulk(60)
    run_until_done(app)
    assert Counter(rude.recipients) == Counter(addresses)


def test_the_portal_gives_up_after_as_many_days_as_it_is_told(
    app: Flask, post_bulk: PostBulk, rude: RudeServer, delivered: Delivered
) -> None:
    app.config["MAIL_GIVE_UP_DAYS"] = 2
    rude.plan = lambda step, _number: "450 4.2.0 later" if step == "rcpt" else None
    (address,) = post_bulk(1)
    began = utc_now()
    with time_machine.travel(began, tick=True) as clock:
        while delivered()[address][0] is DeliveryState.WAITING:
            run(app)
            clock.shift(timedelta(hours=4, minutes=1))
        assert timedelta(days=2) < utc_now() - began < timedelta(days=2, hours=9)
    assert delivered()[address] == (DeliveryState.FAILED, "nach 2 Tagen aufgegeben; zuletzt: 450 4.2.0 later")
