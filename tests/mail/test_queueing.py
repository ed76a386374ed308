"""Laying mail down for recipients, taking it back, and counting it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import literal, select, union_all
from sqlalchemy.exc import OperationalError

from app import queue
from app.database import db, utc_now
from app.mail import outbox
from app.mail.models import Delivery, DeliveryState
from app.registry import Refusal
from tests.conftest import Deliver, Given
from tests.mailserver import MailServer

Post = Callable[..., int]
Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]


def _keys(*values: tuple[str, ...]) -> Any:
    rows = union_all(*(select(*(literal(value) for value in row)) for row in values)).subquery()
    return select(*rows.columns)


def test_recipients_come_from_a_query(app: Flask, given: Given, members: Any, delivered: Delivered) -> None:
    with given():
        mail = outbox.compose("note", audience="list:1", from_name="Bob", title="T", body="B")
        waiting = outbox.enqueue(
            mail,
            _keys(
                ("email:a@example.org",), ("email:b@example.org",), ("email:a@example.org",), ("email:c@example.org",)
            ),
            skipped=_keys(("email:c@example.org", "pausiert")),
        )
    assert waiting == 2
    assert delivered() == {
        "c@example.org": (DeliveryState.CANCELLED, "pausiert"),
        "a@example.org": (DeliveryState.WAITING, ""),
        "b@example.org": (DeliveryState.WAITING, ""),
    }


def test_nobody_gets_the_same_mail_twice(app: Flask, given: Given, members: Any) -> None:
    with given():
        mail = outbox.compose("note", audience="list:1", from_name="Bob", title="T", body="B")
        assert outbox.enqueue(mail, ["email:a@example.org", "email:a@example.org"]) == 1
        assert outbox.enqueue(mail, iter(["email:a@example.org", "email:b@example.org"])) == 1
        assert outbox.enqueue(mail, _keys(("email:a@example.org",), ("email:b@example.org",))) == 0
        assert outbox.enqueue(mail, []) == 0


def test_who_is_skipped_gets_nothing_but_a_reason(
    post: Post, smtp: MailServer, deliver: Deliver, delivered: Delivered
) -> None:
    post("a@example.org", skipped={"email:b@example.org": "pausiert"})
    deliver()
    assert [received.to for received in smtp.messages] == ["a@example.org"]
    assert delivered()["b@example.org"] == (DeliveryState.CANCELLED, "pausiert")


def test_withdrawn_mail_is_not_sent(
    post: Post, given: Given, smtp: MailServer, deliver: Deliver, delivered: Delivered
) -> None:
    post("a@example.org", "b@example.org", about="message:1")
    post("c@example.org", about="message:2")
    with given():
        assert outbox.withdraw("message:1") == 2
    deliver()
    assert [received.to for received in smtp.messages] == ["c@example.org"]
    assert delivered()["a@example.org"] == (DeliveryState.CANCELLED, "zurückgezogen")


def test_what_is_withdrawn_while_it_is_handed_over_is_not_tried_again(
    post: Post, app: Flask, given: Given, smtp: MailServer, delivered: Delivered
) -> None:
    post("a@example.org", about="message:1")

    def withdraw(_envelope: object) -> str:
        with given():
            outbox.withdraw("message:1")
        return "451 4.3.0 later"

    smtp.at_data = withdraw
    app.extensions["run_job"].call_local("outbox")
    assert delivered()["a@example.org"][0] is DeliveryState.CANCELLED


def test_a_person_removed_meanwhile_gets_nothing(
    post: Post, members: dict[str, Any], smtp: MailServer, deliver: Deliver, delivered: Delivered
) -> None:
    post("a@example.org", "b@example.org")
    members["email:a@example.org"] = Refusal("nimmt nicht mehr teil")
    deliver()
    assert [received.to for received in smtp.messages] == ["b@example.org"]
    assert delivered()["a@example.org"] == (DeliveryState.CANCELLED, "nimmt nicht mehr teil")


def test_nothing_goes_before_it_is_due(
    app: Flask, given: Given, members: Any, smtp: MailServer, deliver: Deliver
) -> None:
    with given():
        mail = outbox.compose("note", audience="list:1", from_name="Bob", title="T", body="B")
        outbox.enqueue(mail, ["email:a@example.org"], due_at=utc_now() + timedelta(minutes=5))
    deliver()
    assert smtp.messages == []


def test_the_outbox_wakes_itself_when_something_is_due_soon(
    app: Flask, given: Given, members: Any, deliver: Deliver
) -> None:
    with given():
        mail = outbox.compose("note", audience="list:1", from_name="Bob", title="T", body="B")
        outbox.enqueue(mail, ["email:a@example.org"], due_at=utc_now() + timedelta(seconds=30))
    app.extensions["queue"].storage.flush_all()
    deliver()
    deliver()
    (wake_up,) = app.extensions["queue"].pending()
    assert wake_up.args == ("outbox",)
    assert wake_up.eta is not None


def test_states_are_counted_by_what_the_mail_is_about(post: Post, app: Flask, given: Given, deliver: Deliver) -> None:
    post("a@example.org", "b@example.org", about="message:1", skipped={"email:c@example.org": "pausiert"})
    deliver()
    with app.app_context():
        counted = outbox.states("message:1", "message:2")
        assert counted["message:1"][DeliveryState.SENT] == 2
        assert counted["message:1"][DeliveryState.CANCELLED] == 1
        assert set(counted["message:2"].values()) == {0}
        assert len(db.session.scalars(outbox.deliveries_about("message:1")).all()) == 3
        assert len(db.session.scalars(outbox.deliveries_to("email:a@example.org")).all()) == 1


def test_netz_outbox_tells_what_waits(app: Flask, post: Post, smtp: MailServer, deliver: Deliver) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["outbox"]).exit_code == 0
    post("a@example.org", "b@example.org")
    smtp.answers["b@example.org"] = "550 5.1.1 unknown"
    result = runner.invoke(args=["outbox", "--json"])
    assert json.loads(result.output) == {"waiting": 2, "due": 2, "in_flight": 0, "failed": 0}
    assert result.exit_code == 1
    deliver()
    result = runner.invoke(args=["outbox", "--json"])
    assert json.loads(result.output) == {"waiting": 0, "due": 0, "in_flight": 0, "failed": 1}
    assert result.exit_code == 0
    assert "gescheitert: 1" in runner.invoke(args=["outbox"]).output


def test_the_sweep_wakes_the_outbox_every_minute(app: Flask) -> None:
    huey = app.extensions["queue"]
    sweep = next(task for task in huey._registry.periodic_tasks if task.name == "sweep")
    assert sweep.validate_datetime(utc_now())
    huey.storage.flush_all()
    huey.execute(sweep)
    assert "outbox" in [task.args[0] for task in huey.pending()]


def test_a_queue_that_is_gone_fails_nobody(app: Flask, monkeypatch: Any) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("no queue")

    monkeypatch.setitem(app.extensions, "run_job", fail)
    with app.app_context():
        queue.wake("outbox")


def test_what_cannot_be_made_is_tried_each_minute_and_logged_once_an_hour(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def make(item: int) -> None:
        tried.append(item)
        if item == 1:
            raise ValueError("a fault of ours")

    with time_machine.travel(utc_now(), tick=False) as clock, app.app_context():
        for _minute in range(61):
            queue.one_by_one([1, 2], make, "The test of number")
            clock.shift(timedelta(minutes=1))
    assert tried == [1, 2] * 61
    assert [record.getMessage() for record in caplog.records] == ["The test of number 1 cannot be made"] * 2


def test_what_fails_for_another_reason_within_the_hour_is_logged(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    faults = iter([OperationalError("SELECT", None, Exception("locked")), ValueError("one"), ValueError("two")])

    def make(item: int) -> None:
        raise next(faults)

    with app.app_context():
        for _minute in range(3):
            queue.one_by_one([1], make, "The test of number")
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info][1:] == ["one", "two"]
    assert "locked" in caplog.text


def test_all_deliveries_of_a_mail_are_one_transaction(app: Flask, members: Any, delivered: Delivered) -> None:
    with app.app_context():
        mail = outbox.compose("note", audience="list:1", from_name="Bob", title="T", body="B")
        outbox.enqueue(mail, ["email:a@example.org"])
        db.session.rollback()
        assert db.session.scalars(select(Delivery)).all() == []
