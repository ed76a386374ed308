"""Whoever holds the seat of an offer, leads and Verwaltung change and remove it; others do not."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.files.models import StoredFile
from app.forum.models import Draft
from app.networks.models import Holding, Network, Participant
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Given
from tests.factories import make_participant, make_user
from tests.offers.makers import make_offer, offers, token
from tests.page import text_of
from tests.world import pdf

PAGES = ["bearbeiten", "entfernen"]


@pytest.mark.parametrize("who", ["bob", "lena", "anke"])
def test_author_lead_and_verwaltung_change_an_offer(
    who: str, app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    browser = client_of(getattr(cast, who))
    browser.submit(cast.ost.path("angebote", id, "bearbeiten"), {"title": "Neuer Titel", "ends_on": "2027-03-01"})
    assert browser.page.path == cast.ost.path("angebote", id)
    assert browser.page.heading == "Neuer Titel"
    assert offers(app)[0].author_id == cast.bob.id


@pytest.mark.parametrize("who", ["bob", "lena", "anke"])
def test_author_lead_and_verwaltung_remove_an_offer_with_its_flyers(
    who: str, app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    bob = client_of(cast.bob)
    bob.submit(cast.ost.path("angebote", "neu"), {"title": "Kurs"}, {"files": ("Flyer.pdf", pdf("Flyer"))})
    [flyer] = [link for link in bob.page.links if link.startswith("/dateien/")]
    browser = client_of(getattr(cast, who))
    browser.submit(cast.ost.path("angebote", offers(app)[0].id, "entfernen"), button="Entfernen")
    assert browser.page.path == cast.ost.path("angebote")
    assert offers(app) == []
    assert browser.get(flyer).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_another_participant_may_read_but_not_change(
    page: str, app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    carla = client_of(cast.carla)
    shown = carla.see(cast.ost.path("angebote", id))
    path = cast.ost.path("angebote", id, page)
    assert path not in shown.links
    assert carla.get(path).status_code == 403
    assert carla.post(path, data={"csrf_token": token(carla.page.html), "title": "Gekapert"}).status_code == 403
    assert [offer.title for offer in offers(app)] == ["Bewerbungstraining"]


@pytest.mark.parametrize("page", [*PAGES, "verwerfen", ""])
def test_for_an_outsider_there_is_no_offer(
    page: str, app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    wim = client_of(cast.wim)
    wim.see(cast.west.path("angebote", "neu"))
    for network in (cast.ost, cast.west):
        path = network.path("angebote", id, page).rstrip("/")
        assert wim.get(path).status_code in (404, 405)
        assert wim.post(path, data={"csrf_token": token(wim.page.html)}).status_code in (404, 405)
    assert len(offers(app)) == 1


def test_the_successor_changes_what_the_predecessor_entered(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
        seat = db.session.get_one(Participant, cast.ost.participant(cast.bob)).seat
        seat.holdings[0].until = utc_now()
        make_participant(db.session.get_one(Network, cast.ost.id), _user(cast.bob.id))
        successor = make_user("Nora Neu", "nora@berufskolleg.example.org")
        db.session.add(Holding(seat=seat, user=successor))
        db.session.flush()
        nora = successor.id
    bob, browser = client_of(cast.bob), client_of(_person(nora))
    assert "Nora Neu" in bob.see(cast.ost.path("angebote", id)).text
    assert bob.get(cast.ost.path("angebote", id, "bearbeiten")).status_code == 403
    browser.submit(cast.ost.path("angebote", id, "bearbeiten"), {"title": "Von Nora"})
    assert offers(app)[0].title == "Von Nora"


def test_an_offer_of_an_empty_seat_stays_and_says_so(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
        db.session.get_one(Participant, cast.ost.participant(cast.bob)).until = utc_now()
    page = client_of(cast.carla).see(cast.ost.path("angebote", id))
    assert cast.bob.email not in page.text
    assert "nicht besetzt" in page.text


def test_flyers_are_added_and_taken_away(cast: Cast, client_of: ClientOf) -> None:
    bob = client_of(cast.bob)
    two = [("alt.pdf", pdf("alt")), ("bleibt.pdf", pdf("bleibt"))]
    bob.submit(cast.ost.path("angebote", "neu"), {"title": "Kurs"}, {"files": two})
    page = bob.see(bob.page.path + "/bearbeiten")
    [old] = [box.attrs["value"] for box in page.query("input[name=drop]") if "alt.pdf" in text_of(box.parent)]
    bob.send({"drop": [old]}, {"files": ("neu.pdf", pdf("neu"))}, form="bearbeiten")
    assert [link.rsplit("/", 1)[1] for link in bob.page.links if "/dateien/" in link] == ["bleibt.pdf", "neu.pdf"]


def test_changes_that_were_wrong_are_there_again_and_can_be_thrown_away(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob, description="Alt")
    bob = client_of(cast.bob)
    path = cast.ost.path("angebote", id, "bearbeiten")
    bob.submit(path, {"title": "", "description": "Neu"}, {"files": ("Flyer.pdf", pdf("Flyer"))}, form="bearbeiten")
    assert bob.page.errors
    again = bob.see(path)
    assert "noch nicht gespeichert" in again.text
    assert "Neu" in again.html
    assert "Flyer.pdf" in again.text
    assert "Flyer.pdf" not in bob.see(cast.ost.path("angebote", id)).text
    bob.submit(path, button="Verwerfen")
    assert "Alt" in bob.page.html
    with app.app_context():
        assert db.session.scalars(select(Draft.id)).all() == []
        assert db.session.scalars(select(StoredFile.id)).all() == []


def test_saved_changes_leave_no_draft(app: Flask, cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        id = make_offer(cast.ost, cast.bob)
    bob = client_of(cast.bob)
    bob.submit(
        cast.ost.path("angebote", id, "bearbeiten"),
        {"title": ""},
        {"files": ("Flyer.pdf", pdf("Flyer"))},
        form="bearbeiten",
    )
    bob.send({"title": "Titel"}, form="bearbeiten")
    assert "Flyer.pdf" in bob.page.text
    with app.app_context():
        assert db.session.scalars(select(Draft.id)).all() == []


def _user(id: int) -> User:
    return db.session.get_one(User, id)


def _person(id: int) -> Person:
    return Person(id, "Nora Neu", "nora@berufskolleg.example.org")
