"""Pausing from a mail: one click by POST, nothing by GET, one confirmation, and a way back (RFC 8058)."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine

from app.database import utc_now
from app.networks.wishes import is_paused
from app.templating import berlin
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Deliver, Given
from tests.expected import assert_expected
from tests.mailserver import MailServer, Received

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def mail_to_bob(cast: Cast, client_of: ClientOf, smtp: MailServer, deliver: Deliver) -> Received:
    """A message that Bob got by mail."""
    browser = client_of(cast.lena)
    browser.submit(
        cast.ost.path("nachrichten", "neu"),
        {"subject": "Offene Tür", "body": "Am Freitag ab 9 Uhr, **Kaffee** gibt es auch."},
        {"files": [("Plan.txt", b"ein Plan")]},
    )
    deliver()
    [received] = smtp.to(cast.bob.email)
    return received


def pause_path(received: Received) -> str:
    return urlsplit(str(received.message["List-Unsubscribe"]).strip("<>")).path


def path_of(word: str) -> str:
    return urlsplit(word).path if "/mail/" in word else ""


def paused(cast: Cast, given: Given) -> bool:
    with given():
        return is_paused(cast.bob.id, cast.ost.id)


def test_the_mail_reads_as_it_should(mail_to_bob: Received) -> None:
    assert_expected(mail_to_bob, "message")


def test_scanners_that_follow_the_link_change_nothing(
    mail_to_bob: Received, cast: Cast, anonymous: Browser, given: Given
) -> None:
    for _ in range(10):
        assert anonymous.get(pause_path(mail_to_bob)).status_code == 200
        anonymous.head(pause_path(mail_to_bob))
    assert not paused(cast, given)


def test_one_click_pauses_without_cookie_or_redirect_and_confirms_once(
    mail_to_bob: Received, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    for _ in range(2):
        answer = anonymous.post(pause_path(mail_to_bob), data=ONE_CLICK)
        assert answer.status_code == 200
    assert paused(cast, given)
    deliver()
    _, confirmation = smtp.to(cast.bob.email)
    assert_expected(confirmation, "paused")


def test_who_pauses_gets_nothing_and_verwaltung_sees_it(
    mail_to_bob: Received, cast: Cast, anonymous: Browser, client_of: ClientOf, smtp: MailServer, deliver: Deliver
) -> None:
    anonymous.post(pause_path(mail_to_bob), data=ONE_CLICK)
    deliver()
    smtp.forget()
    client_of(cast.lena).submit(cast.ost.path("nachrichten", "neu"), {"subject": "Noch eine", "body": "Text"})
    deliver()
    assert smtp.to(cast.bob.email) == []
    assert len(smtp.messages) == 3
    assert "Bob Bergmann pausiert" in client_of(cast.anke).see("/verwaltung").text


def test_the_button_in_the_confirmation_brings_the_mails_back(
    mail_to_bob: Received, cast: Cast, anonymous: Browser, given: Given, smtp: MailServer, deliver: Deliver
) -> None:
    anonymous.post(pause_path(mail_to_bob), data=ONE_CLICK)
    deliver()
    _, confirmation = smtp.to(cast.bob.email)
    [link] = [word for word in confirmation.text.split() if "/mail/" in word]
    anonymous.submit(urlsplit(link).path, {})
    assert not paused(cast, given)


def test_pausing_and_resuming_forever_is_confirmed_once_an_hour_and_only_while_it_is_so(
    mail_to_bob: Received, cast: Cast, anonymous: Browser, smtp: MailServer, deliver: Deliver, client_of: ClientOf
) -> None:
    found = re.search(r"E-Mails einstellen: (\S+)", mail_to_bob.text)
    assert found

    def want(*wishes: str, until: str = "") -> None:
        for wanted in wishes:
            fields = {"network": cast.ost.id, "wanted": wanted, f"netz{cast.ost.id}-until": until}
            assert anonymous.post(path_of(found[1]), data=fields).status_code == 200
            deliver()

    def told(minutes: int) -> list[Received]:
        with time_machine.travel(utc_now() + timedelta(minutes=minutes)):
            deliver()
        confirmed = [mail for mail in smtp.to(cast.bob.email) if "keine mails" in mail.subject.lower()]
        smtp.forget()
        return confirmed

    want(*["pause", "resume"] * 10)
    assert len(told(61)) == 1, "in the end mail comes"
    want(*["pause", "resume"] * 10, "pause")
    assert len(told(0)) == 0
    assert len(told(61)) == 1, "in the end it does not"
    last_day = berlin(utc_now()).date() + timedelta(days=3)
    want("pause", "pause", until=last_day.isoformat())
    [confirmation] = told(125)
    assert f"bis einschließlich {last_day.day}. " in confirmation.subject
    want("resume", "pause")
    client_of(cast.bob).submit("/profil", {}, button="Mails wieder bekommen")
    assert told(190) == []


def test_a_made_up_link_does_nothing(mail_to_bob: Received, cast: Cast, anonymous: Browser, given: Given) -> None:
    path = pause_path(mail_to_bob)
    forged = path[:-1] + ("a" if path[-1] != "a" else "b")
    assert anonymous.post(forged, data=ONE_CLICK).status_code == 404
    assert not paused(cast, given)


def test_one_can_pause_and_resume_in_the_profile(cast: Cast, client_of: ClientOf, given: Given) -> None:
    browser = client_of(cast.bob)
    browser.submit("/profil", {}, button="Mails pausieren")
    assert paused(cast, given)
    browser.submit("/profil", {}, button="Mails wieder bekommen")
    assert not paused(cast, given)


def test_two_tabs_that_both_pause_agree(cast: Cast, client_of: ClientOf, given: Given) -> None:
    one, other = client_of(cast.bob), client_of(cast.bob)
    for button, expected in [("Mails pausieren", True), ("Mails wieder bekommen", False)]:
        for tab in (one, other):
            tab.see("/profil")
        for tab in (one, other):
            tab.send(form="/profil/e-mails", button=button)
        assert paused(cast, given) is expected


def test_who_pauses_can_still_open_the_files_they_were_sent(
    cast: Cast, client_of: ClientOf, anonymous: Browser, configured: Configured, smtp: MailServer, deliver: Deliver
) -> None:
    with configured(MAIL_ATTACH_LIMIT=10):
        client_of(cast.lena).submit(
            cast.ost.path("nachrichten", "neu"),
            {"subject": "Plan", "body": "Anbei."},
            {"files": [("Plan.txt", b"ein Plan mit vielen Zeichen")]},
        )
        deliver()
    [received] = smtp.to(cast.bob.email)
    file_path = next(
        path for path in map(path_of, received.text.split()) if path and b"Plan.txt" in anonymous.get(path).data
    )
    anonymous.post(pause_path(received), data=ONE_CLICK)
    assert anonymous.post(file_path).data == b"ein Plan mit vielen Zeichen"
    client_of(cast.anke).submit("/verwaltung/netze/ost", {}, form="schliessen")
    assert anonymous.post(file_path).status_code == 200
    client_of(cast.anke).submit(cast.ost.path("teilnehmende", cast.ost.participant(cast.bob)), {}, form="entfernen")
    assert anonymous.post(file_path).status_code == 404
