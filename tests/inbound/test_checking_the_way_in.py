"""`netz check` proves the way in: it writes to each kind of address and waits for the mail to come back."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from app.health.checks import of_everything
from app.inbound import probing, take
from app.mail.incoming import Fate
from tests.cast import Cast
from tests.conftest import Configured
from tests.mailserver import MailServer


def finding(app: Flask) -> tuple[bool, str]:
    with app.app_context():
        return next((each.works, each.sentence) for each in of_everything() if each.part == "mail_in")


def test_what_comes_back_proves_the_way(
    app: Flask, cast: Cast, smtp: MailServer, kept: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """The town's mail server hands our mail back to us."""

    def hand_back(envelope: Any) -> None:
        def work() -> None:
            with app.app_context():
                for recipient in envelope.rcpt_tos:
                    assert take(envelope.original_content, recipient).is_kept

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    smtp.at_data = hand_back
    assert finding(app) == (True, "Mails an 4 Adressen des Portals gingen hinaus und kamen zurück.")
    assert [mail.fate for mail in kept()] == [Fate.IGNORED] * 4
    assert capsys.readouterr().err == "Proben sind unterwegs; bis zu 100 Sekunden, bis sie da sind …\n"


def test_what_does_not_is_named_with_what_to_do(
    app: Flask, cast: Cast, smtp: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "PATIENCE", 1)
    smtp.answers["ost@netz.example.org"] = "550 5.1.1 kenne ich nicht"
    works, sentence = finding(app)
    assert not works
    assert "ost@netz.example.org (550 5.1.1 kenne ich nicht)" in sentence
    assert sentence.count("netz.example.org") >= 5
    assert "SPF" in sentence


def test_a_portal_that_reads_no_mail_says_so(app: Flask, cast: Cast, smtp: MailServer, configured: Configured) -> None:
    with configured(MAIL_IS_READ=False):
        works, sentence = finding(app)
    assert works
    assert "liest keine eingehende Mail" in sentence
    assert smtp.messages == []
