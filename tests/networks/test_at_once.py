"""Two requests at the same moment: one does it, the other sees that it is done, and nobody gets an error.

On PostgreSQL both are held up right before they write, so that neither has seen what the other does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.accounts.models import User
from app.database import db
from app.mail.models import Mail
from app.networks.models import Network, Participant, Preference
from app.pages.models import City
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.mailserver import MailServer

#: The statuses of two requests that wait for this table; each is (browser, path, form data).
AtOnce = Callable[..., list[int]]
Request = tuple[Browser, str, Mapping[str, object]]


@pytest.fixture
def at_once(app: Flask, database_kind: str) -> AtOnce:
    def send(request: Request) -> int:
        browser, path, data = request
        return browser.post(path, data=dict(data)).status_code

    def run(table: str, *requests: Request) -> list[int]:
        with app.app_context(), db.engine.connect() as gate, ThreadPoolExecutor(len(requests)) as threads:
            if database_kind == "postgresql":
                gate.execute(text(f'LOCK TABLE "{table}" IN SHARE MODE'))
            answers = [threads.submit(send, request) for request in requests]
            if database_kind == "postgresql":
                wait_until_all_wait(len(requests))
            gate.rollback()
            return sorted(answer.result(timeout=30) for answer in answers)

    def wait_until_all_wait(number: int) -> None:
        for _ in range(1000):
            with db.engine.connect() as watcher:
                if watcher.scalar(text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")) == number:
                    return
            time.sleep(0.01)
        raise AssertionError("the requests do not wait for each other")

    return run


def form_of(browser: Browser, url: str, action: str, **data: object) -> Request:
    """The first form to `action` on this page, filled in."""
    form = next(form for form in browser.see(url).forms if form.action.endswith(action))
    return browser, form.action, dict(form.values()) | data


def test_somebody_added_by_a_double_click_takes_part_once(
    app: Flask, cast: Cast, client_of: ClientOf, at_once: AtOnce
) -> None:
    wim = {"email": cast.wim.email, "name": cast.wim.name, "organisation": cast.carla.organisation}
    path = cast.ost.path("teilnehmende", "neu")
    assert at_once("seat", *(form_of(client_of(cast.anke), path, path, **wim) for _ in range(2))) == [200, 302]
    with app.app_context():
        present = Participant.present_in(cast.ost.id).where(User.id == cast.wim.id)
        assert len(db.session.execute(present).all()) == 1
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "welcome")) == 1


def test_two_clicks_in_a_mail_pause_once_and_are_confirmed_once(
    app: Flask, cast: Cast, client_of: ClientOf, at_once: AtOnce, smtp: MailServer, deliver: Deliver
) -> None:
    client_of(cast.lena).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Offene Tür", "body": "Am Freitag."})
    deliver()
    [received] = smtp.to(cast.bob.email)
    path = urlsplit(str(received.message["List-Unsubscribe"]).strip("<>")).path
    clicks = [(Browser(app, app.response_class), path, {"List-Unsubscribe": "One-Click"}) for _ in range(2)]
    assert at_once("preference", *clicks) == [200, 200]
    with app.app_context():
        assert db.session.scalar(select(func.count(Preference.id)).where(Preference.paused_at.is_not(None))) == 1
        assert db.session.scalar(select(func.count(Mail.id)).where(Mail.event == "paused")) == 1


def test_of_two_networks_with_one_short_name_there_is_one(
    app: Flask, cast: Cast, client_of: ClientOf, at_once: AtOnce
) -> None:
    path = "/verwaltung/netze/neu"
    nord = {"name": "Nord", "slug": "nord"}
    assert at_once("network", *(form_of(client_of(cast.anke), path, path, **nord) for _ in range(2))) == [200, 302]
    with app.app_context():
        assert db.session.scalar(select(func.count(Network.id)).where(Network.slug == "nord")) == 1


def test_what_is_said_of_the_city_can_be_saved_twice_the_first_time(
    app: Flask, cast: Cast, client_of: ClientOf, at_once: AtOnce
) -> None:
    path = "/verwaltung/stadt"
    requests = [form_of(client_of(cast.anke), path, path, phone="0999 123 45") for _ in range(2)]
    assert at_once("city", *requests) == [302, 302]
    with app.app_context():
        assert db.session.scalars(select(City.phone)).all() == ["0999 123 45"]
