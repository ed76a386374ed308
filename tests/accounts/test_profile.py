"""A person keeps their own name, addresses and password; nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.accounts import passwords
from app.accounts.models import User, UserAddress, email_key
from app.database import db, utc_now
from tests.accounts.conftest import MailedLink, PasswordOf
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer
from tests.page import text_of

NEW = "b.bergmann@schule.example.org"
LATER = timedelta(minutes=11)
ODD_TEXTS = ["😀" * 50, "\u202eeman a", "<script>alert(1)</script>", "Zeile\r\neins", "NUL\x00 darin", '"><b>']


def test_boxes_of_other_features_stand_in_the_profile(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.bob).see("/profil")
    assert cast.ost.name in page.text
    assert "<" not in page.text, "a box is shown, not its source"


def test_a_new_name_is_seen_everywhere(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"name": "  Robert   Bergmann "}, form="/profil")
    assert "Ihre Angaben sind gespeichert." in bob.page.text
    assert text_of(bob.see("/profil").query(".menu__name")[0]) == "Robert Bergmann"


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 10_000])
def test_a_name_that_is_none_is_told_at_the_field(cast: Cast, client_of: ClientOf, name: str) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"name": name}, form="/profil")
    assert bob.page.errors
    assert text_of(bob.see("/profil").query(".menu__name")[0]) == "Bob Bergmann"


@pytest.mark.parametrize("name", ODD_TEXTS)
def test_odd_names_are_kept_and_do_no_harm(cast: Cast, client_of: ClientOf, name: str) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"name": name}, form="/profil")
    assert "Ihre Angaben sind gespeichert." in bob.page.text


def test_a_second_address_is_theirs_once_its_owner_has_confirmed(
    cast: Cast, app: Flask, client_of: ClientOf, mailed_link: MailedLink, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"email": NEW}, form="/profil/adressen")
    path = mailed_link(NEW)
    assert "Bob Bergmann" in smtp.to(NEW)[0].text
    assert _owner(app, NEW) is None
    for _ in range(10):
        bob.get(path)
    assert _owner(app, NEW) is None
    bob.submit(path, form="/bestaetigen")
    assert f"{NEW} gehört jetzt zu Ihnen." in bob.page.text
    assert _owner(app, NEW) == cast.bob.id
    deliver()
    assert NEW in smtp.to(cast.bob.email)[-1].text, "the address before is told"
    bob.submit(path, form="/bestaetigen")
    assert bob.page.text.count(NEW) == 2, "a second click does nothing"


def test_the_confirming_link_is_worth_nothing_to_others(
    cast: Cast, app: Flask, client_of: ClientOf, anonymous: Browser, mailed_link: MailedLink
) -> None:
    bob, wim = client_of(cast.bob), client_of(cast.wim)
    bob.submit("/profil", {"email": NEW}, form="/profil/adressen")
    path = mailed_link(NEW)
    assert anonymous.see(path).heading == "Anmelden"
    assert wim.get(path).status_code == 400
    assert "gehört zu einem anderen Zugang" in wim.page.text
    assert bob.get(path[:30] + "x" + path[31:]).status_code == 400
    with time_machine.travel(utc_now() + timedelta(minutes=31), tick=True):
        assert bob.get(path).status_code == 400
    assert _owner(app, NEW) is None


def test_an_address_of_somebody_else_stays_theirs(
    cast: Cast, app: Flask, client_of: ClientOf, mailed_link: MailedLink
) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"email": cast.wim.email.upper()}, form="/profil/adressen")
    assert "Bitte sehen Sie in das neue Postfach" in bob.page.text, "who has it is not told here"
    path = mailed_link(cast.wim.email.upper())
    bob.see(path)
    assert bob.send(form="/bestaetigen").status_code == 400
    assert "gehört schon zu einem anderen Zugang" in bob.page.text
    assert _owner(app, cast.wim.email) == cast.wim.id


@pytest.mark.parametrize("email", ["", "x", "a b@example.org", "a" * 10_000 + "@example.org"])
def test_what_is_no_address_is_told_at_the_field(cast: Cast, client_of: ClientOf, email: str) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"email": email}, form="/profil/adressen")
    assert bob.page.errors


def test_ones_own_address_is_not_added_again(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"email": cast.bob.email.upper()}, form="/profil/adressen")
    assert bob.page.errors == ["Diese Adresse steht schon in Ihrem Profil."]


def test_mail_goes_to_the_address_chosen_and_the_other_one_can_go(
    cast: Cast, app: Flask, given: Given, client_of: ClientOf
) -> None:
    _add_address(given, cast.bob, NEW)
    bob = client_of(cast.bob)
    bob.submit("/profil", form="/hauptadresse")
    assert f"Ihre E-Mails gehen jetzt an {NEW}." in bob.page.text
    with app.app_context():
        assert db.session.get_one(User, cast.bob.id).email == NEW
    bob.submit("/profil", form="/entfernen")
    assert f"{cast.bob.email} ist entfernt." in bob.page.text
    assert _owner(app, cast.bob.email) is None


def test_the_address_mail_goes_to_cannot_be_removed(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    token = _csrf(bob)
    answer = bob.post(f"/profil/adressen/{_address_id(app, cast.bob)}/entfernen", data={"csrf_token": token})
    assert answer.status_code == 400
    assert "Wählen Sie zuerst eine andere" in bob.page.text
    assert _owner(app, cast.bob.email) == cast.bob.id


@pytest.mark.parametrize("act", ["hauptadresse", "entfernen"])
def test_nobody_touches_the_addresses_of_others(
    cast: Cast, app: Flask, given: Given, client_of: ClientOf, act: str
) -> None:
    theirs = _add_address(given, cast.bob, NEW)
    wim = client_of(cast.wim)
    answer = wim.post(f"/profil/adressen/{theirs}/{act}", data={"csrf_token": _csrf(wim)})
    assert answer.status_code == 404
    assert _owner(app, NEW) == cast.bob.id


def test_a_password_is_set_shortly_after_signing_in(
    cast: Cast, app: Flask, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"new_password": "zwölf Zeichen reichen"}, form="/profil/passwort")
    assert "Ihr neues Passwort gilt ab sofort." in bob.page.text
    assert passwords.matches(_hash(app, cast.bob), "zwölf Zeichen reichen")
    deliver()
    assert "Sie haben ein neues Passwort." in smtp.to(cast.bob.email)[0].text


def test_later_the_password_before_is_asked_for(
    cast: Cast, app: Flask, client_of: ClientOf, password_of: PasswordOf
) -> None:
    before = password_of(cast.bob)
    bob = client_of(cast.bob)
    with time_machine.travel(utc_now() + LATER, tick=True):
        bob.submit(
            "/profil", {"current_password": "falsch", "new_password": "ein neues Passwort"}, form="/profil/passwort"
        )
        assert "Das bisherige Passwort stimmt nicht." in bob.page.text
        bob.submit(
            "/profil", {"current_password": before, "new_password": "ein neues Passwort"}, form="/profil/passwort"
        )
    assert passwords.matches(_hash(app, cast.bob), "ein neues Passwort")


def test_without_a_password_one_signs_in_anew_first(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    with time_machine.travel(utc_now() + LATER, tick=True):
        token = _csrf(bob)
        assert "Neu anmelden" in bob.page.text
        bob.post("/profil/passwort", data={"csrf_token": token, "new_password": "ein neues Passwort"})
    assert "Ihre Anmeldung ist älter als zehn Minuten" in bob.page.text
    assert _hash(app, cast.bob) == ""


@pytest.mark.parametrize("new", ["", "kurz", "x" * 201, "x" * 10_000, "anke amtmann", "ANKE.AMTMANN@stadt.example.org"])
def test_a_weak_password_is_refused(cast: Cast, app: Flask, client_of: ClientOf, new: str) -> None:
    anke = client_of(cast.anke)
    anke.submit("/profil", {"new_password": new}, form="/profil/passwort")
    assert "Bitte prüfen Sie Ihre Angaben" in anke.page.text
    assert _hash(app, cast.anke) == ""


def test_a_password_can_be_removed(cast: Cast, app: Flask, client_of: ClientOf, password_of: PasswordOf) -> None:
    before = password_of(cast.bob)
    bob = client_of(cast.bob)
    with time_machine.travel(utc_now() + LATER, tick=True):
        bob.submit("/profil", {"current_password": "falsch"}, form="/profil/passwort/entfernen")
        assert _hash(app, cast.bob) != ""
        bob.submit("/profil", {"current_password": before}, form="/profil/passwort/entfernen")
    assert "Ihr Passwort ist entfernt." in bob.page.text
    assert _hash(app, cast.bob) == ""


def _owner(app: Flask, email: str) -> int | None:
    with app.app_context():
        user = db.session.scalar(User.by_email(email))
        return user.id if user else None


def _hash(app: Flask, person: Person) -> str:
    with app.app_context():
        return db.session.get_one(User, person.id).password_hash


def _address_id(app: Flask, person: Person) -> int:
    with app.app_context():
        return db.session.get_one(User, person.id).addresses[0].id


def _add_address(given: Given, person: Person, email: str) -> int:
    with given():
        address = UserAddress(user_id=person.id, email=email, email_key=email_key(email), is_primary=False)
        db.session.add(address)
        db.session.flush()
        return address.id


def _csrf(browser: Browser) -> str:
    return str(browser.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"])
