"""A mail that kills the worker, as running out of memory does: set aside after three times, and the rest goes on."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Connection, Engine, event, insert, select, text, update

from app.database import db, utc_now
from app.mail import crashing, ledger
from app.mail.models import Delivery, DeliveryState, Mail
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.deliveries.test_delivery_report import report_path
from tests.forum.test_posting import post as new_message
from tests.mail.conftest import Post
from tests.mail.test_delivering import processes
from tests.mailserver import MailServer

Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]


@pytest.mark.once
def test_a_mail_that_kills_the_worker_is_set_aside_after_three_times(
    app: Flask, post: Post, given: Given, smtp: MailServer, delivered: Delivered
) -> None:
    deadly = post("a@example.org", "b@example.org")
    post("c@example.org", "d@example.org")
    for _ in range(3):
        with processes(app, 1, DEADLY_MAIL=str(deadly)) as (worker,):
            assert worker.wait(60) == -signal.SIGKILL
        _let_leases_run_out(given)
    with processes(app, 1, DEADLY_MAIL=str(deadly)) as (worker,):
        assert worker.wait(60) == 0
    assert sorted(message.to for message in smtp.messages) == ["c@example.org", "d@example.org"]
    states = delivered()
    assert {states[name][0] for name in ("a@example.org", "b@example.org")} == {DeliveryState.WAITING}
    assert "mehrmals abgestürzt" in states["a@example.org"][1]
    shown = app.test_cli_runner().invoke(args=["outbox"]).output
    assert "„Titel“ an 2: Beim Aufbereiten" in shown


def test_killed_from_outside_three_times_at_one_mail_it_goes_out_an_hour_later(
    app: Flask, post: Post, smtp: MailServer, deliver: Deliver, delivered: Delivered
) -> None:
    with time_machine.travel(utc_now(), tick=False) as clock:
        mail = post("a@example.org", "b@example.org")
        die_of(app, mail, clock, times=3)
        deliver()
        clock.shift(timedelta(minutes=50))
        deliver()
        assert smtp.messages == []
        clock.shift(timedelta(minutes=11))
        deliver()
    assert sorted(message.to for message in smtp.messages) == ["a@example.org", "b@example.org"]
    assert {state for state, _reply in delivered().values()} == {DeliveryState.SENT}
    assert "beiseitegelegt" not in app.test_cli_runner().invoke(args=["outbox"]).output


def test_a_mail_that_workers_die_of_again_after_each_rest_has_failed(
    app: Flask, post: Post, smtp: MailServer, deliver: Deliver, delivered: Delivered
) -> None:
    with time_machine.travel(utc_now(), tick=False) as clock:
        mail = post("a@example.org", "b@example.org")
        die_of(app, mail, clock, times=3)
        for rest in crashing.RESTS:
            deliver()
            assert {state for state, _reply in delivered().values()} == {DeliveryState.WAITING}
            clock.shift(rest)
            die_of(app, mail, clock)
        deliver()
        assert {state for state, _reply in delivered().values()} == {DeliveryState.FAILED}
        clock.shift(timedelta(days=30))
        deliver()
    assert smtp.messages == []
    assert "„Titel“ an 2: Beim Aufbereiten" in app.test_cli_runner().invoke(args=["outbox"]).output


def test_workers_started_anew_faster_than_claims_run_out_die_of_it_no_more_often(
    app: Flask, post: Post, smtp: MailServer, deliver: Deliver
) -> None:
    """Each takes a part of the deliveries, so that there is always one whose claims have not run out."""
    with time_machine.travel(utc_now(), tick=False) as clock:
        mail = post(*(f"p{number}@example.org" for number in range(12)))
        deaths = 0
        while deaths < 20:
            with app.app_context(), ledger.opened(app, f"dies-{deaths}") as own:
                own.recover()
                if own.claim(3):
                    try:
                        own.begin_preparing(mail)
                    except crashing.CrashingMail:
                        break
                    deaths += 1
            clock.shift(timedelta(seconds=7))
        assert deaths <= 7
        clock.shift(timedelta(hours=2))
        deliver()
    assert len(smtp.messages) == 12


def die_of(app: Flask, mail_id: int, clock: time_machine.Traveller, times: int = 1) -> None:
    """Let workers claim what is due and be gone while they make octets of this mail, one after another."""
    for number in range(times):
        with app.app_context(), ledger.opened(app, f"dies-{number}") as own:
            own.recover()
            assert mail_id in {claimed.mail_id for claimed in own.claim(10)}
            own.begin_preparing(mail_id)
        clock.shift(ledger.LEASE + timedelta(seconds=1))


def test_what_was_refused_is_not_called_set_aside(
    app: Flask, post: Post, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    smtp.answers["a@example.org"] = "550 5.1.1 unknown"
    post("a@example.org", "invalid")
    deliver()
    with given():
        failed = update(Delivery).where(Delivery.recipient_key == "email:invalid")
        db.session.execute(failed.values(state=DeliveryState.FAILED, reply="Die Adresse ist ungültig."))
    assert "beiseitegelegt" not in app.test_cli_runner().invoke(args=["outbox"]).output


def test_verwaltung_sees_that_mails_lie_aside_and_sent_again_they_go_out(
    app: Flask, cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver, given: Given
) -> None:
    bob = client_of(cast.bob)
    new_message(bob, cast)
    _died_of_it(given)
    deliver()
    assert not smtp.messages
    assert "„[Jugendliche in Ausbildung] Praktikum“ an 4" in app.test_cli_runner().invoke(args=["outbox"]).output
    anke = client_of(cast.anke)
    assert "1 Mail ist beiseitegelegt" in anke.see("/verwaltung").text
    bob.submit(report_path(cast, given), {}, form="/zustellung/erneut", button="An alle Unzustellbaren erneut senden")
    deliver()
    assert len(smtp.messages) == 4
    assert "beiseitegelegt" not in anke.see("/verwaltung").text


def test_looking_for_what_the_dead_left_writes_nothing_when_there_is_nothing(app: Flask, post: Post) -> None:
    post("a@example.org")
    with app.app_context(), statements() as sent, ledger.opened(app, "w") as own:
        assert own.recover() == 0
    assert [each for each in sent if each.startswith("UPDATE")] == []
    assert len(sent) == 1


def test_among_many_mails_those_of_the_dead_are_found_by_an_index(
    app: Flask, post: Post, given: Given, delivered: Delivered, database_kind: str
) -> None:
    post("a@example.org")
    with given():
        held = {"state": DeliveryState.SENDING, "claimed_by": "dead", "claimed_until": utc_now() - timedelta(seconds=1)}
        db.session.execute(update(Delivery).values(**held))
        db.session.execute(update(Mail).values(preparing="dead"))
        lay_down_others(1_000)
        db.session.execute(text("ANALYZE"))
    with app.app_context(), plans(database_kind) as found, ledger.opened(app, "w") as own:
        assert own.recover() == 1
    assert delivered()["a@example.org"][0] is DeliveryState.WAITING
    with given():
        assert db.session.scalars(select(Mail.crashes).where(Mail.crashes > 0)).all() == [1]
    assert len(found) == 3
    for plan in found:
        assert not re.search(r"SCAN (mail|delivery)\b|Seq Scan on (mail|delivery)\b", plan), plan


def lay_down_others(number: int) -> None:
    """So many mails that lie in the database since, each with ten deliveries that came to their end."""
    common = {"event": "note", "audience": "list:1", "from_address": "a@example.org", "subject": "Titel"}
    texts = {"text": "Text " * 300, "html": "Text " * 300}
    mails = [common | texts | {"id": id, "message_id": f"{id}@x"} for id in range(100_000, 100_000 + number)]
    db.session.execute(insert(Mail), mails)
    sent = {"state": DeliveryState.SENT, "priority": 6, "due_at": utc_now()}
    deliveries = [sent | {"mail_id": mail["id"], "recipient_key": f"user:{n}"} for mail in mails for n in range(10)]
    db.session.execute(insert(Delivery), deliveries)


@contextmanager
def plans(database_kind: str) -> Iterator[list[str]]:
    """How the database goes about each statement that it is given over any connection."""
    found: list[str] = []
    explain = "EXPLAIN QUERY PLAN " if database_kind == "sqlite" else "EXPLAIN "

    def note(connection: Connection, cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            cursor.execute(explain + statement, values)
            found.append(f"{statement}\n" + "\n".join(map(str, cursor.fetchall())))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _died_of_it(given: Given) -> None:
    with given():
        db.session.execute(update(Mail).values(crashes=crashing.MOST, preparing="a-dead-worker"))


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is asked of the database over any connection."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _let_leases_run_out(given: Given) -> None:
    with given():
        held = update(Delivery).where(Delivery.state == DeliveryState.SENDING)
        db.session.execute(held.values(claimed_until=utc_now() - timedelta(seconds=1)))
