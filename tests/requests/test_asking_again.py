"""A mail that asks a second time says what the first said: until when, what for, and where it stands on the website."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.database import utc_now
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.mail.test_every_mail import visible_text, words
from tests.mailserver import MailServer, Received
from tests.requests.conftest import KNOWS, RETURN, TAKE, LinkOf, last_to, press

FACTS = ("Berufsfeld: Tischlerei", "Von: 2. Mai 2031", "Alter: 16", "Ort oder Stadtteil: Nordstadt")
WEBSITE = "Zur Anfrage auf der Website"


@pytest.fixture
def asked_for_praktikum(cast: Cast, client_of: ClientOf, deliver: Deliver) -> str:
    """The path of a thread in which Bob asks ost for a Praktikum, until in five days; its mails are delivered."""
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("nachrichten", "neu"), _fields())
    deliver()
    return bob.page.path


def test_who_is_asked_again_after_somebody_gave_up_reads_what_it_is_about(
    asked_for_praktikum: str, cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, app: Flask,
    smtp: MailServer, deliver: Deliver,
) -> None:  # fmt: skip
    press(anonymous, link_of(cast.carla, TAKE))
    deliver()
    _given_back(cast, anonymous, link_of, app, deliver)
    told = last_to(smtp, cast.lena)
    assert "Wer kann helfen?" in told.text
    assert_tells(told)
    assert client_of(cast.lena).see(link_of(cast.lena, WEBSITE)).path == asked_for_praktikum


def test_whom_somebody_names_reads_what_it_is_about(
    asked_for_praktikum: str, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver
) -> None:
    path = link_of(cast.lena, KNOWS)
    anonymous.submit(path, {"participant": cast.carla.name}, form=path)
    deliver()
    called = last_to(smtp, cast.carla)
    assert "meint, Sie könnten hier helfen" in called.text
    assert "Anfrage, noch offen" in called.text
    assert_tells(called)
    page = anonymous.see(link_of(cast.carla, WEBSITE))
    assert "Zum Lesen melden Sie sich an." in page.text
    assert "ertraulich" not in page.html, "all could read it in their mails"


def test_whom_somebody_names_is_told_if_somebody_takes_care_already(
    asked_for_praktikum: str, cast: Cast, anonymous: Browser, link_of: LinkOf, smtp: MailServer, deliver: Deliver
) -> None:
    press(anonymous, link_of(cast.lena, TAKE))
    deliver()
    path = link_of(cast.lena, KNOWS)
    anonymous.submit(path, {"participant": cast.carla.name}, form=path)
    deliver()
    called = last_to(smtp, cast.carla)
    assert "Anfrage, übernommen" in called.text
    assert "noch offen" not in called.text
    assert f"{cast.lena.name} kümmert sich schon. Vielleicht können Sie mithelfen." in called.text
    assert "Sie helfen mit" in press(anonymous, link_of(cast.carla, "Ich helfe mit"))


def test_of_a_confidential_request_it_says_neither(
    cast: Cast, anonymous: Browser, client_of: ClientOf, link_of: LinkOf, app: Flask, smtp: MailServer,
    deliver: Deliver,
) -> None:  # fmt: skip
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("nachrichten", "neu"), _fields() | {"confidential": True})
    thread = bob.page.path
    deliver()
    client_of(cast.carla).submit(thread, form="uebernehmen")
    deliver()
    _given_back(cast, anonymous, link_of, app, deliver)
    told = last_to(smtp, cast.lena)
    assert "Wer kann helfen?" in told.text
    assert "Antwort bis" not in told.text
    assert not [fact for fact in FACTS if fact in told.text]
    assert client_of(cast.lena).see(link_of(cast.lena, WEBSITE)).path == thread


def assert_tells(mail: Received) -> None:
    deadline = berlin(utc_now()).date() + timedelta(days=5)
    assert f"Antwort bis: {deadline.day}. " in mail.text
    assert [fact for fact in FACTS if fact not in mail.text] == []
    assert words(visible_text(mail.html)) == words(mail.text)


def _given_back(cast: Cast, anonymous: Browser, link_of: LinkOf, app: Flask, deliver: Deliver) -> None:
    """Carla, who takes care, gives it back; an hour passes."""
    press(anonymous, link_of(cast.carla, RETURN))
    with time_machine.travel(utc_now() + timedelta(minutes=61)):
        app.extensions["run_job"].call_local("requests")
        deliver()


def _fields() -> dict[str, str]:
    return {
        "kind": "request",
        "subject": "Praktikum gesucht",
        "body": "Wer hat einen Platz?",
        "deadline": (berlin(utc_now()).date() + timedelta(days=5)).isoformat(),
        "internship_field": "Tischlerei",
        "internship_starts_on": "2031-05-02",
        "internship_ages": "16",
        "internship_place": "Nordstadt",
    }
