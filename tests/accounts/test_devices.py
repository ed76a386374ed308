"""Sessions end when they should: by signing out, here or everywhere, by time, or because the person may not enter."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts.devices import device_name
from app.accounts.models import Device, User
from app.database import db, utc_now
from tests.accounts.conftest import LinkFor, NewBrowser
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Configured, Given

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_signing_out_makes_the_cookie_worthless(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    with bob.session_transaction() as session:
        stolen = session["_user_id"]
    bob.submit("/profil", form="/abmelden")
    assert bob.page.heading == "Anmelden"
    with bob.session_transaction() as session:
        session["_user_id"] = stolen
    assert bob.see("/profil").heading == "Anmelden"
    with app.app_context():
        assert db.session.scalar(select(func.count(Device.id))) == 0


def test_a_made_up_cookie_signs_nobody_in(cast: Cast, anonymous: Browser) -> None:
    for made_up in (str(cast.bob.id), "", "x" * 5000):
        with anonymous.session_transaction() as session:
            session["_user_id"] = made_up
        assert anonymous.see("/profil").heading == "Anmelden"
        assert anonymous.post("/abmelden").status_code in (302, 400)


def test_a_browser_that_is_not_remembered_ends_after_twelve_hours(
    cast: Cast, anonymous: Browser, link_for: LinkFor
) -> None:
    anonymous.post(link_for(cast.bob))
    assert "Expires" not in _cookie_line(anonymous)
    with time_machine.travel(utc_now() + timedelta(hours=11), tick=True):
        assert anonymous.see("/profil").heading == "Profil"
    with time_machine.travel(utc_now() + timedelta(hours=13), tick=True):
        assert anonymous.see("/profil").heading == "Anmelden"


def test_a_remembered_browser_ends_when_the_setting_says_so(
    cast: Cast, anonymous: Browser, link_for: LinkFor, configured: Configured
) -> None:
    with configured(PERMANENT_SESSION_LIFETIME=timedelta(days=5)):
        anonymous.submit(link_for(cast.bob), {"remember": True}, form="/anmelden/", follow=False)
        with time_machine.travel(utc_now() + timedelta(days=4), tick=True):
            assert anonymous.see("/profil").heading == "Profil"
        with time_machine.travel(utc_now() + timedelta(days=6), tick=True):
            assert anonymous.see("/profil").heading == "Anmelden"


def test_the_cookie_is_for_this_server_alone(cast: Cast, anonymous: Browser, link_for: LinkFor) -> None:
    line = anonymous.post(link_for(cast.bob), data={"remember": "y"}).headers["Set-Cookie"]
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "Expires" in line


def test_over_tls_the_cookie_is_never_sent_in_the_clear(
    cast: Cast, anonymous: Browser, link_for: LinkFor, configured: Configured
) -> None:
    with configured(SESSION_COOKIE_SECURE=True):
        assert "Secure" in anonymous.post(link_for(cast.bob)).headers["Set-Cookie"]


def test_the_profile_lists_the_devices_and_signs_one_out(
    cast: Cast, new_browser: NewBrowser, link_for: LinkFor
) -> None:
    office, phone = new_browser(), new_browser()
    office.post(link_for(cast.bob), headers={"User-Agent": FIREFOX})
    phone.post(link_for(cast.bob), headers={"User-Agent": "Mozilla/5.0 (iPhone) AppleWebKit/605 Safari/604.1"})
    page = office.see("/profil")
    assert "Firefox unter Windows dieses Gerät" in page.text
    assert "Firefox on Windows" in office.get("/profil", headers={"Accept-Language": "en"}).text
    assert "Safari unter iPhone" in page.text
    office.send(form="/profil/geraete/")
    assert "Safari unter iPhone ist abgemeldet." in office.page.text
    assert phone.see("/profil").heading == "Anmelden"


def test_signing_out_everywhere_leaves_no_way_in(
    cast: Cast, client_of: ClientOf, new_browser: NewBrowser, link_for: LinkFor
) -> None:
    here, there, wim = client_of(cast.bob), client_of(cast.bob), client_of(cast.wim)
    unused = link_for(cast.bob)
    here.submit("/profil", form="/profil/ueberall-abmelden")
    assert "Sie sind auf allen Geräten abgemeldet." in here.page.text
    assert there.see("/profil").heading == "Anmelden"
    assert new_browser().post(unused).status_code == 410
    assert wim.see("/profil").heading == "Profil"


def test_nobody_signs_out_the_devices_of_others(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    bob, wim = client_of(cast.bob), client_of(cast.wim)
    with app.app_context():
        theirs = db.session.scalars(select(Device.id).where(Device.user_id == cast.bob.id)).one()
    token = _csrf(wim)
    assert wim.post(f"/profil/geraete/{theirs}/abmelden", data={"csrf_token": token}).status_code == 404
    assert wim.post("/profil/geraete/999999/abmelden", data={"csrf_token": token}).status_code == 404
    assert bob.see("/profil").heading == "Profil"


def test_who_may_only_receive_from_now_on_is_out_at_once(cast: Cast, given: Given, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    with given():
        db.session.get_one(User, cast.bob.id).receives_only = True
    assert bob.see("/profil").heading == "Anmelden"


def test_a_person_who_is_gone_is_out_at_once(cast: Cast, given: Given, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    with given():
        db.session.delete(db.session.get_one(User, cast.anke.id))
    assert anke.see("/profil").heading == "Anmelden"


def test_signing_out_needs_the_form(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    assert bob.get("/abmelden").status_code == 405
    assert bob.post("/abmelden").status_code == 400
    assert bob.see("/profil").heading == "Profil"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox unter Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140.0 Safari/537 Edg/140.0", "Edge unter Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537 Chrome/140.0 Safari/537", "Chrome unter Linux"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537 Chrome/140.0 Mobile Safari/537", "Chrome unter Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) AppleWebKit/605 Version/19 Safari/605", "Safari unter macOS"),
        ("<script>alert(1)</script>", "Browser"),
        ("x" * 20_000, "Browser"),
        ("", "Browser"),
    ],
)
def test_a_device_is_named_as_people_say_it(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name


def _csrf(browser: Browser) -> str:
    page = browser.see("/profil")
    return str(page.query('input[name="csrf_token"]')[0].attrs["value"])


def _cookie_line(browser: Browser) -> str:
    cookie = browser.get_cookie("netz")
    return f"Expires={cookie.expires}" if cookie and cookie.expires else ""
