"""What people read in the mails about their way in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import time_machine

from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.expected import assert_expected
from tests.mailserver import MailServer

MORNING = datetime(2026, 12, 3, 8, 14, tzinfo=UTC)
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@time_machine.travel(MORNING, tick=False)
def test_the_mail_with_a_link(cast: Cast, anonymous: Browser, deliver: Deliver, smtp: MailServer) -> None:
    anonymous.environ_base["HTTP_USER_AGENT"] = FIREFOX
    anonymous.submit("/anmelden", {"email": cast.bob.email}, form="/anmelden")
    deliver()
    assert_expected(smtp.messages[0], "sign-in")


@time_machine.travel(MORNING, tick=False)
def test_the_mail_to_a_new_address(cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"name": 'Bob & "Co" <i>'}, form="/profil")
    bob.submit("/profil", {"email": "bob@neu.example.org"}, form="/profil/adressen")
    deliver()
    (mail,) = smtp.messages
    (token,) = re.findall(r"/profil/adressen/([^/]+)/", mail.text)
    assert_expected(mail, "confirm-address", {token: "<token>"})


@time_machine.travel(MORNING, tick=False)
def test_the_mail_about_a_change(cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer) -> None:
    client_of(cast.bob).submit("/profil", {"new_password": "zwölf Zeichen reichen"}, form="/profil/passwort")
    deliver()
    assert_expected(smtp.messages[0], "account-changed")
