"""Whoever finds a browser somebody left does not get their account, and nobody's way in changes unnoticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask

from app.accounts import passwords, sign_in
from app.accounts.models import User, UserAddress, email_key
from app.database import db, utc_now
from tests import databases
from tests.accounts.conftest import MailedLink, PasswordOf
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer

PEOPLE = "/verwaltung/personen"
NEW = "b.bergmann@schule.example.org"
LATER = timedelta(minutes=11)


@pytest.fixture
def second_address(cast: Cast, given: Given) -> int:
    """Bob's other address, to which his mail does not go."""
    with given():
        address = UserAddress(user_id=cast.bob.id, email=NEW, email_key=email_key(NEW), is_primary=False)
        db.session.add(address)
        db.session.flush()
        return address.id


@pytest.mark.parametrize("act", ["", "/{}/hauptadresse", "/{}/entfernen"])
def test_a_browser_left_alone_does_not_change_addresses(
    cast: Cast, app: Flask, client_of: ClientOf, second_address: int, act: str, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    path = f"/profil/adressen{act.format(second_address)}"
    with time_machine.travel(utc_now() + LATER, tick=True):
        data = {"csrf_token": _csrf(bob), "email": "fremd@example.org"}
        assert "Neu anmelden" in bob.page.text
        assert not [form for form in bob.page.forms if "/adressen" in form.action], "nothing is offered that fails"
        assert bob.post(path, data=data).status_code == 400
    assert "Ihre Anmeldung ist älter als zehn Minuten" in bob.page.text
    assert _addresses(app, cast.bob) == {cast.bob.email: True, NEW: False}
    deliver()
    assert smtp.messages == []


def test_the_pages_of_the_verwaltung_are_no_way_round_it(cast: Cast, app: Flask, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    with time_machine.travel(utc_now() + LATER, tick=True):
        data = {"csrf_token": _csrf(anke), "email": "fremd@example.org"}
        assert anke.post(f"{PEOPLE}/{cast.anke.id}/adressen", data=data).status_code == 400
        assert anke.post(f"{PEOPLE}/{cast.bob.id}/adressen", data=data | {"email": NEW}).status_code == 302
    assert list(_addresses(app, cast.anke)) == [cast.anke.email]


def test_each_change_is_told_to_every_address_held_before(
    cast: Cast, client_of: ClientOf, mailed_link: MailedLink, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    bob.submit("/profil", {"email": NEW}, form="/profil/adressen")
    bob.submit(mailed_link(NEW), form="/bestaetigen")
    bob.submit("/profil", form="/hauptadresse")
    bob.submit("/profil", form="/entfernen")
    deliver()
    told = [_said(mail.text) for mail in smtp.to(cast.bob.email)]
    assert sorted(told) == [
        f"Die Adresse {cast.bob.email} gehört nicht mehr dazu.",
        f"Ihre E-Mails gehen jetzt an {NEW}.",
        f"Zu Ihrem Zugang gehört jetzt auch die Adresse {NEW}.",
    ]
    assert len(smtp.to(NEW)) == 3, "the link, and two changes since it is theirs"


def test_a_second_click_tells_nothing_again(
    cast: Cast, client_of: ClientOf, second_address: int, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    token = _csrf(bob)
    for _ in range(2):
        bob.post(f"/profil/adressen/{second_address}/hauptadresse", data={"csrf_token": token})
    deliver()
    assert len(smtp.to(cast.bob.email)) == 1


def test_what_the_verwaltung_changes_is_told_too(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    anke, page = client_of(cast.anke), f"{PEOPLE}/{cast.bob.id}"
    anke.submit(page, {"email": NEW}, form="/adressen")
    anke.send(form="/hauptadresse")
    anke.send(form="/entfernen")
    deliver()
    assert len(smtp.to(cast.bob.email)) == 3


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        ({"is_admin": True}, "Sie gehören jetzt zur Verwaltung dieses Portals."),
        ({"receives_only": True}, "Sie bekommen weiterhin E-Mails, können sich aber nicht mehr anmelden."),
    ],
)
def test_a_role_given_and_taken_is_told(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer, roles: dict[str, bool], sentence: str
) -> None:
    anke, page = client_of(cast.anke), f"{PEOPLE}/{cast.bob.id}"
    anke.submit(page, roles, form=f"/{cast.bob.id}")
    anke.submit(page, {"name": "Robert Bergmann"}, form=f"/{cast.bob.id}")
    anke.submit(page, dict.fromkeys(roles, False), form=f"/{cast.bob.id}")
    deliver()
    told = [_said(mail.text) for mail in smtp.to(cast.bob.email)]
    assert len(told) == 2, "a new name is no matter of one's way in"
    assert sentence in told


def test_a_notice_is_german_whatever_language_one_reads(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    bob = client_of(cast.bob)
    bob.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    bob.submit("/profil", {"new_password": "zwölf Zeichen reichen"}, form="/profil/passwort")
    deliver()
    assert _said(smtp.to(cast.bob.email)[0].text) == "Sie haben ein neues Passwort."


def test_one_mailbox_is_not_flooded_with_links(
    cast: Cast, client_of: ClientOf, deliver: Deliver, smtp: MailServer
) -> None:
    for person in (cast.bob, cast.wim):
        browser = client_of(person)
        for _ in range(2):
            browser.submit("/profil", {"email": "fremd@example.org"}, form="/profil/adressen")
    assert browser.page.errors == [
        "Das waren viele Links in kurzer Zeit. Bitte versuchen Sie es in einer Stunde noch einmal."
    ]
    deliver()
    assert len(smtp.to("fremd@example.org")) == 3


def test_one_person_does_not_write_to_the_whole_town(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    for number in range(11):
        bob.submit("/profil", {"email": f"person{number}@example.org"}, form="/profil/adressen")
        assert bool(bob.page.errors) == (number == 10)


@pytest.mark.once
def test_guessing_the_password_in_the_profile_ends_soon(
    cast: Cast, app: Flask, client_of: ClientOf, password_of: PasswordOf
) -> None:
    right = password_of(cast.bob)
    bob = client_of(cast.bob)
    with time_machine.travel(utc_now() + LATER, tick=True):
        token = _csrf(bob)
        for current in ["falsch"] * 10 + [right]:
            bob.post(
                "/profil/passwort",
                data={"csrf_token": token, "current_password": current, "new_password": "ein neues Passwort"},
            )
        assert "Das waren zu viele Versuche." in bob.page.text
        bob.post("/profil/passwort/entfernen", data={"csrf_token": token, "current_password": right})
    assert passwords.matches(_hash(app, cast.bob), right)


def test_others_write_while_a_password_is_worked_out(
    cast: Cast, app: Flask, client_of: ClientOf, password_of: PasswordOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, free = password_of(cast.bob), []
    bob = client_of(cast.bob)

    class Watched(PasswordHasher):
        def hash(self, *args: Any, **kwargs: Any) -> str:
            free.append(databases.others_can_write())
            return super().hash(*args, **kwargs)

        def verify(self, *args: Any, **kwargs: Any) -> Literal[True]:
            free.append(databases.others_can_write())
            return super().verify(*args, **kwargs)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    with time_machine.travel(utc_now() + LATER, tick=True):
        bob.submit(
            "/profil", {"current_password": right, "new_password": "ein neues Passwort"}, form="/profil/passwort"
        )
    assert free == [True, True]
    monkeypatch.undo()
    assert passwords.matches(_hash(app, cast.bob), "ein neues Passwort")


def test_a_browser_signed_out_meanwhile_sets_no_password(
    cast: Cast, app: Flask, given: Given, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = client_of(cast.bob)

    class Slow(PasswordHasher):
        def hash(self, *args: Any, **kwargs: Any) -> str:
            with given():
                sign_in.sign_out_everywhere(db.session.get_one(User, cast.bob.id))
            return super().hash(*args, **kwargs)

    monkeypatch.setattr(passwords, "_hasher", Slow())
    bob.submit("/profil", {"new_password": "ein neues Passwort"}, form="/profil/passwort")
    assert _hash(app, cast.bob) == ""


@pytest.mark.parametrize("wanted", [True, False])
def test_a_new_password_signs_the_other_devices_out_on_wish(cast: Cast, client_of: ClientOf, wanted: bool) -> None:
    bob, elsewhere = client_of(cast.bob), client_of(cast.bob)
    words = {"new_password": "zwölf Zeichen reichen", "sign_out_elsewhere": wanted}
    bob.submit("/profil", words, form="/profil/passwort")
    assert bob.see("/profil").heading == "Profil"
    assert (elsewhere.see("/profil").heading == "Anmelden") == wanted


def _said(text: str) -> str:
    """The sentence that stands by itself in a notice."""
    return text.replace("\r\n", "\n").split("etwas geändert:")[1].strip().split("\n")[0]


def _addresses(app: Flask, person: Person) -> dict[str, bool]:
    with app.app_context():
        return {address.email: address.is_primary for address in db.session.get_one(User, person.id).addresses}


def _hash(app: Flask, person: Person) -> str:
    with app.app_context():
        return db.session.get_one(User, person.id).password_hash


def _csrf(browser: Browser) -> str:
    return str(browser.see("/profil").query('input[name="csrf_token"]')[0].attrs["value"])
