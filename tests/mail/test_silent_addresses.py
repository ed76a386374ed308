"""An address falls silent after failures, is spared mail to many, and begins anew after thirty days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from app.database import db, utc_now
from app.mail import health
from app.mail.bounces import Report, record
from app.mail.models import Address, Delivery, DeliveryState, Mail, Priority
from tests.conftest import Configured, Deliver, Given
from tests.mail.conftest import Post
from tests.mail.rude_server import RudeServer
from tests.mailserver import MailServer

Delivered = Callable[[], dict[str, tuple[DeliveryState, str]]]

WHO = "a@example.org"


def bounce(*, permanent: bool, blames_address: bool = True, kind: str = "bounce", is_over: bool = False) -> Report:
    words = "550 so sprach er"
    return Report(kind, (WHO,), permanent, "Grund.", words=words, blames_address=blames_address, is_over=is_over)


@pytest.fixture
def reported(post: Post, deliver: Deliver, given: Given) -> Callable[..., None]:
    """`reported(report)` sends a mail to many and has this report come back for it."""

    def send(report: Report, title: str = "Titel") -> None:
        mail_id = post(WHO, title=title, priority=Priority.BULK)
        deliver()
        with given():
            delivery_id = db.session.scalars(select(Delivery.id).where(Delivery.mail_id == mail_id)).one()
            record(report, delivery_id)

    return send


def is_silent(given: Given) -> bool:
    with given():
        return db.session.scalars(health.silent_among([WHO])).all() == [WHO]


def test_two_failures_for_good_make_an_address_silent(reported: Callable[..., None], given: Given) -> None:
    reported(bounce(permanent=True))
    assert not is_silent(given)
    reported(bounce(permanent=True))
    assert is_silent(given)


def test_four_failures_that_may_pass_make_an_address_silent(reported: Callable[..., None], given: Given) -> None:
    for number in range(4):
        assert not is_silent(given), number
        reported(bounce(permanent=False))
    assert is_silent(given)


def test_what_is_refused_for_its_content_is_not_held_against_the_address(
    reported: Callable[..., None], given: Given, delivered: Delivered
) -> None:
    for _ in range(5):
        reported(bounce(permanent=True, blames_address=False))
    assert not is_silent(given)
    assert delivered()[WHO][0] is DeliveryState.FAILED


def test_a_complaint_is_told_and_silences_nobody(
    reported: Callable[..., None], given: Given, delivered: Delivered
) -> None:
    for _ in range(5):
        reported(bounce(permanent=False, kind="complaint"))
    assert not is_silent(given)
    assert delivered()[WHO] == (DeliveryState.SENT, "Rückläufer: Grund. 550 so sprach er")


def test_thirty_days_without_a_failure_are_a_new_beginning(reported: Callable[..., None], given: Given) -> None:
    reported(bounce(permanent=True))
    reported(bounce(permanent=True))
    with time_machine.travel(utc_now() + timedelta(days=29)):
        assert is_silent(given)
    with time_machine.travel(utc_now() + timedelta(days=31)):
        assert not is_silent(given)
        reported(bounce(permanent=True))
        assert not is_silent(given)  # the old ones are forgotten, not only hidden


def test_failures_more_than_thirty_days_apart_never_add_up(reported: Callable[..., None], given: Given) -> None:
    for days in (0, 31, 62, 93):
        with time_machine.travel(utc_now() + timedelta(days=days)):
            reported(bounce(permanent=True))
            assert not is_silent(given)


def test_mail_to_many_spares_a_silent_address_and_says_so(
    reported: Callable[..., None], post: Post, deliver: Deliver, smtp: MailServer, delivered: Delivered
) -> None:
    reported(bounce(permanent=True))
    reported(bounce(permanent=True))
    smtp.forget()
    post("A@example.org", "b@example.org", priority=Priority.BULK)
    deliver()
    assert [received.to for received in smtp.messages] == ["b@example.org"]
    state, reason = delivered()["A@example.org"]
    assert (state, reason) == (DeliveryState.CANCELLED, "stille Adresse: Dort kam zuletzt nichts an")


@pytest.mark.parametrize("priority", [Priority.SIGN_IN, Priority.PERSONAL])
def test_mail_to_one_person_still_goes_to_a_silent_address(
    priority: Priority, reported: Callable[..., None], post: Post, deliver: Deliver, smtp: MailServer
) -> None:
    reported(bounce(permanent=True))
    reported(bounce(permanent=True))
    smtp.forget()
    post(WHO, priority=priority)
    deliver()
    assert [received.to for received in smtp.messages] == [WHO]


def test_a_report_for_good_makes_its_delivery_undeliverable_with_words(
    reported: Callable[..., None], delivered: Delivered
) -> None:
    reported(bounce(permanent=True))
    assert delivered()[WHO] == (DeliveryState.FAILED, "Rückläufer: Grund. 550 so sprach er")


def test_a_mail_that_is_given_back_is_undeliverable_though_the_address_counts_as_what_may_pass(
    reported: Callable[..., None], given: Given
) -> None:
    reported(bounce(permanent=False, is_over=True))
    with given():
        delivery, address = db.session.scalars(select(Delivery)).one(), db.session.scalars(select(Address)).one()
        assert delivery.state is DeliveryState.FAILED
        assert (address.transient_failures, address.permanent_failures) == (1, 0)
        delivery.state = DeliveryState.WAITING  # somebody lets it be sent once more
        db.session.flush()
        record(bounce(permanent=False, is_over=True), delivery.id)
        assert delivery.state is DeliveryState.WAITING


def test_a_report_of_a_delay_is_words_only(reported: Callable[..., None], delivered: Delivered) -> None:
    reported(bounce(permanent=False))
    assert delivered()[WHO] == (DeliveryState.SENT, "Rückläufer: Grund. 550 so sprach er")


def test_one_delivery_counts_once_however_often_it_is_reported(reported: Callable[..., None], given: Given) -> None:
    reported(bounce(permanent=False))
    with given():
        delivery = db.session.scalars(select(Delivery)).one()
        for _ in range(5):
            record(bounce(permanent=False), delivery.id)
        for _ in range(3):
            record(bounce(permanent=True), delivery.id)
        address = db.session.scalars(select(Address)).one()
        assert (address.transient_failures, address.permanent_failures) == (1, 1)


def without_return_path(message_id: str, who: str = WHO) -> Report:
    return Report("bounce", (who,), True, "Grund.", words="550 erfunden", blames_address=True, message_id=message_id)


@pytest.mark.parametrize("sender", ["", "netz@stadt.example.org"])
def test_a_report_without_our_return_path_silences_nobody(
    sender: str, post: Post, deliver: Deliver, given: Given, delivered: Delivered, configured: Configured
) -> None:
    """Everybody who got a mail to many knows its Message-ID, and can write such a report."""
    mail_id = post(WHO)
    deliver()
    with configured(MAIL_SENDER=sender), given():
        record(without_return_path(db.session.get_one(Mail, mail_id).message_id), None)
        assert db.session.scalars(select(Address)).all() == []
        assert db.session.scalars(select(Delivery)).one().reported_at is None
    state, reply = delivered()[WHO]
    assert state is DeliveryState.SENT
    assert ("550 erfunden" in reply) is bool(sender), "behind a strict relay its words are noted"


def test_behind_a_strict_relay_a_report_needs_our_message_id_and_the_address(
    post: Post, deliver: Deliver, given: Given, delivered: Delivered, configured: Configured
) -> None:
    mail_id = post(WHO)
    deliver()
    with configured(MAIL_SENDER="netz@stadt.example.org"), given():
        message_id = db.session.get_one(Mail, mail_id).message_id
        for made_up in (
            bounce(permanent=True),
            without_return_path("made-up@example.org"),
            without_return_path(message_id, "b@example.org"),
        ):
            record(made_up, None)
    state, reply = delivered()[WHO]
    assert state is DeliveryState.SENT
    assert "Rückläufer" not in reply


def test_a_report_of_a_delivery_that_is_gone_changes_nothing(given: Given) -> None:
    with given():
        record(bounce(permanent=True), 4711)
        assert db.session.scalars(select(Address)).all() == []


def test_a_full_mailbox_counts_as_what_may_pass_whatever_its_code(
    app: Flask, post: Post, deliver: Deliver, rude: RudeServer
) -> None:
    rude.plan = lambda step, number: "552 5.2.2 mailbox full" if step == "rcpt" else None
    post(WHO)
    deliver()
    with app.app_context():
        address = db.session.scalars(select(Address)).one()
        assert (address.transient_failures, address.permanent_failures) == (1, 0)
