"""Walks over every page: what is linked exists, what exists is linked, and looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.database import db
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.walking import Walk, walk
from tests.world import furnish

pytestmark = pytest.mark.once

#: Pages that no link of a page leads to, each with the reason.
NOT_LINKED = {
    "static": "loaded by every page, not linked",
    "accounts.enter": "stands in the sign-in mail",
    "accounts.confirm_address": "stands in a mail to the new address",
    "accounts.link_sent": "shown after asking for a link",
    "accounts.sign_in_with_password": "the form of the sign-in page sends to it",
    "deliveries.set_aside_mails": "linked on the desk when there are any (tests/deliveries)",
    "health.health": "for machines",
    "mail.link": "stands in mails",
    "meetings.find": "stands in mails and calendars",
    "meetings.network_feed": "copied into a calendar program",
    "meetings.own_feed": "copied into a calendar program",
    "networks.show": "short address that leads to the messages",
    "networks.show_import": "shown after a file was uploaded",
    "pages.city_logo": "a picture, there when Verwaltung has given one",
    "preview.mail": "shown in a frame of the preview",
    "preview.recipients": "fetched by the script of the form when other networks are ticked",
    "preview.show": "shown after asking for a preview",
    "pages.city_style": "loaded by every page, not linked",
}

ROLES = ("anke", "lena", "bob", "wim")


@pytest.fixture
def furnished(cast: Cast, client_of: ClientOf, deliver: Deliver) -> Cast:
    furnish(cast, client_of)
    deliver()
    return cast


@pytest.mark.parametrize("role", ROLES)
def test_every_link_somebody_is_shown_leads_to_a_page_and_looking_changes_nothing(
    app: Flask, furnished: Cast, client_of: ClientOf, role: str
) -> None:
    browser = client_of(getattr(furnished, role))
    before = rows(app)
    found = walk(app, browser)
    assert found.dead == []
    assert len(found.pages) > 10
    assert rows(app) == before


def test_every_link_a_stranger_is_shown_leads_to_a_page(app: Flask, furnished: Cast, anonymous: Browser) -> None:
    found = walk(app, anonymous)
    assert found.dead == []
    assert {"accounts.sign_in", "pages.show"} <= found.endpoints


def test_every_page_can_be_reached_by_links(app: Flask, furnished: Cast, client_of: ClientOf) -> None:
    reached = set().union(*(walk(app, client_of(getattr(furnished, role))).endpoints for role in ROLES))
    existing = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert existing - reached - set(NOT_LINKED) == set()


def test_an_outsider_reaches_nothing_of_a_network_by_any_address(
    app: Flask, furnished: Cast, client_of: ClientOf
) -> None:
    """Every address that Lena or Anke finds for ost is nothing for Wim."""
    inside = walk(app, client_of(furnished.lena)).pages | walk(app, client_of(furnished.anke)).pages
    addresses = {url for url in inside if url.startswith(f"{furnished.ost.path()}/")}
    assert len(addresses) > 5
    wim = client_of(furnished.wim)
    assert {url: status for url in addresses if (status := wim.get(url).status_code) != 404} == {}


def test_the_same_pages_speak_english(app: Flask, furnished: Cast, client_of: ClientOf) -> None:
    lena = client_of(furnished.lena)
    lena.submit("/", {}, button="English")
    assert _languages(walk(app, lena)) == {"en"}


def rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the database, by table."""
    with app.app_context():
        return {
            table.name: sorted((tuple(row) for row in db.session.execute(table.select())), key=repr)
            for table in db.metadata.sorted_tables
        }


def _languages(found: Walk) -> set[str]:
    return {str(node.attrs["lang"]) for page in found.pages.values() for node in page.query("html")}
