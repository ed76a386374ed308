"""Whoever collects the mail of a network reads in the next digest that somebody takes care."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.database import utc_now
from app.networks import wishes
from app.networks.models import Rhythm
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer
from tests.requests.conftest import TAKE, LinkOf, press


@pytest.mark.parametrize("given_back", [False, True])
def test_a_digest_tells_that_somebody_takes_care_as_long_as_they_do(
    cast: Cast, app: Flask, given: Given, client_of: ClientOf, anonymous: Browser, link_of: LinkOf, deliver: Deliver,
    smtp: MailServer, given_back: bool,
) -> None:  # fmt: skip
    with given():
        wishes.set_rhythm(cast.lena.id, cast.ost.id, Rhythm.DAILY)
    asked = {"kind": "request", "subject": "Praktikum gesucht", "body": "Wer hat einen Platz im Mai?"}
    client_of(cast.bob).submit(cast.ost.path("nachrichten", "neu"), asked)
    deliver()
    now = utc_now()
    with time_machine.travel(now + timedelta(days=2)):
        app.extensions["run_job"].call_local("digests")
        deliver()
        press(anonymous, link_of(cast.carla, TAKE))
        deliver()
        if given_back:
            press(anonymous, link_of(cast.carla, "Ich kann doch nicht"))
            deliver()
    with time_machine.travel(now + timedelta(days=4)):
        app.extensions["run_job"].call_local("digests")
        deliver()
    first, *later = [mail for mail in smtp.to(cast.lena.email) if "Zusammenfassung" in mail.text]
    assert "Wer hat einen Platz im Mai?" in first.text
    if given_back:
        assert later == []
    else:
        [digest] = later
        assert "Carla Çelik, Sprachwerk e. V. kümmert sich. Sie müssen nichts mehr tun." in digest.text
        assert "kümmert sich" in digest.html
        assert "Wer hat einen Platz" not in digest.text
