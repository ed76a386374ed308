"""Nobody in three working days: one reminder to those whose work fits, then one to the lead, none when it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from app.database import db
from app.forum.models import Thread
from app.networks.models import Participant
from app.templating import BERLIN
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer
from tests.requests.conftest import CANNOT, TAKE, LinkOf, last_to, press

MONDAY = datetime(2026, 11, 16, 10, tzinfo=BERLIN)
THURSDAY, NEXT_MONDAY = datetime(2026, 11, 19, 10, 1, tzinfo=BERLIN), datetime(2026, 11, 23, 10, 2, tzinfo=BERLIN)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=True) as travelled:
        yield travelled


def has_task(cast: Cast, given: Given, person: Person, task: str) -> None:
    with given():
        db.session.get_one(Participant, cast.ost.participant(person)).seat.task = task


@pytest.fixture
def carla_fits(clock: time_machine.Traveller, cast: Cast, given: Given) -> None:
    has_task(cast, given, cast.carla, "Vermittelt Praktikumsplätze in Betrieben")


def remind(app: Flask, deliver: Deliver) -> None:
    app.extensions["run_job"].call_local("requests")
    deliver()


def test_first_who_fits_then_the_lead_each_once(
    clock: time_machine.Traveller, carla_fits: None, asked: int, cast: Cast, app: Flask, smtp: MailServer,
    deliver: Deliver,
) -> None:  # fmt: skip
    smtp.forget()
    remind(app, deliver)
    assert smtp.messages == []
    clock.move_to(THURSDAY)
    for _ in range(3):
        remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.carla.email]
    assert_expected(last_to(smtp, cast.carla), "request-call-reminder")
    smtp.forget()
    clock.move_to(NEXT_MONDAY)
    for _ in range(3):
        remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]
    assert_expected(last_to(smtp, cast.lena), "request-call-lead")


def test_the_lead_is_asked_together_with_them_if_it_were_too_late_afterwards(
    clock: time_machine.Traveller, carla_fits: None, asked: int, cast: Cast, given: Given, app: Flask,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    with given():
        db.session.get_one(Thread, asked).deadline = THURSDAY.date() + timedelta(days=1)
    smtp.forget()
    clock.move_to(THURSDAY)
    for _ in range(3):
        remind(app, deliver)
    assert sorted(mail.to for mail in smtp.messages) == sorted([cast.carla.email, cast.lena.email])


def test_a_lead_who_fits_is_asked_once_when_both_are_asked_together(
    clock: time_machine.Traveller, asked: int, cast: Cast, given: Given, app: Flask, smtp: MailServer, deliver: Deliver
) -> None:
    has_task(cast, given, cast.lena, "Vermittelt Praktikumsplätze in Betrieben")
    with given():
        db.session.get_one(Thread, asked).deadline = THURSDAY.date() + timedelta(days=1)
    smtp.forget()
    clock.move_to(THURSDAY)
    remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]


def test_without_anybody_who_fits_the_lead_is_asked_at_once(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, smtp: MailServer, deliver: Deliver
) -> None:
    smtp.forget()
    clock.move_to(THURSDAY)
    remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]


def test_what_somebody_takes_care_of_reminds_nobody(
    clock: time_machine.Traveller, carla_fits: None, asked: int, cast: Cast, app: Flask, anonymous: Browser,
    link_of: LinkOf, smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    press(anonymous, link_of(cast.lena, TAKE))
    deliver()
    smtp.forget()
    clock.move_to(NEXT_MONDAY)
    remind(app, deliver)
    assert smtp.messages == []


def test_who_said_that_they_cannot_is_not_reminded(
    clock: time_machine.Traveller, carla_fits: None, asked: int, cast: Cast, app: Flask, anonymous: Browser,
    link_of: LinkOf, smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    press(anonymous, link_of(cast.carla, CANNOT))
    smtp.forget()
    clock.move_to(THURSDAY)
    remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.lena.email]


def test_who_offers_what_is_asked_for_is_reminded_too(
    clock: time_machine.Traveller, asked: int, cast: Cast, app: Flask, client_of: ClientOf, smtp: MailServer,
    deliver: Deliver,
) -> None:  # fmt: skip
    client_of(cast.carla).submit(cast.ost.path("angebote", "neu"), {"title": "Praktika in der Küche"})
    client_of(cast.carla).submit(cast.ost.path("angebote", "neu"), {"title": "Praktikum im Lager"})
    deliver()
    smtp.forget()
    clock.move_to(THURSDAY)
    remind(app, deliver)
    assert [mail.to for mail in smtp.messages] == [cast.carla.email]


def test_a_request_with_an_answer_that_nobody_can_read_stops_no_other_reminder(
    clock: time_machine.Traveller, carla_fits: None, asked: int, cast: Cast, client_of: ClientOf, app: Flask,
    anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver, given: Given,
) -> None:  # fmt: skip
    press(anonymous, link_of(cast.lena, CANNOT))
    with given():  # as a later version of the portal may leave it behind
        db.session.execute(text("UPDATE request_answer SET kind = 'perhaps'"))
    client_of(cast.bob).submit(
        cast.ost.path("nachrichten", "neu"),
        {"kind": "request", "subject": "Noch ein Praktikum", "body": "Wer hat einen Platz im Juni?"},
    )
    deliver()
    smtp.forget()
    clock.move_to(THURSDAY + timedelta(hours=1))
    remind(app, deliver)
    assert [(mail.to, "Noch ein Praktikum" in mail.subject) for mail in smtp.messages] == [(cast.carla.email, True)]
