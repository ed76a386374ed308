"""A mail that kills the worker, as running out of memory does: set aside after three times, and the rest goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy import update

from app.database import db, utc_now
from app.mail.models import Delivery, DeliveryState
from tests.conftest import Given
from tests.mail.conftest import Post
from tests.mail.test_delivering import processes
from tests.mailserver import MailServer

Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]


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
    assert {states[name][0] for name in ("a@example.org", "b@example.org")} == {DeliveryState.FAILED}
    assert "dreimal abgestürzt" in states["a@example.org"][1]
    shown = app.test_cli_runner().invoke(args=["outbox"]).output
    assert "„Titel“ an 2: Beim Aufbereiten" in shown


def _let_leases_run_out(given: Given) -> None:
    with given():
        held = update(Delivery).where(Delivery.state == DeliveryState.SENDING)
        db.session.execute(held.values(claimed_until=utc_now() - timedelta(seconds=1)))
