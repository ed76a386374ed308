"""A mail that kills the worker, as running out of memory does: set aside after three times, and the rest goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event, update

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
