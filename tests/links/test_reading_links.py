"""What people see on the page of links."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import update

from app.accounts.models import Organisation
from app.database import db, utc_now
from app.links.models import Link
from app.networks.models import Network, Participant
from tests.browser import Browser
from tests.cast import Cast, Person
from tests.conftest import ClientOf, Given
from tests.factories import make_organisation, make_participant, make_seat, make_user
from tests.page import text_of
from tests.queries import asked


def test_the_website_of_an_organisation_appears_by_itself(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        _set_website(cast.bob, "https://www.berufskolleg.example.org/")
    page = client_of(cast.carla).see(cast.ost.path("links"))
    [link] = page.query('a[href="https://www.berufskolleg.example.org/"]')
    assert text_of(link) == "berufskolleg.example.org"
    assert link.attrs["rel"] == "noopener noreferrer"
    assert "target" not in link.attrs


def test_links_stand_with_their_organisation_and_the_others_at_the_end(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        _add_link(cast, "Anmeldung", "https://schule.example.org/anmeldung", cast.bob)
        _add_link(cast, "Stellenbörse", "https://boerse.example.org/")
        _set_website(cast.lena, "https://jobcenter.example.org")
    page = client_of(cast.carla).see(cast.ost.path("links"))
    rows = [text_of(row) for row in page.query(".rows > li")]
    assert [row.split(" ")[0] for row in rows] == ["Berufskolleg", "Jobcenter", "Für"]
    assert "Anmeldung schule.example.org" in rows[0]
    assert "Stellenbörse boerse.example.org" in rows[2]


def test_umlauts_stand_with_their_vowels(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        network = db.session.get_one(Network, cast.ost.id)
        for name in ("Zukunft", "Ökumene", "Oase", "Pfad"):
            organisation = make_organisation(name, website=f"https://{name.lower()[1:]}.example.org")
            make_participant(network, seat=make_seat(make_user(), organisation))
    page = client_of(cast.bob).see(cast.ost.path("links"))
    assert [text_of(heading) for heading in page.query("main h2")] == ["Oase", "Ökumene", "Pfad", "Zukunft"]


def test_links_of_an_organisation_that_left_stay_but_its_website_goes(
    cast: Cast, client_of: ClientOf, given: Given
) -> None:
    with given():
        _set_website(cast.bob, "https://berufskolleg.example.org")
        _add_link(cast, "Lehrplan", "https://plan.example.org", cast.bob)
        db.session.execute(
            update(Participant).where(Participant.id == cast.ost.participant(cast.bob)).values(until=utc_now())
        )
    page = client_of(cast.lena).see(cast.ost.path("links"))
    assert "https://plan.example.org" in page.links
    assert "https://berufskolleg.example.org" not in page.links


def test_an_empty_page_says_what_belongs_there(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.bob).see(cast.ost.path("links"))
    assert "Noch keine Links" in page.text
    assert cast.ost.path("links", "neu") not in page.links


def test_a_lead_sees_which_websites_are_missing(cast: Cast, client_of: ClientOf) -> None:
    page = client_of(cast.lena).see(cast.ost.path("links"))
    assert page.text.count("Noch keine Website eingetragen.") == 4


def test_links_of_one_network_do_not_show_in_another(cast: Cast, client_of: ClientOf, given: Given) -> None:
    with given():
        _add_link(cast, "Nur für ost", "https://ost.example.org")
    assert "https://ost.example.org" not in client_of(cast.carla).see(cast.west.path("links")).links


def test_an_outsider_finds_no_links_page(cast: Cast, client_of: ClientOf) -> None:
    assert client_of(cast.wim).get(cast.ost.path("links")).status_code == 404


def test_a_stranger_gets_the_sign_in_page(cast: Cast, anonymous: Browser) -> None:
    assert "/anmelden" in anonymous.get(cast.ost.path("links")).location


def test_the_number_of_queries_does_not_grow_with_the_links(
    app: Flask, cast: Cast, client_of: ClientOf, given: Given
) -> None:
    lena = client_of(cast.lena)
    with given():
        _add_link(cast, "Eins", "https://eins.example.org", cast.bob)
    with asked(app) as few:
        lena.see(cast.ost.path("links"))
    with given():
        network = db.session.get_one(Network, cast.ost.id)
        for number in range(30):
            user = make_user()
            make_participant(network, user)
            _add_link(cast, f"Link {number}", f"https://link{number}.example.org", cast.carla if number % 2 else None)
    with asked(app) as many:
        lena.see(cast.ost.path("links"))
    assert len(many) == len(few)


def _set_website(person: Person, website: str) -> None:
    db.session.execute(update(Organisation).where(Organisation.name == person.organisation).values(website=website))


def _add_link(cast: Cast, title: str, url: str, of: Person | None = None) -> None:
    organisation = db.session.query(Organisation).filter_by(name=of.organisation).one() if of else None
    db.session.add(Link(network_id=cast.ost.id, title=title, url=url, organisation=organisation))
