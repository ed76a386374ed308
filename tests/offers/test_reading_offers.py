"""The list of offers, its filter, and the page of one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.database import db, utc_now
from app.files import keeping
from app.networks.models import Network
from app.offers.models import Kind, today
from tests.browser import Browser
from tests.cast import Cast, Net
from tests.conftest import ClientOf, Given
from tests.offers.makers import make_offer
from tests.page import Page, text_of
from tests.queries import asked
from tests.world import pdf


def test_the_list_shows_the_newest_first(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        for days, title in ((2, "Mitte"), (3, "Alt"), (1, "Neu")):
            make_offer(cast.ost, cast.bob, title=title, created_at=utc_now() - timedelta(days=days))
    assert _titles(client_of(cast.carla).see(cast.ost.path("angebote"))) == ["Neu", "Mitte", "Alt"]


def test_the_list_can_be_limited_to_one_kind(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        make_offer(cast.ost, cast.bob, title="Kurs A", kind=Kind.COURSE)
        make_offer(cast.ost, cast.bob, title="Gesuch B", kind=Kind.WANTED)
    bob = client_of(cast.bob)
    page = bob.see(cast.ost.path("angebote"))
    [course] = [link for link in page.links if "art=course" in link]
    assert _titles(bob.see(course)) == ["Kurs A"]


@pytest.mark.parametrize("query", ["art=unsinn", "art=", "seite=0", "seite=-5", "seite=abc", f"seite={10**30}"])
def test_a_filter_that_makes_no_sense_is_no_error(query: str, cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        make_offer(cast.ost, cast.bob)
    client_of(cast.bob).see(f"{cast.ost.path('angebote')}?{query}")


def test_offers_go_when_their_last_day_has_passed_and_can_still_be_found(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        make_offer(cast.ost, cast.bob, title="Vorbei", ends_on=today() - timedelta(days=1))
        make_offer(cast.ost, cast.bob, title="Heute noch", ends_on=today())
    bob = client_of(cast.bob)
    assert _titles(bob.see(cast.ost.path("angebote"))) == ["Heute noch"]
    [over] = [link for link in bob.page.links if link.endswith("abgelaufen=")]
    assert _titles(bob.see(over)) == ["Vorbei"]


def test_the_tab_counts_current_offers(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        make_offer(cast.ost, cast.bob)
        make_offer(cast.ost, cast.bob, ends_on=today() - timedelta(days=1))
        make_offer(cast.west, cast.wim)
        make_offer(cast.west, cast.wim)
    page = client_of(cast.bob).see(cast.ost.path("angebote"))
    [tab] = page.query('.tab[aria-current="page"]')[:1]
    assert text_of(tab) == "Angebote 1"


def test_a_long_list_has_pages(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        for number in range(45):
            make_offer(cast.ost, cast.bob, title=f"Angebot {number}")
    bob = client_of(cast.bob)
    seen = _titles(bob.see(cast.ost.path("angebote")))
    while older := [link for link in bob.page.query("nav a") if text_of(link) == "Ältere"]:
        seen += _titles(bob.see(str(older[0].attrs["href"])))
    assert seen == [f"Angebot {number}" for number in reversed(range(45))]


def test_an_empty_page_says_what_belongs_there_and_offers_the_first_step(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.bob).see(cast.ost.path("angebote"))
    assert "Noch keine Angebote" in page.text
    assert cast.ost.path("angebote", "neu") in page.links


def test_without_a_contact_the_seat_answers(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    page = client_of(cast.carla).see(cast.ost.path("angebote", id))
    assert cast.bob.name in page.text
    assert f"mailto:{cast.bob.email}" in page.links
    assert "0999 123 45" in page.text


def test_a_typed_contact_replaces_it(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob, contact="Sekretariat, Zimmer 12")
    page = client_of(cast.carla).see(cast.ost.path("angebote", id))
    assert "Sekretariat, Zimmer 12" in page.text
    assert cast.bob.email not in page.text


def test_a_description_cannot_bring_scripts_or_pictures(cast: Cast, client_of: ClientOf, given: Given) -> None:
    text = "<script>alert(1)</script> ![x](https://evil.example.org/x.png) [Klick](javascript:alert(1)) https://gut.example.org"
    with given():
        id = make_offer(cast.ost, cast.bob, description=text, contact=text)
    page = client_of(cast.carla).see(cast.ost.path("angebote", id))
    assert page.query("main script, main img") == []
    assert "https://gut.example.org" in page.links


def test_an_offer_that_is_over_says_so(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob, ends_on=today() - timedelta(days=1))
    assert "abgelaufen" in client_of(cast.bob).see(cast.ost.path("angebote", id)).text


def test_the_printed_page_names_days_with_their_year_and_the_network(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob, starts_on=today(), ends_on=today())
    text = client_of(cast.bob).see(cast.ost.path("angebote", id)).text
    assert str(today().year) in text
    assert "heute" not in text
    assert f"Netz: {cast.ost.name}" in text


@pytest.mark.parametrize("path", [(), ("1",), ("neu",)])
def test_an_outsider_finds_nothing(path: tuple[str, ...], cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    parts = [id if part == "1" else part for part in path]
    assert client_of(cast.wim).get(cast.ost.path("angebote", *parts)).status_code == 404


def test_an_offer_is_not_shown_under_another_network(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    assert client_of(cast.carla).get(cast.west.path("angebote", id)).status_code == 404


def test_a_stranger_gets_the_sign_in_page(cast: Cast, anonymous: Browser) -> None:
    assert "/anmelden" in anonymous.get(cast.ost.path("angebote")).location


def test_a_closed_network_is_still_read(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
    page = client_of(cast.bob).see(cast.ost.path("angebote", id))
    assert cast.ost.path("angebote", id, "bearbeiten") not in page.links


def test_the_number_of_queries_does_not_grow_with_the_offers(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    bob = client_of(cast.bob)
    with given():
        _offer_with_flyer(cast.ost, cast)
    with asked(app) as few:
        bob.see(cast.ost.path("angebote"))
    with given():
        for _ in range(15):
            _offer_with_flyer(cast.ost, cast)
    with asked(app) as many:
        bob.see(cast.ost.path("angebote"))
    assert len(many) == len(few)


def _offer_with_flyer(network: Net, cast: Cast) -> None:
    id = make_offer(network, cast.bob, target_group="Alle")
    keeping.keep_bytes(pdf("Flyer"), "Flyer.pdf", f"offer:{id}")


def _titles(page: Page) -> list[str]:
    return [text_of(heading) for heading in page.query("main article h2")]
