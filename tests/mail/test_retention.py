"""Mails are forgotten in time: personal ones after a week, a network's after 90 days, waiting ones never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.database import db
from app.forum.models import Message
from app.mail.models import Attempt, Delivery, Mail
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given


def nights_later(app: Flask, days: int) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
        app.extensions["run_job"].call_local("retention")


def events(given: Given) -> set[str]:
    with given():
        return set(db.session.scalars(select(Mail.event)))


@pytest.fixture
def two_mails(cast: Cast, client_of: ClientOf, anonymous: Browser, deliver: Deliver) -> None:
    """A message to all and a mailed link, both handed over."""
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "S", "body": "B"})
    anonymous.submit("/anmelden", {"email": cast.lena.email})
    deliver()


@pytest.mark.usefixtures("two_mails")
def test_what_went_to_one_person_is_kept_for_a_week(app: Flask, given: Given) -> None:
    nights_later(app, 6)
    assert events(given) == {"message", "sign-in"}
    nights_later(app, 8)
    assert events(given) == {"message"}


@pytest.mark.usefixtures("two_mails")
def test_reports_are_kept_for_90_days_and_messages_for_longer(app: Flask, given: Given) -> None:
    nights_later(app, 89)
    assert events(given) == {"message"}
    nights_later(app, 91)
    assert events(given) == set()
    with given():
        assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0
        assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0
        assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_what_still_waits_is_never_deleted(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given, configured: Configured
) -> None:
    with configured(MAIL_UNDO_SECONDS=300):
        client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), {"subject": "S", "body": "B"})
    nights_later(app, 400)
    assert events(given) == {"message"}
