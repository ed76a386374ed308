"""Too many tries are refused kindly, and nobody is locked out by others."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from app.database import utc_now
from tests.accounts.conftest import LinkFor, MailedLink, NewBrowser, PasswordOf
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import Deliver
from tests.mailserver import MailServer

pytestmark = pytest.mark.once


def test_a_mailbox_gets_at_most_five_links_in_half_an_hour(
    cast: Cast, anonymous: Browser, deliver: Deliver, smtp: MailServer
) -> None:
    codes = [_ask(anonymous, cast.bob.email) for _ in range(7)]
    assert codes == [302] * 5 + [429] * 2
    assert anonymous.page.heading == "Anmelden"
    assert "Der neueste Link darin gilt 30 Minuten" in anonymous.page.text
    deliver()
    assert len(smtp.messages) == 5


def test_whoever_is_refused_has_a_link_that_works(
    cast: Cast, anonymous: Browser, new_browser: NewBrowser, mailed_link: MailedLink
) -> None:
    for _ in range(6):
        _ask(anonymous, cast.bob.email)
    assert new_browser().post(mailed_link(cast.bob.email)).status_code == 302
    assert _ask(anonymous, cast.bob.email) == 302, "signing in starts the count anew"


def test_unknown_addresses_are_refused_just_the_same(anonymous: Browser) -> None:
    assert [_ask(anonymous, "niemand@example.org") for _ in range(6)][-1] == 429


def test_a_refusal_ends_after_half_an_hour(cast: Cast, anonymous: Browser) -> None:
    start = utc_now()
    with time_machine.travel(start, tick=False):
        for _ in range(6):
            _ask(anonymous, cast.bob.email)
    with time_machine.travel(start + timedelta(minutes=31), tick=False):
        assert _ask(anonymous, cast.bob.email) == 302


def test_one_client_cannot_ask_for_the_whole_town(anonymous: Browser) -> None:
    codes = [_ask(anonymous, f"person{number}@example.org") for number in range(61)]
    assert codes == [302] * 60 + [429]


def test_guessing_a_password_ends_soon_and_leaves_the_mailed_link(
    cast: Cast, anonymous: Browser, new_browser: NewBrowser, password_of: PasswordOf, link_for: LinkFor
) -> None:
    right = password_of(cast.bob)
    anonymous.see("/anmelden")
    guess = {"email": cast.bob.email, "password": "ganz falsch geraten"}
    codes = [anonymous.send(guess, form="/passwort").status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    assert anonymous.send({**guess, "password": right}, form="/passwort").status_code == 429
    assert "Lassen Sie sich einen Link per E-Mail schicken" in anonymous.page.text
    assert _ask(anonymous, cast.bob.email) == 302
    assert new_browser().post(link_for(cast.bob)).status_code == 302


def _ask(browser: Browser, email: str) -> int:
    browser.see("/anmelden")
    return browser.send({"email": email}, form="/anmelden", follow=False).status_code
