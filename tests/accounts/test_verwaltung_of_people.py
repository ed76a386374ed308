"""Verwaltung finds a person, corrects what is wrong, and never locks itself out."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import User
from app.database import db
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Given
from tests.factories import make_user

PEOPLE = "/verwaltung/personen"


def test_everyone_is_listed_and_found_by_name_and_address(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    assert "6 Personen" in anke.see(PEOPLE).text
    assert "1 Person Wim Weber" in anke.see(f"{PEOPLE}?q=weber").text
    assert "Carla" in anke.see(f"{PEOPLE}?q=sprachwerk").text
    assert "Niemand gefunden" in anke.see(f"{PEOPLE}?q=%25").text


@pytest.mark.parametrize("q", ["%00", "a" * 5000, "%F0%9F%98%80", "<script>", "'; DROP", "%FF", "_"])
def test_odd_searches_find_nobody(cast: Cast, client_of: ClientOf, q: str) -> None:
    client_of(cast.anke).see(f"{PEOPLE}?q={q}")


def test_the_desk_of_the_verwaltung_leads_to_them(cast: Cast, client_of: ClientOf) -> None:
    assert PEOPLE in client_of(cast.anke).see("/verwaltung").links


def test_a_long_list_has_pages(cast: Cast, given: Given, client_of: ClientOf) -> None:
    with given():
        for number in range(60):
            make_user(f"Zacharias {number}")
    anke = client_of(cast.anke)
    assert "Seite 1 von 2" in anke.see(PEOPLE).text
    assert "Seite 2 von 2" in anke.see(f"{PEOPLE}?page=2").text
    for page in ("99", "x", "-1", "9" * 30):
        anke.see(f"{PEOPLE}?page={page}")


@pytest.mark.parametrize("path", [PEOPLE, f"{PEOPLE}/1"])
def test_it_is_closed_to_all_others(cast: Cast, client_of: ClientOf, anonymous: Browser, path: str) -> None:
    assert client_of(cast.lena).get(path).status_code == 403
    assert anonymous.see(path).heading == "Anmelden"


def test_others_cannot_write_either(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    lena = client_of(cast.lena)
    token = str(lena.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"])
    for path in (f"{PEOPLE}/{cast.lena.id}", f"{PEOPLE}/{cast.lena.id}/adressen"):
        answer = lena.post(path, data={"csrf_token": token, "name": "L", "is_admin": "y", "email": "l@example.org"})
        assert answer.status_code == 403
    assert not _user(app, cast.lena).is_admin


def test_who_is_unknown_is_not_found(cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    assert anke.get(f"{PEOPLE}/999999").status_code == 404
    assert anke.get(f"{PEOPLE}/{'9' * 40}").status_code == 404


def test_name_and_roles_are_changed(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    anke.submit(f"{PEOPLE}/{cast.bob.id}", {"name": "Robert Bergmann", "is_admin": True}, form=f"/{cast.bob.id}")
    assert "Gespeichert." in anke.page.text
    assert (_user(app, cast.bob).name, _user(app, cast.bob).is_admin) == ("Robert Bergmann", True)
    assert client_of(cast.bob).see(PEOPLE).heading == "Personen"


def test_who_shall_only_receive_is_signed_out(cast: Cast, client_of: ClientOf) -> None:
    anke, bob = client_of(cast.anke), client_of(cast.bob)
    anke.submit(f"{PEOPLE}/{cast.bob.id}", {"receives_only": True}, form=f"/{cast.bob.id}")
    assert bob.see("/profil").heading == "Anmelden"
    anke.submit(f"{PEOPLE}/{cast.bob.id}", {"receives_only": False}, form=f"/{cast.bob.id}")
    assert bob.see("/profil").heading == "Anmelden", "the old session does not come back to life"


def test_the_last_verwaltung_stays(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    own = f"{PEOPLE}/{cast.anke.id}"
    anke.submit(own, {"is_admin": False}, form=own)
    assert "Das ist die letzte Person mit der Rolle Verwaltung." in anke.page.text
    anke.submit(own, {"receives_only": True}, form=own)
    assert "muss sich anmelden können" in anke.page.text
    assert _user(app, cast.anke).is_admin
    anke.submit(f"{PEOPLE}/{cast.bob.id}", {"is_admin": True}, form=f"/{cast.bob.id}")
    anke.submit(own, {"is_admin": False}, form=own, follow=False)
    assert not _user(app, cast.anke).is_admin
    assert anke.get(PEOPLE).status_code == 403


def test_an_address_is_added_chosen_and_removed(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    page = f"{PEOPLE}/{cast.bob.id}"
    anke.submit(page, {"email": "bob@neu.example.org"}, form="/adressen")
    anke.send(form="/hauptadresse")
    assert _user(app, cast.bob).email == "bob@neu.example.org"
    anke.send(form="/entfernen")
    assert "bob.bergmann@berufskolleg.example.org ist entfernt." in anke.page.text


@pytest.mark.parametrize(
    "email", ["wim.weber@handwerk.example.org", "WIM.WEBER@Handwerk.example.org", "", "kein Postfach"]
)
def test_an_address_that_cannot_be_theirs_is_told_at_the_field(cast: Cast, client_of: ClientOf, email: str) -> None:
    anke = client_of(cast.anke)
    anke.submit(f"{PEOPLE}/{cast.bob.id}", {"email": email}, form="/adressen")
    assert anke.page.errors


def test_an_address_is_reached_through_its_own_person(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    token = str(anke.see(PEOPLE).query('input[name="csrf_token"]')[0].attrs["value"])
    with app.app_context():
        wims = db.session.get_one(User, cast.wim.id).addresses[0].id
    for act in ("hauptadresse", "entfernen"):
        answer = anke.post(f"{PEOPLE}/{cast.bob.id}/adressen/{wims}/{act}", data={"csrf_token": token})
        assert answer.status_code == 404


@pytest.mark.parametrize("name", ["", "x" * 10_000, "\x00"])
def test_a_person_needs_a_name(cast: Cast, app: Flask, client_of: ClientOf, name: str) -> None:
    anke = client_of(cast.anke)
    anke.submit(f"{PEOPLE}/{cast.bob.id}", {"name": name}, form=f"/{cast.bob.id}")
    assert anke.page.errors
    assert _user(app, cast.bob).name == "Bob Bergmann"


def _user(app: Flask, person: Person) -> User:
    with app.app_context():
        return db.session.get_one(User, person.id)
