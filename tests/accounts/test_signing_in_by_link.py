"""A mailed link signs in: once, for thirty minutes, on any device, and only when a button is pressed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Device, SignInLink, User, email_key
from app.database import db, utc_now
from app.mail.models import Delivery, Mail
from tests.accounts.conftest import LinkFor, MailedLink, NewBrowser
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver, Given
from tests.inputs import once_but_for_nul
from tests.mailserver import MailServer
from tests.queries import asked


def test_a_stranger_gets_the_sign_in_page(anonymous: Browser) -> None:
    assert anonymous.see("/profil").heading == "Anmelden"


def test_the_mailed_link_signs_in(cast: Cast, anonymous: Browser, mailed_link: MailedLink, smtp: MailServer) -> None:
    anonymous.submit("/anmelden", {"email": cast.bob.email}, form="/anmelden")
    path = mailed_link(cast.bob.email)
    (mail,) = smtp.messages
    assert mail.subject == "Ihr Link zum Anmelden"
    assert "30 Minuten" in mail.text
    assert anonymous.see(path).heading == "Anmelden als Bob Bergmann"
    anonymous.send(form="/anmelden/", follow=False)
    assert "Bob Bergmann" in anonymous.see("/profil").text


def test_the_link_works_in_another_browser_and_leads_to_the_wanted_page(
    cast: Cast, anonymous: Browser, new_browser: NewBrowser, mailed_link: MailedLink
) -> None:
    anonymous.see("/profil?von=hier")
    anonymous.send({"email": cast.bob.email}, form="/anmelden")
    other = new_browser()
    answer = other.submit(mailed_link(cast.bob.email), form="/anmelden/", follow=False)
    assert answer.location == "/profil?von=hier"


def test_the_address_is_found_in_any_case_and_the_mail_goes_to_the_one_that_is_stored(
    cast: Cast, anonymous: Browser, deliver: Deliver, smtp: MailServer
) -> None:
    anonymous.submit("/anmelden", {"email": f"  {cast.bob.email.upper()} "}, form="/anmelden")
    deliver()
    assert [mail.to for mail in smtp.messages] == [cast.bob.email]


def test_ten_visits_of_a_mail_scanner_change_nothing(
    cast: Cast, app: Flask, anonymous: Browser, new_browser: NewBrowser, link_for: LinkFor
) -> None:
    path = link_for(cast.bob)
    before = _rows(app)
    for visit in range(10):
        scanner = new_browser()
        assert scanner.open(path, method="HEAD" if visit % 2 else "GET").status_code == 200
    assert _rows(app) == before
    assert anonymous.submit(path, form="/anmelden/", follow=False).status_code == 302


def test_a_link_signs_in_once(cast: Cast, new_browser: NewBrowser, link_for: LinkFor) -> None:
    path = link_for(cast.bob)
    first, second = new_browser(), new_browser()
    first.submit(path, form="/anmelden/", follow=False)
    answer = second.post(path)
    assert answer.status_code == 410
    assert second.page.heading == "Dieser Link gilt nicht mehr"
    assert second.see("/profil").heading == "Anmelden"


def test_two_who_press_the_button_at_once_make_one_sign_in(
    cast: Cast, app: Flask, new_browser: NewBrowser, link_for: LinkFor
) -> None:
    path = link_for(cast.bob)
    browsers = [new_browser() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        codes = sorted(threads.map(lambda browser: browser.post(path).status_code, browsers))
    assert codes == [302, 410, 410, 410]
    with app.app_context():
        assert db.session.scalar(select(func.count(Device.id))) == 1


def test_a_link_ends_after_thirty_minutes(cast: Cast, anonymous: Browser, link_for: LinkFor) -> None:
    path = link_for(cast.bob)
    with time_machine.travel(utc_now() + timedelta(minutes=29), tick=True):
        assert anonymous.get(path).status_code == 200
    with time_machine.travel(utc_now() + timedelta(minutes=31), tick=True):
        assert anonymous.get(path).status_code == 410
        assert anonymous.post(path).status_code == 410


@pytest.mark.parametrize("token", ["x", "0" * 48, "<script>", "ä€😀", "a" * 5000, "gesendet%00"])
def test_a_made_up_link_is_told_kindly(anonymous: Browser, token: str) -> None:
    assert anonymous.get(f"/anmelden/{token}").status_code == 410
    assert anonymous.post(f"/anmelden/{token}").status_code == 410
    assert anonymous.page.heading == "Dieser Link gilt nicht mehr"


def test_the_page_of_a_void_link_sends_a_new_one(
    cast: Cast, anonymous: Browser, deliver: Deliver, smtp: MailServer
) -> None:
    anonymous.get("/anmelden/abgelaufen")
    anonymous.send({"email": cast.bob.email}, form="/anmelden")
    deliver()
    assert len(smtp.messages) == 1


def test_known_and_unknown_addresses_get_the_same_answer_for_the_same_work(
    cast: Cast, app: Flask, new_browser: NewBrowser
) -> None:
    answers, work = [], []
    for address in (cast.bob.email, "niemand@example.org", cast.gast.email):
        browser = new_browser()
        browser.see("/anmelden")
        with asked(app) as statements:
            answer = browser.send({"email": address}, form="/anmelden")
        answers.append((answer.status_code, answer.request.path, browser.page.text))
        work.append(statements)
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]
    assert any("INSERT INTO delivery" in statement for statement in work[0])


def test_unknown_addresses_get_no_mail_and_neither_does_who_only_receives(
    cast: Cast, app: Flask, anonymous: Browser, deliver: Deliver, smtp: MailServer
) -> None:
    for address in ("niemand@example.org", cast.gast.email):
        anonymous.submit("/anmelden", {"email": address}, form="/anmelden")
    deliver()
    assert smtp.messages == []
    with app.app_context():
        assert db.session.scalar(select(func.count(Delivery.id))) == 2


def test_who_only_receives_cannot_use_a_link(cast: Cast, anonymous: Browser, link_for: LinkFor) -> None:
    assert anonymous.post(link_for(cast.gast)).status_code == 410


def test_a_link_that_ended_before_it_could_be_sent_is_not_sent(
    cast: Cast, anonymous: Browser, deliver: Deliver, smtp: MailServer
) -> None:
    anonymous.submit("/anmelden", {"email": cast.bob.email}, form="/anmelden")
    with time_machine.travel(utc_now() + timedelta(hours=1), tick=True):
        deliver()
    assert smtp.messages == []


def test_another_website_cannot_sign_a_person_in(cast: Cast, anonymous: Browser, link_for: LinkFor) -> None:
    path = link_for(cast.wim)
    assert anonymous.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert anonymous.post(path, headers={"Origin": "https://evil.example"}).status_code == 403
    assert anonymous.post(path, headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"}).status_code == 302


def test_signing_in_begins_a_new_session(
    cast: Cast, app: Flask, anonymous: Browser, client_of: ClientOf, link_for: LinkFor
) -> None:
    with anonymous.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["language"] = "en"
    anonymous.post(link_for(cast.bob))
    with anonymous.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "en"
    lena = client_of(cast.lena)
    lena.post(link_for(cast.bob))
    with app.app_context():
        names = db.session.scalars(select(User.name).join(Device, Device.user_id == User.id)).all()
    assert names == ["Bob Bergmann", "Bob Bergmann"]


@pytest.mark.once
@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\tx", "/\n/evil.example",
        "//[", "\\\\evil.example", "/" + "a" * 10_000, "http:/profil", "profil", " //evil.example",
    ],
)  # fmt: skip
def test_no_link_leads_to_another_website(cast: Cast, anonymous: Browser, mailed_link: MailedLink, target: str) -> None:
    anonymous.get("/anmelden", query_string={"weiter": target})
    anonymous.send({"email": cast.bob.email, "weiter": target}, form="/anmelden")
    answer = anonymous.post(mailed_link(cast.bob.email))
    assert answer.location == "/"


BAD_ADDRESSES = [
    "", "   ", "x", "a@b", "a b@example.org", "a@@example.org",
    '"a b"@example.org', "a@example.org\r\nBcc: b@example.com",
    "a@example.org\x00", "a@example.org,b@example.org", "<script>alert(1)</script>@example.org", "😀", "\u202eabc",
    "a" * 10_000, "a@" + "b" * 10_000 + ".org", "a@-.org", "@example.org", "a@example..org", "a@xn--.org",
    "a@[127.0.0.1]",
]  # fmt: skip


@pytest.mark.parametrize("address", once_but_for_nul(BAD_ADDRESSES))
def test_what_is_no_address_is_told_at_the_field(app: Flask, anonymous: Browser, address: str) -> None:
    anonymous.see("/anmelden")
    answer = anonymous.send({"email": address}, form="/anmelden")
    if address == "a@example.org\x00":  # nobody types a NUL, so it is left out
        assert answer.request.path == "/anmelden/gesendet"
        return
    assert anonymous.page.errors
    with app.app_context():
        assert db.session.scalar(select(func.count(Mail.id))) == 0


@pytest.mark.parametrize(
    "address",
    ["jörg@müller.example.org", "a+b@example.org", "o'neill@example.org", "A.B@EXAMPLE.ORG", "用户@例子.广告"],
)
def test_unusual_addresses_are_addresses(anonymous: Browser, address: str) -> None:
    answer = anonymous.submit("/anmelden", {"email": address}, form="/anmelden")
    assert answer.request.path == "/anmelden/gesendet"


def test_an_international_domain_is_found_in_both_spellings(cast: Cast, given: Given) -> None:
    in_ascii = "bob@" + "schule-köln.example.org".encode("idna").decode()
    with given():
        address = db.session.get_one(User, cast.bob.id).addresses[0]
        address.email, address.email_key = "bob@schule-köln.example.org", email_key("bob@schule-köln.example.org")
        assert db.session.scalar(User.by_email("BOB@Schule-Köln.example.org")) is not None
        assert db.session.scalar(User.by_email(in_ascii.upper())) is not None


def _rows(app: Flask) -> list[object]:
    """Everything in the database that signing in could change."""
    with app.app_context():
        tables = (SignInLink, Device, User, Mail, Delivery)
        return [db.session.execute(select(table.__table__).order_by(table.id)).all() for table in tables]
