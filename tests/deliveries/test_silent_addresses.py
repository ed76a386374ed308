"""Verwaltung sees whom no mail reaches, with a reason, advice and buttons; the person sees it on every page."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.models import UserAddress
from app.database import db, utc_now
from app.mail import health
from app.mail.models import Address
from app.networks.models import Preference
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Deliver, Given
from tests.mailserver import MailServer

PAGE = "/verwaltung/stille-adressen"
BANNER = "kommt keine Post an"
UNKNOWN = "550 5.1.1 <bob>: user unknown"


def silence(given: Given, person: Person, words: str = UNKNOWN) -> int:
    """Let mail to this person fail twice for good; return the id of the address."""
    with given():
        for _ in range(2):
            health.count(db.session, person.email, health.HARD, words)
        return db.session.scalars(select(Address.id).where(Address.email == person.email)).one()


def token_of(browser: Browser) -> dict[str, str]:
    return {"csrf_token": str(browser.see("/netze").query('input[name="csrf_token"]')[0].attrs["value"])}


def test_verwaltung_reads_who_is_silent_why_and_what_to_do(cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob)
    page = client_of(cast.anke).get(PAGE).text
    assert cast.bob.name in page
    assert cast.bob.email in page
    assert "Diese Adresse gibt es beim Mailserver nicht." in page
    assert "Prüfen Sie die Schreibweise, oder fragen Sie, wer die Stelle jetzt hat." in page
    assert f"/verwaltung/personen/{cast.bob.id}#adressen" in page
    assert cast.ost.path("teilnehmende", cast.ost.participant(cast.bob)) in page
    assert cast.lena.name not in page


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("552 5.2.2 mailbox full", "Rufen Sie an: Das Postfach muss aufgeräumt werden."),
        ("550 5.1.2 host not found", "Prüfen Sie, was nach dem @ steht"),
        ("550 5.2.1 account disabled", "ob die Person noch dort arbeitet"),
        ("550 so nicht", "Rufen Sie die Person an, und klären Sie die Adresse."),
    ],
)
def test_the_advice_follows_the_reason(words: str, advice: str, cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob, words)
    assert advice in client_of(cast.anke).get(PAGE).text


def test_a_servers_words_are_no_markup(cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob, "550 <script>alert(1)</script>")
    assert "<script>alert(1)" not in client_of(cast.anke).get(PAGE).text


def test_the_overview_of_verwaltung_counts_them(cast: Cast, client_of: ClientOf, given: Given) -> None:
    anke = client_of(cast.anke)
    assert "Zurzeit ist keine Adresse still." in anke.get("/verwaltung").text
    silence(given, cast.bob)
    assert "Bei 1 Person kommt keine Mail mehr an." in anke.get("/verwaltung").text
    silence(given, cast.carla)
    assert "Bei 2 Personen kommt keine Mail mehr an." in anke.get("/verwaltung").text


def test_nobody_silent_is_said_with_a_first_step(cast: Cast, client_of: ClientOf) -> None:
    assert "Keine Adresse ist still" in client_of(cast.anke).get(PAGE).text


def test_trying_again_sends_the_next_mail(
    cast: Cast, client_of: ClientOf, given: Given, deliver: Deliver, smtp: MailServer
) -> None:
    address = silence(given, cast.bob)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Eins", "body": "B"})
    deliver()
    assert cast.bob.email not in {received.to for received in smtp.messages}
    anke = client_of(cast.anke)
    assert "gehen wieder hinaus" in anke.submit(PAGE, form=f"{PAGE}/{address}/wieder-versuchen").text
    lena.submit(cast.ost.path("nachrichten", "neu"), {"subject": "Zwei", "body": "B"})
    deliver()
    assert cast.bob.email in {received.to for received in smtp.messages}


def test_pausing_pauses_every_network_of_the_person(cast: Cast, client_of: ClientOf, given: Given) -> None:
    address = silence(given, cast.carla)
    anke = client_of(cast.anke)
    assert cast.carla.email not in anke.submit(PAGE, form=f"{PAGE}/{address}/pausieren").text
    with given():
        paused = set(db.session.scalars(Preference.paused_by(cast.carla.id)))
    assert paused == {cast.ost.id, cast.west.id}


def test_a_new_address_of_the_person_begins_anew(cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob)
    new = Person(0, "", "bob.neu@berufskolleg.example.org")
    silence(given, new)  # somebody else had it, long ago
    anke = client_of(cast.anke)
    person = f"/verwaltung/personen/{cast.bob.id}"
    anke.submit(person, {"email": new.email}, form=f"{person}/adressen")
    with given():
        from_now_on = db.session.scalars(health.silent_among([new.email])).all()
    assert from_now_on == []


@pytest.mark.parametrize("path", ["", "/1/wieder-versuchen", "/1/pausieren"])
def test_only_verwaltung_sees_and_does_it(path: str, cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob)
    for person in (cast.lena, cast.bob, cast.wim):
        browser = client_of(person)
        answer = browser.post(PAGE + path, data=token_of(browser)) if path else browser.get(PAGE)
        assert answer.status_code == 403
    with given():
        assert db.session.scalars(health.silent_among([cast.bob.email])).all() == [cast.bob.email]


@pytest.mark.parametrize("action", ["wieder-versuchen", "pausieren"])
def test_an_address_that_is_not_silent_does_not_exist_here(action: str, cast: Cast, client_of: ClientOf) -> None:
    anke = client_of(cast.anke)
    for id in ("4711", "9" * 40):
        assert anke.post(f"{PAGE}/{id}/{action}", data=token_of(anke)).status_code == 404


def test_the_person_reads_it_on_every_page_until_it_works_again(cast: Cast, client_of: ClientOf, given: Given) -> None:
    bob = client_of(cast.bob)
    assert BANNER not in bob.get(cast.ost.path("nachrichten")).text
    silence(given, cast.bob)
    for path in ("/netze", "/profil", cast.ost.path("nachrichten")):
        page = bob.get(path).text
        assert f"An Ihre Adresse {cast.bob.email} {BANNER}" in page
        assert "/profil#adressen" in page
    assert BANNER not in client_of(cast.lena).get("/netze").text
    with time_machine.travel(utc_now() + timedelta(days=31)):
        again = client_of(cast.bob)
        assert BANNER not in again.get("/netze").text


def test_the_person_says_that_it_works_again(cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob)
    bob = client_of(cast.bob)
    page = bob.submit("/netze", form="/profil/adressen/wieder-versuchen").text
    assert "Die nächsten Mails gehen wieder an" in page
    assert BANNER not in page


def test_the_banner_is_gone_with_another_address(cast: Cast, client_of: ClientOf, given: Given) -> None:
    silence(given, cast.bob)
    bob = client_of(cast.bob)
    person = f"/verwaltung/personen/{cast.bob.id}"
    anke = client_of(cast.anke)
    anke.submit(person, {"email": "bob.neu@berufskolleg.example.org"}, form=f"{person}/adressen")
    with given():
        new = db.session.scalars(select(UserAddress.id).where(UserAddress.email.startswith("bob.neu"))).one()
    assert BANNER in bob.get("/netze").text
    anke.submit(person, {}, form=f"{person}/adressen/{new}/hauptadresse")
    assert BANNER not in bob.get("/netze").text
