"""Names stand in the order of a German telephone book and are found however they are typed, on every database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import literal, select, union_all

from app.database import by_name, contains, db, unaccented
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.factories import make_network, make_organisation, make_participant, make_seat, make_user
from tests.page import text_of

ORDERED = ["Ådahl", "anna", "Äpfel", "Çelik", "Celin", "Łukasz", "Luz", "Otto", "Öznur", "Straße", "Strasser", "Zoé"]


@pytest.fixture
def people(cast: Cast, given: Given) -> None:
    """Öznur and Zoé in ost, whose organisations stand in another order than their names."""
    with given():
        ost = cast.ost.id
        for name, organisation in [("Zoé Zander", "Ärztehaus"), ("Öznur Yıldız", "Zentrum"), ("Otto Öhm", "Öko-Hof")]:
            user = make_user(name, f"{unaccented(name.split()[0])}@example.org")
            participant = make_participant(make_network(), seat=make_seat(user, make_organisation(organisation)))
            participant.network_id = ost


def listed(browser: Browser, url: str) -> list[str]:
    return [text_of(cell).split()[0] for cell in browser.see(url).query("tbody th")]


def test_umlauts_stand_with_their_vowels(app: Flask) -> None:
    names = union_all(*(select(literal(name).label("name")) for name in reversed(ORDERED))).subquery()
    with app.app_context():
        assert list(db.session.scalars(select(names.c.name).order_by(by_name(names.c.name)))) == ORDERED
    assert sorted(ORDERED, key=unaccented) == ORDERED


@pytest.mark.parametrize("words", ["öznur", "ÖZNUR", "Oznur", "yildiz", "YILDIZ", "Yıldız"])
def test_a_name_is_found_however_it_is_typed(people: None, cast: Cast, client_of: ClientOf, words: str) -> None:
    page = client_of(cast.anke).see(f"/verwaltung/personen?q={words}")
    assert "Öznur Yıldız" in page.text
    assert "Otto" not in page.text


@pytest.mark.parametrize("words", ["%", "_", "ö%r", "\\"])
def test_what_is_sought_is_no_pattern(app: Flask, words: str) -> None:
    with app.app_context():
        assert not db.session.scalar(select(contains(literal("Öznur"), words)))
        assert db.session.scalar(select(contains(literal(f"vor {words} nach"), words.upper())))


def test_participants_stand_in_the_order_of_their_names(people: None, cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    assert listed(bob, cast.ost.path("teilnehmende")) == ["Bob", "Carla", "Gaststelle", "Lena", "Otto", "Öznur", "Zoé"]


def test_so_do_their_organisations(people: None, cast: Cast, client_of: ClientOf) -> None:
    url = cast.ost.path("teilnehmende?sortierung=organisation")
    assert listed(client_of(cast.bob), url) == ["Zoé", "Gaststelle", "Bob", "Lena", "Otto", "Carla", "Öznur"]


def test_so_do_all_people_and_all_networks(people: None, cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        make_network("oe", "Österreich")
        make_network("zu", "Zuzug")
    anke = client_of(cast.anke)
    names = anke.see("/verwaltung/personen").text
    assert names.index("Otto") < names.index("Öznur") < names.index("Wim") < names.index("Zoé")
    networks = anke.see("/netze").text
    assert networks.index("Österreich") < networks.index("Sprache im Beruf") < networks.index("Zuzug")
