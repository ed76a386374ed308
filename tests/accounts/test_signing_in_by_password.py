"""A password is for those who want one; it tells strangers nothing and locks nobody out."""

from __future__ import annotations

from time import perf_counter

import pytest
from argon2 import PasswordHasher
from flask import Flask

from app.accounts import passwords
from app.accounts.models import User
from app.database import db
from tests.accounts.conftest import NewBrowser, PasswordOf
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import Given
from tests.inputs import once_but_for_nul

SAID = "Adresse oder Passwort stimmen nicht."


def test_a_password_signs_in(cast: Cast, anonymous: Browser, password_of: PasswordOf) -> None:
    anonymous.see("/profil")
    answer = _try(anonymous, cast.bob.email, password_of(cast.bob))
    assert answer == "/profil"
    assert "Bob Bergmann" in anonymous.page.text


@pytest.mark.once
def test_a_wrong_password_and_an_unknown_person_are_told_the_same(
    cast: Cast, new_browser: NewBrowser, password_of: PasswordOf
) -> None:
    password_of(cast.bob)
    said = []
    for address in (cast.bob.email, cast.carla.email, "niemand@example.org", cast.gast.email):
        browser = new_browser()
        browser.see("/anmelden")
        _try(browser, address, "ganz falsch geraten")
        assert SAID in browser.page.text
        said.append(browser.page.text)
    assert len(set(said)) == 1


@pytest.mark.once
def test_an_unknown_person_takes_as_long(cast: Cast, anonymous: Browser, password_of: PasswordOf) -> None:
    password_of(cast.bob)
    anonymous.see("/anmelden")
    times: dict[str, list[float]] = {cast.bob.email: [], "niemand@example.org": []}
    for address in [*times] * 4:
        begin = perf_counter()
        _try(anonymous, address, "ganz falsch geraten")
        times[address].append(perf_counter() - begin)
    known, unknown = (min(taken) for taken in times.values())
    assert 0.5 < known / unknown < 2


def test_nobody_signs_in_with_an_empty_password(cast: Cast, anonymous: Browser) -> None:
    anonymous.see("/anmelden")
    _try(anonymous, cast.bob.email, "")
    assert anonymous.page.errors == ["Bitte geben Sie Ihr Passwort ein."]
    _try(anonymous, cast.bob.email, "the hash that unknown people's passwords are compared with")
    assert SAID in anonymous.page.text


def test_who_only_receives_cannot_sign_in(cast: Cast, anonymous: Browser, password_of: PasswordOf) -> None:
    anonymous.see("/anmelden")
    _try(anonymous, cast.gast.email, password_of(cast.gast))
    assert SAID in anonymous.page.text


@pytest.mark.parametrize("password", once_but_for_nul(["x" * 10_000, "😀" * 50, "<script>", "\u202eabc\x00", "a\r\nb"]))
def test_odd_passwords_are_only_wrong(cast: Cast, anonymous: Browser, password_of: PasswordOf, password: str) -> None:
    password_of(cast.bob)
    anonymous.see("/anmelden")
    _try(anonymous, cast.bob.email, password)
    assert anonymous.page.errors or SAID in anonymous.page.text


def test_an_old_hash_is_made_anew(cast: Cast, app: Flask, given: Given, anonymous: Browser) -> None:
    with given():
        weak = PasswordHasher(time_cost=1, memory_cost=64).hash("vier ganz zufällige Wörter")
        db.session.get_one(User, cast.bob.id).password_hash = weak
    anonymous.see("/profil")
    assert _try(anonymous, cast.bob.email, "vier ganz zufällige Wörter") == "/profil"
    with app.app_context():
        renewed = db.session.get_one(User, cast.bob.id).password_hash
    assert renewed != weak
    assert passwords.matches(renewed, "vier ganz zufällige Wörter")


def _try(browser: Browser, email: str, password: str) -> str:
    answer = browser.send({"email": email, "password": password}, form="/anmelden/passwort")
    return answer.request.path
