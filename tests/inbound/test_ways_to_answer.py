"""The two ways to answer by mail that stand in every message: to all, and only to its author."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.models import Kind, Message
from app.forum.posting import post_message
from app.mail import answering, envelope
from app.mail.answering import TO_ALL, TO_ONE
from app.networks.models import Network
from tests.cast import Cast
from tests.conftest import Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer, Received


def write(given: Given, cast: Cast, **options: object) -> int:
    with given():
        message = post_message(
            db.session.get_one(User, cast.bob.id),
            db.session.get_one(Network, cast.ost.id),
            subject="Plätze frei",
            body="Wir haben noch drei Plätze.",
            **options,  # type: ignore[arg-type]  # the options of post_message()
        )
        return message.id


def of(person: str, smtp: MailServer) -> Received:
    return next(received for received in smtp.messages if received.to == person)


def local(received: Received, header: str = "Reply-To") -> str:
    return str(received.message[header].addresses[0].username)


@pytest.fixture
def read(configured: Configured) -> object:
    """Incoming mail is read."""
    with configured(MAIL_IS_READ=True):
        yield


def test_without_a_way_in_an_answer_goes_to_the_author(
    given: Given, cast: Cast, smtp: MailServer, deliver: Deliver, configured: Configured
) -> None:
    with configured(MAIL_IS_READ=False):
        write(given, cast)
        deliver()
    received = of(cast.lena.email, smtp)
    assert received.message["Reply-To"].addresses[0].addr_spec == cast.bob.email
    assert received.message["List-Post"] is None
    assert "antwort+" not in received.text


def test_an_answer_goes_to_all_and_another_address_only_to_the_author(
    app: Flask, given: Given, cast: Cast, smtp: MailServer, deliver: Deliver, read: None
) -> None:
    message_id = write(given, cast)
    deliver()
    received = of(cast.lena.email, smtp)
    with app.app_context():
        thread_id = db.session.get_one(Message, message_id).thread_id
        to_all = answering.opened(local(received))
        assert to_all
        assert to_all[:3] == (TO_ALL, cast.lena.id, thread_id)
        line = next(line for line in received.text.splitlines() if line.startswith("Nur an Verfasser/in: "))
        only = answering.opened(line.split()[-1].partition("@")[0])
        assert only
        assert only[:3] == (TO_ONE, cast.lena.id, cast.bob.id)
    assert received.message["List-Post"] == "<mailto:ost@netz.example.org>"
    assert f'href="mailto:{received.message["Reply-To"].addresses[0].addr_spec}?subject=AW%3A%20' in received.html
    assert cast.bob.email not in received.raw.decode()


def test_each_copy_has_its_own_address_to_answer_to(
    given: Given, cast: Cast, smtp: MailServer, deliver: Deliver, read: None
) -> None:
    write(given, cast)
    deliver()
    assert len({local(received) for received in smtp.messages}) == len(cast.everyone_in_ost)
    assert max(len(local(received)) for received in smtp.messages) <= 64


@pytest.mark.parametrize("options", [{"kind": Kind.REQUEST}, {"confidential": True}])
def test_an_anfrage_or_a_confidential_text_is_answered_to_its_author(
    options: dict[str, object],
    app: Flask,
    given: Given,
    cast: Cast,
    smtp: MailServer,
    deliver: Deliver,
    read: None,
) -> None:
    write(given, cast, **options)
    deliver()
    with app.app_context():
        opened = answering.opened(local(of(cast.lena.email, smtp)))
    assert opened
    assert opened[:3] == (TO_ONE, cast.lena.id, cast.bob.id)


def test_the_mail_says_both_ways(
    app: Flask, given: Given, cast: Cast, smtp: MailServer, deliver: Deliver, read: None
) -> None:
    write(given, cast)
    deliver()
    assert_expected(of(cast.lena.email, smtp), "message-answerable")


def test_such_an_address_ends_after_half_a_year(app: Flask) -> None:
    with app.app_context():
        address = answering.address(TO_ALL, 3, 70_000)
        opened = answering.opened(str(envelope.local_part_of(address.upper())))
        assert opened
        assert (opened.owner_id, opened.target_id, opened.has_ended) == (3, 70_000, False)
        with time_machine.travel(utc_now() + answering.VALID_FOR + timedelta(days=1)):
            assert opened.has_ended


def test_nobody_makes_one_up(app: Flask) -> None:
    with app.app_context():
        local = str(envelope.local_part_of(answering.address(TO_ALL, 3, 7)))
        for forged in (local.replace("antwort", "nur"), local[:-1], f"{local}a", "antwort+", "antwort", "antwort+aaaa"):
            assert answering.opened(forged) is None


def test_a_strict_relay_gets_its_own_sender(
    given: Given, cast: Cast, smtp: MailServer, deliver: Deliver, configured: Configured
) -> None:
    with configured(MAIL_SENDER="netz@stadt.example.org"):
        write(given, cast)
        deliver()
    received = of(cast.lena.email, smtp)
    assert received.mail_from == "netz@stadt.example.org"
    assert received.message["From"].addresses[0].addr_spec == "netz@stadt.example.org"
    assert "Bob Bergmann" in str(received.message["From"])
