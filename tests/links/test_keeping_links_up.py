"""Leads and Verwaltung add, change and remove links and websites; nobody else does."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Organisation
from app.database import db, utc_now
from app.links.models import Link
from app.networks.models import Network
from tests.cast import Cast
from tests.conftest import ClientOf, Given
from tests.inputs import HOSTILE
from tests.page import text_of

URL = "https://boerse.example.org/stellen?plz=1#liste"


@pytest.mark.parametrize("who", ["lena", "anke"])
def test_a_lead_or_verwaltung_adds_a_link(who: str, cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(getattr(cast, who))
    browser.submit(
        cast.ost.path("links", "neu"), {"title": "Stellenbörse", "url": URL, "description": "Alle freien Stellen."}
    )
    assert browser.page.path == cast.ost.path("links")
    assert URL in browser.page.links
    assert "Alle freien Stellen." in browser.page.text


def test_a_link_can_belong_to_an_organisation_of_the_network(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    lena = client_of(cast.lena)
    page = lena.see(cast.ost.path("links", "neu"))
    [bobs] = [option for option in page.query("option") if cast.bob.organisation in text_of(option)]
    lena.send({"title": "Anmeldung", "url": URL, "organisation_id": bobs.attrs["value"]})
    with app.app_context():
        owner = db.session.scalars(select(Organisation).join(Link, Link.organisation_id == Organisation.id)).one()
        assert owner.name == cast.bob.organisation


def test_https_is_put_in_front_of_what_people_leave_out(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.lena).submit(cast.ost.path("links", "neu"), {"title": "Kurz", "url": "www.kurz.example.org/a"})
    assert _urls(app) == ["https://www.kurz.example.org/a"]


def test_a_lead_changes_a_link(app: Flask, cast: Cast, client_of: ClientOf, given: Given) -> None:
    id = _link(cast, given)
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("links", id), {"url": "https://neu.example.org"}, button="Speichern")
    assert lena.page.path == cast.ost.path("links")
    assert _urls(app) == ["https://neu.example.org"]


def test_a_lead_removes_a_link(app: Flask, cast: Cast, client_of: ClientOf, given: Given) -> None:
    id = _link(cast, given)
    client_of(cast.lena).submit(cast.ost.path("links", id), button="Link entfernen")
    assert _urls(app) == []


@pytest.mark.parametrize("who", ["lena", "anke"])
def test_a_website_is_set_and_taken_away(who: str, app: Flask, cast: Cast, client_of: ClientOf) -> None:
    browser = client_of(getattr(cast, who))
    page = browser.see(cast.ost.path("links"))
    [path] = [
        str(link.attrs["href"])
        for link in page.query("a")
        if "Website eintragen" in text_of(link) and cast.bob.organisation in text_of(link)
    ]
    browser.submit(path, {"website": "berufskolleg.example.org"})
    assert "https://berufskolleg.example.org" in browser.page.links
    browser.submit(path, {"website": ""})
    assert "https://berufskolleg.example.org" not in browser.page.links


def test_a_participant_sees_no_way_to_edit_and_is_refused(cast: Cast, client_of: ClientOf, given: Given) -> None:
    id = _link(cast, given)
    bob = client_of(cast.bob)
    assert not [link for link in bob.see(cast.ost.path("links")).links if link.startswith(cast.ost.path("links") + "/")]
    for path in _edit_paths(cast, id):
        assert bob.get(path).status_code in (403, 405)
        assert bob.post(path, data={"csrf_token": _token(bob.page.html)}).status_code == 403


def test_an_outsider_finds_nothing_to_edit(cast: Cast, client_of: ClientOf, given: Given) -> None:
    id = _link(cast, given)
    wim = client_of(cast.wim)
    wim.see(cast.west.path("links"))
    for path in _edit_paths(cast, id):
        assert wim.post(path, data={"csrf_token": _token(wim.page.html)}).status_code == 404


def test_a_lead_reaches_no_link_of_another_network(cast: Cast, client_of: ClientOf, given: Given) -> None:
    id = _link(cast, given, cast.west.id)
    assert client_of(cast.lena).get(cast.ost.path("links", id)).status_code == 404


def test_a_lead_sets_no_website_of_an_organisation_elsewhere(app: Flask, cast: Cast, client_of: ClientOf) -> None:
    with app.app_context():
        wims = db.session.scalars(select(Organisation.id).filter_by(name=cast.wim.organisation)).one()
    assert client_of(cast.lena).get(cast.ost.path("links", "organisationen", wims)).status_code == 404


def test_a_closed_network_takes_no_new_link(app: Flask, cast: Cast, client_of: ClientOf, given: Given) -> None:
    lena = client_of(cast.lena)
    lena.see(cast.ost.path("links", "neu"))
    with given():
        db.session.get_one(Network, cast.ost.id).closed_at = utc_now()
    assert lena.send({"title": "Zu spät", "url": URL}).status_code == 400
    assert _urls(app) == []


@pytest.mark.once
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "ftp://example.org/",
        "file:///etc/passwd",
        "mailto:bob@example.org",
        "//example.org/",
        "/verwaltung",
        "https://",
        "https:///pfad",
        "https://bank.example.org@anders.example.org/",
        "https://ex ample.org/",
        "https://example.org\\@anders.example.org",
        "https://example.org:99999/",
        "https://[::1/",
        "https://localhost/",
        f"https://{'a' * 64}.example.org/",
        "kein Link",
        "",
        f"https://example.org/{'a' * 1000}",
    ],
)
def test_what_is_no_web_address_is_refused_at_its_field(url: str, app: Flask, cast: Cast, client_of: ClientOf) -> None:
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("links", "neu"), {"title": "Titel bleibt stehen", "url": url})
    assert lena.page.errors
    assert "Titel bleibt stehen" in lena.page.html
    assert _urls(app) == []


@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_nothing_typed_into_a_link_breaks_a_page(typed: str, app: Flask, cast: Cast, client_of: ClientOf) -> None:
    """What a field refuses is typed anew in that field only, so that all the rest gets into the link."""
    right = {"title": "Titel", "url": URL, "description": "Wozu"}
    lena = client_of(cast.lena)
    lena.submit(cast.ost.path("links", "neu"), dict.fromkeys(right, typed))
    if refused := [name for name in right if lena.page.query(f"[name={name}][aria-invalid]")]:
        lena.send({name: right[name] for name in refused})
    assert lena.page.path == cast.ost.path("links")
    assert len(_urls(app)) == 1


@pytest.mark.once
@pytest.mark.parametrize("typed", HOSTILE.values(), ids=HOSTILE)
def test_nothing_typed_as_a_website_becomes_anything_else(
    typed: str, app: Flask, cast: Cast, client_of: ClientOf
) -> None:
    with app.app_context():
        id = db.session.scalars(select(Organisation.id).filter_by(name=cast.bob.organisation)).one()
    lena = client_of(cast.lena)
    assert lena.submit(cast.ost.path("links", "organisationen", id), {"website": typed}).status_code == 200
    with app.app_context():
        assert db.session.get_one(Organisation, id).website == ""


@pytest.mark.parametrize("choice", ["", "abc", "-1", "999999", "99999999999999999999"])
def test_an_organisation_that_is_no_choice_is_refused(choice: str, app: Flask, cast: Cast, client_of: ClientOf) -> None:
    lena = client_of(cast.lena)
    lena.see(cast.ost.path("links", "neu"))
    data = {"csrf_token": _token(lena.page.html), "title": "Titel", "url": URL, "organisation_id": choice}
    assert lena.post(cast.ost.path("links", "neu"), data=data).status_code == 200
    assert lena.page.errors
    assert _urls(app) == []


def test_a_number_no_row_has_finds_no_page(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.lena).get(cast.ost.path("links", 10**30)).status_code == 404


def _edit_paths(cast: Cast, id: int) -> Iterable[str]:
    yield cast.ost.path("links", "neu")
    yield cast.ost.path("links", id)
    yield cast.ost.path("links", id, "entfernen")
    yield cast.ost.path("links", "organisationen", 1)


def _link(cast: Cast, given: Given, network_id: int | None = None) -> int:
    with given():
        link = Link(network_id=network_id or cast.ost.id, title="Stellenbörse", url=URL)
        db.session.add(link)
        db.session.flush()
        return link.id


def _urls(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Link.url)))


def _token(html: str) -> str:
    return html.partition('name="csrf_token" value="')[2].partition('"')[0]
